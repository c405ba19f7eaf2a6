"""MTCNN on a drawn face, whose landmarks are known. Loads TensorFlow once."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from fer import faces, kernel, synthetic


@pytest.fixture(scope="module")
def detector():
    return faces.detector("mtcnn")


@pytest.mark.parametrize("enlarged", [1, 6])
def test_landmarks_are_where_they_were_drawn(detector, enlarged):
    rendered = synthetic.generate(1, image_size=224, color=True, difficulty="easy")
    image = cv2.copyMakeBorder(rendered.images[0], 60, 60, 60, 60, cv2.BORDER_REPLICATE)
    image = cv2.resize(image, None, fx=enlarged, fy=enlarged)
    face = detector.detect(image)[0]
    assert set(face.landmarks) == set(faces.LANDMARKS)
    for name in ("left_eye", "right_eye", "nose"):
        drawn = rendered.table.loc[0, [f"{name}_x", f"{name}_y"]].to_numpy(dtype=float) + 60
        assert np.linalg.norm(np.array(face.landmarks[name]) / enlarged - drawn) < 12
    assert face.landmarks["mouth_left"][0] < face.landmarks["nose"][0] < face.landmarks["mouth_right"][0]
    x, y, width, height = face.box
    assert x >= 0 and y >= 0 and x + width <= image.shape[1] and y + height <= image.shape[0]
    assert x < face.landmarks["left_eye"][0] < face.landmarks["right_eye"][0] < x + width
    left, top, side = detector.framing.square(face.box)
    eyes = (np.array(face.landmarks["left_eye"]) + face.landmarks["right_eye"]) / 2
    assert (eyes - (left, top)) / side == pytest.approx((0.5, 0.39), abs=0.06)


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 20), (24, 24), (24, 600, 3), (200, 200, 3)])
def test_an_empty_picture_of_any_size_has_no_face(detector, shape):
    assert detector.detect(np.zeros(shape, dtype=np.uint8)) == []


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(kernel, "device_report", lambda: SimpleNamespace(backend="jax"))
    with pytest.raises(RuntimeError, match="KERAS_BACKEND=tensorflow"):
        faces.detector("mtcnn")
