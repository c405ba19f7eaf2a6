"""Image files and arrays: uint8, gray (height, width) or RGB (height, width, 3), range 0…255."""

import io
import struct
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
"""Endings of the files that count as images, in lower case."""

FILL = 114
"""Gray level of what no photo covers."""

# What Pillow raises on damaged files, found by reading some hundred thousand of them.
_DAMAGE = (
    AttributeError,
    EOFError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    Image.DecompressionBombError,
)


_RUN_LENGTHS = (1, 2)
"""The compressions of a BMP called RLE8 and RLE4."""

_MOST_SCANS = 100
"""Of a JPEG. A progressive one has about ten; each goes over all pixels again, and takes only some bytes."""


class TooLargeError(ValueError):
    """An image has more pixels than allowed."""


def read(path: Path | str) -> np.ndarray:
    """Reads an image file, turned as its EXIF orientation says.

    Sixteen-bit images are scaled to 8 bits by their full range; floating-point ones are taken as 0…1 where
    no value is above 1, else as 0…255. Transparency is laid on white. An animation gives its first frame.

    Returns:
        uint8, shape (height, width) for gray files, else (height, width, 3) RGB.

    Raises:
        ValueError: The file is missing, unreadable, truncated or no image. The path leads the message.
    """
    try:
        # Given the file's name, Pillow maps raw TIFFs into memory, and rotates those by 90° wrongly.
        with Path(path).open("rb") as file, Image.open(file) as image:
            image.load()
            return _as_array(ImageOps.exif_transpose(image))
    except FileNotFoundError as error:
        raise ValueError(f"{path}: no such file") from error
    except IsADirectoryError as error:
        raise ValueError(f"{path}: a folder, not an image (its photos: {path}/*.jpg)") from error
    except UnidentifiedImageError as error:
        raise ValueError(f"{path}: not an image") from error
    except _DAMAGE as error:
        raise ValueError(f"{path}: damaged or unreadable ({error})") from error


def decode(content: bytes, formats: Sequence[str], most_pixels: int) -> np.ndarray:
    """Reads an image of unknown origin from memory, as ``read`` reads a file.

    Args:
        content: The file's content.
        formats: The formats of Pillow that are allowed, such as "JPEG"; no other decoder is tried.
        most_pixels: Largest height times width. It is compared with what the file announces, before any
            pixel is decoded.

    Raises:
        TooLargeError: The image has more pixels.
        ValueError: The content is damaged, truncated or of no allowed format, or decoding it takes far more
            time or memory than its pixels need.
    """
    try:
        with Image.open(io.BytesIO(content), formats=formats) as image:
            width, height = image.size
            if width * height > most_pixels:
                raise TooLargeError(f"{width} × {height} pixels are more than {most_pixels:,}")
            _check_effort(image, content)
            image.load()
            return _as_array(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        raise ValueError(f"not an image of the formats {', '.join(formats)}") from error
    except TooLargeError:
        raise
    except Image.DecompressionBombError as error:  # Pillow has a limit of its own, which comes first
        raise TooLargeError(str(error)) from error
    except _DAMAGE as error:
        raise ValueError(f"damaged or unreadable ({error})") from error


def check(image: np.ndarray, argument: str) -> None:
    """Raises ValueError naming the argument if it is not an image of this package, or has no pixel."""
    if not isinstance(image, np.ndarray):
        received = f"{type(image).__name__} (fer.images.read reads a file)"
    elif (
        image.dtype != np.uint8
        or image.ndim not in (2, 3)
        or image.shape[2:] not in ((), (3,))
        or not image.size
    ):
        received = f"{image.dtype} of shape {image.shape}"
    else:
        return
    raise ValueError(
        f"`{argument}` must be uint8 of shape (height, width) for gray or (height, width, 3) for RGB, range "
        f"0…255 (lay an RGBA image on a background first). Received: {received}"
    )


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


def letterbox(picture: np.ndarray, size: int) -> tuple[np.ndarray, float, tuple[float, float]]:
    """Fits a photo into a square: as large as possible, its proportions kept, centred on gray.

    Args:
        picture: uint8, shape (height, width, 3) RGB.
        size: Height and width of the square in pixels.

    Returns:
        The square, uint8, shape (size, size, 3); scale; offset (left, top) in pixels. a position x of the
        photo is at scale · x + left, to a quarter of a pixel, as lengths are whole numbers.
    """
    height, width = picture.shape[:2]
    scale = size / max(height, width)
    fitted = resize(picture, scale)
    square = np.full((size, size, 3), FILL, dtype=np.uint8)
    top, left = (size - fitted.shape[0]) // 2, (size - fitted.shape[1]) // 2
    square[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
    offset = (left + (fitted.shape[1] - width * scale) / 2, top + (fitted.shape[0] - height * scale) / 2)
    return square, scale, offset


def resize(picture: np.ndarray, scale: float | np.ndarray) -> np.ndarray:
    """Scales a picture to whole lengths, at least 1: shrinking averages areas, enlarging is linear."""
    lengths = np.maximum(np.rint(np.multiply(scale, picture.shape[1::-1])), 1).astype(int)
    if tuple(lengths) == picture.shape[1::-1]:
        return picture
    interpolation = cv2.INTER_AREA if np.min(scale) < 1 else cv2.INTER_LINEAR
    return cv2.resize(picture, lengths.tolist(), interpolation=interpolation)


def _check_effort(image: Image.Image, content: bytes) -> None:
    """Refuses what is made to cost far more than its pixels.

    Forty bytes more of a JPEG are one scan more; 1 kB of a BMP with run lengths asked for 13 GB.
    """
    if image.format in ("JPEG", "MPO") and content.count(b"\xff\xda\x00") > _MOST_SCANS:
        raise ValueError(f"more than {_MOST_SCANS} scans")
    if image.format == "BMP" and image.info.get("compression") in _RUN_LENGTHS:
        raise ValueError("a BMP with run lengths")


def _as_array(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I"):
        return (np.asarray(image, dtype=np.float64) / 257).round().clip(0, 255).astype(np.uint8)
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image), nan=0, posinf=0, neginf=0)
        return (values * (255 if values.max() <= 1 else 1)).round().clip(0, 255).astype(np.uint8)
    channels = "L" if image.mode in ("1", "L", "LA") else "RGB"
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert(channels))
