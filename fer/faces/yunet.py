"""OpenCV's YuNet face detector, from a weight file that the user has."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fer.faces.base import LANDMARKS, Candidate, Detector
from fer.faces.framing import Framing

OVERLAP = 0.3
"""Of two boxes that overlap more (intersection over union), the one with the lower score is left out."""


class YuNet(Detector):
    """A small network with boxes and five landmarks (Wu, Peng and Yu 2023, doi:10.1007/s11633-023-1423-y).

    Args:
        weights: face_detection_yunet_2023mar.onnx of https://github.com/opencv/opencv_zoo.
        threshold: Faces with a lower score are left out, 0…1. None is 0.45: masked faces score low.

    Raises:
        FileNotFoundError: There is no such file.
    """

    default_threshold = 0.45
    gives_landmarks = True
    framing = Framing(middle=0.489, side=0.970)

    def __init__(self, weights: Path | str, threshold: float | None = None):
        super().__init__(threshold)
        if not Path(weights).is_file():
            raise FileNotFoundError(
                f"There is no file {weights}. face_detection_yunet_2023mar.onnx is in "
                "https://github.com/opencv/opencv_zoo, models/face_detection_yunet."
            )
        self._network = cv2.FaceDetectorYN.create(str(weights), "", (320, 320), self.threshold, OVERLAP)

    def _candidates(self, image: np.ndarray) -> Iterator[Candidate]:
        self._network.setInputSize(image.shape[1::-1])
        found = self._network.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1]
        for left, top, width, height, *points, score in () if found is None else found.tolist():
            landmarks = dict(zip(LANDMARKS, zip(points[::2], points[1::2], strict=True), strict=True))
            yield (left, top, left + width, top + height), score, landmarks
