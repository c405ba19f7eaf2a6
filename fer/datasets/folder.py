"""Any folder of class folders: ``root/<class>/…`` or ``root/train/<class>/…``, ``root/test/<class>/…``."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

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
    rows = pd.DataFrame({"file": placed, "emotion": classes})
    if has_splits:
        rows["split"] = [_split(file) for file in placed]
    astray = scan.skips(root, sorted(set(images) - set(placed)), "not in a class folder")

    def split(table: pd.DataFrame) -> pd.Series:
        if not has_splits:
            return assembling.draw(table["emotion"], fractions, seed)
        if "validation" in set(table["split"]):
            return table["split"]
        return assembling.hold_out(table, validation_share, seed)

    left_out = pd.concat([astray, others])
    return assembling.assemble("folder", emotions, root, rows, split, in_memory, left_out=left_out)


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
        return labels.vocabulary(classes)
    if unknown := sorted(classes - set(emotions)):
        raise ValueError(f"The class folders of {root} must be among {list(emotions)}. Received: {unknown}")
    return tuple(emotions)
