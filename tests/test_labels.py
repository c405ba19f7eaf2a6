import unicodedata

import pytest

from fer import labels


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Happiness", "happy"),
        (" ANGER ", "angry"),
        ("기쁨", "happy"),
        ("당황", "embarrassed"),
        ("frown", "frown"),
    ],
)
def test_spellings_lead_to_one_word(name, expected):
    assert labels.canonical(name) == expected


def test_korean_names_written_in_parts_are_known():
    assert labels.canonical(unicodedata.normalize("NFD", "슬픔")) == "sad"


def test_every_emotion_of_every_vocabulary_has_its_own_korean_name():
    emotions = set(labels.FER2013) | set(labels.FERPLUS) | set(labels.AIHUB)
    assert len({labels.korean(emotion) for emotion in emotions}) == len(emotions)
    assert all(labels.canonical(labels.korean(emotion)) == emotion for emotion in emotions)


def test_the_map_from_aihub_covers_its_vocabulary():
    assert set(labels.AIHUB_TO_FER2013) == set(labels.AIHUB)
    assert set(labels.AIHUB_TO_FER2013.values()) <= set(labels.FER2013)
