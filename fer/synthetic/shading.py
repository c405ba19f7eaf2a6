"""Soft light on the face: a height field of Gaussians, shaded as a matte surface.

A Gaussian is the product of a row and a column, and so are its slopes; the light on a whole face is
therefore one product of two small matrices.
"""

from typing import NamedTuple

import cv2
import numpy as np

SIZE = 72
"""Height and width of the grid on which the light is computed; it varies slowly and is then resized."""

_LEFT, _TOP, _SPAN = -1.6, -1.5, 3.4


class Volume(NamedTuple):
    """A bulge or a hollow: ``height`` makes slopes, ``glow`` lightens or darkens, ``shine`` reflects."""

    anchor: str
    dx: float
    dy: float
    radius_x: float
    radius_y: float
    height: float = 0
    glow: float = 0
    shine: float = 0


_MIDDLE = (
    Volume("nose_bridge", 0, 0.3, 0.78, 1.05, height=0.55, glow=0.36),
    Volume("forehead", 0, 0, 0.5, 0.28, height=0.06, shine=0.06),
    Volume("nose_bridge", 0, 0.22, 0.1, 0.26, height=0.06, glow=0.04, shine=0.03),
    Volume("nose", 0, 0, 0.11, 0.085, height=0.075, glow=0.05, shine=0.12),
    Volume("nose_base", 0, 0.05, 0.16, 0.06, glow=-0.3),
    Volume("mouth_top", 0, -0.05, 0.05, 0.06, glow=-0.08),
    Volume("mouth_bottom", 0, -0.045, 0.14, 0.03, height=0.01, shine=0.1),
    Volume("mouth_bottom", 0, 0.065, 0.17, 0.05, glow=-0.2),
    Volume("chin", 0, -0.13, 0.2, 0.14, height=0.06, shine=0.03),
)

_SIDES = (
    Volume("eye", 0, -0.09, 0.2, 0.08, glow=-0.2),
    Volume("eye_inner", -0.05, -0.04, 0.07, 0.12, glow=-0.22),
    Volume("eye", 0, 0.16, 0.17, 0.05, glow=-0.06),
    Volume("brow_middle", 0.05, 0.02, 0.24, 0.08, height=0.035),
    Volume("cheek", 0, 0, 0.24, 0.18, height=0.06, glow=0.04, shine=0.05),
    Volume("cheek", 0.12, 0.35, 0.16, 0.25, glow=-0.1),
    Volume("mouth", 0.03, 0.0, 0.06, 0.07, glow=-0.14),
)

_AMBIENT = 0.66
_ELEVATION = 0.65


def light(anchors: dict[str, np.ndarray], direction: np.ndarray, strength: np.ndarray) -> np.ndarray:
    """Computes how light falls on upright faces.

    Args:
        anchors: Landmarks before the roll, each of shape (n, 2), in face units.
        direction: Where the light comes from, degrees, shape (n,): 0 above, 90 from the viewer's right.
        strength: 0…1, shape (n,). At 0 the light is the same everywhere.

    Returns:
        Factor of the colours and reflection to add (share of white), float32, shape (n, SIZE, SIZE, 2).
    """
    volumes = list(_MIDDLE)
    for side, outward in (("left", -1), ("right", 1)):
        volumes += [v._replace(anchor=_name(side, v.anchor), dx=outward * v.dx) for v in _SIDES]
    center = np.stack([anchors[volume.anchor] for volume in volumes], axis=1).astype(np.float32)
    shape = np.array([volume[1:] for volume in volumes], dtype=np.float32)
    axis = np.linspace(0, _SPAN, SIZE, dtype=np.float32)
    x = (axis + _LEFT - center[..., :1] - shape[:, None, 0]) / shape[:, None, 2]
    y = (axis + _TOP - center[..., 1:] - shape[:, None, 1]) / shape[:, None, 3]
    row, column = np.exp(-(x**2) / 2), np.exp(-(y**2) / 2)
    height, glow, shine = shape[:, None, 4], shape[:, None, 5], shape[:, None, 6]
    angle = np.radians(direction).astype(np.float32)[:, None, None]
    tilted = glow * row + height * np.sin(angle) * x / shape[:, None, 2] * row
    rising = -_ELEVATION * height * np.cos(angle) * y / shape[:, None, 3] * column
    left = np.concatenate([column, rising], axis=1).transpose(0, 2, 1)
    right = np.concatenate([tilted, row], axis=1)
    strength = strength.astype(np.float32)[:, None, None]
    factor = 1 + strength * (_AMBIENT - 1 + left @ right)
    bright = shine[:, 0] > 0
    reflection = strength * (column[:, bright].transpose(0, 2, 1) @ (shine[bright] * row[:, bright]))
    return np.stack([np.maximum(factor, 0.12), reflection], axis=-1)


def to_picture(grid: np.ndarray, size: int, origin: np.ndarray, scale: float, roll: float) -> np.ndarray:
    """Lays a grid of ``light`` on a picture.

    Args:
        grid: Shape (SIZE, SIZE, channels).
        size: Height and width of the picture in pixels.
        origin: Pixel of the point between the eyes, (x, y).
        scale: Pixels of one face unit.
        roll: Degrees, positive clockwise.
    """
    step = _SPAN / (SIZE - 1)
    cosine, sine = np.cos(np.radians(roll)) / (scale * step), np.sin(np.radians(roll)) / (scale * step)
    matrix = np.array([[cosine, sine, -_LEFT / step], [-sine, cosine, -_TOP / step]])
    matrix[:, 2] -= matrix[:, :2] @ origin
    return cv2.warpAffine(
        grid,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _name(side: str, anchor: str) -> str:
    return f"{anchor}_{side}" if anchor in ("cheek", "mouth") else f"{side}_{anchor}"
