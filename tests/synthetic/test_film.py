"""Films: what happens when, and that the frames show it."""

import itertools

import numpy as np
import pytest

from fer import synthetic
from fer.synthetic.film import GESTURES, Film, Moment, script

CALM = Film([], seconds=6.0, seed=3)


def test_a_smile_rises_and_falls_along_smooth_slopes_and_leaves_the_rest_alone():
    film = Film([Moment("smile", 1.0, 2.0)], seconds=6.0, seed=3)
    # 0.1 s are a quarter of the rise: 3 · 0.25² - 2 · 0.25³ = 0.15625.
    times = np.array([0.5, 1.0, 1.1, 1.2, 1.4, 2.0, 2.6, 2.8, 3.0, 4.0])
    course = np.array([0, 0, 0.15625, 0.5, 1, 1, 1, 0.5, 0, 0])
    moved, calm = film.parameters(times), CALM.parameters(times)
    np.testing.assert_allclose(moved["au12"], np.minimum(calm["au12"] + 0.95 * course, 1), atol=1e-9)
    untouched = [name for name in calm if name not in GESTURES["smile"].moves]
    assert moved[untouched].equals(calm[untouched])
    assert film.smiles == ((1.0, 3.0),)


def test_only_a_smile_is_a_smile():
    others = [Moment(name, 1.0, 0.5) for name in GESTURES if name != "smile"]
    assert Film(others, seconds=6.0).smiles == ()


def test_a_short_gesture_reaches_its_strength_in_its_middle():
    film = Film([Moment("half smile", 1.0, 0.3, 0.8)], seconds=6.0, seed=3)
    times = np.linspace(0.9, 1.4, 51)
    rise = (film.parameters(times)["au12"] - CALM.parameters(times)["au12"]).to_numpy()
    assert rise.max() == pytest.approx(0.8 * 0.95)
    assert times[rise.argmax()] == pytest.approx(1.15)


def test_a_negative_strength_turns_the_head_the_other_way():
    times = np.array([1.5])
    left, right = (
        Film([Moment("turned head", 1.0, 1.0, sign)], 6.0, 3).parameters(times)["yaw"].item()
        for sign in (-1, 1)
    )
    middle = CALM.parameters(times)["yaw"].item()
    assert (left - middle, right - middle) == pytest.approx((-32, 32))


def test_the_mouth_flutters_in_talking():
    film = Film([Moment("talking", 0.0, 6.0)], seconds=6.0, seed=3)
    mouth = film.parameters(film.times(60))["au26"].to_numpy()[60:300]
    closings = np.sum((mouth[1:-1] < mouth[:-2]) & (mouth[1:-1] <= mouth[2:]))
    assert 8 <= closings <= 24  # 2 to 6 a second
    assert np.ptp(mouth) > 0.3


def test_the_frame_rate_does_not_change_what_happens():
    film = Film(script(9.0, seed=5), seconds=9.0, seed=5)
    fast, slow = film.times(60), film.times(15)
    np.testing.assert_allclose(fast[::4], slow)
    assert film.parameters(fast)[::4].reset_index(drop=True).equals(film.parameters(slow))


def test_frames_are_the_rendered_faces_with_the_noise_of_a_camera():
    times = CALM.times(4)[:20]  # more than a chunk
    frames = np.stack(list(CALM.frames(times, width=64)))
    assert (frames.shape, frames.dtype) == ((20, 48, 64, 3), np.uint8)
    drawn = synthetic.render(CALM.parameters(times), 64).images[:, 8:56].astype(float)
    noise = (frames - drawn)[(drawn > 20) & (drawn < 235)]
    assert abs(noise.mean()) < 0.3
    assert noise.std() == pytest.approx(4, rel=0.1)
    assert np.array_equal(frames, np.stack(list(CALM.frames(times, width=64))))


def test_another_seed_is_another_person():
    first, second = (Film([], 6.0, seed).parameters(np.array([0.0])).iloc[0] for seed in (3, 4))
    assert (
        first[["nose_width", "jaw_width", "eye_distance"]]
        != second[["nose_width", "jaw_width", "eye_distance"]]
    ).all()


def test_stills_are_blended_by_the_strength_of_what_is_shown():
    stills = {
        "neutral": np.full((20, 20), 60, dtype=np.uint8),
        "happy": np.full((48, 48, 3), 200, dtype=np.uint8),
    }
    film = Film([Moment("smile", 1.0, 2.0), Moment("yawn", 4.0, 2.0)], seconds=6.0)
    middles = [
        frame[20:28, 28:36].mean()
        for frame in film.frames(np.array([0.0, 1.2, 2.0, 5.0]), width=64, stills=stills)
    ]
    assert middles == pytest.approx([60, 130, 200, 60], abs=2)  # there is no still of surprise
    with pytest.raises(ValueError, match='"neutral"'):
        next(film.frames(np.array([0.0]), stills={"happy": stills["happy"]}))


@pytest.mark.parametrize("seed", range(40))
def test_a_script_has_one_smile_in_its_second_half_and_nothing_beside_it(seed):
    moments = script(12.0, seed)
    assert moments == script(12.0, seed)
    (smile,) = [moment for moment in moments if moment.gesture == "smile"]
    assert smile.start >= 6 and smile.end <= 11.5 and 2 <= smile.seconds <= 4
    acts = [moment for moment in moments if moment.gesture != "blink"]
    assert all(before.end < after.start for before, after in itertools.pairwise(acts))
    for moment in moments:
        low, high = GESTURES[moment.gesture].seconds
        assert low <= moment.seconds <= high
    Film(moments, 12.0)  # all of it lies within the film


def test_scripts_differ_and_use_every_gesture():
    many = [moment.gesture for seed in range(60) for moment in script(20.0, seed)]
    assert set(many) == set(GESTURES)
    without = [moment.gesture for seed in range(10) for moment in script(20.0, seed, smile=False)]
    assert "smile" not in without and "half smile" in without


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Film([Moment("laugh", 0, 1)], 6.0), "Received: 'laugh'"),
        (lambda: Film([Moment("smile", 5, 2)], 6.0), "must lie in 0…6 seconds"),
        (lambda: Film([Moment("smile", 1, 0)], 6.0), "must lie in 0…6 seconds"),
        (lambda: Film([Moment("smile", 1, 2, 1.5)], 6.0), "strength in -1…1"),
        (lambda: [script(4.0, seed) for seed in range(3)], "`seconds` must be at least 9"),
    ],
)
def test_a_wrong_argument_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
