import cv2
import numpy as np
import pytest

from fer import faces, synthetic
from fer.synthetic import worn


def portrait(size=128, **parameters):
    """A synthetic face and its five landmarks."""
    rendered = synthetic.render(synthetic.face(**parameters), size, color=True)
    row = rendered.table.iloc[0]
    landmarks = {
        "left_eye": "left_eye",
        "right_eye": "right_eye",
        "nose": "nose",
        "mouth_left": "mouth_left",
        "mouth_right": "mouth_right",
    }
    return rendered.images[0], {name: (row[f"{own}_x"], row[f"{own}_y"]) for name, own in landmarks.items()}


def changed(image, landmarks, accessory, seed):
    """By how much each pixel changed, 0…255."""
    result = worn.wear(image, landmarks, accessory, np.random.default_rng(seed))
    return np.abs(result.astype(int) - image).max(axis=-1)


def at(picture, point):
    x, y = np.rint(point).astype(int)
    return picture[y - 1 : y + 2, x - 1 : x + 2].mean()


def test_landmarks_are_those_of_the_detectors():
    assert tuple(worn.FACE_POINTS) == faces.LANDMARKS


def test_the_camera_is_the_one_that_took_the_points():
    turned = cv2.Rodrigues(np.array([0.1, 0.4, -0.5]))[0]
    camera = np.column_stack([30 * turned[:2], [60, 50]])
    points = np.array(list(worn.FACE_POINTS.values())) @ camera[:, :3].T + camera[:, 3]
    np.testing.assert_allclose(
        worn.fit_camera(dict(zip(worn.FACE_POINTS, points, strict=True))), camera, atol=1e-9
    )


def test_a_nose_that_was_found_wrongly_does_not_turn_the_head_away():
    _, landmarks = portrait()
    camera = worn.fit_camera(landmarks | {"nose": (500.0, 60.0)})
    assert np.linalg.norm(camera[:, 2]) <= worn.LARGEST_DEPTH * np.linalg.norm(camera[:, 0]) * (1 + 1e-9)


@pytest.mark.parametrize("parameters", [{}, {"roll": 50}, {"roll": -150}, {"yaw": 30}])
class TestPlace:
    def test_a_mask_covers_the_mouth_and_leaves_the_eyes(self, parameters):
        image, landmarks = portrait(**parameters)
        mouth = np.mean([landmarks["mouth_left"], landmarks["mouth_right"]], axis=0)
        for seed in range(8):
            change = changed(image, landmarks, "mask", seed)
            assert at(change > 0, mouth) == 1
            assert at(change, landmarks["left_eye"]) + at(change, landmarks["right_eye"]) == 0

    def test_sunglasses_cover_the_eyes_and_leave_the_mouth(self, parameters):
        image, landmarks = portrait(**parameters)
        gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(float)
        covered = []
        for seed in range(8):
            result = worn.wear(image, landmarks, "sunglasses", np.random.default_rng(seed))
            change = np.abs(cv2.cvtColor(result, cv2.COLOR_RGB2GRAY) - gray)
            covered.append(min(at(change > 0, landmarks["left_eye"]), at(change > 0, landmarks["right_eye"])))
            assert at(change, landmarks["mouth_left"]) == 0
        assert np.mean(covered) > 0.85

    def test_eyeglasses_stand_around_the_eyes(self, parameters):
        image, landmarks = portrait(**parameters)
        eyes = np.array([landmarks["left_eye"], landmarks["right_eye"]])
        distance = np.linalg.norm(eyes[0] - eyes[1])
        rows, columns = np.indices(image.shape[:2])
        from_eyes = np.min([np.hypot(columns - x, rows - y) for x, y in eyes], axis=0)
        for seed in range(8):
            change = changed(image, landmarks, "glasses", seed).astype(float)
            near = (from_eyes > 0.12 * distance) & (from_eyes < 0.7 * distance)
            assert change[near].sum() > 3 * change[from_eyes < 0.12 * distance].sum()
            assert change[near].max() > 25
            assert at(change, landmarks["mouth_right"]) == 0


def test_the_rest_of_the_photo_stays_as_it_is():
    image, landmarks = portrait()
    small = {name: (0.5 * x + 60, 0.5 * y + 60) for name, (x, y) in landmarks.items()}
    photo = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    photo[60:124, 60:124] = cv2.resize(image, (64, 64))
    for accessory in worn.PAINTERS:
        outside = changed(photo, small, accessory, seed=0)
        outside[50:140, 50:134] = 0
        assert outside.max() == 0


def test_the_seed_decides_and_seeds_differ():
    image, landmarks = portrait()
    first, again, other = (
        worn.wear(image, landmarks, "mask", np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_in_the_dark_a_mask_is_dark():
    image, landmarks = portrait()
    mouth = np.mean([landmarks["mouth_left"], landmarks["mouth_right"]], axis=0)
    bright, dark = (
        worn.wear(photo, landmarks, "mask", np.random.default_rng(0)) for photo in (image, image // 4)
    )
    assert at(dark, mouth) < 0.6 * at(bright, mouth)


def test_a_gray_photo_stays_gray():
    image, landmarks = portrait()
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    result = worn.wear(gray, landmarks, "sunglasses", np.random.default_rng(0))
    assert result.shape == gray.shape
    assert result.dtype == np.uint8


def test_refuses_what_it_cannot_draw():
    image, landmarks = portrait(32)
    random = np.random.default_rng(0)
    with pytest.raises(ValueError, match=r"`accessory` must be one of .*Received: 'hat'"):
        worn.wear(image, landmarks, "hat", random)
    with pytest.raises(ValueError, match=r"`landmarks` must have .*nose"):
        worn.wear(image, {name: landmarks[name] for name in landmarks if name != "nose"}, "mask", random)
    with pytest.raises(ValueError, match="`landmarks` must have two eyes"):
        worn.wear(image, landmarks | {"left_eye": landmarks["right_eye"]}, "mask", random)
    with pytest.raises(ValueError, match="`image` must be uint8"):
        worn.wear(image / 255, landmarks, "mask", random)
