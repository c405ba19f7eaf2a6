"""The noise of the source's augmentation."""

from functools import cache

import cv2
import numpy as np
from scipy.special import ndtri

STRENGTHS = (1.0, 5.0)
"""Least and largest standard deviation of the noise in gray levels."""

GROUP_BYTES = 2**19
"""Images are worked on in groups of about this size, so that every step finds them in the cache."""


def random_noise(image: np.ndarray, random: np.random.Generator | None = None) -> np.ndarray:
    """Adds normal noise of a random strength and stretches the result to the full range.

    x' = x + σ·n with n from N(0, 1) and σ from U(1, 5); result = 255 · (x' - min x') / (max x' - min x').

    Args:
        image: float32, any shape, range 0…255.
        random: Where the noise and its strength are drawn from. None seeds one from NumPy's global state, as
            ImageDataGenerator uses it, so that the function serves as a ``preprocessing_function``.

    Returns:
        float32, same shape, minimum 0 and maximum 255; all 0 when no pixel differs from another.
    """
    if random is None:
        random = np.random.default_rng(np.random.randint(2**32))  # noqa: NPY002
    noise = random.standard_normal(image.shape, dtype=np.float32)
    noisy = image + np.float32(random.uniform(*STRENGTHS)) * noise
    noisy -= noisy.min()
    maximum = noisy.max()
    return 255 * (noisy / maximum) if maximum > 0 else noisy


def add_random_noise(images: np.ndarray, random: np.random.Generator, scale: float = 1) -> np.ndarray:
    """Does to every image what ``random_noise`` does to one, and scales it. Several times as fast.

    Args:
        images: uint8 or float32, shape (n, height, width, channels), range 0…255.
        random: Where the noise and its strengths are drawn from.
        scale: Factor of the result; 1 leaves it in 0…255.

    Returns:
        float32, same shape.
    """
    result = np.empty(images.shape, np.float32)
    strengths = random.uniform(*STRENGTHS, (len(images), 1)).astype(np.float32)
    size = max(1, GROUP_BYTES // max(1, result[:1].nbytes))
    for start in range(0, len(images), size):
        rows = slice(start, start + size)
        group = result[rows].reshape(len(result[rows]), -1)
        _draw_normal(random, group)
        group *= strengths[rows]
        group += images[rows].reshape(group.shape)
        group -= group.min(axis=1, keepdims=True)
        maxima = group.max(axis=1, keepdims=True)
        group /= np.where(maxima > 0, maxima, 1)
        if scale != 1 / 255:
            group *= np.float32(255 * scale)
    return result


def _draw_normal(random: np.random.Generator, result: np.ndarray) -> None:
    """Fills a contiguous float32 array with standard normal numbers, one look-up each.

    The real line is cut into 65,536 parts of equal probability, and each part stands as its mean. The largest
    number is 4.39, and the variance is too small by 1.5e-6.
    """
    parts = random.integers(2**64, size=-(-result.size // 4), dtype=np.uint64).view(np.uint16)
    cv2.LUT(parts[None, : result.size], _normal_parts(), result.reshape(1, -1))


@cache
def _normal_parts() -> np.ndarray:
    edges = ndtri(np.linspace(0, 1, 2**16 + 1))
    density = np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    return (-np.diff(density) * 2**16).astype(np.float32)[None]
