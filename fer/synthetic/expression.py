"""Emotions as facial action units: which muscles move, how often and how strongly.

Action units (AU) are those of the Facial Action Coding System (Ekman & Friesen 1978); the prototypes of
the emotions follow EMFACS-7 (Friesen & Ekman 1983). An intensity of 1 is the strongest movement (FACS: E).
"""

from collections.abc import Mapping

import numpy as np

from fer import labels
from fer.synthetic.draws import Draws

ACTION_UNITS = {
    1: "inner brow raiser",
    2: "outer brow raiser",
    4: "brow lowerer",
    5: "upper lid raiser",
    6: "cheek raiser",
    7: "lid tightener",
    9: "nose wrinkler",
    10: "upper lip raiser",
    12: "lip corner puller",
    15: "lip corner depressor",
    16: "lower lip depressor",
    17: "chin raiser",
    20: "lip stretcher",
    23: "lip tightener",
    24: "lip pressor",
    25: "lips part",
    26: "jaw drop",
    43: "eyes closed",
}

COLUMNS = tuple(f"au{unit:02d}" for unit in ACTION_UNITS)
"""The columns of the action units in a table of parameters: au01 … au43."""

EMOTIONS = {
    "angry": {4: (1, 0.7, 1), 5: (0.8, 0.4, 0.9), 7: (0.9, 0.5, 1), 23: (0.9, 0.5, 1), 24: (0.5, 0.4, 1)},
    "disgust": {
        9: (1, 0.6, 1),
        15: (0.8, 0.3, 0.8),
        16: (0.8, 0.3, 0.9),
        10: (0.7, 0.4, 1),
        4: (0.3, 0.1, 0.4),
    },
    "fear": {
        1: (1, 0.7, 1),
        2: (0.9, 0.4, 0.8),
        4: (0.95, 0.5, 0.9),
        5: (0.95, 0.6, 1),
        20: (0.95, 0.6, 1),
        25: (0.8, 0.4, 0.9),
        26: (0.6, 0.1, 0.5),
    },
    "happy": {6: (0.85, 0.4, 1), 12: (1, 0.6, 1), 25: (0.65, 0.3, 1)},
    "sad": {1: (1, 0.6, 1), 4: (0.85, 0.3, 0.7), 15: (1, 0.5, 1), 17: (0.6, 0.3, 0.9), 43: (0.5, 0.1, 0.35)},
    "surprise": {
        1: (1, 0.7, 1),
        2: (1, 0.7, 1),
        5: (0.9, 0.4, 1),
        25: (0.9, 0.2, 0.6),
        26: (0.95, 0.5, 1),
    },
    "neutral": {},
}
"""For each emotion and action unit: the share of faces that show it, and its range at full intensity.

Prototypes: happy 6+12(+25), surprise 1+2+5+26, fear 1+2+4+5+20+26, angry 4+5+7+23(+24),
disgust 9+15+16(+10), sad 1+4+15(+17). AU 43 stands for the drooping lids of sadness and for blinks.
"""


def action_units(
    emotions: np.ndarray, intensity: np.ndarray, draws: Draws, spontaneous: float = 0
) -> dict[str, np.ndarray]:
    """Draws the action units of faces that show these emotions.

    Args:
        emotions: Names of the emotions, shape (n,).
        intensity: Strength of the whole expression, shape (n,), 0…1.
        draws: Source of randomness for n faces.
        spontaneous: Upper bound of movements that belong to no emotion, 0…1.

    Returns:
        Intensity 0…1 of each action unit, float64, shape (n,), by column name.
    """
    vocabulary = list(EMOTIONS)
    codes = np.array([vocabulary.index(emotion) for emotion in emotions], dtype=int)
    result = {}
    for unit, column in zip(ACTION_UNITS, COLUMNS, strict=True):
        share, low, high = np.array([EMOTIONS[emotion].get(unit, (0, 0, 0)) for emotion in vocabulary]).T
        shown = draws.uniform(f"{column} shown") < share[codes]
        strength = draws.uniform(f"{column} strength", low[codes], high[codes])
        twitch = spontaneous * draws.uniform(f"{column} twitch") ** 3
        result[column] = np.clip(shown * strength * intensity + twitch, 0, 1)
    return result


def prototype(emotion: str, intensity: float = 1) -> Mapping[str, float]:
    """Returns the typical action units of an emotion: those that most faces show, at mid-range.

    Raises:
        ValueError: The emotion is unknown, or the intensity is not in 0…1.
    """
    if emotion not in EMOTIONS:
        raise ValueError(f"`emotion` must be one of {list(labels.FER2013)}. Received: {emotion!r}")
    if not 0 <= intensity <= 1:
        raise ValueError(f"`intensity` must be in 0…1. Received: {intensity!r}")
    return {
        f"au{unit:02d}": intensity * (low + high) / 2
        for unit, (share, low, high) in EMOTIONS[emotion].items()
        if share > 0.5
    }


def blend(shares: Mapping[str, float]) -> dict[str, float]:
    """Returns the action units of several emotions at once: the sum of their prototypes times their shares.

    Half a smile is half a smile: the movements of a face are linear in the action units.

    Args:
        shares: Emotion → share, 0…1, with a sum of at most 1, such as probabilities. Emotions that are not
            in FER-2013 (contempt) move nothing.

    Returns:
        Intensity 0…1 of every action unit by column name.
    """
    units = dict.fromkeys(COLUMNS, 0.0)
    for emotion, share in shares.items():
        for column, intensity in prototype(emotion).items() if emotion in EMOTIONS else ():
            units[column] += share * intensity
    return units
