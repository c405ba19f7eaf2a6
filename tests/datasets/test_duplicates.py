import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.datasets import FaceDataset, duplicates


@pytest.fixture
def dataset(faces):
    """Faces 0, 2 and 4 are one image, 1 and 5 another; the others are there once."""
    images = faces[[0, 1, 0, 2, 0, 1, 3]]
    table = pd.DataFrame(
        {
            "emotion": ["sad", "happy", "sad", "sad", "sad", "sad", "happy"],
            "split": ["train", "train", "train", "train", "test", "validation", "test"],
        }
    )
    return FaceDataset("faces", ("happy", "sad"), table, images)


def test_find_groups_the_copies(dataset):
    found = duplicates.find(dataset)
    assert found["group"].tolist() == [0, 0, 0, 1, 1]
    assert found["row"].tolist() == [0, 2, 4, 1, 5]
    assert found["split"].tolist() == ["train", "train", "test", "train", "validation"]
    assert found["emotion"].tolist() == ["sad", "sad", "sad", "happy", "sad"]


def test_summary_counts_groups_copies_splits_and_labels(dataset):
    assert duplicates.summarize(duplicates.find(dataset)) == {
        "images": 5,
        "groups": 2,
        "copies": 3,
        "groups_within_a_split": 1,
        "groups_across_splits": 2,
        "also_in_train": {"validation": 1, "test": 1},
        "groups_with_different_emotions": 1,
    }


def test_images_that_differ_in_one_pixel_are_no_copies(dataset):
    dataset.images[5, 47, 47] ^= 1
    assert set(duplicates.find(dataset)["row"]) == {0, 2, 4}


def test_nothing_is_found_where_there_is_nothing(dataset):
    summary = duplicates.summarize(duplicates.find(dataset.take([0, 1, 3])))
    assert summary["groups"] == summary["images"] == summary["copies"] == 0


def test_survey_sees_sizes_constant_images_and_equal_bytes_of_other_shape(tmp_path):
    pictures = [np.zeros((4, 6)), np.zeros((6, 4)), np.eye(5), np.zeros((6, 4)), np.zeros((4, 2, 3))]
    for number, picture in enumerate(pictures):
        Image.fromarray(picture.astype(np.uint8)).save(tmp_path / f"{number}.png")
    paths = [str(tmp_path / f"{number}.png") for number in range(5)]
    dataset = FaceDataset(
        "files", ("happy",), pd.DataFrame({"path": paths, "emotion": "happy", "split": "train"})
    )
    survey = duplicates.survey(dataset)
    assert survey[["height", "width", "channels"]].to_numpy().tolist() == [
        [4, 6, 1],
        [6, 4, 1],
        [5, 5, 1],
        [6, 4, 1],
        [4, 2, 3],
    ]
    assert survey["constant"].tolist() == [True, True, False, True, True]
    assert duplicates.find(dataset, survey["digest"])["row"].tolist() == [1, 3]
