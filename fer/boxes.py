"""Boxes: x and y of the top left corner, width and height, all in pixels; one row of an array each."""

import numpy as np


def intersection_over_union(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns how far every box covers every other one.

    Args:
        boxes: float, shape (n, 4).
        others: float, shape (m, 4).

    Returns:
        Area of the intersection over that of the union, float, shape (n, m), range 0…1; 0 where both are
        empty.
    """
    boxes, others = np.reshape(boxes, (-1, 4)), np.reshape(others, (-1, 4))
    shared = intersection(boxes, others)
    union = area(boxes)[:, None] + area(others) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def intersection(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns the areas that boxes, shape (n, 4), share with others, (m, 4): float, shape (n, m)."""
    low = np.maximum(boxes[:, None, :2], others[:, :2])
    high = np.minimum((boxes[:, :2] + boxes[:, 2:])[:, None], others[:, :2] + others[:, 2:])
    return np.clip(high - low, 0, None).astype(float).prod(axis=-1)


def area(boxes: np.ndarray) -> np.ndarray:
    """Returns the areas of boxes, shape (n, 4): float, shape (n,)."""
    return boxes[:, 2:].astype(float).prod(axis=-1)


def non_maximum_suppression(boxes: np.ndarray, scores: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Keeps of boxes that cover each other the one with the best score.

    The best box is kept, all that overlap with it by more than the threshold are left out, and so on with the
    best of the rest. Of equal scores the first one counts as the better.

    Args:
        boxes: float, shape (n, 4).
        scores: float, shape (n,).
        threshold: Largest intersection over union of two boxes that are both kept, 0…1.

    Returns:
        Rows of the boxes that are kept, int, best score first.
    """
    order = np.argsort(-np.asarray(scores), kind="stable")
    boxes = np.reshape(boxes, (-1, 4))[order]
    clashes = intersection_over_union(boxes, boxes) > threshold
    kept = np.ones(len(order), dtype=bool)
    for row in range(len(order)):
        if kept[row]:
            kept[row + 1 :] &= ~clashes[row, row + 1 :]
    return order[kept]
