"""Motion of points and of drawn faces, against how they were moved."""

import cv2
import numpy as np
import pytest

from fer.inference.motion import estimate, follow

BOX = (200.0, 150.0, 140.0, 180.0)


@pytest.fixture(scope="module")
def scene(portraits):
    """A function that draws a face at a place and scale before a background."""
    noise = np.random.default_rng(1).integers(60, 200, (15, 20), dtype=np.uint8)
    background = cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)
    face = cv2.cvtColor(portraits[0], cv2.COLOR_RGB2GRAY)

    def draw(x=170, y=140, scale=1.0):
        frame = background.copy()
        side = round(200 * scale)
        frame[y : y + side, x : x + side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
        return frame

    return draw


def test_points_that_scale_and_shift_give_scale_and_shift():
    before = np.array([[0, 0], [4, 0], [0, 2], [3, 3]], dtype=float)
    motion = estimate(before, 1.5 * before + [7, -2])
    assert motion.scale == pytest.approx(1.5)
    assert motion.shift == pytest.approx([7, -2])
    assert motion(np.array([[2.0, 2.0]])) == pytest.approx(np.array([[10.0, 1.0]]))


def test_a_third_of_wrong_points_changes_nothing():
    before = np.random.default_rng(0).uniform(0, 100, (30, 2))
    after = 1.1 * before + [5, 6]
    after[:9] = before[:9]
    motion = estimate(before, after)
    assert motion.scale == pytest.approx(1.1, abs=0.03)
    assert motion(before[9:]) == pytest.approx(after[9:], abs=2)


@pytest.mark.parametrize("dx, dy", [(0, 0), (3, -2), (12, 7), (30, 0)])
def test_a_shifted_face_is_followed(scene, dx, dy):
    motion = follow(scene(), scene(170 + dx, 140 + dy), BOX)
    assert motion.scale == pytest.approx(1, abs=0.005)
    center = np.array([[270.0, 240.0]])
    assert motion(center) == pytest.approx(center + np.array([dx, dy]), abs=0.5)


@pytest.mark.parametrize("scale", [0.9, 1.1])
def test_a_face_that_comes_closer_or_leaves_is_followed(scene, scale):
    motion = follow(scene(), scene(170, 140, scale), BOX)
    assert motion.scale == pytest.approx(scale, abs=0.01)
    moved = np.array([[170 + 100 * scale, 140 + 100 * scale]])
    assert motion(np.array([[270.0, 240.0]])) == pytest.approx(moved, abs=1)


def test_large_frames_are_followed_as_well(scene):
    frames = [cv2.resize(scene(x), None, fx=3, fy=3) for x in (170, 175)]
    motion = follow(*frames, tuple(3 * side for side in BOX))
    assert motion(np.array([[800.0, 700.0]])) == pytest.approx(np.array([[815.0, 700.0]]), abs=1)


def test_a_face_that_vanishes_does_not_leave_its_background_as_a_face(scene):
    large = (150.0, 120.0, 260.0, 260.0)
    grain = np.random.default_rng(2).integers(0, 40, (480, 640), dtype=np.uint8)
    with_face, without = scene(190, 160) // 2 + grain, scene(420, 10) // 2 + grain
    assert follow(with_face, without, large) is None


def test_what_cannot_be_followed_is_said(scene):
    blank = np.full((480, 640), 128, dtype=np.uint8)
    assert follow(scene(), blank, BOX) is None
    assert follow(blank, blank, BOX) is None
    assert follow(scene(), scene()[::-1, ::-1].copy(), BOX) is None
    assert follow(scene(), scene(), (-300.0, 10.0, 100.0, 100.0)) is None
    assert follow(scene(), scene(), (640.0, 480.0, 50.0, 50.0)) is None
    assert follow(scene(), scene(), (10.0, 10.0, 1.0, 1.0)) is None
