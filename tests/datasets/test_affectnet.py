import numpy as np
import pytest

from fer import datasets, labels
from fer.datasets.base import DamagedDataError, MissingDataError

WORDS = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt")  # numbers 0 to 7


@pytest.fixture
def root(layouts, tmp_path):
    layouts["affectnet"](tmp_path)
    return tmp_path


@pytest.fixture
def lists(root):
    return root / "Manually_Annotated_file_lists"


def number(path):
    return int(path.rsplit("/", 1)[1].removesuffix(".jpg"))


def test_rows_of_both_lists_are_read_with_and_without_a_header(root):
    dataset = datasets.load("affectnet", root=root)
    assert dataset.emotions == labels.FERPLUS and len(dataset) == 64 + 8
    for row in dataset.table.itertuples():
        assert row.emotion == WORDS[number(row.path) % 11]
        assert row.valence == pytest.approx(number(row.path) / 100 - 0.5) and row.arousal == 0.25
        assert (row.face_x, row.face_y, row.face_width, row.face_height) == (1, 2, 12, 13)


def test_owners_validation_is_the_test_split_and_a_share_of_training_is_held_out(root):
    table = datasets.load("affectnet", root=root, validation_share=0.25).table
    assert table["split"].value_counts().to_dict() == {"train": 48, "validation": 16, "test": 8}
    assert table["path"].str.contains("Images/2/").equals(table["split"] == "test")
    assert set(table.loc[table["split"] == "validation", "emotion"].value_counts()) == {2}


def test_rows_without_an_emotion_are_counted_by_reason_and_are_no_damage(root):
    skipped = datasets.load("affectnet", root=root).skipped
    assert skipped["reason"].value_counts().to_dict() == dict.fromkeys(
        ["labelled none", "labelled uncertain", "labelled no face"], 9
    )
    none = skipped.loc[skipped["reason"] == "labelled none", "source"]
    assert {number(source) % 11 for source in none} == {8}


def test_images_stay_on_disk_and_a_missing_one_is_found(root):
    image = root / "Manually_Annotated_Images" / "1" / "000.jpg"
    image.unlink()
    (image.parent / "001.jpg").write_bytes(b"")
    dataset = datasets.load("affectnet", root=root)
    assert dataset.images is None
    damaged = dataset.skipped[~dataset.skipped["reason"].str.startswith("labelled")]
    assert damaged.to_dict("records") == [{"source": str(image), "reason": "no such file"}]
    assert dataset.image(5).dtype == np.uint8
    thorough = datasets.load("affectnet", root=root, verify=True)
    assert len(thorough) == len(dataset) - 1 and thorough.images is None


def test_more_than_five_percent_of_missing_images_stop(root):
    for position in (0, 1, 2, 3):
        (root / "Manually_Annotated_Images" / "1" / f"00{position}.jpg").unlink()
    with pytest.raises(DamagedDataError, match="4 of 72"):
        datasets.load("affectnet", root=root)


def test_no_image_at_all_is_missing_data(root):
    (root / "Manually_Annotated_Images").rename(root / "pictures")
    (root / "Manually_Annotated_Images").mkdir()
    with pytest.raises(MissingDataError, match="none of the pictures"):
        datasets.load("affectnet", root=root)


def test_expression_that_is_no_number_of_one_is_damage(root, lists):
    text = (
        (lists / "training.csv")
        .read_text()
        .replace(",0,-0.50,", ",11,-0.50,")
        .replace(",1,-0.49,", ",,-0.49,")
    )
    (lists / "training.csv").write_text(text)
    dataset = datasets.load("affectnet", root=root)
    wrong = dataset.skipped.loc[dataset.skipped["reason"] == "expression is not 0 to 10", "source"]
    assert [number(source) for source in wrong] == [0, 1]


def test_lists_may_lie_beside_the_images_but_not_twice(root, lists):
    for name in ("training.csv", "validation.csv"):
        (root / name).write_text((lists / name).read_text())
    with pytest.raises(MissingDataError, match=r"training\.csv and .*training\.csv"):
        datasets.load("affectnet", root=root)
    for name in ("training.csv", "validation.csv"):
        (lists / name).unlink()
    assert len(datasets.load("affectnet", root=root)) == 72


@pytest.mark.parametrize("text", ["", "file,emotion\na.jpg,1\n", "a,b,c,d,e,f,g,h,i\n1,2,3,4,5,6,7,8,9\n"])
def test_another_csv_is_refused(root, lists, text):
    (lists / "training.csv").write_text(text)
    with pytest.raises(MissingDataError, match=r"training\.csv is not a list of AffectNet"):
        datasets.load("affectnet", root=root)


def test_reported_counts_are_those_of_the_two_lists():
    assert sum(datasets.reported("affectnet").values()) == 287_651 + 4_000
