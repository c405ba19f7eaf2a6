"""Any folder of class folders: ``root/<class>/…`` or ``root/train/<class>/…``, ``root/test/<class>/…``."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fer import labels
from fer.datasets import scan, splits
from fer.datasets.base import SPLITS, FaceDataset, MissingDataError, check_damage

SPLIT_FOLDERS = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
}
"""The split of each folder name, whatever its case."""


def load(
    root: Path,
    fractions: Sequence[float] = (0.7, 0.15, 0.15),
    validation_share: float = 0.1,
    seed: int = 0,
    in_memory: bool | None = None,
    emotions: Sequence[str] | None = None,
) -> FaceDataset:
    """Reads a folder of class folders.

    A class is the name of its folder, through ``labels.canonical``: "Happiness" and "기쁨" are "happy".
    The vocabulary is the classes found, those of FER-2013 first and in its order, the others sorted.

    Args:
        root: A folder with ``<class>/…`` or with ``train/<class>/…`` and, as they are there,
            ``validation/`` (also ``val/``, ``valid/``) and ``test/``.
        fractions: Without split folders: shares of train, validation and test, drawn for each class.
        validation_share: With ``train/``, but without ``validation/``: the share of train held out for it.
        seed: Seed of these draws.
        in_memory: True reads the images into memory, which takes images of one shape; False reads each
            from its path when it is asked for. None chooses memory for images of one shape that take at
            most 512 MiB.
        emotions: The vocabulary; a class outside it is an error. None is the classes that are there.

    Returns:
        The data set with ``table["path"]``. Files that cannot be read are in ``skipped``, and so are those
        that are no images or in no class folder, which do not count as damage.
    """
    images, others = scan.listing(root)
    has_splits = any(_split(file) for file in images)
    placed = [file for file in images if (_split(file) if has_splits else len(file.parts) > 1)]
    classes = [labels.canonical(file.parts[1 if has_splits else 0]) for file in placed]
    emotions = _vocabulary(root, set(classes), emotions)
    table = scan.verify(root, placed).assign(emotion=classes, split="train")
    if has_splits:
        table["split"] = [_split(file) for file in placed]
    damaged = table.loc[table["reason"] != "", ["source", "reason"]]
    check_damage(damaged, len(table), root)
    astray = scan.skips(root, sorted(set(images) - set(placed)), "not in a class folder")
    table = table[table["reason"] == ""].reset_index(drop=True)
    if not has_splits:
        parts = splits.stratified(table["emotion"].to_numpy(), fractions, seed)
        table["split"] = np.array(SPLITS)[parts]
    elif "validation" not in set(table["split"]):
        _hold_out(table, validation_share, seed)
    return FaceDataset(
        "folder",
        emotions,
        table=table[["source", "emotion", "split"]].rename(columns={"source": "path"}),
        images=scan.pixels(table, in_memory),
        skipped=pd.concat([damaged, astray, others], ignore_index=True),
    )


def _split(file: Path) -> str | None:
    """Returns the split of ``train/happy/…`` and the like."""
    return SPLIT_FOLDERS.get(file.parts[0].lower()) if len(file.parts) > 2 else None


def _vocabulary(root: Path, classes: set[str], emotions: Sequence[str] | None) -> tuple[str, ...]:
    if len(classes) < 2:
        found = f"has images of {len(classes)} classes" if root.is_dir() else "is not a folder"
        raise MissingDataError(
            f"{root} {found}. It must have a folder for each class with images, "
            "<class>/…, or train/<class>/…, and where there are such validation/<class>/… and test/<class>/…"
        )
    if emotions is None:
        known = [emotion for emotion in labels.FER2013 if emotion in classes]
        return (*known, *sorted(classes - set(known)))
    if unknown := sorted(classes - set(emotions)):
        raise ValueError(f"The class folders of {root} must be among {list(emotions)}. Received: {unknown}")
    return tuple(emotions)


def _hold_out(table: pd.DataFrame, share: float, seed: int) -> None:
    """Makes a share of train, drawn for each class, the validation split."""
    train = np.flatnonzero(table["split"] == "train")
    held_out = splits.stratified(table["emotion"].to_numpy()[train], (1 - share, share), seed) == 1
    table.loc[train[held_out], "split"] = "validation"
