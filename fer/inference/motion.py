"""How a face moves from one frame to the next: sparse optical flow, checked backwards, and robust medians."""

from typing import NamedTuple

import cv2
import numpy as np

from fer.inference.association import Box

WINDOW_SIDE = 192
"""Pixels of the window around a face, at most: a face takes as long in a large frame as in a small one."""

MARGIN = 0.4
"""Share of the box's width and height that the window adds on each side, for the face to move in."""

POINTS = 60
FEWEST_POINTS = 8
LARGEST_RETURN = 1.0
"""Pixels of the window by which a point may miss where it was when it is followed there and back."""


class Motion(NamedTuple):
    """A point goes to ``scale · point + shift``; shift is (x, y) in pixels."""

    scale: float
    shift: np.ndarray

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """Moves points, shape (n, 2)."""
        return self.scale * points + self.shift


def estimate(before: np.ndarray, after: np.ndarray) -> Motion:
    """Returns the motion that most points agree on; up to half of them may be wrong (a background).

    The scale is the median of how distances between points change (Kalal et al. 2010, "Forward-backward
    error: automatic detection of tracking failures"), the shift the median of what is left.

    Args:
        before: Points, float, shape (n, 2), at least two that differ.
        after: Where they went, same shape.
    """
    first, second = np.triu_indices(len(before), k=1)
    distances, moved = (np.linalg.norm(points[first] - points[second], axis=1) for points in (before, after))
    apart = distances > 0
    scale = float(np.median(moved[apart] / distances[apart]))
    return Motion(scale, np.median(after - scale * before, axis=0))


def follow(previous: np.ndarray, current: np.ndarray, box: Box) -> Motion | None:
    """Returns how the face in a box moved between two frames, or None where that cannot be told.

    Args:
        previous: Gray frame, uint8, (height, width).
        current: The next frame, same shape.
        box: x, y, width and height of the face in ``previous``, in pixels.
    """
    x, y, width, height = box
    across, down = MARGIN * width, MARGIN * height
    left, top = max(int(x - across), 0), max(int(y - down), 0)
    window = np.s_[top : max(int(y + height + down), 0), left : max(int(x + width + across), 0)]
    rows, columns = previous[window].shape
    if min(rows, columns) < FEWEST_POINTS:
        return None
    shrink = min(1.0, WINDOW_SIDE / max(rows, columns))
    size = (max(round(columns * shrink), 1), max(round(rows * shrink), 1))
    ratio = np.array(size) / (columns, rows)
    first, second = (
        cv2.resize(frame[window], size, interpolation=cv2.INTER_AREA) for frame in (previous, current)
    )
    mask = np.zeros_like(first)
    center, axes = ((x - left + width / 2, y - top + height / 2) * ratio), (width / 2, height / 2) * ratio
    cv2.ellipse(mask, (center.tolist(), (2 * axes).tolist(), 0), 255, thickness=cv2.FILLED)
    before, after = _followed(first, second, mask)
    if len(before) < FEWEST_POINTS:
        return None
    return estimate(*(points / ratio + (left, top) for points in (before, after)))


def _followed(first: np.ndarray, second: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the points that are found again there and back: where they were and where they are, (n, 2).

    None are returned where less than half of the points come back: then something else is in the picture.
    """
    points = cv2.goodFeaturesToTrack(first, POINTS, qualityLevel=0.01, minDistance=4, mask=mask)
    if points is None:
        return np.empty((2, 0, 2))
    after, found, _ = cv2.calcOpticalFlowPyrLK(first, second, points, None)
    back, returned, _ = cv2.calcOpticalFlowPyrLK(second, first, after, None)
    misses = np.linalg.norm(back - points, axis=2)
    good = ((found == 1) & (returned == 1) & (misses < LARGEST_RETURN))[:, 0]
    if good.mean() < 0.5:
        return np.empty((2, 0, 2))
    return points[good, 0], after[good, 0]
