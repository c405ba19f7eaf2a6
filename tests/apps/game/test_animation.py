"""The stage of the animated clips, and the clips themselves in a few frames."""

from itertools import pairwise

import numpy as np
import pytest

from fer.apps.game import animation as stage
from fer.apps.game import clips
from fer.apps.game.animation import HEIGHT, RATE, WIDTH

SCENES = [scene for levels in clips.SCENES.values() for of_level in levels.values() for scene in of_level]


def flashing(luminance: np.ndarray) -> float:
    """The share of places that flash more than three times in a second: (frames, places), 0…1.

    A flash is a change of relative luminance by 0.1 and back, where the darker one is below 0.8 (WCAG 2.2).
    """
    flashing = 0
    for series in luminance.T:
        changes, way, extreme = [], 0, series[0]
        for number, value in enumerate(series):
            if way * (value - extreme) > 0 or (way == 0 and not changes and abs(value - extreme) < 0.1):
                extreme = value if way else extreme
            elif abs(value - extreme) >= 0.1 and min(value, extreme) < 0.8:
                changes.append(number)
                way, extreme = (1 if value > extreme else -1), value
        changes = np.array(changes)
        flashing += any(np.sum((changes >= start) & (changes < start + RATE)) > 6 for start in changes)
    return flashing / luminance.shape[1]


def luminance(frame: np.ndarray) -> np.ndarray:
    """Relative luminance of places of 10×10 pixels (WCAG 2.2), in a row."""
    share = np.arange(256) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    places = (linear[frame] @ [0.2126, 0.7152, 0.0722]).reshape(HEIGHT // 10, 10, WIDTH // 10, 10)
    return places.mean(axis=(1, 3)).ravel()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_scene_moves_and_is_the_same_for_the_same_seed(scene):
    times = np.linspace(0, scene.seconds - 0.05, 8)
    frames = list(scene.draw(times, np.random.default_rng(1)))
    assert len(frames) == 8
    assert all(frame.shape == (HEIGHT, WIDTH, 3) and frame.dtype == np.uint8 for frame in frames)
    changes = [np.abs(one.astype(int) - other).mean() for one, other in pairwise(frames)]
    assert max(changes) > 4
    assert sum(change > 0.05 for change in changes) >= 4
    again = list(scene.draw(times, np.random.default_rng(1)))
    assert all(np.array_equal(one, other) for one, other in zip(frames, again, strict=True))


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_scare_comes_suddenly_after_a_quiet_time(level):
    for scene in clips.SCENES["scary"][level]:
        times = np.arange(0, scene.seconds, 0.35)
        frames = [frame.astype(int) for frame in scene.draw(times, np.random.default_rng(0))]
        picture = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
        assert times[np.argmax(picture)] > 3.5, scene.name


def test_failing_lights_flash_at_most_three_times_a_second():
    scene = clips.SCENES["scary"][3][0]
    series = np.array([luminance(frame) for frame in scene.frames()])
    assert len(series) == round(scene.seconds * RATE)
    assert flashing(series) < 0.25


def test_the_measure_of_flashes_finds_them():
    times = np.arange(40) / RATE
    for rate, expected in ((2, 0), (5, 1)):
        series = np.repeat(0.5 + 0.4 * np.sign(np.sin(2 * np.pi * rate * times + 0.1))[:, None], 3, axis=1)
        assert flashing(series) == expected
    assert flashing(np.repeat(0.5 + 0.04 * (-1.0) ** np.arange(40)[:, None], 3, axis=1)) == 0


def test_values_ease_from_key_to_key():
    times = np.array([-1, 0, 0.5, 1, 2, 3, 9])
    assert stage.track(times, (0, 10), (1, 20), (3, 20)).tolist() == [10, 10, 15, 20, 20, 20, 20]
    assert stage.track(np.array([0.25]), (0, 0), (1, 1))[0] == pytest.approx(3 * 0.25**2 - 2 * 0.25**3)
    assert stage.pulse(np.array([0.8, 1, 1.5, 2, 2.2]), 1, 2, 0.1).tolist() == [0, 1, 1, 1, 0]
    swing = stage.spring(np.linspace(0, 4, 400), 1)
    assert swing[:100].max() == 0 and swing.max() > 1.2 and swing[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(
    ("turn", "stretch", "unit"), [(0, 1, 50), (30, 1, 40), (-70, 1.5, 30), (180, 0.6, 12)]
)
def test_a_head_lies_where_its_points_are_placed(turn, stretch, unit):
    """The pupil is dark where ``placed`` says that it is."""
    faces = stage.people(1, skin_tone=2, hair_style="bald", iris_color="dark_brown")
    head = next(stage.heads(faces, 300))
    frame = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    place = {"x": 190.0, "y": 140.0, "unit": unit, "turn": turn, "stretch": stretch}
    stage.lay(frame, head, **place)
    eyes = stage.placed(np.array([[-0.41, -0.02], [0.41, -0.02]]), **place)
    cheeks = stage.placed(np.array([[-0.6, 0.5], [0.6, 0.5]]), **place)
    for (x, y), (other_x, other_y) in zip(eyes.round().astype(int), cheeks.round().astype(int), strict=True):
        assert frame[y, x].mean() < frame[other_y, other_x].mean() - 60
    assert frame[2, 2].tolist() == [255, 255, 255]


def test_a_head_without_size_and_one_beside_the_frame_change_nothing():
    head = next(stage.heads(stage.people(1), 128))
    frame = np.full((HEIGHT, WIDTH, 3), 99, dtype=np.uint8)
    stage.lay(frame, head, 200, 150, 0.4)
    for x, y in ((-900, 150), (900, 150), (200, -900), (200, 900)):
        stage.lay(frame, head, x, y, 50)
    assert np.all(frame == 99)


def test_contours_are_left_out_enlarged_and_moved():
    from fer.synthetic import geometry

    drawing = geometry.build(stage.people(2))
    names = set(drawing.contours)
    assert set(stage.only(drawing, stage.HAIR).contours) == set(stage.HAIR) <= names
    assert set(stage.without(drawing, stage.BODY).contours) == names - {"neck", "clothes"}
    wide = stage.scaled(drawing, stage.MOUTH, np.array([1, 2]), 1, down=np.array([0, 0.5]))
    for name, contour in drawing.contours.items():
        moved = wide.contours[name].points - contour.points
        assert np.all(moved[0] == 0), name
        if name not in stage.MOUTH:
            assert np.all(moved[1] == 0), name
    lips, wider = (np.ptp(d.contours["upper_lip"].points[1], axis=0) for d in (drawing, wide))
    assert wider == pytest.approx(lips * [2, 1])
    crossed = stage.eyes(drawing, cross=np.array([0, 0.1]))
    for side, sign in (("left", 1), ("right", -1)):
        name = f"{side}_pupil"
        moved = crossed.contours[name].points - drawing.contours[name].points
        assert moved[1, :, 0] == pytest.approx(sign * 0.1)
        assert np.abs(moved[0]).max() < 1e-12
    fat = stage.cheeks(drawing, np.array([0, 0.5])).contours["face"].points
    assert np.ptp(fat[1, :, 0]) > 1.2 * np.ptp(fat[0, :, 0])


def test_a_lamp_lights_its_place():
    frame = np.full((HEIGHT, WIDTH, 3), 200, dtype=np.uint8)
    dim = stage.lit(frame, 0.25, 100, 80, 40)
    assert dim[80, 100, 0] == 200
    assert dim[280, 390, 0] == 50
    assert stage.lit(frame, 0.5)[0, 0, 0] == 100


def test_the_camera_comes_nearer_and_moves():
    frame = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    frame[150, 200:240] = 255
    assert np.all(stage.seen(frame, shift_x=30)[150, 231:269] == 255)
    assert np.count_nonzero(stage.seen(frame, zoom=2)[150, :, 0]) == pytest.approx(80, abs=2)
