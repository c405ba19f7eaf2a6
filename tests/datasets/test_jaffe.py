import pytest

from fer import datasets, labels
from fer.datasets.base import DamagedDataError


@pytest.fixture
def root(layouts, tmp_path):
    layouts["jaffe"](tmp_path / "jaffe")
    return tmp_path


def test_name_tells_person_and_emotion(root):
    dataset = datasets.load("jaffe", root=root)
    assert dataset.emotions == labels.FER2013
    assert dataset.table["emotion"].value_counts().to_dict() == dict.fromkeys(labels.FER2013, 20)
    assert set(dataset.table["subject"]) == {"KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM"}
    words = {
        "AN": "angry",
        "DI": "disgust",
        "FE": "fear",
        "HA": "happy",
        "NE": "neutral",
        "SA": "sad",
        "SU": "surprise",
    }
    for path, emotion in zip(dataset.table["path"], dataset.table["emotion"], strict=True):
        assert words[path.rsplit("/", 1)[1][3:5]] == emotion


def test_six_two_and_two_people_are_in_the_splits(root):
    table = datasets.load("jaffe", root=root).table
    people = table.groupby("split", observed=True)["subject"].nunique().to_dict()
    assert people == {"train": 6, "validation": 2, "test": 2}


def test_files_of_other_kinds_are_left_out_and_other_names_are_damage(root, draw_face):
    (root / "jaffe" / "README").write_text("read me")
    draw_face(root / "jaffe" / "KA.XX1.39.tiff")
    dataset = datasets.load("jaffe", root=root)
    assert len(dataset) == 140
    assert dict(zip(dataset.skipped["source"], dataset.skipped["reason"], strict=True)) == {
        str(root / "jaffe" / "KA.XX1.39.tiff"): "the name is not of JAFFE",
        str(root / "jaffe" / "README"): "not an image",
    }
    for number in range(8):
        draw_face(root / "jaffe" / f"photo {number}.jpg")
    with pytest.raises(DamagedDataError, match="9 of 149"):
        datasets.load("jaffe", root=root)


def test_reported_counts_are_those_of_213_pictures():
    reported = datasets.reported("jaffe")
    assert sum(reported.values()) == 213
    assert (reported["disgust"], reported["fear"], reported["sad"]) == (29, 32, 31)
