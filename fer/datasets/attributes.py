"""Faces with glasses, sunglasses and masks: crops with a table, as ``fer.faces attributes`` makes them."""

from pathlib import Path

import pandas as pd

from fer.datasets import scan
from fer.datasets.base import SPLITS, DamagedDataError, FaceDataset, MissingDataError, check_damage

TABLE = "faces.csv"
CLASSES = {"glasses": ("none", "glasses", "sunglasses"), "mask": ("none", "mask")}
"""The classes of each attribute."""

OPTIONAL = ("set", "subject", "drawn")
"""Columns that are kept where the table has them."""


def load(
    root: Path, attribute: str = "glasses", drawn: bool = True, in_memory: bool | None = None
) -> FaceDataset:
    """Reads the faces of which an attribute is known.

    ``faces.csv`` has a row for each image: ``file`` (relative to it), ``split`` (train, validation, test),
    and the attribute's column, empty where it is unknown; further ``set`` (where the photo is from),
    ``subject`` (person or photo) and ``drawn`` (1 where what is worn was drawn), as they are there.

    Args:
        root: The folder with ``faces.csv``.
        attribute: "glasses" (none, glasses, sunglasses) or "mask" (none, mask).
        drawn: False leaves out the rows whose ``drawn`` is 1.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set, whose ``emotions`` are the classes of the attribute, with ``table["path"]`` and the
        further columns. Images that cannot be read are in ``skipped``.

    Raises:
        ValueError: There is no such attribute.
        MissingDataError: There is no ``faces.csv``, or it knows the attribute of no face.
        DamagedDataError: The table lacks a column, or has a value that is not as described.
    """
    if attribute not in CLASSES:
        raise ValueError(f"`attribute` must be one of {list(CLASSES)}. Received: {attribute!r}")
    table = _table(root / TABLE, attribute)
    if not drawn and "drawn" in table:
        table = table[table["drawn"] != "1"].reset_index(drop=True)
    table = pd.concat([scan.verify(root, [Path(file) for file in table["file"]]), table], axis=1)
    damaged = table.loc[table["reason"] != "", ["source", "reason"]]
    check_damage(damaged, len(table), root)
    table = table[table["reason"] == ""].reset_index(drop=True)
    kept = ["source", attribute, "split", *(name for name in OPTIONAL if name in table)]
    return FaceDataset(
        "attributes",
        CLASSES[attribute],
        table=table[kept].rename(columns={"source": "path", attribute: "emotion"}),
        images=scan.pixels(table, in_memory),
        skipped=damaged,
    )


def _table(path: Path, attribute: str) -> pd.DataFrame:
    """Reads and checks the rows of which the attribute is known, all columns as text."""
    help_text = (
        f"It must have the columns file, split ({', '.join(SPLITS)}) and {attribute} "
        f"({', '.join(CLASSES[attribute])}, or empty). `python -m fer.faces attributes` makes it from photos."
    )
    if not path.is_file():
        raise MissingDataError(f"There is no {path}. {help_text}")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    allowed = {"file": None, "split": SPLITS, attribute: ("", *CLASSES[attribute])}
    for column, values in allowed.items():
        if column not in table:
            raise DamagedDataError(f"{path} has no column {column}. {help_text}")
        wrong = sorted(set(table[column]) - set(values or table[column]))
        if wrong:
            raise DamagedDataError(f"{path} has {wrong} in the column {column}. {help_text}")
    table = table[table[attribute] != ""].reset_index(drop=True)
    if table.empty:
        raise MissingDataError(f"{path} knows the {attribute} of no face. {help_text}")
    return table
