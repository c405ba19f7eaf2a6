"""Who is who, computed by hand."""

from fer.inference.association import associate


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


def test_how_much_they_have_to_overlap_can_be_said():
    known, detected = [(0, 0, 10, 10)], [(5, 0, 10, 10)]  # a third
    assert associate(known, detected, 0.33) == {0: 0}
    assert associate(known, detected, 0.34) == {}


def test_of_equal_overlaps_the_first_wins():
    assert associate([(0, 0, 10, 10), (0, 0, 10, 10)], [(0, 0, 10, 10), (0, 0, 10, 10)]) == {0: 0, 1: 1}
