import shutil

import pytest

from fer import datasets, labels
from fer.datasets.base import DamagedDataError, MissingDataError


@pytest.fixture
def root(layouts, tmp_path):
    layouts["ckplus"](tmp_path)
    return tmp_path


@pytest.fixture
def copy(draw_face, tmp_path):
    """Ten people in each of the seven class folders, three frames each."""
    for number, emotion in enumerate(
        ("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise"), start=1
    ):
        for person in range(10, 20):
            for frame in (15, 16, 17):
                draw_face(tmp_path / "copy" / emotion / f"S{person:03}_{number:03}_{frame:08}.png")
    return tmp_path / "copy"


def frames(dataset, subject):
    """The frames of a person's labelled sequence, number → emotion."""
    rows = dataset.table[(dataset.table["subject"] == subject) & (dataset.table["sequence"] == "001")]
    return dict(zip(rows["frame"], rows["emotion"], strict=True))


def label(root, subject, sequence="001"):
    return root / "Emotion" / subject / sequence / f"{subject}_{sequence}_00000006_emotion.txt"


def test_last_three_frames_take_the_label_and_the_first_is_neutral(trees):
    dataset = datasets.load("ckplus", root=trees["ckplus"])
    assert dataset.emotions == labels.FERPLUS
    words = ("angry", "contempt", "disgust", "fear", "happy", "sad", "surprise")  # numbers 1 to 7
    for person, word in enumerate(words):
        expected = {1: "neutral", 4: word, 5: word, 6: word}
        assert frames(dataset, f"S{person + 5:03}") == expected
    row = dataset.table.iloc[0]
    assert row["path"].endswith(f"{row['subject']}/001/{row['subject']}_001_{row['frame']:08}.png")


def test_number_of_frames_and_neutral_can_be_chosen(trees):
    dataset = datasets.load("ckplus", root=trees["ckplus"], last_frames=1, neutral=False)
    assert frames(dataset, "S005") == {6: "angry"}
    assert dataset.emotions == tuple(emotion for emotion in labels.FERPLUS if emotion != "neutral")
    every = datasets.load("ckplus", root=trees["ckplus"], last_frames=9)
    assert frames(every, "S005") == {1: "neutral"} | dict.fromkeys(range(2, 7), "angry")
    with pytest.raises(ValueError, match=r"`last_frames`.*Received: 0"):
        datasets.load("ckplus", root=trees["ckplus"], last_frames=0)


def test_sequences_without_a_label_are_listed_and_are_no_damage(trees):
    skipped = datasets.load("ckplus", root=trees["ckplus"]).skipped
    assert skipped["reason"].value_counts().to_dict() == {"a sequence without an emotion label": 14}
    assert skipped["source"].iloc[0] == str(trees["ckplus"] / "cohn-kanade-images" / "S005" / "002")


@pytest.mark.parametrize("text", ["", "8.0000000e+00", "2.5", "happy", "nan"])
def test_label_that_is_no_number_of_an_emotion_is_damage(root, draw_face, text):
    for person in range(100, 110):  # so that one sequence is less than 5 %
        folder = root / "cohn-kanade-images" / f"S{person}" / "001"
        for frame in range(1, 7):
            draw_face(folder / f"S{person}_001_{frame:08}.png")
        label(root, f"S{person}").parent.mkdir(parents=True)
        label(root, f"S{person}").write_text("5.0000000e+00")
    label(root, "S005").write_text(text)
    dataset = datasets.load("ckplus", root=root)
    assert dataset.skipped["reason"].value_counts()["the emotion label is not 0 to 7"] == 4
    assert frames(dataset, "S005") == {}
    label(root, "S006").write_text(text)
    with pytest.raises(DamagedDataError, match="8 of 96"):
        datasets.load("ckplus", root=root)


def test_label_of_a_frame_that_is_not_there_is_damage(root):
    (root / "cohn-kanade-images" / "S005" / "001" / "S005_001_00000006.png").unlink()
    with pytest.raises(DamagedDataError, match="the emotion label is not of the last frame"):
        datasets.load("ckplus", root=root)


def test_copy_in_class_folders_is_read(copy):
    dataset = datasets.load("ckplus", root=copy)
    assert dataset.emotions == tuple(emotion for emotion in labels.FERPLUS if emotion != "neutral")
    assert dataset.table["emotion"].value_counts().to_dict() == dict.fromkeys(dataset.emotions, 30)
    assert (dataset.table.groupby("subject")["split"].nunique() == 1).all()
    row = dataset.table[dataset.table["path"].str.endswith("sadness/S010_006_00000016.png")].iloc[0]
    assert (row["emotion"], row["subject"], row["sequence"], row["frame"]) == ("sad", "S010", "006", 16)
    with pytest.raises(ValueError, match="`last_frames` must be 3"):
        datasets.load("ckplus", root=copy, last_frames=1)


def test_copy_may_lie_in_its_own_folder(copy, tmp_path):
    (tmp_path / "outer").mkdir()
    shutil.move(copy, tmp_path / "outer" / "CK+48")
    assert len(datasets.load("ckplus", root=tmp_path / "outer")) == 210


def test_both_forms_and_sequences_without_labels_are_refused(root, draw_face):
    draw_face(root / "anger" / "S010_004_00000017.png")
    with pytest.raises(MissingDataError, match="has both forms of CK"):
        datasets.load("ckplus", root=root)
    shutil.rmtree(root / "anger")
    shutil.rmtree(root / "Emotion")
    with pytest.raises(MissingDataError, match="has no form of CK"):
        datasets.load("ckplus", root=root)
    (root / "Emotion").mkdir()
    with pytest.raises(MissingDataError, match=r"no frame of CK.* with a label"):
        datasets.load("ckplus", root=root)


def test_reported_counts_are_those_of_327_sequences():
    reported = datasets.reported("ckplus")
    assert sum(reported.values()) == 4 * 327
    assert {emotion: count // 3 for emotion, count in reported.items() if emotion != "neutral"} == {
        "angry": 45,
        "contempt": 18,
        "disgust": 59,
        "fear": 25,
        "happy": 69,
        "sad": 28,
        "surprise": 83,
    }
    assert set(reported) == set(labels.FERPLUS)
