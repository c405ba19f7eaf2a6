"""Overlap of boxes and who is who, computed by hand."""

import pytest

from fer.inference.association import associate, overlap


@pytest.mark.parametrize(
    "other, expected",
    [
        ((0, 0, 10, 10), 1),
        ((5, 0, 10, 10), 50 / 150),
        ((5, 5, 10, 10), 25 / 175),
        ((2, 2, 5, 4), 20 / 100),
        ((10, 0, 10, 10), 0),
        ((20, 20, 5, 5), 0),
    ],
)
def test_overlap_is_intersection_over_union(other, expected):
    assert overlap((0, 0, 10, 10), other) == pytest.approx(expected)
    assert overlap(other, (0, 0, 10, 10)) == pytest.approx(expected)


def test_the_largest_overlap_wins_and_each_box_is_used_once():
    known = [(0, 0, 10, 10), (4, 0, 10, 10)]
    assert associate(known, [(3, 0, 10, 10)]) == {1: 0}
    assert associate(known, [(3, 0, 10, 10), (0, 0, 10, 10)]) == {0: 1, 1: 0}
    # Greedy: the first known box loses its best to the second, and takes the next one.
    assert associate(known, [(4, 0, 10, 10), (5, 0, 10, 10)]) == {0: 1, 1: 0}


def test_boxes_that_hardly_overlap_are_strangers():
    assert associate([(0, 0, 10, 10)], [(6, 0, 10, 10)]) == {}
    assert associate([(0, 0, 10, 10)], [(5, 0, 10, 10)]) == {0: 0}
    assert associate([], [(0, 0, 1, 1)]) == associate([(0, 0, 1, 1)], []) == {}
