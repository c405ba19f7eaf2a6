"""Emotions as action units: prototypes and what is between them."""

import numpy as np
import pytest

from fer import labels, synthetic
from fer.synthetic import expression

# Friesen & Ekman 1983: the action units of each prototype that this package draws.
EMFACS = {
    "angry": {4, 5, 7, 23},
    "disgust": {9, 10, 15, 16},
    "fear": {1, 2, 4, 5, 20, 25, 26},
    "happy": {6, 12, 25},
    "sad": {1, 4, 15, 17},
    "surprise": {1, 2, 5, 25, 26},
    "neutral": set(),
}


def moved(units):
    return {int(column[2:]) for column, intensity in units.items() if intensity}


@pytest.mark.parametrize("emotion", labels.FER2013)
def test_one_emotion_is_its_prototype(emotion):
    blended = expression.blend({emotion: 1})
    assert tuple(blended) == expression.COLUMNS
    assert moved(blended) == EMFACS[emotion]
    prototype = expression.prototype(emotion)
    assert {column: intensity for column, intensity in blended.items() if intensity} == dict(prototype)


def test_intensities_are_those_of_the_table():
    # The middle of the ranges 0.4…1, 0.6…1 and 0.3…1.
    assert expression.prototype("happy") == pytest.approx({"au06": 0.7, "au12": 0.8, "au25": 0.65})


@pytest.mark.parametrize("emotion", labels.FER2013)
@pytest.mark.parametrize("share", [0, 0.25, 0.5])
def test_half_a_smile_is_half_a_smile(emotion, share):
    blended = expression.blend({emotion: share, "neutral": 1 - share})
    full = expression.blend({emotion: 1})
    assert blended == pytest.approx({column: share * intensity for column, intensity in full.items()})
    weak = expression.prototype(emotion, share)
    assert {column: blended[column] for column in weak} == pytest.approx(dict(weak))


def test_units_that_emotions_have_in_common_add_up():
    blended = expression.blend({"fear": 0.5, "surprise": 0.3, "happy": 0.2})
    # AU 1: fear and surprise 0.85 each. AU 25: fear 0.65, surprise 0.4, happy 0.65. AU 12: happy 0.8.
    assert blended["au01"] == pytest.approx(0.5 * 0.85 + 0.3 * 0.85)
    assert blended["au25"] == pytest.approx(0.5 * 0.65 + 0.3 * 0.4 + 0.2 * 0.65)
    assert blended["au12"] == pytest.approx(0.2 * 0.8)
    assert moved(blended) == EMFACS["fear"] | EMFACS["surprise"] | EMFACS["happy"]


def test_a_blend_is_linear_and_does_not_depend_on_the_order():
    generator = np.random.default_rng(0)
    first, second = (
        dict(zip(labels.FER2013, generator.dirichlet(np.ones(7)), strict=True)) for _ in range(2)
    )
    for weight in (0, 0.3, 1):
        mixed = {emotion: weight * first[emotion] + (1 - weight) * second[emotion] for emotion in first}
        expected = {
            column: weight * one + (1 - weight) * expression.blend(second)[column]
            for column, one in expression.blend(first).items()
        }
        assert expression.blend(mixed) == pytest.approx(expected)
    backwards = dict(reversed(first.items()))
    assert expression.blend(backwards) == pytest.approx(expression.blend(first))


def test_emotions_without_a_prototype_move_nothing():
    nothing = dict.fromkeys(expression.COLUMNS, 0.0)
    assert expression.blend({}) == expression.blend({"contempt": 1}) == nothing
    assert expression.blend({"neutral": 1}) == nothing
    both = {"contempt": 0.6, "happy": 0.4}
    assert expression.blend(both) == expression.blend({"happy": 0.4})
    assert both == {"contempt": 0.6, "happy": 0.4}


def test_probabilities_never_ask_for_more_than_a_muscle_can():
    generator = np.random.default_rng(1)
    for concentration in (0.1, 1):
        for shares in generator.dirichlet(np.full(7, concentration), 200):
            units = expression.blend(dict(zip(labels.FER2013, shares, strict=True)))
            assert min(units.values()) >= 0 and max(units.values()) <= 1


def test_the_mouth_of_half_a_smile_is_half_way():
    """The corners of the mouth, on the drawn face."""
    corners = []
    for share in (0, 0.5, 1):
        face = synthetic.face("neutral", **expression.blend({"happy": share}))
        landmarks = synthetic.geometry.build(face).landmarks
        corners.append(np.array([landmarks["mouth_left"][0], landmarks["mouth_right"][0]]))
    rest, half, full = corners
    assert (full[:, 1] < rest[:, 1] - 0.03).all()  # y points down
    np.testing.assert_allclose(half, (rest + full) / 2, atol=0.1 * np.abs(full - rest).max())


@pytest.mark.parametrize(
    ("emotion", "intensity"), [("contempt", 1), ("happy", -0.1), ("happy", 1.1), ("", 0.5)]
)
def test_a_prototype_of_another_emotion_or_strength_is_refused(emotion, intensity):
    with pytest.raises(ValueError, match=r"must be.*Received"):
        expression.prototype(emotion, intensity)
