import numpy as np
import pytest

from fer import synthetic
from fer.synthetic import geometry
from fer.synthetic.curves import ribbon, smooth

STEPS = np.linspace(0, 1, 6)


def landmarks(**parameters):
    """Landmarks in face units of faces with these parameters."""
    n = max(np.size(value) for value in parameters.values())
    return geometry.build(synthetic.face(n=n, **parameters)).landmarks


def height(points):
    """y points down."""
    return -points[:, 1]


@pytest.mark.parametrize(
    ("unit", "measure"),
    [
        ("au01", lambda p: height(p["left_brow_inner"])),
        ("au02", lambda p: height(p["right_brow_outer"])),
        ("au04", lambda p: -height(p["left_brow_inner"])),
        ("au04", lambda p: p["left_brow_inner"][:, 0] - p["right_brow_inner"][:, 0]),
        ("au05", lambda p: p["left_lid_lower"][:, 1] - p["left_lid_upper"][:, 1]),
        ("au06", lambda p: height(p["left_lid_lower"])),
        ("au07", lambda p: p["left_lid_upper"][:, 1] - p["left_lid_lower"][:, 1]),
        ("au09", lambda p: height(p["nose"])),
        ("au10", lambda p: height(p["mouth_top"])),
        ("au12", lambda p: height(p["mouth_left"])),
        ("au12", lambda p: p["mouth_right"][:, 0] - p["mouth_left"][:, 0]),
        ("au15", lambda p: -height(p["mouth_right"])),
        ("au16", lambda p: -height(p["mouth_bottom"])),
        ("au17", lambda p: height(p["chin"])),
        ("au20", lambda p: p["mouth_right"][:, 0] - p["mouth_left"][:, 0]),
        ("au23", lambda p: p["mouth_top"][:, 1] - p["mouth_bottom"][:, 1]),
        ("au24", lambda p: p["mouth_top"][:, 1] - p["mouth_bottom"][:, 1]),
        ("au25", lambda p: p["mouth_lower_inner"][:, 1] - p["mouth_upper_inner"][:, 1]),
        ("au26", lambda p: -height(p["chin"])),
        ("au26", lambda p: p["mouth_lower_inner"][:, 1] - p["mouth_upper_inner"][:, 1]),
        ("au43", lambda p: p["left_lid_upper"][:, 1] - p["left_lid_lower"][:, 1]),
    ],
)
def test_action_unit_moves_its_part_further_the_stronger_it_is(unit, measure):
    moved = measure(landmarks(**{unit: STEPS}))
    assert (np.diff(moved) > 0).all()


def test_lids_never_cross():
    points = landmarks(au43=STEPS, au07=1.0, au06=1.0)
    assert (points["left_lid_upper"][:, 1] <= points["left_lid_lower"][:, 1] + 1e-9).all()


def test_brows_of_fear_are_straighter_and_closer_than_those_of_surprise():
    fear, surprise = landmarks(emotion="fear"), landmarks(emotion="surprise")

    def arch(points):
        ends = (height(points["left_brow_inner"]) + height(points["left_brow_outer"])) / 2
        return height(points["left_brow_middle"]) - ends

    def gap(points):
        return points["right_brow_inner"][:, 0] - points["left_brow_inner"][:, 0]

    assert arch(fear) < arch(surprise)
    assert gap(fear) < gap(surprise)


def test_asymmetry_weakens_one_half():
    points = landmarks(au12=1.0, asymmetry=0.5)
    assert height(points["mouth_right"]) > height(points["mouth_left"])


def test_opposite_yaw_is_the_mirror_image():
    right, left = (geometry.build(synthetic.face("fear", yaw=yaw, pitch=8)) for yaw in (30, -30))
    for side, other in (("left", "right"), ("right", "left")):
        for part in ("eye", "eye_inner", "brow_outer", "lid_upper"):
            mirrored = right.landmarks[f"{side}_{part}"] * [-1, 1]
            np.testing.assert_allclose(left.landmarks[f"{other}_{part}"], mirrored, atol=1e-12)
    np.testing.assert_allclose(
        np.sort(left.contours["face"].points[0, :, 0]), np.sort(-right.contours["face"].points[0, :, 0])
    )


@pytest.mark.parametrize("yaw", [-40, -20, 20, 40])
def test_features_stay_inside_the_face_when_it_turns(yaw):
    drawing = geometry.build(synthetic.face(yaw=yaw))
    outline = drawing.contours["face"].points[0]
    for name in ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right"):
        x, y = drawing.landmarks[name][0]
        near = outline[np.abs(outline[:, 1] - y) < 0.15, 0]
        assert near.min() < x < near.max(), name


def test_rotation_agrees_with_scipy():
    rotation = pytest.importorskip("scipy.spatial.transform").Rotation
    frontal = geometry.build(synthetic.face(yaw=0))
    rolled = geometry.build(synthetic.face(roll=30))
    expected = rotation.from_euler("z", 30, degrees=True).as_matrix()[:2, :2]
    for name, point in frontal.landmarks.items():
        np.testing.assert_allclose(rolled.landmarks[name][0], expected @ point[0], atol=1e-12)


def test_positive_angles_turn_right_up_and_clockwise():
    straight, turned = landmarks(yaw=0.0), landmarks(yaw=20.0)
    assert turned["nose"][0, 0] > straight["nose"][0, 0]
    assert height(landmarks(pitch=15.0)["nose"])[0] > height(straight["nose"])[0]
    rolled = landmarks(roll=15.0)
    assert rolled["right_eye"][0, 1] > rolled["left_eye"][0, 1]


def test_smooth_curve_passes_through_its_points():
    points = np.random.default_rng(0).random((3, 5, 2))
    np.testing.assert_allclose(smooth(points, steps=4)[:, ::4], points)
    np.testing.assert_allclose(smooth(points, closed=True, steps=4)[:, ::4], points)


def test_smooth_keeps_a_straight_line_straight():
    line = np.stack([np.arange(6.0), 2 * np.arange(6.0) + 1], axis=-1)
    curve = smooth(line)
    np.testing.assert_allclose(curve[:, 1], 2 * curve[:, 0] + 1)


def test_ribbon_of_a_straight_line_is_a_rectangle():
    line = np.stack([np.arange(4.0), np.zeros(4)], axis=-1)
    outline = ribbon(line, np.full(4, 0.5))
    np.testing.assert_allclose(outline[:4], line + np.array([0, 0.25]))
    np.testing.assert_allclose(outline[4:], line[::-1] - np.array([0, 0.25]))
