"""Predictor: a photo or frame in, faces with emotions out."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fer import faces, kernel
from fer.inference.classifier import Classifier
from fer.inference.pool import Pool


@dataclass(frozen=True)
class FacePrediction:
    """A face in a picture and how it looks.

    Attributes:
        box: x and y of the top left corner, width and height: whole pixels inside the picture.
        score: How sure the detector is, 0…1.
        landmarks: Name (``fer.faces.LANDMARKS``) → (x, y) in pixels; None where the detector gives none.
        emotions: Emotion → probability; they sum to 1.
    """

    box: tuple[int, int, int, int]
    score: float
    landmarks: dict[str, tuple[float, float]] | None
    emotions: dict[str, float]

    @property
    def emotion(self) -> str:
        """The most probable emotion."""
        return max(self.emotions, key=self.emotions.get)


class Predictor:
    """Finds the faces of a picture and tells their emotions.

    Everything is loaded and used once here, so that the first picture takes no longer than the next. One
    predictor serves any number of threads at the same time, and gives each what it would give it alone.
    Keras and TensorFlow are not loaded, except by the "mtcnn" detector.

    Args:
        model: Name of a trained model of emotions, a folder that ``fer.inference.export`` wrote, or the
            folder of a finished training run; see ``Classifier``.
        detector: Name of a face detector, see ``fer.faces.detector``. None is ``fer.faces.best()``.
        threshold: Faces with a lower score are left out, 0…1. None is the detector's own default.

    Attributes:
        detector: Name of the face detector.
        emotions: Their names in the order of the probabilities of ``classify``.

    Raises:
        FileNotFoundError: The folder holds neither an exported model nor a finished run, or what the detector
            needs is missing.
        ValueError: The model is damaged or tells no emotions, or an argument is not as described.

    Example:
        >>> predictor = Predictor("emotion-small")
        >>> [(face.box, face.emotion) for face in predictor.predict(images.read("photo.jpg"))]
    """

    def __init__(self, model: Path | str, detector: str | None = None, threshold: float | None = None):
        detector = faces.best() if detector is None else detector
        if detector not in faces.DETECTORS:
            raise ValueError(f"`detector` must be one of {sorted(faces.DETECTORS)}. Received: {detector!r}")
        self._classifier = Classifier(model)
        if tuple(self._classifier.classes) != ("emotion",):
            raise ValueError(
                f"`model` must tell emotions. Received: a model of {list(self._classifier.classes)}, "
                "which fer.inference.Classifier runs"
            )
        self.emotions = self._classifier.classes["emotion"]
        self.detector = detector
        self._framing = faces.DETECTORS[detector].framing
        threads = kernel.cores()
        detectors = threads if faces.DETECTORS[detector].parallel else 1
        self._detectors = Pool(lambda: faces.detector(detector, threshold), detectors)
        self.detect(np.zeros((300, 300, 3), dtype=np.uint8))

    def predict(self, image: np.ndarray) -> list[FacePrediction]:
        """Returns the faces of a picture with their emotions, best detection first.

        Args:
            image: uint8, shape (height, width) for gray or (height, width, 3) for RGB, range 0…255.

        Raises:
            ValueError: The image has another shape or dtype.
        """
        found = self.detect(image)
        probabilities = self.classify_faces(image, found)
        return [
            FacePrediction(face.box, face.score, face.landmarks, self.named(row))
            for face, row in zip(found, probabilities, strict=True)
        ]

    def detect(self, image: np.ndarray) -> list[faces.Face]:
        """Returns the faces of a picture, best first. For the image see ``predict``."""
        with self._detectors.lend() as detector:
            return detector.detect(image)

    def classify_faces(self, image: np.ndarray, found: list[faces.Face]) -> np.ndarray:
        """Returns the probabilities of faces in a picture: float32, shape (faces, emotions).

        Each is cut out in FER-2013's framing, which networks learn from, whatever the detector's boxes.
        """
        return self.classify([self._framing.cut(image, face.box) for face in found])

    def classify(self, crops: np.ndarray | list[np.ndarray]) -> np.ndarray:
        """Returns the probabilities of face images that are cropped already; see ``Classifier``.

        Args:
            crops: Images in FER-2013's framing.

        Returns:
            float32, shape (images, emotions); columns are in the order of ``emotions``, rows sum to 1.
        """
        return self._classifier(crops)

    def named(self, probabilities: np.ndarray) -> dict[str, float]:
        """Returns one row of ``classify`` by emotion."""
        return dict(zip(self.emotions, probabilities.tolist(), strict=True))
