"""The figure of a video: what is drawn, not pixels."""

import matplotlib.colors
import numpy as np
import pandas as pd
import pytest

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
