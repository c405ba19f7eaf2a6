"""From a detected face to the image that a classifier takes."""

import cv2
import numpy as np

from fer import images
from fer.faces.base import Face


def crop(
    image: np.ndarray, face: Face, size: int = 224, margin: float = 0.0, gray: bool = True
) -> np.ndarray:
    """Cuts a face out of a picture: box → bicubic resize to a square → gray.

    The box is stretched to the square, so a box that is higher than wide changes its aspect.

    Args:
        image: The picture in which ``face`` was found: uint8, (height, width) or (height, width, 3) RGB.
        face: The face.
        size: Height and width of the result in pixels.
        margin: Share of the box's width and height that is added on each side, at least 0. What lies
            outside the picture repeats its border pixels.
        gray: Whether the result is gray; otherwise it is RGB.

    Returns:
        uint8, shape (size, size) for gray, else (size, size, 3).
    """
    if size < 1:
        raise ValueError(f"`size` must be a positive number of pixels. Received: {size!r}")
    if margin < 0:
        raise ValueError(f"`margin` must be 0 or more. Received: {margin!r}")
    x, y, width, height = face.box
    across, down = round(margin * width), round(margin * height)
    region = _replicated(image, x - across, y - down, x + width + across, y + height + down)
    resized = cv2.resize(region, (size, size), interpolation=cv2.INTER_CUBIC)
    return images.convert(resized, None, 1)[..., 0] if gray else images.convert(resized, None, 3)


def _replicated(image: np.ndarray, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    height, width = image.shape[:2]
    inside = image[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    outside = [max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)]
    return cv2.copyMakeBorder(inside, *outside, cv2.BORDER_REPLICATE) if any(outside) else inside
