"""What is behind and before the face, and the camera."""

import cv2
import numpy as np

from fer.synthetic.curves import ribbon

_SIDE = 1024
_NOISE = np.random.default_rng(0).standard_normal((_SIDE, _SIDE)).astype(np.float32)
_CLOUDS = 5


def backgrounds(first: np.ndarray, second: np.ndarray, texture: np.ndarray, size: int) -> np.ndarray:
    """Paints soft clouds of two colours.

    Args:
        first, second: Colours 0…255, shape (n, channels), one channel being gray.
        texture: Numbers from which the clouds follow, int64, shape (n,).
        size: Height and width in pixels.

    Returns:
        uint8, shape (n, size, size) for one channel, else (n, size, size, channels).
    """
    shares = np.stack([_noise(number // 3, _CLOUDS) for number in texture])
    shares = (1 / (1 + np.exp(-shares)))[..., None]
    clouds = first[:, None, None] * shares + second[:, None, None] * (1 - shares)
    clouds = clouds.round().astype(np.uint8)
    return np.stack([cv2.resize(cloud, (size, size), interpolation=cv2.INTER_CUBIC) for cloud in clouds])


def occluders(texture: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """Outlines of rounded bars that reach into the picture: a hand, a scarf, a microphone.

    Args:
        texture: Numbers from which place and width follow, int64, shape (n,).
        reach: How far they come in, 0…1, shape (n,).

    Returns:
        Shape (n, points, 2), in shares of the picture.
    """
    angle = 2 * np.pi * (texture // 31 % 997 / 997)[:, None]
    along = np.array([0, 0.5, 0.8, 0.9, 0.97, 1])
    distance = 0.8 - (0.3 + 0.4 * reach)[:, None] * along
    middle = 0.5 + np.stack([np.cos(angle) * distance, np.sin(angle) * distance], axis=-1)
    width = (0.14 + 0.12 * (texture // 13 % 101 / 101))[:, None] * [1, 1, 0.95, 0.75, 0.45, 0.1]
    return ribbon(middle, width)


def photographed(
    pictures: np.ndarray, blur: np.ndarray, noise: np.ndarray, texture: np.ndarray
) -> np.ndarray:
    """Blurs pictures, adds the sensor's noise and rounds. The pictures are used up.

    Args:
        pictures: float32, shape (n, size, size) or (n, size, size, 3), range 0…255 and somewhat beyond.
        blur: Standard deviation as a share of the width, shape (n,).
        noise: Standard deviation as a share of the range, shape (n,).
        texture: Numbers from which the noise follows, int64, shape (n,).

    Returns:
        uint8, same shape.
    """
    size = pictures.shape[1]
    for picture, sigma, amount, number in zip(pictures, blur * size, noise, texture, strict=True):
        if sigma > 0.2:
            cv2.GaussianBlur(picture, (0, 0), sigma, dst=picture)
        if amount > 0:
            grain = _noise(number, size) * np.float32(255 * amount)
            picture += grain if picture.ndim == 2 else grain[..., None]
    return np.clip(np.rint(pictures), 0, 255).astype(np.uint8)


def lay(picture: np.ndarray, cut_out: np.ndarray, left: int, top: int) -> None:
    """Lays a cut-out on a picture, in place, as far as it lies in it."""
    height, width = picture.shape[:2]
    side = len(cut_out)
    rows, columns = slice(max(top, 0), max(top + side, 0)), slice(max(left, 0), max(left + side, 0))
    part = cut_out[max(-top, 0) : max(height - top, 0), max(-left, 0) : max(width - left, 0)]
    behind = picture[rows, columns]
    laid = behind * (1 - part[..., 3:] / 255) + part[..., :3]
    picture[rows, columns] = np.clip(np.rint(laid), 0, 255).astype(np.uint8)


def snapshot(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Lights a picture unevenly, tints it, blurs it a little and adds the sensor's noise."""
    height, width = picture.shape[:2]
    light = cv2.resize(
        random.normal(1, 0.08, (3, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    tint = (random.uniform(0.72, 1.1) * random.normal(1, 0.04, 3)).astype(np.float32)
    result = picture * (light[..., None] * tint)
    blur = random.gamma(1, 0.0012) * min(height, width)
    if blur > 0.2:
        cv2.GaussianBlur(result, (0, 0), blur, dst=result)
    noise = np.float32(random.gamma(1.5, 2))
    result += noise * random.standard_normal((height, width, 1), dtype=np.float32)
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def _noise(number: int, size: int) -> np.ndarray:
    """A patch of standard normal noise, the same for the same number."""
    rows, columns = ((start + np.arange(size)) % _SIDE for start in (number // _SIDE, number))
    return _NOISE[rows[:, None], columns]
