"""One face that is followed through a video."""

import numpy as np

from fer.faces import Face
from fer.inference.motion import Motion

CORRECTION = 0.5
"""Share of the way that a followed box goes to where the face is detected: boxes of a detector jitter."""


class Track:
    """Where a face is, how it looks and how often it was missed.

    Args:
        number: Number of the track.
        face: The face as it was detected first.

    Attributes:
        score: The detector's, of the last detection.
        probabilities: Of the emotions, smoothed over time; None before the first frame was classified.
        missed: Number of detections, one after the other, that did not find the face.
        lost: Whether it could not be followed into this frame.
    """

    def __init__(self, number: int, face: Face):
        self.number = number
        self.score = face.score
        self.probabilities: np.ndarray | None = None
        self.missed = 0
        self.lost = False
        self._names = tuple(face.landmarks or ())
        self._points = _points(face)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width and height in pixels, with fractions."""
        (left, top), (right, bottom) = self._points[:2]
        return float(left), float(top), float(right - left), float(bottom - top)

    def face(self, height: int, width: int) -> Face | None:
        """Returns the face in a frame of this size, or None where it has left the frame."""
        corners = np.rint(self._points[:2]).astype(int)
        (left, top), (right, bottom) = corners.clip(0, (width, height)).tolist()
        if left >= right or top >= bottom:
            return None
        landmarks = dict(zip(self._names, map(tuple, self._points[2:].tolist()), strict=True)) or None
        return Face((left, top, right - left, bottom - top), self.score, landmarks)

    def move(self, motion: Motion | None) -> None:
        """Goes where the face moved; None where that could not be told."""
        self.lost = motion is None
        if motion is not None:
            self._points = motion(self._points)

    def detected(self, face: Face) -> None:
        """Takes in where the face was detected in this frame."""
        share = 1.0 if self.lost else CORRECTION
        self._points += share * (_points(face) - self._points)
        self.score, self.missed, self.lost = face.score, 0, False

    def classified(self, probabilities: np.ndarray, weight: float) -> None:
        """Takes in the emotions of this frame with a weight of 0…1; a new track takes them as they are."""
        if self.probabilities is None:
            self.probabilities = probabilities
        else:
            self.probabilities = self.probabilities + np.float32(weight) * (
                probabilities - self.probabilities
            )


def _points(face: Face) -> np.ndarray:
    """Top left corner, bottom right corner and the landmarks: float64, shape (2 + landmarks, 2)."""
    x, y, width, height = face.box
    return np.array([(x, y), (x + width, y + height), *(face.landmarks or {}).values()], dtype=np.float64)
