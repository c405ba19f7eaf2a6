"""The colours of a face's skin, and of what may tell the colour of the light on it.

A colour is three natural logarithms of linear RGB: lightness, warmth (red against blue) and greenness (green
against red and blue). Light of another colour or strength adds the same to the colours of all surfaces.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fer.faces.base import Face
from fer.faces.framing import Framing

AXES = np.array([[0.25, 0.65, 0.1], [1, 0, -1], [-0.5, 1, -0.5]])
"""Lightness, warmth and greenness, of the logarithms of linear red, green and blue."""

GLASSES = ("none", "glasses", "sunglasses")
"""What may be before the eyes."""

SIDE = 128
"""Height and width of the square to which a face is brought, in pixels."""

LEAST_SIDE = 20
"""Faces whose square has fewer pixels a side are not measured."""

Patch = tuple[float, float, float, float]
"""Left, right, top and bottom edge as shares of the square."""

SKIN: tuple[Patch, ...] = (
    (0.32, 0.68, 0.12, 0.27),
    (0.2, 0.37, 0.5, 0.66),
    (0.63, 0.8, 0.5, 0.66),
    (0.43, 0.57, 0.45, 0.62),
)
"""Forehead, cheeks and the bridge of the nose."""

SKIN_ABOVE_MASK: tuple[Patch, ...] = (
    (0.32, 0.68, 0.12, 0.28),
    (0.18, 0.4, 0.44, 0.5),
    (0.6, 0.82, 0.44, 0.5),
    (0.43, 0.57, 0.36, 0.46),
)

_EYES: tuple[Patch, ...] = ((0.17, 0.45, 0.3, 0.47), (0.55, 0.83, 0.3, 0.47))
_LENSES: tuple[Patch, ...] = ((0.2, 0.42, 0.33, 0.46), (0.58, 0.8, 0.33, 0.46))

# Where FER-2013's framing has eyes and mouth (see `Framing`), from the middle of the square, x + iy.
_PLACES = {
    "left_eye": -0.19 - 0.11j,
    "right_eye": 0.19 - 0.11j,
    "mouth_left": -0.15 + 0.26j,
    "mouth_right": 0.16 + 0.26j,
}
_TURNED = 3.0  # degrees from which a face is turned upright

_LINEAR = np.arange(256) / 255
_LINEAR = np.where(_LINEAR <= 0.04045, _LINEAR / 12.92, ((_LINEAR + 0.055) / 1.055) ** 2.4)  # IEC 61966-2-1
_FLOOR = 0.003  # added to linear values: below it there is more noise than colour
_LOGARITHM = np.log(_LINEAR + _FLOOR)

# Skin is the densest cluster of pixels: so far they may lie apart in lightness, warmth and greenness. A
# warmer one counts more, since hair and masks are seldom as warm as skin, and so does a lighter one, since
# shadows, brows and lips are not. Found by measurement.
_REACH = np.array([0.4, 0.2, 0.13])
_FARTHEST = 3.0  # in reaches
_WARMER, _WARMER_THAN_MASK, _LIGHTER = 0.7, 2.0, 0.5  # logarithms of weight
_LEAST_SHARE = 0.2  # of the patches
_PER_PATCH = 80  # pixels
_DARKEST = math.log(0.004 + _FLOOR)

_SCLERA_PIXELS = 16
_DARK_SHARE = 0.4  # of the pixels of the lenses, which reflections are not among
_POWER = 10  # near to the brightest, but not a single light
_NOT_SKIN = 0.15
_SAMPLES, _LEAST_SAMPLES = 4000, 40
_GRAY_LEVELS = 4  # between the channels


@dataclass(frozen=True, eq=False)
class FaceColors:
    """What a photo shows of a face.

    Attributes:
        skin: Colour of the skin, shape (3,).
        references: Name → colour of what is white or gray on most photos, shape (3,): ``surroundings``, and
            ``sclera`` (white of the eyes) or with sunglasses ``lens``.
    """

    skin: np.ndarray
    references: dict[str, np.ndarray]


def observe(
    image: np.ndarray, face: Face, framing: Framing, glasses: str = "none", mask: bool = False
) -> FaceColors | None:
    """Looks at a face; the arguments are those of ``fer.faces.skin_tone.measure``.

    Returns:
        None where no colour is seen: the photo is gray, or the face is too small, too dark or covered.
    """
    sample = _sample(image)
    if image.ndim == 2 or np.quantile(np.ptp(sample, axis=1), 0.95) <= _GRAY_LEVELS:
        return None
    square = _square(image, face, framing)
    if square is None:
        return None
    colors = of_levels(cv2.blur(square, (3, 3)))
    skin = _skin(colors, mask)
    if skin is None or skin[0] < _DARKEST:
        return None
    references = {"surroundings": _surroundings(sample, skin)}
    if glasses == "sunglasses":
        references["lens"] = _lens(colors)
    else:
        references["sclera"] = _sclera(colors, skin)
    return FaceColors(skin, references)


def of_levels(levels: np.ndarray) -> np.ndarray:
    """Returns the colours of RGB values, uint8, shape (…, 3): float64, same shape."""
    return _LOGARITHM[levels] @ AXES.T


def _sample(image: np.ndarray) -> np.ndarray:
    """Some thousand pixels of the whole photo, shape (n, 3), or (n, 1) of a gray one."""
    step = max(1, int(math.sqrt(image.shape[0] * image.shape[1] / _SAMPLES)))
    return image[::step, ::step].reshape(-1, 1 if image.ndim == 2 else 3)


def _square(image: np.ndarray, face: Face, framing: Framing) -> np.ndarray | None:
    """The face upright in FER-2013's framing: uint8, (SIDE, SIDE, 3). None where it is too small."""
    left, top, side = framing.square(face.box)
    middle, across = complex(left + side / 2, top + side / 2), complex(side)
    placed = _placed(face)
    if placed and abs(placed[0] - middle) < side / 2 and 0.4 * side < abs(placed[1]) < 2.5 * side:
        middle, across = placed
    side, turn = abs(across), math.degrees(math.atan2(across.imag, across.real))
    if side < LEAST_SIDE:
        return None
    turned = abs(turn) > _TURNED
    # A turned square lies within a larger one, which is turned back.
    larger = (abs(across.real) + abs(across.imag)) / side if turned else 1.0
    reach, length = max(round(larger * side), 1), round(larger * SIDE)
    corner = round(middle.real - reach / 2), round(middle.imag - reach / 2)
    crop = Framing(0.5, 1.0).cut(image, (*corner, reach, reach))
    step = max(1, reach // (3 * length))  # pixels enough to average: large photos would take long
    crop = np.ascontiguousarray(crop[::step, ::step])
    smaller = len(crop) > length
    crop = cv2.resize(crop, (length, length), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    if turned:
        matrix = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), turn, 1)
        matrix[:, 2] += (SIDE - length) / 2
        crop = cv2.warpAffine(crop, matrix, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return crop


def _placed(face: Face) -> tuple[complex, complex] | None:
    """Fits the square to the landmarks by least squares: its middle and its upper edge, x + iy in pixels."""
    if not face.landmarks or not _PLACES.keys() <= face.landmarks.keys():
        return None
    points = np.array([complex(*face.landmarks[name]) for name in _PLACES])
    places = np.array(list(_PLACES.values()))
    centered = places - places.mean()
    across = np.vdot(centered, points) / np.vdot(centered, centered)
    return complex(points.mean() - across * places.mean()), complex(across)


def _patch(colors: np.ndarray, patch: Patch) -> np.ndarray:
    left, right, top, bottom = (int(share * SIDE) for share in patch)
    return colors[top:bottom, left:right].reshape(-1, 3)


def _patches(colors: np.ndarray, patches: Sequence[Patch]) -> np.ndarray:
    return np.concatenate([_patch(colors, patch) for patch in patches])


def _skin(colors: np.ndarray, mask: bool) -> np.ndarray | None:
    """Median of the densest cluster among the pixels where skin should be; every patch counts the same."""
    patches = [_patch(colors, patch) for patch in (SKIN_ABOVE_MASK if mask else SKIN)]
    patches = [pixels[:: len(pixels) // _PER_PATCH] for pixels in patches]
    weights = np.repeat([1 / len(pixels) / len(patches) for pixels in patches], [*map(len, patches)])
    pixels = np.concatenate(patches)
    scaled = (pixels / _REACH).astype(np.float32)
    squares = (scaled**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * scaled @ scaled.T
    preferred = (_WARMER_THAN_MASK if mask else _WARMER) * pixels[:, 1].clip(-0.5, 1.5) + _LIGHTER * pixels[
        :, 0
    ]
    middle = (np.exp(preferred) * (np.exp(-distances / 2) @ weights)).argmax()
    near = distances[middle] < _FARTHEST**2
    return np.median(pixels[near], axis=0) if weights[near].sum() >= _LEAST_SHARE else None


def _sclera(colors: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Median of the pixels around the eyes that are lighter and less warm than skin."""
    pixels = _patches(colors, _EYES)
    whiteness = (pixels - skin) @ [0.5, -1, 0]
    return np.median(pixels[np.argpartition(whiteness, -_SCLERA_PIXELS)[-_SCLERA_PIXELS:]], axis=0)


def _lens(colors: np.ndarray) -> np.ndarray:
    """Median of the dark pixels of sunglasses."""
    pixels = _patches(colors, _LENSES)
    return np.median(pixels[pixels[:, 0] <= np.quantile(pixels[:, 0], _DARK_SHARE)], axis=0)


def _surroundings(sample: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Shades of gray (Finlayson and Trezzi 2004) of what differs in warmth or greenness from the skin."""
    difference = of_levels(sample) - skin
    other = np.hypot(difference[:, 1], 2 * difference[:, 2]) > _NOT_SKIN
    linear = _LINEAR[sample[other] if other.sum() >= _LEAST_SAMPLES else sample]
    return np.log((linear**_POWER).mean(axis=0) ** (1 / _POWER) + _FLOOR) @ AXES.T
