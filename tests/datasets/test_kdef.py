import pytest

from fer import datasets, labels
from fer.datasets import kdef
from fer.datasets.base import DamagedDataError, MissingDataError


@pytest.fixture
def root(layouts, tmp_path):
    layouts["kdef"](tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("AF01ANS", ("angry", "F01", "A", "female", "S")),
        ("BM35AFFL", ("fear", "M35", "B", "male", "FL")),
        ("am10suhr", ("surprise", "M10", "A", "male", "HR")),
        ("BF20NEHL", ("neutral", "F20", "B", "female", "HL")),
        ("AF07DIFR", ("disgust", "F07", "A", "female", "FR")),
        ("AF07SAS", ("sad", "F07", "A", "female", "S")),
        ("AF07HAS", ("happy", "F07", "A", "female", "S")),
    ],
)
def test_name_tells_emotion_person_session_gender_and_angle(stem, expected):
    assert tuple(kdef.parse_name(stem).values()) == expected


@pytest.mark.parametrize(
    "stem", ["", "AF00ANS", "AF36ANS", "CF01ANS", "AX01ANS", "AF01XXS", "AF01AN", "AF01ANSS"]
)
def test_other_name_is_not_parsed(stem):
    assert kdef.parse_name(stem) is None


def test_every_picture_is_read_and_a_person_is_one_in_both_sessions(root):
    dataset = datasets.load("kdef", root=root)
    assert dataset.emotions == labels.FER2013
    assert dataset.table["emotion"].value_counts().to_dict() == dict.fromkeys(labels.FER2013, 40)
    person = dataset.table[dataset.table["subject"] == "F03"]
    assert person["session"].value_counts().to_dict() == {"A": 14, "B": 14}
    assert person["split"].nunique() == 1
    assert dataset.table.groupby("split", observed=True)["subject"].nunique().to_dict() == {
        "train": 6,
        "validation": 2,
        "test": 2,
    }


def test_angles_can_be_chosen(root):
    table = datasets.load("kdef", root=root, angles=["S"]).table
    assert set(table["angle"]) == {"S"} and len(table) == 140
    for angles in ([], ["S", "left"]):
        with pytest.raises(ValueError, match=r"`angles`.*'FL', 'HL', 'S', 'HR', 'FR'"):
            datasets.load("kdef", root=root, angles=angles)
    with pytest.raises(MissingDataError, match=r"angles \['FL'\]"):
        datasets.load("kdef", root=root, angles=["FL"])


def test_known_faults_and_averaged_faces_are_left_out_with_a_reason_and_are_no_damage(root, draw_face):
    faults = {
        "AF01/AF01SUFR.JPG": "known to be black",
        "BM24/BM24DIFL.JPG": "known to be black",
        "AF31/AF31V.JPG": "known to have no emotion and angle in its name",
        "AM31/AM31H.JPG": "known to have no emotion and angle in its name",
    } | {f"AKDEF/F{emotion}FL.JPG": "an averaged face of AKDEF" for emotion in kdef.EMOTIONS}
    faults |= {f"AKDEF/M{emotion}S.JPG": "an averaged face of AKDEF" for emotion in kdef.EMOTIONS}
    for file in faults:
        draw_face(root / file)
    dataset = datasets.load("kdef", root=root)
    skipped = dict(zip(dataset.skipped["source"], dataset.skipped["reason"], strict=True))
    assert skipped == {str(root / file): reason for file, reason in faults.items()}
    assert len(dataset) == 280


def test_other_names_are_damage(root, draw_face):
    for number in range(14):
        draw_face(root / f"{number}.jpg")
    assert (datasets.load("kdef", root=root).skipped["reason"] == "the name is not of KDEF").sum() == 14
    draw_face(root / "14.jpg")
    with pytest.raises(DamagedDataError, match="15 of 295"):
        datasets.load("kdef", root=root)


def test_reported_counts_are_those_of_4900_pictures():
    assert datasets.reported("kdef") == dict.fromkeys(labels.FER2013, 70 * 5 * 2)


def test_crops_of_the_pictures_are_read_under_the_names_that_prepare_gives_them(root):
    before = datasets.load("kdef", root=root).table
    for path in root.rglob("*.JPG"):
        path.rename(path.with_name(f"{path.name}.png"))
    after = datasets.load("kdef", root=root).table
    columns = ["emotion", "subject", "angle", "split"]
    assert after[columns].equals(before[columns])
