"""Overlap of boxes against hand counts and painted pixels, suppression against a plain loop."""

import numpy as np
import pytest

from fer import boxes


def painted(box):
    """The box on a grid of 30 × 30 pixels."""
    x, y, width, height = box
    grid = np.zeros((30, 30), dtype=bool)
    grid[y : y + height, x : x + width] = True
    return grid


def random_boxes(random, n):
    """Whole numbers, inside 30 × 30 pixels, some of them empty."""
    corners, sizes = random.integers(0, 18, (n, 2)), random.integers(0, 13, (n, 2))
    return np.concatenate([corners, sizes], axis=1)


@pytest.mark.parametrize(
    "other, expected",
    [
        ((0, 0, 10, 10), 1),
        ((5, 0, 10, 10), 50 / 150),
        ((5, 5, 10, 10), 25 / 175),
        ((2, 2, 5, 4), 20 / 100),
        ((10, 0, 10, 10), 0),
        ((20, 20, 5, 5), 0),
        ((-5, -5, 10, 10), 25 / 175),
        ((0.5, 0, 10, 10), 95 / 105),
        ((3, 3, 0, 4), 0),
    ],
)
def test_overlap_is_intersection_over_union(other, expected):
    box = np.array([(0, 0, 10, 10)])
    assert boxes.intersection_over_union(box, np.array([other])) == pytest.approx(expected)
    assert boxes.intersection_over_union(np.array([other]), box) == pytest.approx(expected)


def test_overlap_is_that_of_painted_pixels():
    random = np.random.default_rng(0)
    first, second = random_boxes(random, 40), random_boxes(random, 50)
    overlaps = boxes.intersection_over_union(first, second)
    shared = boxes.intersection(first, second)
    assert overlaps.shape == shared.shape == (40, 50)
    for i, box in enumerate(first):
        assert boxes.area(first)[i] == painted(box).sum()
        for j, other in enumerate(second):
            both, either = painted(box) & painted(other), painted(box) | painted(other)
            assert shared[i, j] == both.sum()
            assert overlaps[i, j] == pytest.approx(both.sum() / max(either.sum(), 1))


def test_small_whole_numbers_do_not_overflow():
    box = np.array([(0, 0, 200, 200)], dtype=np.uint8)
    assert boxes.area(box) == 40_000
    assert boxes.intersection_over_union(box, box) == 1


def test_no_boxes_overlap_with_none():
    none, some = np.empty((0, 4)), np.ones((3, 4))
    assert boxes.intersection_over_union(none, some).shape == (0, 3)
    assert boxes.intersection_over_union(some, np.array([])).shape == (3, 0)
    assert boxes.area(none).shape == (0,)
    assert boxes.non_maximum_suppression(none, np.empty(0)).tolist() == []


def overlap(box, other):
    shared, either = (painted(box) & painted(other)).sum(), (painted(box) | painted(other)).sum()
    return shared / either if either else 0.0


def suppressed(candidates, scores, threshold):
    """The textbook's loop: take the best of what is left, drop what covers it too much."""
    left, kept = list(range(len(candidates))), []
    while left:
        best = max(left, key=lambda row: (scores[row], -row))
        kept.append(best)
        left = [
            row for row in left if row != best and overlap(candidates[best], candidates[row]) <= threshold
        ]
    return kept


@pytest.mark.parametrize("threshold", [0.0, 0.25, 0.5, 1.0])
def test_suppression_is_that_of_a_plain_loop(threshold):
    random = np.random.default_rng(1)
    for _ in range(60):
        n = int(random.integers(0, 15))
        candidates = random_boxes(random, n)
        scores = random.integers(0, 4, n) / 4  # many are equal
        kept = boxes.non_maximum_suppression(candidates, scores, threshold)
        assert kept.tolist() == suppressed(candidates, scores, threshold)


def test_a_box_that_only_a_suppressed_one_covers_is_kept():
    row = np.array([(0, 0, 10, 10), (4, 0, 10, 10), (8, 0, 10, 10)])
    assert boxes.non_maximum_suppression(row, np.array([0.9, 0.8, 0.7]), 0.3).tolist() == [0, 2]
    assert boxes.non_maximum_suppression(row, np.array([0.8, 0.9, 0.7]), 0.3).tolist() == [1]
