"""Emotion vocabularies, their names in English and Korean, and maps between data sets.

An emotion is a lower-case English word everywhere in the package ("happy"). A vocabulary is a tuple of
such words; the position in the tuple is the integer label.
"""

import unicodedata
from collections.abc import Iterable

FER2013 = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The seven classes of FER-2013 in the order of its csv (Goodfellow et al. 2013): 0 is angry."""

FERPLUS = ("neutral", "happy", "surprise", "sad", "angry", "disgust", "fear", "contempt")
"""The eight emotions of FER+ in the order of its csv (Barsoum et al. 2016)."""

AIHUB = ("happy", "embarrassed", "angry", "anxious", "hurt", "sad", "neutral")
"""The seven emotions of the AI Hub Korean data set: 기쁨, 당황, 분노, 불안, 상처, 슬픔, 중립."""

MMI = ("angry", "frown", "sad", "smile", "surprise")
"""The five classes of MMI that are read."""

KOREAN = {
    "angry": "분노",
    "disgust": "혐오",
    "fear": "공포",
    "happy": "기쁨",
    "sad": "슬픔",
    "surprise": "놀람",
    "neutral": "중립",
    "contempt": "경멸",
    "embarrassed": "당황",
    "anxious": "불안",
    "hurt": "상처",
    "frown": "찡그림",
    "smile": "미소",
}
"""The Korean name of each emotion, as AI Hub writes it where it has the emotion."""

SYNONYMS = {
    "anger": "angry",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "happiness": "happy",
    "joy": "happy",
    "sadness": "sad",
    "surprised": "surprise",
    "neutrality": "neutral",
    "calm": "neutral",
} | {korean: english for english, korean in KOREAN.items()}
"""Other spellings found in folder names and csv files, Korean ones included."""

AIHUB_TO_FER2013 = {
    "happy": "happy",
    "embarrassed": "surprise",
    "angry": "angry",
    "anxious": "fear",
    "hurt": "sad",
    "sad": "sad",
    "neutral": "neutral",
}
"""The nearest FER-2013 class of each AI Hub emotion. Embarrassed, anxious and hurt are approximations."""


def canonical(name: str) -> str:
    """Returns the package's word for an emotion: "Happiness", "HAPPY" and "기쁨" are "happy".

    Korean may be decomposed, as macOS writes file names.

    Args:
        name: The emotion as a folder, a csv or a person spells it. A word the package does not know is
            returned in lower case, so that data sets may bring their own classes.
    """
    word = unicodedata.normalize("NFC", name).strip().lower()
    return SYNONYMS.get(word, word)


def vocabulary(words: Iterable[str]) -> tuple[str, ...]:
    """Returns the vocabulary of labels: the emotions of FER-2013 among them in its order, others sorted."""
    words = set(words)
    known = [emotion for emotion in FER2013 if emotion in words]
    return (*known, *sorted(words.difference(known)))


def korean(emotion: str) -> str:
    """Returns the Korean name of an emotion, or the word itself where none is known."""
    return KOREAN.get(emotion, emotion)
