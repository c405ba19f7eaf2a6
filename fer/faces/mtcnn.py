"""The MTCNN face detector of the package mtcnn: three cascaded networks, boxes and five landmarks."""

from collections.abc import Iterator

import numpy as np

from fer import kernel
from fer.faces.base import LANDMARKS, Candidate, Detector
from fer.faces.framing import Framing


class MTCNN(Detector):
    """Multi-task cascaded networks (Zhang et al. 2016, https://arxiv.org/abs/1604.02878).

    Finds faces from 20 pixels on. The package runs on TensorFlow, which is loaded (seconds) when the
    detector is made, and it works with the TensorFlow backend of Keras only.

    Raises:
        ModuleNotFoundError: The package mtcnn is not installed.
        RuntimeError: Keras runs on another backend than TensorFlow.
    """

    default_threshold = 0.8
    framing = Framing(middle=0.491, side=0.964)
    parallel = False
    gives_landmarks = True
    longest_side = 1280  # at 4000 pixels the image pyramid takes 3 GB and many seconds

    def __init__(self, threshold: float | None = None):
        super().__init__(threshold)
        backend = kernel.device_report().backend
        if backend != "tensorflow":
            raise RuntimeError(
                "The mtcnn detector needs KERAS_BACKEND=tensorflow; the ssd detector works with any backend. "
                f"Received: KERAS_BACKEND={backend}"
            )
        import mtcnn

        self._network = mtcnn.MTCNN()

    def _candidates(self, image: np.ndarray) -> Iterator[Candidate]:
        for found in self._network.detect_faces(image, threshold_onet=self.threshold):
            left, top, width, height = found["box"]
            points = {name: tuple(map(float, found["keypoints"][name])) for name in LANDMARKS}
            yield (left, top, left + width, top + height), found["confidence"], points
