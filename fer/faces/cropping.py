"""From a detected face to the image that a classifier takes."""

import cv2
import numpy as np

from fer import images
from fer.faces.base import Face
from fer.faces.framing import Framing


def crop(image: np.ndarray, face: Face, framing: Framing, size: int = 224, gray: bool = True) -> np.ndarray:
    """Cuts a face out of a picture: square → bicubic resize → gray.

    Args:
        image: The picture in which ``face`` was found: uint8, (height, width) or (height, width, 3) RGB.
        face: The face.
        framing: That of the detector (``DETECTORS[name].framing``), so that the face is framed as in FER-2013
            and as a ``Predictor`` sees it.
        size: Height and width of the result in pixels.
        gray: Whether the result is gray; otherwise it is RGB.

    Returns:
        uint8, shape (size, size) for gray, else (size, size, 3).
    """
    if size < 1:
        raise ValueError(f"`size` must be a positive number of pixels. Received: {size!r}")
    resized = cv2.resize(framing.cut(image, face.box), (size, size), interpolation=cv2.INTER_CUBIC)
    return images.convert(resized, None, 1)[..., 0] if gray else images.convert(resized, None, 3)
