"""Readers of face data sets: each turns what its owners distribute into a FaceDataset or a BoxDataset.

Example:
    >>> faces = datasets.load("fer2013", root="~/downloads/fer2013.csv")
    >>> faces.split("train").counts()
"""

import inspect
import logging
from importlib import import_module
from pathlib import Path
from types import ModuleType

from fer import paths
from fer.datasets.base import SPLITS, DamagedDataError, FaceDataset, MissingDataError
from fer.datasets.boxes import BoxDataset

__all__ = [
    "SPLITS",
    "BoxDataset",
    "DamagedDataError",
    "FaceDataset",
    "MissingDataError",
    "available",
    "load",
    "load_boxes",
    "reported",
]

logger = logging.getLogger(__name__)

READERS = {
    "synthetic": "fer.datasets.synthetic",
    "fer2013": "fer.datasets.fer2013",
    "ferplus": "fer.datasets.ferplus",
    "folder": "fer.datasets.folder",
    "aihub": "fer.datasets.aihub",
    "ckplus": "fer.datasets.ckplus",
    "mmi": "fer.datasets.mmi",
    "kdef": "fer.datasets.kdef",
    "jaffe": "fer.datasets.jaffe",
    "sfew": "fer.datasets.sfew",
    "rafdb": "fer.datasets.rafdb",
    "affectnet": "fer.datasets.affectnet",
    "attributes": "fer.datasets.attributes",
}
"""The module of each data set. It has a function ``load(root, …)``, or ``load(…)`` when it reads no files,
and ``REPORTED``, the number of images of each emotion that its owners report, where they do."""

BOX_READERS = {
    "scenes": "fer.datasets.scenes",
    "boxes_csv": "fer.datasets.boxes_csv",
    "wider_face": "fer.datasets.wider_face",
}
"""The module of each set of photos with boxes of faces, with a function ``load`` likewise."""


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
    return _read(name, _module(name), root, options)


def load_boxes(name: str, root: Path | str | None = None, **options) -> BoxDataset:
    """Reads photos with boxes of faces.

    Args:
        name: "scenes" (drawn), "boxes_csv" or "wider_face".
        root: Folder or file of the boxes. None is the folder of this name in ``paths.data()``.
        **options: Options of the reader; see the ``load`` function of its module.

    Returns:
        The data set. What was left out is in its ``skipped``, and a warning in the log counts it.

    Raises:
        ValueError: The name or an option is unknown.
        MissingDataError: Nothing is there; the message says how it must look.
        DamagedDataError: More than 5 % of the rows or photos cannot be used.
    """
    return _read(name, _module(name, BOX_READERS), root, options)


def reported(name: str) -> dict[str, int] | None:
    """Returns the number of images of each emotion that the owners of a data set report.

    It is what ``load`` should find, with its default options, in the whole data set; the source is in the
    docstring of the reader's module.

    Args:
        name: One of ``available()``.

    Returns:
        Emotion to number of images; None where no such numbers are known.
    """
    return getattr(_module(name), "REPORTED", None)


def _read(name: str, module: ModuleType, root: Path | str | None, options: dict) -> FaceDataset | BoxDataset:
    reader = module.load
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


def _module(name: str, readers: dict[str, str] = READERS) -> ModuleType:
    if name not in readers:
        raise ValueError(f"`name` must be one of {list(readers)}. Received: {name!r}")
    return import_module(readers[name])
