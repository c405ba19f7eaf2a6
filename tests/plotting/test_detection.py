"""Figures of face detection: what is drawn, not pixels."""

import numpy as np
import pandas as pd
import pytest

from fer import plotting
from fer.evaluation import detection
from fer.evaluation.average_precision import Detections

FACE, OTHER = (10, 10, 40, 40), (60, 10, 20, 20)


@pytest.fixture
def metrics():
    """One finds both faces of a photo, the other one the larger of them and a thing between."""
    truth, ignore = np.array([FACE, OTHER], dtype=float), np.zeros(2, dtype=bool)
    answers = {"good": ([FACE, OTHER], [0.9, 0.8]), "half": ([FACE, (200, 0, 50, 50)], [0.9, 0.3])}
    return {
        name: detection.measure([Detections(np.array(boxes, float), np.array(scores), truth, ignore)] * 3)
        for name, (boxes, scores) in answers.items()
    }


def test_found_boxes_are_solid_with_their_scores_and_true_ones_dashed():
    picture = np.zeros((60, 90, 3), dtype=np.uint8)
    ax = plotting.detections(picture, np.array([FACE]), [0.876], np.array([FACE, OTHER]))
    drawn = [(box.get_x(), box.get_y(), box.get_width(), box.get_height()) for box in ax.patches]
    assert drawn == [FACE, OTHER, FACE]
    assert [box.get_linestyle() for box in ax.patches] == ["--", "--", "solid"]
    assert [text.get_text() for text in ax.texts] == ["0.88"]
    assert ax.get_title(loc="left") == "1 found, 2 true (dashed)"
    np.testing.assert_array_equal(ax.images[0].get_array(), picture)


def test_scores_and_truth_may_be_unknown():
    ax = plotting.detections(np.zeros((60, 90), dtype=np.uint8), np.array([FACE, OTHER]))
    assert len(ax.patches) == 2 and not ax.texts
    assert ax.get_title(loc="left") == "2 found"
    ax = plotting.detections(np.zeros((60, 90), dtype=np.uint8), [], title="nobody")
    assert not ax.patches and ax.get_title(loc="left") == "nobody"


def test_a_curve_and_a_mark_are_drawn_for_each_detector(metrics):
    ax = plotting.precision_recall(metrics)
    good, good_mark, half, half_mark = ax.lines
    np.testing.assert_allclose(good.get_xydata(), [(0.5, 1), (1, 1)])
    np.testing.assert_allclose(half.get_xydata(), [(0.5, 1), (0.5, 0.5)])
    assert good_mark.get_xydata().tolist() == [[1, 1]]
    assert half_mark.get_xydata().tolist() == [[0.5, 1]]
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == [
        "good: AP50 1.000 (1.000…1.000); mark: score 0.5",
        "half: AP50 0.500 (0.500…0.500); mark: score 0.5",
    ]
    assert "6 faces in 3 photos" in ax.get_title(loc="left")


def test_bars_are_the_precision_by_size(metrics):
    ax = plotting.precision_by_size(metrics)
    heights = [[bar.get_height() for bar in bars][:2] for bars in ax.containers]
    assert heights == [[1, 1], [0, 1]]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [
        "small\nbelow 32 px, n = 3",
        "medium\n32–96 px, n = 3",
        "large\nfrom 96 px, n = 0",
    ]


def test_detectors_stand_at_their_time_and_precision():
    rows = [("good", 0.9, 0.8, 0.95, 20.0), ("fast", 0.7, 0.6, 0.8, 5.0)]
    table = pd.DataFrame(rows, columns=["detector", "ap50", "low", "high", "milliseconds"])
    ax = plotting.precision_by_time(table)
    for (line, _, (bar,)), (_, ap50, low, high, milliseconds) in zip(ax.containers, rows, strict=True):
        assert line.get_xydata().tolist() == [[milliseconds, ap50]]
        np.testing.assert_allclose(bar.get_segments()[0], [(milliseconds, low), (milliseconds, high)])
    assert [text.get_text() for text in ax.texts] == ["good", "fast"]
    assert ax.get_xscale() == "log"
