"""Crops of labelled faces, on photos made by hand whose detector's answers are known."""

import numpy as np
import pandas as pd
import pytest

from fer import datasets, faces
from fer.datasets.boxes import BoxDataset
from fer.faces.base import Detector
from fer.faces.box_crops import crop_boxes
from fer.faces.framing import Framing
from fer.synthetic import parameters

PHOTOS = list(np.random.default_rng(0).integers(0, 256, (3, 60, 80, 3), dtype=np.uint8))
CLASSES = ("none", "mask")


class Known(Detector):
    """Gives what it was told for each photo: left, top, right, bottom and score."""

    framing = Framing(middle=0.5, side=1.0)

    def __init__(self, answers):
        super().__init__()
        self.answers = iter(answers)

    def _candidates(self, image):
        return [(box, score, None) for *box, score in next(self.answers)]


def photos_with(*boxes, splits=("train", "train", "test")):
    """Three photos; a box is the photo, left, top, width, height, what is worn and whether to ignore it."""
    columns = ["photo", "x", "y", "width", "height", "worn", "ignore"]
    table = pd.DataFrame(boxes, columns=columns).assign(label="face")
    return BoxDataset("by hand", ("face",), pd.DataFrame({"split": splits}), table, pictures=PHOTOS)


def cut(photos, answers, **options):
    return crop_boxes(photos, Known(answers), "worn", CLASSES, progress=False, **options)


def test_a_crop_is_what_the_detector_found_with_the_label_of_whom_it_found():
    photos = photos_with((0, 10, 10, 20, 20, "mask", False), (2, 40, 20, 20, 20, "none", False))
    result = cut(photos, [[(11, 10, 31, 30, 0.9)], [], [(40, 20, 60, 40, 0.7)]], size=20)
    assert result.table["emotion"].tolist() == ["mask", "none"]
    assert result.table["split"].tolist() == ["train", "test"]
    assert result.table["photo"].tolist() == [0, 2]
    np.testing.assert_array_equal(result.images, [PHOTOS[0][10:30, 11:31], PHOTOS[2][20:40, 40:60]])
    assert result.table["overlap"].tolist() == pytest.approx([19 / 21, 1])
    assert result.emotions == CLASSES
    assert result.skipped.empty


def test_who_is_missed_and_what_is_nobody_is_listed_with_class_and_split():
    photos = photos_with(
        (0, 10, 10, 20, 20, "mask", False),
        (2, 0, 0, 20, 20, "none", True),
        (2, 40, 20, 20, 20, "none", False),
    )
    result = cut(photos, [[(40, 30, 60, 50, 0.9)], [], [(0, 0, 20, 20, 0.8), (40, 20, 60, 40, 0.7)]])
    assert len(result) == 1
    listed = result.skipped[["source", "reason", "emotion", "split"]].fillna("").to_numpy().tolist()
    assert listed == [
        ["photo 0", "nobody there", "", "train"],
        ["photo 0", "not found", "mask", "train"],
        ["photo 2", "to be ignored", "", "test"],
    ]


def test_an_ignored_face_that_is_not_found_is_not_missed():
    result = cut(photos_with((0, 10, 10, 20, 20, "mask", True)), [[], [], []])
    assert len(result) == 0
    assert result.images.shape == (0, 128, 128, 3)
    assert result.skipped.empty


def test_the_surest_of_two_boxes_on_one_face_is_cut():
    photos = photos_with((1, 10, 10, 20, 20, "none", False))
    result = cut(photos, [[], [(10, 10, 30, 30, 0.6), (12, 10, 32, 30, 0.8)], []], size=20)
    np.testing.assert_array_equal(result.images, [PHOTOS[1][10:30, 12:32]])
    assert result.skipped["reason"].tolist() == ["nobody there"]


def test_a_box_that_covers_too_little_is_nobody():
    photos = photos_with((0, 10, 10, 20, 20, "none", False))
    answer = [[(20, 10, 40, 30, 0.9)], [], []]  # 10 of 30 columns are shared
    assert len(cut(photos, answer, overlap=0.33)) == 1
    assert len(cut(photos, answer, overlap=0.34)) == 0


def test_wrong_arguments_are_named():
    photos = photos_with((0, 10, 10, 20, 20, "scarf", False))
    with pytest.raises(ValueError, match=r"`label`.*'hat'"):
        crop_boxes(photos, Known([]), "hat", progress=False)
    with pytest.raises(ValueError, match=r"`classes`.*scarf"):
        cut(photos, [])


def test_faces_of_drawn_scenes_are_found_and_keep_what_they_wear():
    scenes = datasets.load_boxes("scenes", n=12, image_size=160, faces=(1, 1), sizes=(70, 0.6), seed=3)
    result = crop_boxes(scenes, faces.detector("yolo"), "accessory", parameters.CHOICES["accessory"])
    worn = scenes.boxes.loc[~scenes.boxes["ignore"]].set_index("photo")["accessory"]
    assert len(result) >= 9
    assert result.table["emotion"].astype(str).tolist() == worn.loc[result.table["photo"]].tolist()
    assert (result.skipped["reason"] == "not found").sum() == len(worn) - len(result)
