"""Detectors on photos that nobody has marked: what the others agree on, by hand."""

import numpy as np
import pytest

from fer.evaluation import consensus
from tests.evaluation.known_detector import FACE, OTHER, Known, picture


def test_consensus_is_the_mean_of_boxes_that_overlap():
    first = np.array([FACE, (200, 200, 30, 30)], dtype=float)
    second = np.array([(0, 300, 10, 10), (14, 10, 40, 44)], dtype=float)
    boxes, ignore = consensus.merge([first, second])
    assert boxes.tolist() == [[12, 10, 40, 42], [200, 200, 30, 30], [0, 300, 10, 10]]
    assert ignore.tolist() == [False, True, True]
    boxes, ignore = consensus.merge([first, second, np.array([(16, 10, 40, 42)], dtype=float)])
    np.testing.assert_allclose(boxes[0], (40 / 3, 10, 40, 42))
    assert ignore.tolist() == [False, True, True]
    assert [part.shape for part in consensus.merge([np.empty((0, 4))] * 2)] == [(0, 4), (0,)]


def test_consensus_takes_one_box_of_each_detector():
    twice = np.array([FACE, (12, 10, 40, 40)], dtype=float)
    boxes, ignore = consensus.merge([twice, np.array([FACE], dtype=float)])
    assert boxes.tolist() == [list(FACE), [12, 10, 40, 40]]
    assert ignore.tolist() == [False, True]


def test_detectors_are_compared_by_what_the_others_agree_on():
    both, less = [(FACE, 0.9), (OTHER, 0.8)], [(FACE, 0.9), (OTHER, 0.1)]
    detectors = {
        "first": Known([both, []]),
        "second": Known([both, []]),
        # It finds one of the two, has the other one at a low score, and sees what nobody else sees.
        "third": Known([less, [(FACE, 0.95)]], 0.02),
    }
    table = consensus.compare(detectors, (picture(number) for number in range(2)), samples=30)
    assert list(table) == ["detector", "ap50", "low", "high", "faces", "milliseconds", "agreement"]
    assert table["detector"].tolist() == ["first", "second", "third"]
    # The third agrees with either of the others on FACE alone; OTHER, seen by one of them, is ignored.
    assert table["faces"].tolist() == [1, 1, 2]
    assert table["ap50"].tolist() == pytest.approx([1, 1, 2 / 3 * 1 / 2 + 1 / 2 * 2 / 3])
    # Of two boxes at its own threshold one is confirmed, and one of two agreed ones is found: F1 = ½.
    assert table["agreement"].tolist() == pytest.approx([1, 1, 0.5])
    assert (table["low"] <= table["ap50"]).all() and (table["ap50"] <= table["high"]).all()
    assert detectors["third"].asked == [0, 0, 1]


def test_two_detectors_have_no_consensus():
    with pytest.raises(ValueError, match="`detectors` must be at least three"):
        consensus.compare({"a": Known([[]]), "b": Known([[]])}, [picture(0)])
