"""Embedded synthetic faces: a data set that needs no download, with exact labels."""

from collections.abc import Mapping, Sequence

import numpy as np

from fer import labels, synthetic
from fer.datasets import splits
from fer.datasets.base import SPLITS, FaceDataset
from fer.synthetic import parameters


def load(
    n: int = 6000,
    seed: int = 0,
    image_size: int = 48,
    color: bool = False,
    difficulty: str = "standard",
    subjects: int | None = None,
    emotions: Sequence[str] | Mapping[str, float] | None = None,
    angles: Sequence[float] | None = None,
    fractions: Sequence[float] = (0.7, 0.15, 0.15),
    label: str = "emotion",
) -> FaceDataset:
    """Draws synthetic faces and splits them by person.

    Unless the emotions have shares, every person shows them equally often, so that every split is balanced.

    Args:
        n: Number of faces, at least 49.
        seed: Seed of the faces.
        image_size: Height and width in pixels.
        color: RGB if true, else gray.
        difficulty: "easy", "standard" or "hard".
        subjects: Number of people, at least 7; None for a new person every seven faces.
        emotions: The emotions to show, or the share of each; None for the seven of FER-2013, equally often.
        angles: Yaw of the heads in degrees, -45…45; None for heads to the front.
        fractions: Shares of train, validation and test.
        label: What the classes are: "emotion", or another word that is known of each face, such as
            "hair_style", "accessory" or "beard"; it then stands where the emotion does.

    Returns:
        A FaceDataset whose table has every parameter of the faces, boxes and landmarks.

    Raises:
        ValueError: An argument is out of its range.
    """
    if n < 49 or (subjects is not None and subjects < 7):
        raise ValueError(
            f"`n` must be at least 49 and `subjects` at least 7, so that every split has people. "
            f"Received: n={n!r}, subjects={subjects!r}"
        )
    if label not in ("emotion", *parameters.CHOICES):
        raise ValueError(f"`label` must be one of {['emotion', *parameters.CHOICES]}. Received: {label!r}")
    splits.check_fractions(fractions)
    faces = synthetic.generate(n, seed, image_size, color, difficulty, subjects, emotions, angles)
    people = faces.table["subject"].to_numpy()
    borders = np.cumsum(fractions[:-1]) * (people.max() + 1)
    parts = np.array(SPLITS)[np.searchsorted(borders.round(), people, side="right")]
    table = faces.table.assign(emotion=faces.table[label], split=parts)
    words = labels.FER2013 if label == "emotion" else parameters.CHOICES[label]
    classes = tuple(word for word in words if (table["emotion"] == word).any())
    return FaceDataset("synthetic", classes, table, faces.images)
