"""From files and what is known of them to a FaceDataset: what the readers of image folders have in common."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fer import images
from fer.datasets import scan, splits
from fer.datasets.base import SPLITS, FaceDataset, check_damage, no_skips


def stem(file: Path) -> str:
    """Returns the name of an image without its endings: of ``AF01ANS.JPG``, and of its crop
    ``AF01ANS.JPG.png``, as ``fer.faces.prepare`` names it, "AF01ANS"."""
    while file.suffix.lower() in images.SUFFIXES:
        file = file.with_suffix("")
    return file.name


def by_name(
    root: Path, files: Iterable[Path], parse: Callable[[Path], dict | None], reason: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Reads what the names of files say.

    Args:
        root: The folder.
        files: Files, relative to `root`.
        parse: Returns what a file's name says, or None for a name that it does not know.
        reason: Why a file with such a name is skipped.

    Returns:
        One row a file whose name is known, ``file`` and the keys of `parse`, and the others as skips.
    """
    known, unknown = [], []
    for file in files:
        attributes = parse(file)
        if attributes is None:
            unknown.append(file)
        else:
            known.append({"file": file, **attributes})
    return pd.DataFrame(known), scan.skips(root, unknown, reason)


def assemble(
    name: str,
    emotions: Sequence[str],
    root: Path,
    rows: pd.DataFrame,
    split: Callable[[pd.DataFrame], np.ndarray | pd.Series],
    in_memory: bool | None = None,
    damaged: pd.DataFrame | None = None,
    left_out: pd.DataFrame | None = None,
    decode: bool = True,
) -> FaceDataset:
    """Leaves out the images that cannot be read, splits the others and makes a data set of them.

    Args:
        name: Name of the data set.
        emotions: Its vocabulary.
        root: The folder.
        rows: One row an image: ``file`` (relative to `root`), ``emotion`` and the further columns.
        split: Gives the split of each row, of the readable images.
        in_memory: As in ``scan.pixels``.
        damaged: Skips that count as damage, besides the images that cannot be read.
        left_out: Skips that do not.
        decode: False only looks whether the files are there, and leaves the images on disk.

    Raises:
        DamagedDataError: More than 5 % are damaged.
    """
    damaged, left_out = (no_skips() if skips is None else skips for skips in (damaged, left_out))
    verdicts = scan.verify(root, list(rows["file"]), decode)
    table = pd.concat([verdicts, rows.drop(columns="file").reset_index(drop=True)], axis=1)
    unreadable = table.loc[table["reason"] != "", ["source", "reason"]]
    damaged = pd.concat([unreadable, damaged], ignore_index=True)
    check_damage(damaged, len(table) + len(damaged) - len(unreadable), root)
    table = table[table["reason"] == ""].reset_index(drop=True)
    table["split"] = split(table)
    further = [column for column in rows if column not in ("file", "emotion", "split")]
    return FaceDataset(
        name,
        tuple(emotions),
        table=table[["source", "emotion", "split", *further]].rename(columns={"source": "path"}),
        images=scan.pixels(table, in_memory) if decode else None,
        skipped=pd.concat([damaged, left_out], ignore_index=True),
    )


def draw(
    emotions: pd.Series, fractions: Sequence[float], seed: int, groups: pd.Series | None = None
) -> np.ndarray:
    """Draws splits that have the same shares of the emotions, and no group (person, film) in common.

    Args:
        emotions: The emotion of each image.
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.
        groups: The group of each image; None where none is known.

    Returns:
        The split of each image, str, shape (n,).
    """
    return np.array(SPLITS)[_parts(emotions, fractions, seed, groups)]


def hold_out(table: pd.DataFrame, share: float, seed: int, groups: pd.Series | None = None) -> pd.Series:
    """Makes a share of train, of each emotion, the validation split.

    Args:
        table: The images, with ``emotion`` and ``split``.
        share: Share of train.
        seed: Seed of the draw.
        groups: As in ``draw``.

    Returns:
        The split of each image.
    """
    split = table["split"].copy()
    train = table.index[split == "train"]
    groups = None if groups is None else groups[train]
    parts = _parts(table["emotion"][train], (1 - share, share), seed, groups)
    split[train[parts == 1]] = "validation"
    return split


def _parts(
    emotions: pd.Series, fractions: Sequence[float], seed: int, groups: pd.Series | None
) -> np.ndarray:
    if groups is None or groups.is_unique:
        return splits.stratified(emotions.to_numpy(), fractions, seed)
    return splits.stratified_by_group(emotions.to_numpy(), groups.to_numpy(), fractions, seed)
