"""Image files and arrays: uint8, gray (height, width) or RGB (height, width, 3), range 0…255."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""Endings of the files that count as images, in lower case."""


def read(path: Path | str) -> np.ndarray:
    """Reads an image file, turned as its EXIF orientation says.

    Sixteen-bit images are scaled to 8 bits by their full range, and transparency is laid on white.

    Returns:
        uint8, shape (height, width) for gray files, else (height, width, 3) RGB.

    Raises:
        ValueError: The file cannot be read, is not an image or is truncated. The path leads the message.
    """
    try:
        with Image.open(path) as image:
            image.load()
            return _as_array(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        raise ValueError(f"{path}: not an image") from error
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: damaged or unreadable ({error})") from error


def convert(image: np.ndarray, size: int | None, channels: int) -> np.ndarray:
    """Brings an image to the shape that a network takes.

    Args:
        image: uint8, (height, width), (height, width, 1) or (height, width, 3) RGB.
        size: Height and width of the result in pixels; None keeps the image's own.
        channels: 1 for gray, 3 for RGB.

    Returns:
        uint8, shape (size, size, channels). Shrinking averages areas, enlarging is bicubic.
    """
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[..., 0]
    if image.ndim == 3 and channels == 1:
        image = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    if size is not None and image.shape[:2] != (size, size):
        shrinks = size < min(image.shape[:2])
        image = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    if image.ndim == 2:
        return np.repeat(image[..., None], channels, axis=2)
    return image


def _as_array(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        return (np.asarray(image, dtype=np.float64) / 257).round().clip(0, 255).astype(np.uint8)
    if image.mode in ("1", "L"):
        return np.asarray(image.convert("L"))
    if "A" in image.mode or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert("RGB"))
