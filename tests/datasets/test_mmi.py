import pytest

from fer import datasets, labels
from fer.datasets.base import DamagedDataError, MissingDataError
from fer.plotting.style import EMOTION_COLORS


@pytest.fixture
def root(layouts, tmp_path):
    layouts["mmi"](tmp_path)
    return tmp_path


def test_class_is_the_folder_and_person_clip_and_frame_are_in_the_name(root):
    dataset = datasets.load("mmi", root=root)
    assert dataset.emotions == ("angry", "frown", "sad", "smile", "surprise")
    assert dataset.table["emotion"].value_counts().to_dict() == dict.fromkeys(dataset.emotions, 10)
    row = dataset.table[dataset.table["path"] == str(root / "smile" / "S003-004_00041.jpg")].iloc[0]
    assert (row["emotion"], row["subject"], row["clip"], row["frame"]) == ("smile", "S003", "S003-004", 41)


def test_other_spellings_of_a_class_are_known(root):
    (root / "sad").rename(root / "Sadness")
    assert datasets.load("mmi", root=root).counts().sum()["sad"] == 10


def test_other_names_classes_and_depths_are_damage(root, draw_face):
    draw_face(root / "smile" / "holiday.jpg")
    draw_face(root / "happy" / "S001-004_00041.jpg")
    reasons = datasets.load("mmi", root=root).skipped.set_index("source")["reason"]
    assert reasons.to_dict() == dict.fromkeys(
        [str(root / "happy" / "S001-004_00041.jpg"), str(root / "smile" / "holiday.jpg")],
        "not a frame in a class folder",
    )
    draw_face(root / "more" / "smile" / "S001-004_00042.jpg")
    with pytest.raises(DamagedDataError, match="3 of 53"):
        datasets.load("mmi", root=root)


def test_sessions_with_clips_are_refused_with_what_to_do(tmp_path):
    session = tmp_path / "Sessions" / "224"
    session.mkdir(parents=True)
    (session / "session.xml").write_text("<Session/>")
    (session / "S002-106.avi").write_bytes(b"RIFF")
    with pytest.raises(MissingDataError, match=r"Clips are not read.*smile/S001-106_00042\.jpg"):
        datasets.load("mmi", root=tmp_path)


def test_no_counts_are_reported_for_these_classes():
    assert datasets.reported("mmi") is None


def test_every_class_has_its_own_korean_name_and_colour():
    assert len({labels.korean(emotion) for emotion in labels.MMI}) == len(labels.MMI)
    assert all(labels.canonical(labels.korean(emotion)) == emotion for emotion in labels.MMI)
    assert len({EMOTION_COLORS[emotion] for emotion in labels.MMI}) == len(labels.MMI)
