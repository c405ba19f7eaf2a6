"""The drawing: what it shows, that it blends, and that it stays in its frame."""

import itertools
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from fer import labels
from fer.apps.emoticon.drawing import CHOICES, GLASSES, SIDE, Emoticon, action_units, draw
from fer.synthetic.colors import MONK_SKIN_TONES

SVG = "{http://www.w3.org/2000/svg}"


def parse(svg):
    """Role → list of the corners of its paths, each of shape (n, 2)."""
    paths = {}
    for path in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        numbers = np.array(re.findall(r"-?\d+", path.get("d")), dtype=float).reshape(-1, 2)
        paths.setdefault(path.get("class"), []).append(numbers)
    return paths


def mouth(emotions):
    """Height of the corners of the mouth above its middle."""
    (line,) = parse(draw(Emoticon(emotions)))["lip_line"]
    left, right = line[line[:, 0].argmin()], line[line[:, 0].argmax()]
    middle = line[np.abs(line[:, 0] - SIDE / 2).argmin()]
    return middle[1] - (left[1] + right[1]) / 2


def test_half_a_smile_is_half_a_smile():
    none, half, whole = (mouth({"happy": share, "neutral": 1 - share}) for share in (0, 0.5, 1))
    assert whole > none + 40
    assert half == pytest.approx((none + whole) / 2, abs=3)


def test_a_sad_mouth_hangs_and_a_happy_one_rises():
    assert mouth({"sad": 1.0}) < mouth({"neutral": 1.0}) - 10 < mouth({"happy": 1.0})


def test_a_small_change_of_the_probabilities_moves_the_drawing_a_little():
    shares = np.linspace(0, 1, 41)
    outlines = [
        parse(draw(Emoticon({"surprise": share, "happy": 1 - share})))["lip_line"][0] for share in shares
    ]
    steps = [np.abs(after - before).max() for before, after in itertools.pairwise(outlines)]
    assert max(steps) <= 8  # thousandths of the side


@pytest.mark.parametrize("tone", range(1, 11))
def test_the_skin_has_the_colour_of_its_tone(tone):
    root = ElementTree.fromstring(draw(Emoticon(skin_tone=tone)))
    stops = [stop.get("stop-color") for stop in root.iter(f"{SVG}stop")]
    colors = np.array([[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in stops])
    assert (colors[1] == MONK_SKIN_TONES[tone - 1]).all()
    assert (colors[0] >= colors[1]).all() and (colors[1] >= colors[2]).all()


@pytest.mark.parametrize(("glasses", "mask"), list(itertools.product(GLASSES, (False, True))))
def test_what_is_worn_is_drawn_and_nothing_else(glasses, mask):
    roles = parse(draw(Emoticon({"fear": 1.0}, glasses=glasses, mask=mask))).keys()
    assert ("frame" in roles) == (glasses != "none")
    assert ("dark_lens" in roles) == (glasses == "sunglasses")
    assert ("mask" in roles) == mask


def test_glasses_sit_before_the_eyes():
    paths = parse(draw(Emoticon(glasses="sunglasses")))
    for eye, lens in zip(paths["sclera"], paths["dark_lens"], strict=True):
        assert (lens.min(axis=0) < eye.min(axis=0)).all() and (eye.max(axis=0) < lens.max(axis=0)).all()


def test_the_mask_covers_the_mouth():
    for emotion in labels.FER2013:
        paths = parse(draw(Emoticon({emotion: 1.0}, mask=True)))
        cover = max(paths["mask"], key=len)  # the others are its straps
        lips = np.concatenate(paths["upper_lip"] + paths["lower_lip"])
        assert (cover.min(axis=0) < lips.min(axis=0)).all() and (lips.max(axis=0) < cover.max(axis=0)).all()


@pytest.mark.parametrize("emotion", labels.FER2013)
@pytest.mark.parametrize("hair_style", CHOICES["hair_style"])
def test_everything_lies_inside_the_picture(emotion, hair_style):
    for frame, beard in zip(itertools.cycle(CHOICES["frame"]), CHOICES["beard"], strict=False):
        emoticon = Emoticon(
            {emotion: 1.0}, "sunglasses", True, frame=frame, hair_style=hair_style, beard=beard
        )
        corners = np.concatenate([path for paths in parse(draw(emoticon)).values() for path in paths])
        assert corners.min() >= 0 and corners.max() <= SIDE


def test_every_emotion_looks_different_even_above_a_mask():
    for worn in ({}, {"mask": True}, {"glasses": "glasses"}, {"glasses": "sunglasses"}):
        assert len({draw(Emoticon({emotion: 1.0}, **worn)) for emotion in labels.FER2013}) == 7


def test_brows_stand_out_from_every_skin():
    for tone in range(1, 11):
        root = ElementTree.fromstring(draw(Emoticon(skin_tone=tone, hair_color="white")))
        (brow, _) = (path.get("fill") for path in root.iter(f"{SVG}path") if path.get("class") == "brow")
        color = np.array([int(brow[i : i + 2], 16) for i in (1, 3, 5)])
        assert (color <= 0.45 * MONK_SKIN_TONES[tone - 1] + 1).all()


def test_an_unknown_tone_is_that_of_no_person():
    yellow, tones = draw(Emoticon()), [draw(Emoticon(skin_tone=tone)) for tone in range(1, 11)]
    assert yellow not in tones and "#ffcc4d" in yellow


def test_the_label_is_escaped_and_the_size_given():
    svg = draw(Emoticon(), label='<b> & "x"', size=64)
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == root.find(f"{SVG}title").text == '<b> & "x"'
    assert (root.get("width"), root.get("height")) == ("64", "64")
    assert root.find(f"{SVG}rect") is None  # nothing is behind the face


def test_action_units_stay_in_their_range():
    for emotion in labels.FERPLUS:
        units = action_units({emotion: 1.0})
        assert all(0 <= intensity <= 1 for intensity in units.values())
    assert set(action_units({}).values()) == {0.0}


def test_an_emoticon_goes_through_json():
    emoticon = Emoticon({"happy": 0.25, "sad": 0.75}, "glasses", True, 7, "square", "long", "gray", "full")
    assert Emoticon(**emoticon.to_dict()) == emoticon


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("glasses", "monocle"),
        ("mask", "yes"),
        ("mask", 1),
        ("skin_tone", 0),
        ("skin_tone", 11),
        ("skin_tone", 2.5),
        ("skin_tone", 2.0),
        ("skin_tone", True),
        ("frame", ""),
        ("hair_style", None),
        ("beard", "x" * 10),
        ("emotions", {"happy": 1.5}),
        ("emotions", {"happy": 0.7, "sad": 0.7}),
        ("emotions", {"happy": "1"}),
        ("emotions", {"happy": float("nan")}),
        ("emotions", ["happy"]),
        ("emotions", None),
    ],
)
def test_a_bad_value_is_named(name, value):
    with pytest.raises(ValueError, match=rf"`{name}`.*Received"):
        Emoticon(**{name: value})
