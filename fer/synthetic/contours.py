"""A named curve of the drawing, and the surface on which the curves lie."""

from dataclasses import dataclass

import numpy as np

SIDES = ("left", "right")
"""The viewer's left (x < 0) and right half of the face."""

OUTWARD = np.array([-1.0, 1.0])[:, None]
"""The direction away from the middle of the face on each side, shape (2, 1)."""


@dataclass(frozen=True)
class Contour:
    """One curve on each of n faces.

    Attributes:
        points: Shape (n, m, 3) on the head, (n, m, 2) when projected; dense enough to join with lines.
        role: What it paints: "skin", "lip", "iris" …
        closed: Whether the curve bounds an area. An open one is a stroke.
        width: Width of the stroke at each point in face units, shape (n or 1, m).
        strength: How strongly it shows, 0…1, shape (n,). None: fully, on all faces.
    """

    points: np.ndarray
    role: str
    closed: bool = True
    width: np.ndarray | None = None
    strength: np.ndarray | None = None


def surface(x: np.ndarray, y: np.ndarray, height: float | np.ndarray = 0) -> np.ndarray:
    """Lays points on the front of the head: returns (x, y, z) in the last axis.

    The head is an ellipsoid whose middle lies behind the axis of rotation.
    """
    x, y = np.broadcast_arrays(x, y)
    z = 0.95 * np.sqrt(np.maximum(0.05, 1 - (x / 1.05) ** 2 - (y / 2.1) ** 2)) - 0.5
    return np.stack([x, y, z + height], axis=-1)


def rim(points: np.ndarray, yaw: np.ndarray) -> np.ndarray:
    """Moves the edge of the head, on the side that turns away, forward to where the silhouette then is.

    Args:
        points: Points of the edge, shape (n, m, 3).
        yaw: Degrees, shape (n, 1).
    """
    x, y, z = np.moveaxis(points, -1, 0)
    away = np.maximum(np.sin(np.radians(yaw)) * np.sign(x), 0)
    return np.stack([x * np.sqrt(1 - away**2), y, z + 0.9 * away * np.abs(x)], axis=-1)


def both(name: str, points: np.ndarray, role: str, strength: np.ndarray | None = None, **options) -> dict:
    """Names the contours of the two halves: points (n, 2, m, 3), strength (n, 2) or None."""
    return {
        f"{side}_{name}": Contour(
            points[:, half], role, strength=None if strength is None else strength[:, half], **options
        )
        for half, side in enumerate(SIDES)
    }


def creases(
    name: str, points: np.ndarray, strength: np.ndarray | float, width: float, ends: float = 0.15
) -> dict:
    """Names the folds of the skin on the two halves, thinner at their ends.

    Args:
        name: Name of the fold.
        points: Shape (n, 2, m, 3).
        strength: How deep they are, shape (n, 2), or one number for all.
        width: Width in the middle, in face units.
        ends: Width at the ends, as a share of that in the middle.
    """
    strength = np.broadcast_to(strength, points.shape[:2])
    return both(name, points, "fold", strength, closed=False, width=taper(points.shape[2], width, ends))


def taper(m: int, width: float, ends: float = 0.15) -> np.ndarray:
    """Returns the widths of a stroke that is thin at its ends, shape (1, m)."""
    return width * (ends + (1 - ends) * np.sin(np.linspace(0, np.pi, m)))[None]


def mirrored(half: np.ndarray) -> np.ndarray:
    """Joins the right half of a line, (..., m, 3) from the middle outwards, to its mirror image.

    Returns:
        Shape (..., 2 * m - 1, 3), from the left end to the right end.
    """
    return np.concatenate([half[..., :0:-1, :] * [-1, 1, 1], half], axis=-2)
