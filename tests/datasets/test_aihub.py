import unicodedata

import pytest
from PIL import Image

from fer import datasets, labels
from fer.datasets import aihub
from fer.datasets.base import DamagedDataError, MissingDataError


def picture(folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8)).save(folder / name)


@pytest.fixture
def root(tmp_path):
    """Twenty people, each with every emotion once, in the folders of the distribution."""
    for person in range(20):
        for emotion in map(labels.korean, labels.AIHUB):
            name = (
                f"a_{person:02}_{'여남'[person % 2]}_{person % 5 * 10 + 10}_{emotion}_도심 환경_20201206.png"
            )
            picture(tmp_path / "원천 데이터" / f"EMOIMG_{emotion}_TRAIN", name)
    return tmp_path / "원천 데이터"


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("d1a2_여_20_기쁨_도심 환경_20201206121516-001-003", ("d1a2", "female", 20, "happy")),
        ("d1a2_남_30_상처_20201206", ("d1a2", "male", 30, "hurt")),
        ("my_여_20_기쁨_title_남_50_당황_x", ("my_여_20_기쁨_title", "male", 50, "embarrassed")),
        (unicodedata.normalize("NFD", "d1a2_여_40_불안_실내_2020"), ("d1a2", "female", 40, "anxious")),
    ],
)
def test_name_is_parsed_from_its_end(stem, expected):
    assert tuple(aihub.parse_name(stem).values()) == expected


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "photo",
        "d1a2_여_20_행복_2020",
        "d1a2_she_20_기쁨_2020",
        "d1a2_여_old_기쁨_2020",
        "여_20_기쁨_2020",
    ],
)
def test_other_name_is_not_parsed(stem):
    assert aihub.parse_name(stem) is None


def test_every_emotion_gender_and_age_is_read_from_the_names(root):
    table = datasets.load("aihub", root=root).table
    assert table["emotion"].value_counts().to_dict() == dict.fromkeys(labels.AIHUB, 20)
    person = table[table["subject"] == "a_03"]
    assert (set(person["gender"]), set(person["age"]), len(person)) == ({"male"}, {40}, 7)


def test_people_who_come_more_than_once_are_in_one_split_only(root):
    table = datasets.load("aihub", root=root).table
    assert (table.groupby("subject")["split"].nunique() == 1).all()
    assert table["split"].value_counts().to_dict() == {"train": 98, "validation": 21, "test": 21}


def test_people_who_come_once_are_drawn_for_each_emotion(tmp_path):
    for number in range(20):
        picture(tmp_path, f"{number}a_여_20_기쁨_2020.jpg")
        picture(tmp_path, f"{number}b_여_20_슬픔_2020.jpg")
    counts = datasets.load("aihub", root=tmp_path, fractions=(0.5, 0.25, 0.25)).counts()
    assert counts[["happy", "sad"]].to_numpy().tolist() == [[10, 10], [5, 5], [5, 5]]


def test_emotions_can_be_mapped_onto_fer2013(root):
    dataset = datasets.load("aihub", root=root, emotions="fer2013")
    assert dataset.emotions == labels.FER2013
    hurt = dataset.table[dataset.table["original_emotion"] == "hurt"]
    assert set(hurt["emotion"]) == {"sad"}
    assert dataset.counts().sum()["disgust"] == 0
    with pytest.raises(ValueError, match=r"\['aihub', 'fer2013'\]"):
        datasets.load("aihub", root=root, emotions="ekman")


def test_what_cannot_be_used_is_listed_and_counts_as_damage_if_it_is_an_image(root):
    picture(root, "holiday.png")
    (root / "z_여_20_기쁨_2020.jpg").write_bytes(b"\xff\xd8\xff")
    for number in range(9):
        (root / f"{number}.json").write_text("{}")
    skipped = datasets.load("aihub", root=root).skipped
    reasons = dict(zip(skipped["source"], skipped["reason"], strict=True))
    assert reasons[str(root / "holiday.png")] == "the name has no gender, age and emotion"
    assert str(root / "z_여_20_기쁨_2020.jpg") in reasons
    assert len(reasons) == 11
    for number in range(6):
        picture(root, f"{number}.png")
    with pytest.raises(DamagedDataError, match="8 of 148"):
        datasets.load("aihub", root=root)


def test_missing_data_says_where_to_get_it(tmp_path):
    with pytest.raises(MissingDataError, match=r"aihub\.or\.kr") as caught:
        datasets.load("aihub", root=tmp_path / "nothing")
    assert str(tmp_path / "nothing") in str(caught.value)
