"""Embedded synthetic faces: a data set that needs no download, with exact labels."""

import numpy as np

from fer import labels, synthetic
from fer.datasets.base import SPLITS, FaceDataset

_SHARES = (0.70, 0.15, 0.15)


def load(
    n: int = 6000,
    seed: int = 0,
    image_size: int = 48,
    color: bool = False,
    difficulty: str = "standard",
    subjects: int | None = None,
) -> FaceDataset:
    """Draws synthetic faces and splits them by person: 70 % train, 15 % validation, 15 % test.

    Every person shows the seven emotions equally often, so that every split is balanced.

    Args:
        n: Number of faces, at least 49.
        seed: Seed of the faces.
        image_size: Height and width in pixels.
        color: RGB if true, else gray.
        difficulty: "easy", "standard" or "hard".
        subjects: Number of people, at least 7; None for a new person every seven faces.

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
    faces = synthetic.generate(n, seed, image_size, color, difficulty, subjects)
    people = faces.table["subject"].to_numpy()
    borders = np.cumsum(_SHARES[:-1]) * (people.max() + 1)
    splits = np.array(SPLITS)[np.searchsorted(borders.round(), people, side="right")]
    return FaceDataset("synthetic", labels.FER2013, faces.table.assign(split=splits), faces.images)
