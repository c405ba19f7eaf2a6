"""The parametric face: parameters → geometry → picture, with exact labels.

Example:
    >>> from fer import synthetic
    >>> faces = synthetic.generate(700, image_size=48)
    >>> picture = synthetic.render(synthetic.face("happy", yaw=20, skin_tone=5), image_size=224, color=True)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer import labels
from fer.synthetic import expression, parameters, raster

MINIMUM_SIZE = 16


@dataclass(frozen=True, eq=False)
class SyntheticFaces:
    """Pictures of faces and everything that is known about them.

    Attributes:
        images: uint8, shape (n, size, size) gray or (n, size, size, 3) RGB.
        table: One row a face: ``emotion``, ``subject``, every parameter (action units ``au01`` …, ``yaw`` …),
            ``box_x``, ``box_y``, ``box_width``, ``box_height`` and the landmarks ``left_eye_x`` … in pixels,
            whole numbers being the middles of pixels. Left and right are the viewer's.
    """

    images: np.ndarray
    table: pd.DataFrame


def generate(
    n: int,
    seed: int = 0,
    image_size: int = 48,
    color: bool = False,
    difficulty: str = "standard",
    subjects: int | None = None,
    emotions: Sequence[str] | Mapping[str, float] | None = None,
    angles: Sequence[float] | None = None,
) -> SyntheticFaces:
    """Draws ``n`` faces. Unless emotions have shares, ``generate(50)`` is the beginning of ``generate(100)``.

    Emotions come in shuffled rounds of one each, so that their numbers differ by at most one; so do angles.

    Args:
        n: Number of faces.
        seed: Seed of everything: people, expressions and scenes.
        image_size: Height and width in pixels.
        color: RGB if true, else gray.
        difficulty: "easy", "standard" or "hard".
        subjects: Number of people, who take turns, a round of emotions each. None: a new person every round.
        emotions: The emotions to show; None for the seven of FER-2013. With a share for each, positive
            numbers, that many of the faces show it.
        angles: Yaw of the heads in degrees, to which the difficulty's is added; None for heads to the front.

    Raises:
        ValueError: An argument is out of its range.
    """
    shares = emotions if isinstance(emotions, Mapping) else None
    emotions = labels.FER2013 if emotions is None else tuple(emotions)
    _check_integer("n", n, 1)
    _check_integer("subjects", 1 if subjects is None else subjects, 1)
    unknown = [emotion for emotion in emotions if emotion not in expression.EMOTIONS]
    if unknown or not emotions:
        raise ValueError(f"`emotions` must be some of {list(labels.FER2013)}. Received: {list(emotions)}")
    if shares is None:
        shown = np.array(emotions, dtype=object)[_shuffled_rounds(n, len(emotions), [seed, 7])]
    else:
        shown = _apportioned(n, shares, [seed, 7])
    people = np.arange(n) // len(emotions)
    people = people if subjects is None else people % subjects
    drawn = parameters.sample(shown, people, seed, difficulty).assign(emotion=shown, subject=people)
    if angles is not None:
        turned = np.array(angles, dtype=float)[_shuffled_rounds(n, len(angles), [seed, 8])]
        low, high = parameters.NUMBERS["yaw"][1:]
        drawn["yaw"] = np.clip(drawn["yaw"] + turned, low, high)
    return render(drawn, image_size, color)


def face(emotion: str = "neutral", intensity: float = 1, n: int = 1, **chosen) -> pd.DataFrame:
    """Returns the parameters of an average face with an expression, to be changed and rendered.

    Args:
        emotion: One of the seven emotions of FER-2013.
        intensity: Strength of the expression, 0…1.
        n: Number of rows.
        **chosen: Parameters by name (``parameters.NUMBERS`` and ``parameters.CHOICES``), one or n values:
            ``yaw=np.linspace(-40, 40, 9)``, ``accessory="glasses"``, ``au12=0.5``.

    Raises:
        ValueError: A name is unknown, or a value is out of its range.

    Example:
        >>> smiles = face(n=5, au12=[0, 0.25, 0.5, 0.75, 1])
    """
    table = parameters.default(n)
    unknown = set(chosen).difference(table.columns)
    if unknown:
        raise ValueError(f"A face has the parameters {list(table.columns)}. Received: {sorted(unknown)}")
    table = table.assign(**(expression.prototype(emotion, intensity) | chosen))
    parameters.check(table)
    return table


def render(faces: pd.DataFrame, image_size: int = 224, color: bool = True) -> SyntheticFaces:
    """Draws faces whose parameters are given.

    Args:
        faces: One row a face: a table from ``face``, or rows of the table of ``generate``. Other columns
            are kept.
        image_size: Height and width in pixels.
        color: RGB if true, else gray.

    Raises:
        ValueError: A parameter is missing or out of its range, or the size is below 16.
    """
    _check_integer("image_size", image_size, MINIMUM_SIZE)
    parameters.check(faces)
    faces = faces.reset_index(drop=True)
    images, landmarks, boxes = raster.draw(faces, image_size, color)
    columns = {f"box_{side}": boxes[:, i] for i, side in enumerate(("x", "y", "width", "height"))}
    for name, points in landmarks.items():
        columns |= {f"{name}_x": points[:, 0], f"{name}_y": points[:, 1]}
    known = faces.drop(columns=columns, errors="ignore")
    return SyntheticFaces(images, pd.concat([known, pd.DataFrame(columns)], axis=1))


def _shuffled_rounds(n: int, choices: int, seed: Sequence[int]) -> np.ndarray:
    """Numbers of choices, int, shape (n,): every choice once, in any order, then every one again …"""
    rounds = -(-n // choices)
    return np.random.default_rng(seed).random((rounds, choices)).argsort(axis=1).reshape(-1)[:n]


def _apportioned(n: int, shares: Mapping[str, float], seed: Sequence[int]) -> np.ndarray:
    """Names, shape (n,), each as often as its share asks, in any order."""
    if min(shares.values()) <= 0:
        raise ValueError(f"The shares of `emotions` must be positive. Received: {dict(shares)}")
    bounds = np.round(np.cumsum(list(shares.values())) / sum(shares.values()) * n).astype(int)
    numbers = np.searchsorted(bounds, np.arange(n), side="right")
    return np.array(list(shares), dtype=object)[np.random.default_rng(seed).permutation(numbers)]


def _check_integer(argument: str, value: int, least: int) -> None:
    if not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"`{argument}` must be an integer of at least {least}. Received: {value!r}")
