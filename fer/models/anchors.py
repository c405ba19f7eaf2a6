"""Anchors: the box sizes that a detector starts from, found by k-means on the boxes of its training data."""

import numpy as np
from keras import ops

from fer.models.yolo_boxes import shape_overlap

MAX_ROUNDS = 300


def k_means_anchors(sizes: np.ndarray, k: int = 9, seed: int = 0) -> np.ndarray:
    """Groups box sizes by how far they cover each other, not by their distance in pixels.

    With Euclidean distance large boxes would cost more than small ones; the distance is 1 − IoU, of boxes
    with a common middle (Redmon and Farhadi 2017, "YOLO9000", arXiv:1612.08242, section 2). A new anchor is
    the median of its group, which, unlike the mean, does not follow a few huge boxes.

    Args:
        sizes: Widths and heights in pixels, float, shape (n, 2), all above 0.
        k: Number of anchors.
        seed: Of the first anchors, which are drawn far from each other (Arthur and Vassilvitskii 2007).

    Returns:
        Widths and heights, float, shape (k, 2), smallest area first.

    Raises:
        ValueError: There are fewer different sizes than anchors, or a size is not above 0.

    Example:
        >>> anchors = k_means_anchors(boxes[:, 2:])
        >>> best_overlap(boxes[:, 2:], anchors).mean()
    """
    sizes = np.asarray(sizes, dtype=float).reshape(-1, 2)
    if not (sizes > 0).all() or len(np.unique(sizes, axis=0)) < k:
        raise ValueError(
            f"`sizes` must hold at least {k} different widths and heights above 0. Received: {len(sizes)}"
        )
    random = np.random.default_rng(seed)
    anchors = sizes[random.integers(len(sizes), size=1)]
    while len(anchors) < k:
        far = (1 - best_overlap(sizes, anchors)) ** 2
        anchors = np.concatenate([anchors, sizes[random.choice(len(sizes), size=1, p=far / far.sum())]])
    groups = None
    for _ in range(MAX_ROUNDS):
        nearest = _overlaps(sizes, anchors).argmax(axis=1)
        if groups is not None and (nearest == groups).all():
            break
        groups = nearest
        anchors = np.array(
            [np.median(sizes[groups == i], axis=0) if (groups == i).any() else anchors[i] for i in range(k)]
        )
    return anchors[anchors.prod(axis=1).argsort(kind="stable")]


def best_overlap(sizes: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Returns how far the best of the anchors covers each box: float, shape (n,), range 0…1."""
    return _overlaps(sizes, anchors).max(axis=1)


def _overlaps(sizes: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    return ops.convert_to_numpy(shape_overlap(sizes[:, None].astype("float32"), anchors.astype("float32")))
