import numpy as np
import pytest

from fer import faces


class Three(faces.Detector):
    """Sees three faces: one beyond two edges of a 60 × 40 picture, a good one, and one outside."""

    def _candidates(self, image):
        self.seen = image
        yield (-10.7, 5.9, 20.2, 50.0), 0.6, None
        yield (30.0, 10.0, 50.9, 30.9), np.float32(0.75), None
        yield (60.0, 0.0, 90.0, 30.0), 0.9, None


def test_boxes_are_whole_pixels_inside_the_picture_and_the_best_score_comes_first():
    found = Three().detect(np.zeros((40, 60), dtype=np.uint8))
    assert found == [faces.Face((30, 10, 20, 20), 0.75), faces.Face((0, 5, 20, 35), 0.6)]


def test_a_gray_picture_reaches_the_network_in_three_channels():
    detector, image = Three(), np.random.default_rng(0).integers(0, 256, (40, 60), dtype=np.uint8)
    detector.detect(image)
    np.testing.assert_array_equal(detector.seen, np.dstack([image] * 3))


@pytest.mark.parametrize("shape", [(1, 1), (20, 20), (23, 500, 3)])
def test_a_tiny_picture_holds_no_face(shape):
    assert Three().detect(np.zeros(shape, dtype=np.uint8)) == []


@pytest.mark.parametrize(
    "image", [np.zeros((40, 60, 4), np.uint8), np.zeros((40, 60), np.float32), np.zeros(40, np.uint8)]
)
def test_other_images_are_refused(image):
    with pytest.raises(ValueError, match=r"uint8 of shape \(height, width\).*Received"):
        Three().detect(image)


def test_a_detector_is_chosen_by_name(monkeypatch):
    monkeypatch.setitem(faces.DETECTORS, "three", Three)
    assert faces.detector("three").threshold == Three.default_threshold
    assert faces.detector("three", threshold=0.9).threshold == 0.9
    with pytest.raises(
        ValueError, match=r"`name` must be one of \['mtcnn', 'ssd', 'three', .*\]. Received: 'two'"
    ):
        faces.detector("two")


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_outside_0_to_1_is_refused(threshold):
    with pytest.raises(ValueError, match="`threshold`"):
        Three(threshold)


def only(monkeypatch, *names):
    for name, kind in faces.DETECTORS.items():
        monkeypatch.setattr(kind, "is_available", classmethod(lambda cls, there=name in names: there))


def test_the_best_detector_is_the_best_measured_one_that_is_there(monkeypatch):
    only(monkeypatch, "mtcnn", "ssd")
    assert faces.available() == ["mtcnn", "ssd"]
    assert faces.best() == "ssd"
    assert isinstance(faces.detector(), faces.DETECTORS["ssd"])
    monkeypatch.setitem(faces.DETECTORS, "yolo", Three)
    assert faces.best() == "yolo"
    assert isinstance(faces.detector(), Three)
    only(monkeypatch, "mtcnn", "ssd", "yolo", "yunet")
    assert faces.best() == "yunet"


def test_a_box_without_an_end_is_none():
    class Endless(faces.Detector):
        def _candidates(self, image):
            yield (0.0, 0.0, 10.0, float("inf")), 0.9, None
            yield (0.0, float("nan"), 10.0, 10.0), 0.8, None
            yield (5.0, 5.0, 10.0, 10.0), 0.7, None

    (face,) = Endless().detect(np.zeros((40, 60), dtype=np.uint8))
    assert face.box == (5, 5, 5, 5)


class Large(faces.Detector):
    """Sees the middle of the picture, and a nose in it."""

    longest_side = 100

    def _candidates(self, image):
        self.seen = image.shape
        height, width = image.shape[:2]
        yield (width / 4, height / 4, 3 * width / 4, height / 2), 0.9, {"nose": (width / 2, height / 2)}


@pytest.mark.parametrize(
    "shape, seen",
    [((400, 200), (100, 50, 3)), ((100, 60), (100, 60, 3)), ((2400, 48), (1200, 24, 3)), ((30, 99), None)],
)
def test_a_large_picture_is_searched_smaller_and_its_faces_are_in_its_own_pixels(shape, seen):
    detector, (height, width) = Large(), shape
    (face,) = detector.detect(np.zeros(shape, dtype=np.uint8))
    assert detector.seen == (seen or (30, 99, 3))
    assert face.box == pytest.approx((width / 4, height / 4, width / 2, height / 4), abs=1)
    assert face.landmarks["nose"] == (width / 2, height / 2)


def test_a_face_is_told_as_json_takes_it():
    face = faces.Face((1, 2, 3, 4), 0.123456, {"nose": (130.123, 150)})
    assert face.to_dict() == {"box": [1, 2, 3, 4], "score": 0.1235, "landmarks": {"nose": [130.1, 150]}}
    assert faces.Face((1, 2, 3, 4), 1.0).to_dict() == {"box": [1, 2, 3, 4], "score": 1.0}
