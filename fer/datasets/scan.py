"""Finds the image files of a folder that cannot be read, by decoding each of them once."""

import hashlib
import os
from collections.abc import Iterable
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from fer import images
from fer.datasets import cache

MAX_MEMORY = 512 * 2**20
"""Images of one shape that together take at most these bytes are read into memory."""


def listing(root: Path) -> tuple[list[Path], pd.DataFrame]:
    """Returns the image files under a folder, and the other files as a table of skips.

    Args:
        root: The folder. Files and folders in it whose name begins with a dot are ignored.

    Returns:
        Paths relative to `root`, sorted, of the files that end like an image, and the others: ``source``
        and ``reason``.
    """
    found = []
    for folder, folders, names in os.walk(root, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith((".", "__MACOSX"))]
        found += [Path(folder, name).relative_to(root) for name in names if not name.startswith(".")]
    found.sort()
    pictures = [file for file in found if file.suffix.lower() in images.SUFFIXES]
    others = [file for file in found if file.suffix.lower() not in images.SUFFIXES]
    return pictures, skips(root, others, "not an image")


def skips(root: Path, files: Iterable[Path], reason: str) -> pd.DataFrame:
    """Returns a table of skips with one reason for all files, which are relative to `root`."""
    return pd.DataFrame({"source": [str(root / file) for file in files], "reason": reason}, dtype=str)


def verify(root: Path, files: list[Path], decode: bool = True) -> pd.DataFrame:
    """Decodes images in parallel and remembers the verdicts, so that only new and changed files are read.

    An interrupted scan keeps the verdicts that it has.

    Args:
        root: The folder; the verdicts are remembered under its name.
        files: Image files, relative to `root`.
        decode: False only looks whether the files are there.

    Returns:
        One row a file: ``source`` (its path), ``reason`` why it cannot be read (empty where it can), and
        ``height``, ``width`` and ``channels`` (0 where it cannot, or is not decoded).
    """
    if decode:
        verdicts = _verdicts(root, files)
    else:
        verdicts = [(0, 0, 0, "" if (root / file).is_file() else "no such file") for file in files]
    table = pd.DataFrame(verdicts, columns=["height", "width", "channels", "reason"])
    table.insert(0, "source", [str(root / file) for file in files])
    return table


def pixels(table: pd.DataFrame, in_memory: bool | None) -> np.ndarray | None:
    """Reads the images of a scan into one array where that is wanted, or sensible.

    Args:
        table: Rows of ``verify`` without a reason.
        in_memory: True reads them; False does not; None does if they have one shape and take at most
            ``MAX_MEMORY``.

    Returns:
        uint8, (n, height, width) or (n, height, width, 3), or None.

    Raises:
        ValueError: `in_memory` is True and the shapes differ.
    """
    shapes = table[["height", "width", "channels"]].drop_duplicates()
    if in_memory is None:
        in_memory = len(shapes) == 1 and len(table) * int(shapes.iloc[0].prod()) <= MAX_MEMORY
    if not in_memory:
        return None
    if len(shapes) > 1:
        raise ValueError(
            f"`in_memory` takes images of one shape. Received: {len(shapes)} shapes, from "
            f"{shapes.min().tolist()} to {shapes.max().tolist()} (height, width, channels)"
        )
    height, width, channels = (int(length) for length in shapes.iloc[0])
    result = np.empty((len(table), height, width, channels)[: 3 if channels == 1 else 4], dtype=np.uint8)
    with ThreadPool() as pool:
        for row, image in enumerate(pool.imap(images.read, table["source"], chunksize=16)):
            result[row] = image
    return result


def _verdicts(root: Path, files: list[Path]) -> list[tuple[int, int, int, str]]:
    keys = [key(root, file) for file in files]
    verdicts = _remembered(root)
    new = {key: root / file for key, file in zip(keys, files, strict=True) if key not in verdicts}
    if new:
        try:
            with ThreadPool() as pool:
                answers = pool.imap(_verdict, new.values(), chunksize=16)
                progress = tqdm(answers, total=len(new), desc=root.name, unit=" files")
                verdicts.update(zip(new, progress, strict=True))
        finally:
            _remember(root, {key: verdicts[key] for key in keys if key in verdicts})
    return [verdicts[key] for key in keys]


def key(root: Path, file: Path) -> str:
    """Returns 16 hexadecimal digits that change when a file's name, size or time of change does."""
    try:
        status = (root / file).stat()
        text = f"{file}\0{status.st_size}\0{status.st_mtime_ns}\0{status.st_ctime_ns}"
    except FileNotFoundError:
        text = f"{file}\0missing"
    return hashlib.blake2b(os.fsencode(text), digest_size=8).hexdigest()


def _verdict(path: Path) -> tuple[int, int, int, str]:
    try:
        height, width, *channels = images.read(path).shape
    except ValueError as error:
        return 0, 0, 0, str(error).removeprefix(f"{path}: ")
    return height, width, *(channels or [1]), ""


def _remembered(root: Path) -> dict[str, tuple[int, int, int, str]]:
    kept = cache.read(root)
    if "key" not in kept:
        return {}
    shapes, reasons = kept["shape"].tolist(), kept["reason"].tolist()
    return {
        key: (*shape, reason)
        for key, shape, reason in zip(kept["key"].tolist(), shapes, reasons, strict=True)
    }


def _remember(root: Path, verdicts: dict[str, tuple[int, int, int, str]]) -> None:
    shapes = np.array([verdict[:3] for verdict in verdicts.values()], dtype=np.int32).reshape(-1, 3)
    reasons = np.array([verdict[3] for verdict in verdicts.values()], dtype=str)
    cache.write(root, {"key": np.array(list(verdicts), dtype=str), "shape": shapes, "reason": reasons})
