"""The figure of a video: what is drawn, not pixels."""

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from fer import plotting

EMOTIONS = ("happy", "sad", "neutral")


def rows(track, times, happy):
    """A face whose rest is shared by sad (a quarter) and neutral."""
    happy = np.asarray(happy)
    return pd.DataFrame(
        {
            "time": times,
            "track": track,
            "happy": happy,
            "sad": (1 - happy) / 4,
            "neutral": (1 - happy) * 3 / 4,
        }
    )


def test_bands_are_the_probabilities_one_on_top_of_the_other():
    table = rows(1, [0.0, 0.5, 1.0], [0.2, 0.6, 0.4])
    figure = plotting.emotions_over_time(table, EMOTIONS)
    (ax,) = figure.axes
    happy, sad, neutral = ax.collections
    assert [band.get_label() for band in (happy, sad, neutral)] == list(EMOTIONS)
    tops = {tuple(np.round(point, 6)) for point in sad.get_paths()[0].vertices}
    assert {(0.0, 0.2), (0.5, 0.6), (1.0, 0.4), (0.0, 0.4), (0.5, 0.7), (1.0, 0.55)} <= tops
    colors = [matplotlib.colors.to_hex(band.get_facecolor()[0]).upper() for band in (happy, sad, neutral)]
    assert colors == [plotting.EMOTION_COLORS[emotion] for emotion in EMOTIONS]
    assert ax.get_title(loc="left") == "Face 1, n = 3 frames"
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_ylim()) == ("time (s)", "probability", (0, 1))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == list(EMOTIONS)[::-1]


def test_an_emotion_has_its_name_in_the_middle_of_every_while_that_it_is_on_top():
    times = np.arange(0, 10, 0.5)
    happy = np.where(times < 4, 0.8, 0.1)  # then neutral has 0.675
    happy[12] = 0.9  # too short for a name
    ax = plotting.emotions_over_time(rows(1, times, happy), EMOTIONS).axes[0]
    names = [(text.get_text(), *text.get_position()) for text in ax.texts]
    assert names == [
        ("happy", 1.75, pytest.approx(0.4)),
        ("neutral", 4.75, pytest.approx(0.1 + 0.225 + 0.3375)),
        ("neutral", 8.0, pytest.approx(0.1 + 0.225 + 0.3375)),
    ]


def test_the_faces_in_most_frames_have_a_panel_each_in_the_order_of_their_numbers():
    lengths = {1: 2, 2: 5, 3: 1, 4: 6, 5: 7, 6: 4}
    table = pd.concat([rows(track, range(n), np.full(n, 0.5)) for track, n in lengths.items()])
    figure = plotting.emotions_over_time(table.reset_index(drop=True), EMOTIONS)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == [f"Face {track}, n = {lengths[track]} frames" for track in (2, 4, 5, 6)]
    assert figure.get_suptitle() == "4 of 6 faces: those in most frames"


def test_a_video_without_a_face_says_so():
    empty = rows(1, [0.0], [0.5]).iloc[:0]
    (ax,) = plotting.emotions_over_time(empty, EMOTIONS).axes
    assert ax.get_title(loc="left") == "No face"


def test_measured_tones_lie_over_the_known_ones_with_their_ranges():
    table = pd.DataFrame(
        {
            "known": [1, 5, 9] * 2,
            "tone": [2, 5, 6, 1, 5, 9],
            "lowest": [1, 4, 5, 1, 5, 8],
            "highest": [2, 5, 8, 2, 6, 9],
        }
    ).assign(light=["white"] * 3 + ["bulb"] * 3)
    ax = plotting.measured_tones(table)
    white, bulb = [points for points in ax.collections if isinstance(points, PathCollection)]
    for points, light in ((white, "white"), (bulb, "bulb")):
        rows = table[table["light"] == light]
        x, y = points.get_offsets().T
        assert (y == rows["tone"]).all() and (np.abs(x - rows["known"]) < 0.5).all()
        assert points.get_facecolor()[1, :3] * 255 == pytest.approx([0xD7, 0xBD, 0x96])  # step 5
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert "white: 67% of 3 within one step" in texts and "bulb: 100% of 3 within one step" in texts
    ends = [segment[:, 1].tolist() for bars in ax.containers for segment in bars.lines[2][0].get_segments()]
    assert ends == [[1, 2], [4, 5], [5, 8], [1, 2], [5, 6], [8, 9]]
    assert ax.get_xlabel() == "known step" and "measured step" in ax.get_ylabel()
