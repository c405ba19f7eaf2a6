"""Several sets of photos with boxes as one; no photo of one is a copy of another's held-out photo."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer.datasets import load_boxes, look_alikes
from fer.datasets.boxes import BoxDataset

PLACES = ("root", "images", "negatives")
"""Options of the readers that are files or folders."""


def load(entries: Sequence[Mapping[str, Any]], root: Path) -> BoxDataset:
    """Reads several sets of photos with boxes and joins them.

    Args:
        entries: Of each set the ``name`` of its reader and its options, as ``load_boxes`` takes them;
            ``PLACES`` are below ``root``.
        root: Folder of all sets.
    """
    datasets = []
    for entry in entries:
        options = {key: root / value if key in PLACES else value for key, value in entry.items()}
        datasets.append(load_boxes(**options))
    return join(datasets)


def join(datasets: Sequence[BoxDataset]) -> BoxDataset:
    """Returns one data set of the photos of several.

    Training photos that look like a validation or test photo of another set are left out and listed in
    ``skipped``, so that no held-out photo has been learned.

    Args:
        datasets: At least one; all with the same classes.

    Raises:
        ValueError: There are no data sets, or their classes differ.
    """
    if len({dataset.classes for dataset in datasets}) != 1:
        raise ValueError(
            "`datasets` must be one or more with the same classes. "
            f"Received: {[(dataset.name, dataset.classes) for dataset in datasets]}"
        )
    if len(datasets) == 1:
        return datasets[0]
    begin = np.cumsum([0, *(len(dataset) for dataset in datasets)])
    photos = pd.concat([dataset.photos.assign(set=dataset.name) for dataset in datasets], ignore_index=True)
    moved = [
        dataset.boxes.assign(photo=dataset.boxes["photo"] + first)
        for dataset, first in zip(datasets, begin[:-1], strict=True)
    ]
    joined = BoxDataset(
        "+".join(dataset.name for dataset in datasets),
        datasets[0].classes,
        photos,
        pd.concat(moved, ignore_index=True),
        pictures=_Pictures(datasets),
        skipped=pd.concat([dataset.skipped for dataset in datasets], ignore_index=True),
    )
    copies = _copies(joined, np.repeat(np.arange(len(datasets)), np.diff(begin)))
    left_out = pd.DataFrame({"source": photos["path"][copies], "reason": "looks like a held-out photo"})
    return replace(
        joined.take(np.flatnonzero(~copies)),
        skipped=pd.concat([joined.skipped, left_out], ignore_index=True),
    )


class _Pictures(Sequence):
    """The photos of several data sets, read when they are asked for."""

    def __init__(self, datasets: Sequence[BoxDataset]):
        self._datasets = datasets
        self._ends = np.cumsum([len(dataset) for dataset in datasets])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def __getitem__(self, row: int) -> np.ndarray:
        number = int(np.searchsorted(self._ends, row, side="right"))
        return self._datasets[number].image(row - (self._ends[number - 1] if number else 0))


def _copies(joined: BoxDataset, sets: np.ndarray) -> np.ndarray:
    """Tells which training photos look like a held-out photo of another set: bool, shape (n,)."""
    held_out = (joined.photos["split"] != "train").to_numpy()
    files = joined.photos["path"].notna().to_numpy()  # drawn scenes look like no photo
    copies = np.zeros(len(joined), dtype=bool)
    if not (held_out & files).any():
        return copies
    rows = np.flatnonzero(files)
    groups, _ = look_alikes.group(
        np.stack([look_alikes.thumbnail(joined.image(row)) for row in rows]), np.arange(len(rows))
    )
    of_held_out = held_out[rows]
    kept_apart = set(zip(groups[of_held_out].tolist(), sets[rows][of_held_out].tolist(), strict=True))
    for row, group in zip(rows, groups, strict=True):
        others = {other for known, other in kept_apart if known == group}
        copies[row] = not held_out[row] and bool(others - {sets[row]})
    return copies
