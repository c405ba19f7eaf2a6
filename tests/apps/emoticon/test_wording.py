"""What the emoticon generator says."""

import string

import pytest

from fer import labels
from fer.apps.emoticon import wording
from fer.apps.emoticon.drawing import CHOICES, GLASSES, Emoticon
from fer.apps.wording import ERRORS, texts


def test_an_emoticon_in_characters_emoji_and_words():
    emoticon = Emoticon({"happy": 0.9, "sad": 0.1}, glasses="sunglasses", skin_tone=5)
    assert wording.describe(emoticon) == "B-) 🧑🏽😀🕶️ happy, sunglasses, no mask, skin tone 5/10"
    assert wording.describe(emoticon, "ko") == "B-) 🧑🏽😀🕶️ 기쁨, 선글라스, 마스크 없음, 피부톤 5/10"


@pytest.mark.parametrize(
    ("emoticon", "characters"),
    [
        (Emoticon(), ":-|"),
        (Emoticon({"angry": 1.0}), ">:-("),
        (Emoticon({"sad": 1.0}, "glasses"), "8'-("),
        (Emoticon({"surprise": 1.0}), ":-O"),
        (Emoticon({"happy": 1.0}, "glasses", mask=True), "8-#"),
        (Emoticon({"dreamy": 1.0}), ":-]"),
    ],
)
def test_characters(emoticon, characters):
    assert wording.describe(emoticon).split()[0] == characters


def test_ten_tones_have_the_five_of_emoji_in_their_order():
    tones = [wording.describe(Emoticon(skin_tone=tone)).split()[1][1] for tone in range(1, 11)]
    assert tones == list("🏻🏻🏼🏼🏽🏽🏾🏾🏿🏿")
    assert "🧑😐" in wording.describe(Emoticon())  # of an unknown tone


def test_everything_has_a_name_in_both_languages():
    values = {*GLASSES, *labels.FERPLUS}.union(*CHOICES.values())
    told = texts(wording.NAMES, wording.TEXTS, ERRORS)
    tables = (wording.NAMES, wording.TEXTS, ERRORS)
    assert len(told["en"]) == sum(map(len, tables))  # no key has two meanings
    assert told.keys() == {"en", "ko"} and told["en"].keys() == told["ko"].keys()
    assert values <= told["en"].keys()
    for key, english in told["en"].items():
        korean = told["ko"][key]
        assert english and any("가" <= letter <= "힣" for letter in korean)
        fields = [{field for _, field, *_ in string.Formatter().parse(text)} for text in (english, korean)]
        assert fields[0] == fields[1]
