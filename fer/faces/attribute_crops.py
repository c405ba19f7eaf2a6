"""Faces cut in the framing of FER-2013, in the quality that webcams, videos and old photos have."""

import math

import cv2
import numpy as np

from fer import images
from fer.faces.base import Detector
from fer.faces.yunet import YuNet

SIZE = 128
"""Height and width of a crop in pixels."""

_DETECTION_SIZE = 160

_NARROWEST = 0.1
"""Least distance of the eyes, and of the corners of the mouth, in sides of a crop."""


def cut(photo: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """Cuts a face out of a photo.

    Args:
        photo: uint8, (height, width) or (height, width, 3) RGB.
        box: x, y, width and height of the face as YuNet draws it.

    Returns:
        uint8, (side, side, 3) RGB: no more pixels than the photo has there, and at most ``SIZE``.
    """
    return reduced(YuNet.framing.cut(photo, box))


def reduced(face: np.ndarray) -> np.ndarray:
    """Returns a square picture in RGB with at most ``SIZE`` pixels a side."""
    return images.convert(face, min(len(face), SIZE), 3)


def landmarks(crop: np.ndarray, detector: Detector) -> dict[str, tuple[float, float]] | None:
    """Finds the five landmarks of the face in a crop, in its pixels.

    Returns:
        None where no face is found, or one from the side, whose eyes or corners of the mouth coincide.
    """
    enlarged = images.convert(crop, _DETECTION_SIZE, 3)
    margin = _DETECTION_SIZE // 4
    found = detector.detect(cv2.copyMakeBorder(enlarged, *[margin] * 4, cv2.BORDER_REPLICATE))
    if not found:
        return None
    points = found[0].landmarks
    for left, right in (("left_eye", "right_eye"), ("mouth_left", "mouth_right")):
        if math.dist(points[left], points[right]) < _NARROWEST * _DETECTION_SIZE:
            return None
    scale = len(crop) / _DETECTION_SIZE
    return {
        name: tuple((float(n) - margin + 0.5) * scale - 0.5 for n in point) for name, point in points.items()
    }


def degraded(crop: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Makes a picture as bad as at use: gray, off in colour and light, coarse, blurred, noisy, compressed.

    Args:
        crop: uint8, (SIZE, SIZE, 3) RGB.
        random: Decides the result together with the crop. Each fault comes with a probability of its own.

    Returns:
        uint8, same shape.
    """
    picture = crop.astype(np.float32) / 255
    if random.random() < 0.25:
        picture = np.repeat(images.convert(crop, None, 1) / np.float32(255), 3, axis=2)
    else:
        picture = picture * random.uniform(0.85, 1.15, 3)
    contrast, level = random.uniform(0.6, 1.25), random.uniform(-0.12, 0.12)
    picture = ((picture - 0.5) * contrast + 0.5 + level).clip(0, 1) ** random.uniform(0.7, 1.5)
    picture = picture.astype(np.float32)
    if random.random() < 0.5:
        side = int(random.uniform(28, 96))
        small = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
        picture = cv2.resize(small, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    if random.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.5, 2))
    if random.random() < 0.3:
        picture = picture + random.normal(0, random.uniform(0.01, 0.05), picture.shape).astype(np.float32)
    result = (picture * 255).round().clip(0, 255).astype(np.uint8)
    if random.random() < 0.5:
        quality = int(random.uniform(20, 80))
        encoded = cv2.imencode(".jpg", result[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        result = cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1]
    return np.ascontiguousarray(result)
