"""From a picture and the points of its eyes to a face whose eyes are level and always in the same place."""

import math
from collections.abc import Mapping

import cv2
import numpy as np

from fer import images

REACH = {"beside": 0.62, "above": 0.9, "below": 1.35}
"""How far an aligned face reaches beside each eye, above and below the eyes, in distances of the eyes."""

_WIDTH, _HEIGHT = 1 + 2 * REACH["beside"], REACH["above"] + REACH["below"]
_LEFT_EYE = (REACH["beside"] / _WIDTH, REACH["above"] / _HEIGHT)  # shares of width and height
_LEAST_DISTANCE = 1.0  # pixels; eyes that are closer tell no direction


def align(
    image: np.ndarray, landmarks: Mapping[str, tuple[float, float]] | None, size: int = 256
) -> np.ndarray:
    """Turns a face until its eyes are level, cuts it out by the distance of the eyes and stretches its grays.

    The result reaches as far around the eyes as ``REACH`` says, so that they are at 0.28 and 0.72 of its
    width and at 0.4 of its height. What lies outside the picture repeats the border's pixels. The darkest
    gray becomes 0 and the brightest 255; a picture of a single gray becomes black.

    Args:
        image: uint8, (height, width) or (height, width, 3) RGB.
        landmarks: ``Face.landmarks``, at least ``left_eye`` and ``right_eye``: (x, y) in pixels, whole
            numbers being the middles of pixels.
        size: Height and width of the result in pixels.

    Returns:
        uint8, shape (size, size), range 0…255.

    Raises:
        ValueError: ``image`` is not an image of this package, ``landmarks`` hold no two eyes in different
            places, or ``size`` is below 1.

    Example:
        >>> face = detector("mtcnn").detect(photo)[0]
        >>> align(photo, face.landmarks).shape
        (256, 256)
    """
    images.check(image, "image")
    if size < 1:
        raise ValueError(f"`size` must be a positive number of pixels. Received: {size!r}")
    if not has_eyes(landmarks):
        raise ValueError(
            "`landmarks` must hold left_eye and right_eye, (x, y) in pixels, at least a pixel apart. "
            f"Received: {landmarks}"
        )
    eyes = np.array([landmarks["left_eye"], landmarks["right_eye"]])
    across = eyes[1] - eyes[0]
    below = eyes[0] + (-across[1], across[0])  # as far below the left eye as the right eye is beside it
    # A picture that is finer than the result is turned at a multiple of the size, whose areas are averaged.
    side = size * math.ceil(max(np.linalg.norm(across) * _HEIGHT / size, 1))
    places = np.add(_LEFT_EYE, [(0, 0), (1 / _WIDTH, 0), (0, 1 / _HEIGHT)])
    matrix = cv2.getAffineTransform(np.float32([*eyes, below]), np.float32(places * side - 0.5))
    turned = cv2.warpAffine(
        image, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return cv2.normalize(images.convert(turned, size, 1)[..., 0], None, 0, 255, cv2.NORM_MINMAX)


def has_eyes(landmarks: Mapping[str, tuple[float, float]] | None) -> bool:
    """Whether a face can be aligned: its two eyes are known and, unlike from the side, apart."""
    if landmarks is None or not {"left_eye", "right_eye"} <= set(landmarks):
        return False
    return _LEAST_DISTANCE <= math.dist(landmarks["left_eye"], landmarks["right_eye"]) < math.inf
