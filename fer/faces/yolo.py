"""The face detector of this project: YOLOv3 on MobileNetV2, trained by ``fer.training.train_detector``."""

from collections.abc import Callable, Iterator

import numpy as np

from fer import images
from fer.faces.base import Candidate, Detector
from fer.faces.framing import Framing
from fer.models import shipped
from fer.models.network import Network
from fer.models.yolo_answers import best_boxes

NAME = "face-yolo"
"""The trained model, a folder in ``saved_models``."""

WEIGHTS = "model.tflite"

_SCALE = np.float32(1 / 255)


class YOLO(Detector):
    """Boxes at three scales in one pass (Redmon and Farhadi 2018, arXiv:1804.02767).

    A picture is fitted into the square that the network takes, 416×416, with gray at its borders.

    Args:
        threshold: Faces with a lower score are left out, 0…1. None is the default.
        model: A Keras model that gives boxes and scores, such as ``DetectionRun.model``. None is the trained
            one that comes with the project, in its fast form.

    Raises:
        FileNotFoundError: A file of the trained model is missing.
        ValueError: A file of the trained model is damaged.
    """

    framing = Framing(middle=0.500, side=1.057)

    def __init__(self, threshold: float | None = None, model=None):
        super().__init__(threshold)
        self._answer: Callable[[np.ndarray], np.ndarray]
        if model is None:
            place = shipped.folder(NAME)
            shipped.check(place, WEIGHTS)
            network = Network((place / WEIGHTS).read_bytes())
            self._answer, self._side = network, network.input_shape[0]
        else:
            self._answer = lambda image: model.predict_on_batch(image[None])[0]
            self._side = model.input_shape[1]

    @classmethod
    def is_available(cls) -> bool:
        """Whether the trained model is there."""
        return NAME in shipped.available()

    def _candidates(self, image: np.ndarray) -> Iterator[Candidate]:
        picture, scale, offset = images.letterbox(image, self._side)
        boxes, scores = best_boxes(self._answer(picture * _SCALE), self.threshold)
        corners = np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)
        for box, score in zip((corners - np.tile(offset, 2)) / scale, scores, strict=True):
            yield tuple(box.tolist()), float(score), None
