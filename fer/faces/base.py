"""What every face detector takes and gives."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from fer import images
from fer.faces.framing import Framing

LANDMARKS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
"""The five points that a detector may give. Left and right are the picture's: x grows from left to right,
so ``left_eye`` is the right eye of a person who looks into the camera."""

SMALLEST_SIDE = 24
"""Pictures with a shorter side below this many pixels are taken to hold no face."""


@dataclass(frozen=True)
class Face:
    """A face in a picture.

    Attributes:
        box: x and y of the top left corner, width and height: whole pixels, at least 1 × 1 and inside the
            picture, so that ``image[y : y + height, x : x + width]`` is the face.
        score: How sure the detector is, 0…1. Scores of different detectors do not compare.
        landmarks: Name (see ``LANDMARKS``) → (x, y) in pixels, possibly outside the picture. None where the
            detector gives none.
    """

    box: tuple[int, int, int, int]
    score: float
    landmarks: dict[str, tuple[float, float]] | None = None

    def to_dict(self) -> dict:
        """Returns box, score and, where there are any, landmarks as JSON takes them."""
        values = {"box": list(self.box), "score": round(self.score, 4)}
        if self.landmarks:
            values["landmarks"] = {
                name: [round(x, 1), round(y, 1)] for name, (x, y) in self.landmarks.items()
            }
        return values


Candidate = tuple[tuple[float, float, float, float], float, dict[str, tuple[float, float]] | None]
"""Left, top, right and bottom in pixels, possibly outside the picture; score; landmarks."""


class Detector(ABC):
    """Finds the faces of a picture. One detector serves one thread at a time.

    Args:
        threshold: Faces with a lower score are left out, 0…1. None is the detector's own default.

    Attributes:
        default_threshold: The default of ``threshold``.
        framing: Where FER-2013's square lies in the boxes. A new detector measures its own.
        parallel: Whether several detectors in as many threads are faster than one.
        gives_landmarks: Whether its faces have the points of ``LANDMARKS``.
        longest_side: Pictures with a longer side than this many pixels are searched at this size, as far as
            the shorter side keeps ``SMALLEST_SIDE``; infinite where the network has its own input size.
    """

    default_threshold = 0.5
    framing = Framing(middle=0.5, side=1.0)
    parallel = True
    gives_landmarks = False
    longest_side = math.inf

    def __init__(self, threshold: float | None = None):
        threshold = self.default_threshold if threshold is None else threshold
        if not 0 <= threshold <= 1:
            raise ValueError(f"`threshold` must be a number in 0…1. Received: {threshold!r}")
        self.threshold = threshold

    def detect(self, image: np.ndarray) -> list[Face]:
        """Returns the faces of a picture, best score first.

        Args:
            image: uint8, shape (height, width) for gray or (height, width, 3) for RGB, range 0…255.

        Returns:
            Faces with boxes clipped to the picture; an empty list when there is none, and for pictures
            whose shorter side is below 24 pixels.

        Raises:
            ValueError: The image has another shape (RGBA, for one) or dtype.
        """
        images.check(image, "image")
        height, width = image.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            return []
        scale = max(1, min(max(height, width) / self.longest_side, min(height, width) / SMALLEST_SIDE))
        searched = images.convert(image, None, 3)
        if scale > 1:
            searched = cv2.resize(searched, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
        faces = []
        for box, score, landmarks in self._candidates(searched):
            if not all(map(math.isfinite, box)):  # a network may compute anything at the edge of its domain
                continue
            left, top, right, bottom = (scale * number for number in box)
            left, right = (min(max(int(x), 0), width) for x in (left, right))
            top, bottom = (min(max(int(y), 0), height) for y in (top, bottom))
            if landmarks is not None:
                landmarks = {name: (scale * x, scale * y) for name, (x, y) in landmarks.items()}
            if left < right and top < bottom:
                faces.append(Face((left, top, right - left, bottom - top), float(score), landmarks))
        return sorted(faces, key=lambda face: face.score, reverse=True)

    @classmethod
    def is_available(cls) -> bool:
        """Whether everything that it needs is on this machine, so that nothing is downloaded."""
        return True

    @abstractmethod
    def _candidates(self, image: np.ndarray) -> Iterable[Candidate]:
        """Gives what the network finds in an RGB image above the threshold; ``detect`` clips and sorts."""
