"""Pictures that a browser sends: from the text of a data URL to an array, never to a file."""

import base64

import numpy as np

from fer import images

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/bmp": "BMP",
    "image/gif": "GIF",
}
"""Types of pictures that are taken, as browsers name them, and their names in Pillow."""

_HEADS = frozenset(f"data:{kind};base64" for kind in FORMATS)

LARGEST_PHOTO = 10 * 2**20
"""Bytes of a photo."""

MOST_PIXELS = 25_000_000
"""Height times width of a photo."""

LARGEST_FRAME = 512 * 2**10
"""Bytes of a frame of a camera."""

MOST_FRAME_PIXELS = 640 * 480
"""Height times width of a frame of a camera."""


class Refused(ValueError):
    """A request that is not answered.

    Attributes:
        reason: A word for it, which a page has a text for.
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def photo(url: object) -> np.ndarray:
    """Reads a photo.

    Args:
        url: ``data:image/jpeg;base64,…``, or anything else that a browser may send.

    Returns:
        uint8, shape (height, width) or (height, width, 3) RGB, turned as its EXIF orientation says.

    Raises:
        Refused: "file_too_large", "too_many_pixels", "wrong_type" (not of ``FORMATS``, whatever its name
            says) or "damaged".
    """
    return _decoded(url, LARGEST_PHOTO, MOST_PIXELS)


def frame(url: object) -> np.ndarray:
    """Reads a frame of a camera; as ``photo``, with smaller limits."""
    return _decoded(url, LARGEST_FRAME, MOST_FRAME_PIXELS)


def _decoded(url: object, largest: int, most_pixels: int) -> np.ndarray:
    head, _, text = url.partition(",") if isinstance(url, str) else ("", "", "")
    if head not in _HEADS:
        raise Refused("wrong_type")
    if len(text) > 4 * (largest // 3 + 1):
        raise Refused("file_too_large")
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Refused("damaged") from error
    if len(content) > largest:
        raise Refused("file_too_large")
    try:
        return images.decode(content, list(FORMATS.values()), most_pixels)
    except images.TooLargeError as error:
        raise Refused("too_many_pixels") from error
    except ValueError as error:
        raise Refused("damaged" if "damaged" in str(error) else "wrong_type") from error
