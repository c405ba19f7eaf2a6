import shutil

import pytest

from fer import datasets, labels
from fer.datasets.base import MissingDataError


@pytest.fixture
def root(layouts, tmp_path):
    layouts["sfew"](tmp_path)
    return tmp_path


def test_class_folders_and_films_are_read(root):
    dataset = datasets.load("sfew", root=root)
    assert dataset.emotions == labels.FER2013
    assert dataset.table["emotion"].value_counts().to_dict() == dict.fromkeys(labels.FER2013, 13)
    path = root / "Train" / "Train_Aligned_Faces" / "Sad" / "Train_Film_3_000519245_00000005.png"
    row = dataset.table[dataset.table["path"] == str(path)].iloc[0]
    assert (row["emotion"], row["film"]) == ("sad", "Train_Film_3")


def test_val_is_the_test_split_and_whole_films_of_train_are_held_out(root):
    table = datasets.load("sfew", root=root).table
    assert table["split"].value_counts().to_dict() == {"train": 56, "validation": 14, "test": 21}
    assert table["path"].str.contains("/Val/").equals(table["split"] == "test")
    assert (table.groupby("film")["split"].nunique() == 1).all()
    fewer = datasets.load("sfew", root=root, validation_share=0.1)
    assert fewer.counts().sum(axis=1).to_dict() == {"train": 63, "validation": 7, "test": 21}


def test_test_images_without_a_class_are_listed_and_are_no_damage(root):
    skipped = datasets.load("sfew", root=root).skipped
    assert skipped["reason"].value_counts().to_dict() == {"a test image, whose label the owners keep": 5}
    assert skipped["source"].iloc[0] == str(root / "Test" / "Test_Aligned_Faces" / "000519240.png")


def test_all_three_splits_of_the_owners_are_kept_when_test_has_classes(root, draw_face):
    draw_face(root / "Test" / "Test_Aligned_Faces" / "Happy" / "Film_000519240_00000001.png")
    counts = datasets.load("sfew", root=root).counts()
    assert counts.sum(axis=1).to_dict() == {"train": 70, "validation": 21, "test": 1}


def test_class_folders_may_lie_in_the_folder_of_the_split_itself(root):
    (root / "Train" / "Train_Aligned_Faces").rename(root / "Train_Aligned_Faces")
    (root / "Val" / "Val_Aligned_Faces").rename(root / "Val_Aligned_Faces_new")
    assert len(datasets.load("sfew", root=root)) == 91


def test_whole_frames_beside_aligned_faces_are_refused(root, draw_face):
    draw_face(root / "Train" / "Angry" / "Train_Film_3_000519240_00000000.png")
    with pytest.raises(MissingDataError, match=r"has Train and Train/Train_Aligned_Faces.*one set of class"):
        datasets.load("sfew", root=root)


def test_name_that_tells_no_film_is_read_and_images_in_no_class_folder_are_left_out(root, draw_face):
    folder = root / "Train" / "Train_Aligned_Faces"
    draw_face(folder / "Happy" / "unnamed.png")
    draw_face(folder / "cover.png")
    dataset = datasets.load("sfew", root=root)
    assert dataset.table["film"].isna().sum() == 1 and len(dataset) == 92
    assert "not in a class folder" in set(dataset.skipped["reason"])


@pytest.mark.parametrize("split", ["Train", "Val"])
def test_one_of_the_two_splits_alone_is_refused(root, split):
    shutil.rmtree(root / split)
    with pytest.raises(MissingDataError, match=r"SFEW is not at .*cs\.anu\.edu\.au"):
        datasets.load("sfew", root=root)


def test_no_counts_by_class_are_reported():
    assert datasets.reported("sfew") is None
