"""Scenes with synthetic faces: boxes to learn from that need no download and are exact."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fer import labels
from fer.datasets import splits
from fer.datasets.base import SPLITS
from fer.datasets.boxes import BOX, BoxDataset
from fer.synthetic import crowd

VISIBLE = 0.5
"""Faces of which less is in the picture and not covered are to be ignored."""


def load(
    n: int = 1000,
    seed: int = 0,
    image_size: int | tuple[int, int] = 416,
    faces: tuple[int, int] = (0, 12),
    sizes: tuple[float, float] = (12, 0.8),
    overlap: float = 0.3,
    accessories: Mapping[str, float] | None = None,
    classes: str = "face",
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    in_memory: bool = False,
) -> BoxDataset:
    """Draws scenes with faces of many sizes, and of all kinds of people.

    Args:
        n: Number of scenes.
        seed, image_size, faces, sizes, overlap, accessories: As for ``fer.synthetic.crowd.Crowd``.
        classes: "face" makes one class of all faces, "emotions" has the seven of FER-2013.
        fractions: Shares of train, validation and test, which follow each other.
        in_memory: True draws all scenes now, some twenty a second; False each whenever it is asked for.

    Returns:
        The data set. Faces of which less than half is visible are to be ignored. Its boxes also have
        ``visible``, ``emotion``, ``accessory``, ``yaw`` and ``roll``.

    Raises:
        ValueError: An argument is out of its range.
    """
    if classes not in ("face", "emotions"):
        raise ValueError(f"`classes` must be 'face' or 'emotions'. Received: {classes!r}")
    splits.check_fractions(fractions)
    recipe = (seed, image_size, faces, sizes, overlap, accessories)
    scenes = crowd.Crowd(n, *recipe)
    name = hashlib.sha256(repr(recipe).encode()).hexdigest()[:8]
    parts = np.searchsorted(np.round(np.cumsum(fractions[:-1]) * n), np.arange(n), side="right")
    photos = pd.DataFrame(
        {
            "file": [f"scene-{name}-{number}" for number in range(n)],
            "split": np.array(SPLITS)[parts],
            "height": scenes.height,
            "width": scenes.width,
        }
    )
    table = scenes.table
    boxes = table[["picture", *crowd.BOX, "visible", "emotion", "accessory", "yaw", "roll"]]
    boxes = boxes.rename(columns={"picture": "photo"} | dict(zip(crowd.BOX, BOX, strict=True)))
    return BoxDataset(
        "scenes",
        ("face",) if classes == "face" else labels.FER2013,
        photos,
        boxes.assign(
            label="face" if classes == "face" else table["emotion"], ignore=table["visible"] < VISIBLE
        ),
        pictures=list(scenes) if in_memory else scenes,
    )
