"""Which detected face is which known one: overlap of boxes."""

from collections.abc import Sequence

import numpy as np

from fer.boxes import intersection_over_union

Box = Sequence[float]
"""x and y of the top left corner, width and height in pixels."""

LEAST_OVERLAP = 0.3


def associate(known: Sequence[Box], detected: Sequence[Box], least: float = LEAST_OVERLAP) -> dict[int, int]:
    """Pairs known boxes with detected ones, the largest overlap first, each at most once.

    Args:
        known: Boxes.
        detected: Boxes.
        least: Intersection over union that a pair has at least, above 0.

    Returns:
        Position in ``known`` → position in ``detected``.
    """
    overlaps = intersection_over_union(np.array(known), np.array(detected))
    pairs: dict[int, int] = {}
    for place in np.argsort(-overlaps, axis=None, kind="stable"):
        i, j = map(int, np.unravel_index(place, overlaps.shape))
        if overlaps[i, j] < least:
            break
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs
