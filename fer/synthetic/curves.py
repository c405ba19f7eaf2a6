"""Smooth curves through a few points, for many faces at once."""

from functools import cache

import numpy as np


def smooth(points: np.ndarray, closed: bool = False, steps: int = 4) -> np.ndarray:
    """Draws a uniform Catmull-Rom spline through points.

    Args:
        points: Shape (..., m, dimensions).
        closed: Whether the last point joins the first.
        steps: Number of points drawn for each of the m (closed) or m - 1 (open) pieces.

    Returns:
        Shape (..., m * steps, dimensions) if closed, else (..., (m - 1) * steps + 1, dimensions).
    """
    return _basis(points.shape[-2], closed, steps) @ points


def ribbon(points: np.ndarray, width: np.ndarray) -> np.ndarray:
    """Returns the outline of a stroke.

    Args:
        points: The middle of the stroke, shape (..., m, 2).
        width: Its width at each point, shape (..., m) or one that broadcasts to it.

    Returns:
        A closed outline, shape (..., 2 * m, 2).
    """
    direction = np.gradient(points, axis=-2)
    normal = np.stack([-direction[..., 1], direction[..., 0]], axis=-1)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-9)
    offset = normal * np.asarray(width)[..., None] / 2
    return np.concatenate([points + offset, (points - offset)[..., ::-1, :]], axis=-2)


@cache
def _basis(m: int, closed: bool, steps: int) -> np.ndarray:
    """The matrix that takes control points to points of the curve: a spline is linear in its points."""
    pieces = m if closed else m - 1
    t = np.arange(pieces * steps + (not closed)) / steps
    piece = np.minimum(t.astype(int), pieces - 1)
    t = t - piece
    weights = np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2], axis=1
    )
    rows = np.arange(len(t))
    matrix = np.zeros((len(t), m))
    for offset in range(4):
        column = piece + offset - 1
        column = column % m if closed else column.clip(0, m - 1)
        np.add.at(matrix, (rows, column), weights[:, offset] / 2)
    return matrix
