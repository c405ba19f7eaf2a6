"""Detectors that know what to answer, on photos whose faces are known."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest

from fer.datasets.boxes import BoxDataset
from fer.evaluation import detection
from fer.evaluation.average_precision import Detections
from tests.evaluation.known_detector import FACE, OTHER, Known, picture


def dataset(truth, **columns):
    """A data set with as many pictures as there are lists of (box, ignore)."""
    rows = [
        dict(zip(("x", "y", "width", "height"), box, strict=True))
        | {"photo": number, "label": "face", "ignore": ignore}
        for number, boxes in enumerate(truth)
        for box, ignore in boxes
    ]
    boxes = pd.DataFrame(rows, columns=["photo", "x", "y", "width", "height", "label", "ignore"])
    photos = pd.DataFrame({"split": ["test"] * len(truth)} | columns)
    pictures = None if columns else [picture(number) for number in range(len(truth))]
    return BoxDataset("known", ("face",), photos, boxes, pictures)


def test_a_detector_is_measured_on_a_data_set():
    data = dataset([[(FACE, False), (OTHER, False)], [(FACE, True)], []])
    detector = Known([[(FACE, 0.9), (OTHER, 0.3)], [(FACE, 0.8)], [(OTHER, 0.6)]], 0.02)
    metrics = detection.evaluate(detector, data, samples=50)
    assert (metrics.photos, metrics.skipped, metrics.faces, metrics.ignored) == (3, 0, 2, 1)
    assert metrics.ap50 == pytest.approx(1 / 2 + 1 / 2 * 2 / 3) == metrics.ap
    # At the detector's own threshold of 0.5 one of two faces is found, and one thing more in three photos.
    assert metrics.score_threshold == 0.5
    assert (metrics.recall, metrics.precision) == (0.5, 0.5)
    assert metrics.f1 == pytest.approx(0.5)
    assert metrics.false_positives == pytest.approx(1 / 3)
    assert metrics.curve["recall"].tolist() == [0.5, 0.5, 0.5, 1]
    assert metrics.curve["precision"].tolist() == pytest.approx([1, 1, 1 / 2, 2 / 3])
    assert metrics.milliseconds > 0
    assert detector.asked == [0, 0, 1, 2]  # the first picture warms up


def test_sizes_are_measured_apart():
    data = dataset([[(FACE, False), (OTHER, False)]])
    by_size = detection.evaluate(Known([[(FACE, 0.9)]]), data, samples=10).by_size
    assert by_size["faces"].to_dict() == {"small": 1, "medium": 1, "large": 0}
    assert by_size.loc["small", ["ap50", "ap"]].tolist() == [0, 0]
    assert by_size.loc["medium", ["ap50", "ap"]].tolist() == [1, 1]
    assert by_size.loc["large", ["ap50", "ap"]].isna().all()


def test_faces_below_the_least_size_are_ignored():
    data = dataset([[(FACE, False), (OTHER, False)]])
    metrics = detection.evaluate(Known([[(FACE, 0.9)]]), data, min_size=21, samples=10)
    assert (metrics.faces, metrics.ignored, metrics.ap50, metrics.recall) == (1, 1, 1, 1)
    assert metrics.by_size["faces"].to_dict() == {"small": 0, "medium": 1, "large": 0}


def test_photos_that_became_unreadable_are_skipped_and_counted(tmp_path):
    for number in range(2):
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture(number))
    paths = [str(tmp_path / f"{number}.png") for number in range(3)]
    data = dataset([[(FACE, False)], [(FACE, False)], [(FACE, False)]], path=paths)
    detector = Known([[(FACE, 0.9)], []])
    metrics = detection.evaluate(detector, data, samples=10)
    assert (metrics.photos, metrics.skipped, metrics.faces, metrics.recall) == (2, 1, 2, 0.5)
    with pytest.raises(ValueError, match="at least one photo that can be read"):
        detection.evaluate(detector, data.take([2]))


def test_the_numbers_are_json_and_what_is_unknown_is_null():
    metrics = detection.evaluate(Known([[]]), dataset([[(FACE, False)]]), samples=10)
    values = json.loads(json.dumps(metrics.to_dict(), allow_nan=False))
    assert values["by_size"]["large"] == {"faces": 0, "ap50": None, "ap": None}
    assert (values["faces"], values["ap50"], values["ap50_interval"]) == (1, 0, [0, 0])
    assert "curve" not in values
    assert metrics.f1 == 0


def test_the_interval_depends_on_the_seed_alone():
    boxes, truth, ignore = np.array([FACE, OTHER], float), np.array([FACE], float), np.array([False])
    photos = [Detections(boxes, np.array([score, 0.5]), truth, ignore) for score in (0.3, 0.6, 0.9)]
    first, again, other = (detection.measure(photos, samples=40, seed=seed) for seed in (1, 1, 2))
    assert first.ap50_interval == again.ap50_interval
    assert first.ap50_interval != other.ap50_interval
    assert first.ap50_interval[0] < first.ap50 < first.ap50_interval[1]


def test_a_table_has_a_row_for_each_detector():
    data = dataset([[(FACE, False), (OTHER, False)]])
    answers = {"good": [(FACE, 0.9), (OTHER, 0.8)], "half": [(FACE, 0.4)]}
    metrics = {name: detection.evaluate(Known([found]), data, samples=9) for name, found in answers.items()}
    table = detection.table(metrics).set_index("detector")
    assert table["ap50"].to_dict() == {"good": 1, "half": 0}
    assert table["ap50_small"].tolist() == [1, 0] and table["ap50_large"].isna().all()
    assert table["milliseconds"].tolist() == [each.milliseconds for each in metrics.values()]
    assert (table["low"] == table["high"]).all()
