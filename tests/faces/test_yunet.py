import numpy as np
import pytest

from fer.faces.yunet import YuNet


class Network:
    """Stands for OpenCV's: one row a face, box, five points, score."""

    def setInputSize(self, size):
        self.size = size

    def detect(self, image):
        self.image = image
        row = [10, 20, 30, 40, *(11, 21), *(31, 22), *(20, 30), *(13, 41), *(29, 42), 0.9]
        return 1, np.array([row], dtype=np.float32)


@pytest.fixture
def detector(monkeypatch, tmp_path):
    (tmp_path / "weights.onnx").touch()
    monkeypatch.setattr("cv2.FaceDetectorYN.create", lambda *arguments: Network())
    return YuNet(tmp_path / "weights.onnx")


def test_box_landmarks_and_score_are_the_networks(detector):
    (face,) = detector.detect(np.zeros((90, 80, 3), dtype=np.uint8))
    assert detector._network.size == (80, 90)
    assert face.box == (10, 20, 30, 40)
    assert face.score == pytest.approx(0.9)
    assert face.landmarks == {
        "left_eye": (11, 21),
        "right_eye": (31, 22),
        "nose": (20, 30),
        "mouth_left": (13, 41),
        "mouth_right": (29, 42),
    }


def test_the_network_sees_bgr(detector):
    detector.detect(np.full((30, 30, 3), (255, 0, 7), dtype=np.uint8))
    assert detector._network.image[0, 0].tolist() == [7, 0, 255]


def test_says_where_the_weights_are_from(tmp_path):
    with pytest.raises(FileNotFoundError, match="opencv_zoo"):
        YuNet(tmp_path / "missing.onnx")
