"""Which detected face is which known one: overlap of boxes."""

from collections.abc import Sequence

Box = Sequence[float]
"""x and y of the top left corner, width and height in pixels."""

LEAST_OVERLAP = 0.3


def overlap(box: Box, other: Box) -> float:
    """Returns the intersection over union of two boxes, 0…1."""
    (x, y, width, height), (other_x, other_y, other_width, other_height) = box, other
    across = min(x + width, other_x + other_width) - max(x, other_x)
    down = min(y + height, other_y + other_height) - max(y, other_y)
    shared = max(across, 0) * max(down, 0)
    return shared / (width * height + other_width * other_height - shared)


def associate(known: Sequence[Box], detected: Sequence[Box]) -> dict[int, int]:
    """Pairs known boxes with detected ones, the largest overlap first, each at most once.

    Returns:
        Position in ``known`` → position in ``detected``, for pairs that overlap by ``LEAST_OVERLAP`` or more.
    """
    overlaps = {(i, j): overlap(a, b) for i, a in enumerate(known) for j, b in enumerate(detected)}
    pairs: dict[int, int] = {}
    for i, j in sorted(overlaps, key=overlaps.get, reverse=True):
        if overlaps[i, j] >= LEAST_OVERLAP and i not in pairs and j not in pairs.values():
            pairs[i] = j
    return pairs
