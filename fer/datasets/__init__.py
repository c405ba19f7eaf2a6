"""Readers of face data sets: each turns what its owners distribute into a FaceDataset.

Example:
    >>> faces = datasets.load("fer2013", root="~/downloads/fer2013.csv")
    >>> faces.split("train").counts()
"""

import inspect
import logging
from importlib import import_module
from pathlib import Path

from fer import paths
from fer.datasets.base import SPLITS, DamagedDataError, FaceDataset, MissingDataError

__all__ = ["SPLITS", "DamagedDataError", "FaceDataset", "MissingDataError", "available", "load"]

logger = logging.getLogger(__name__)

READERS = {
    "synthetic": "fer.datasets.synthetic",
    "fer2013": "fer.datasets.fer2013",
    "ferplus": "fer.datasets.ferplus",
    "folder": "fer.datasets.folder",
    "aihub": "fer.datasets.aihub",
    "attributes": "fer.datasets.attributes",
}
"""The module of each data set. It has a function ``load(root, …)``, or ``load(…)`` when it reads no files."""


def available() -> list[str]:
    """Returns the names that ``load`` knows."""
    return list(READERS)


def load(name: str, root: Path | str | None = None, **options) -> FaceDataset:
    """Reads a data set.

    Args:
        name: One of ``available()``.
        root: Folder or file of the data set. None is the folder of this name in ``paths.data()``.
        **options: Options of the reader; see the ``load`` function of its module.

    Returns:
        The data set. What was left out is in its ``skipped``, and a warning in the log counts it.

    Raises:
        ValueError: The name or an option is unknown.
        MissingDataError: Nothing is there; the message says where to get it and how it must look.
        DamagedDataError: More than 5 % of the rows or files cannot be used.
    """
    if name not in READERS:
        raise ValueError(f"`name` must be one of {available()}. Received: {name!r}")
    reader = import_module(READERS[name]).load
    known = list(inspect.signature(reader).parameters)
    if "root" in known:
        known.remove("root")
        options["root"] = paths.data() / name if root is None else Path(root).expanduser().absolute()
    elif root is not None:
        raise ValueError(f"`root` must be None: {name!r} reads no files. Received: {str(root)!r}")
    if unknown := sorted(set(options) - {*known, "root"}):
        raise ValueError(f"The options of {name!r} are {known}. Received: {unknown}")
    dataset = reader(**options)
    if len(dataset.skipped):
        counts = dataset.skipped["reason"].value_counts().head(5)
        reasons = "; ".join(f"{reason} ({n:,})" for reason, n in counts.items())
        logger.warning(
            "%s: left out %d rows or files, listed in `skipped`: %s", name, len(dataset.skipped), reasons
        )
    return dataset
