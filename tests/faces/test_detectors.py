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
        ValueError, match=r"`name` must be one of \['mtcnn', 'ssd', 'three'\]. Received: 'two'"
    ):
        faces.detector("two")


@pytest.mark.parametrize("threshold", [-0.1, 1.1, float("nan")])
def test_a_threshold_outside_0_to_1_is_refused(threshold):
    with pytest.raises(ValueError, match="`threshold`"):
        Three(threshold)
