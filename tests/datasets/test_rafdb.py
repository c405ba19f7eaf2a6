import pytest

from fer import datasets, labels
from fer.datasets.base import DamagedDataError, MissingDataError

WORDS = ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")  # numbers 1 to 7


@pytest.fixture
def root(layouts, tmp_path):
    layouts["rafdb"](tmp_path)
    return tmp_path


@pytest.fixture
def label_list(root):
    return root / "EmoLabel" / "list_patition_label.txt"


def test_emotion_of_each_picture_is_in_the_list(root):
    dataset = datasets.load("rafdb", root=root)
    assert dataset.emotions == labels.FER2013 and len(dataset) == 84
    for path, emotion in zip(dataset.table["path"], dataset.table["emotion"], strict=True):
        number = int(path.removesuffix("_aligned.jpg").rsplit("_", 1)[1])
        assert emotion == WORDS[number % 7]
    assert dataset.images.shape == (84, 16, 16)


def test_owners_test_images_are_the_test_split_and_a_tenth_of_train_is_held_out(root):
    table = datasets.load("rafdb", root=root).table
    assert table["split"].value_counts().to_dict() == {"train": 63, "validation": 7, "test": 14}
    assert table["path"].str.contains("/aligned/test_").equals(table["split"] == "test")
    validation = table[table["split"] == "validation"]
    assert validation["emotion"].value_counts().to_dict() == dict.fromkeys(labels.FER2013, 1)


def test_original_photos_can_be_read_instead(root, draw_face, label_list):
    with pytest.raises(MissingDataError, match="none of the pictures of its list in Image/original"):
        datasets.load("rafdb", root=root, pictures="original")
    for line in label_list.read_text().splitlines():
        draw_face(root / "Image" / "original" / line.split()[0])
    table = datasets.load("rafdb", root=root, pictures="original").table
    assert len(table) == 84 and table["path"].str.contains("/Image/original/t").all()
    with pytest.raises(ValueError, match=r"`pictures`.*\['aligned', 'original'\].*'cropped'"):
        datasets.load("rafdb", root=root, pictures="cropped")


def test_folder_basic_of_the_owners_may_be_there_still(layouts, tmp_path):
    layouts["rafdb"](tmp_path / "basic")
    assert len(datasets.load("rafdb", root=tmp_path)) == 84


def test_missing_pictures_are_damage_and_those_beyond_the_list_are_not(root, draw_face):
    folder = root / "Image" / "aligned"
    (folder / "train_00002_aligned.jpg").unlink()
    for number in range(90, 99):
        draw_face(folder / f"train_000{number}_aligned.jpg")
    skipped = datasets.load("rafdb", root=root).skipped
    assert skipped["reason"].value_counts().to_dict() == {"not in the list of labels": 9, "no such file": 1}
    for number in range(3, 8):
        (folder / f"train_0000{number}_aligned.jpg").unlink()
    with pytest.raises(DamagedDataError, match="6 of 84"):
        datasets.load("rafdb", root=root)


@pytest.mark.parametrize("line", ["train_00001.jpg 8", "train_00001.jpg 0", "train_00001.jpg", "photo.jpg 1"])
def test_another_list_such_as_that_of_the_compound_emotions_is_refused(root, label_list, line):
    label_list.write_text(f"train_00002.jpg 1\n{line}\n")
    with pytest.raises(DamagedDataError, match=f"line 2 is '{line}'.*basic"):
        datasets.load("rafdb", root=root)


def test_reported_counts_are_those_of_15339_images():
    assert sum(datasets.reported("rafdb").values()) == 12271 + 3068
