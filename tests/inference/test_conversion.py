import numpy as np
import pytest

from fer.inference.conversion import difference


def test_probabilities_differ_by_themselves():
    wanted = np.array([[0.9, 0.1], [0.5, 0.5]])
    given = np.array([[0.9, 0.13], [0.49, 0.5]])
    assert difference(given, wanted) == pytest.approx(0.03)


def test_a_box_differs_by_its_longer_side_and_its_score_by_itself():
    wanted = np.array([[[0.1, 300, 40, 80, 0.5], [5, 5, 0.2, 0.3, 0.1]]])
    for column, change, expected in ((0, 4, 0.05), (1, 4, 0.05), (3, -8, 0.1), (4, 0.25, 0.25)):
        given = wanted.copy()
        given[0, 0, column] += change
        assert difference(given, wanted) == pytest.approx(expected)
    given = wanted.copy()
    given[0, 1, 0] += 0.4  # of a box below one pixel: in pixels
    assert difference(given, wanted) == pytest.approx(0.4)
