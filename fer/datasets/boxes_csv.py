"""A csv of boxes with its photos: ``file,x,y,width,height`` and what else is known of each face."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fer import labels
from fer.datasets import box_assembling, look_alikes, scan, splits
from fer.datasets.base import SPLITS, DamagedDataError, MissingDataError
from fer.datasets.boxes import BOX, BoxDataset
from fer.files import atomic_write

TABLE = "boxes.csv"
COLUMNS = ("file", *BOX)
_IGNORE = {"": False, "0": False, "false": False, "1": True, "true": True}
HELP = (
    f"It must be a csv with the columns {', '.join(COLUMNS)} in pixels, one row a face, possibly with label, "
    "ignore (0 or 1), split and score; the photos lie in images/ beside it, or with it."
)


def load(
    root: Path,
    images: Path | str | None = None,
    negatives: Path | str | None = None,
    classes: str = "face",
    smallest: float = 0,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> BoxDataset:
    """Reads a csv of boxes.

    A row is a face; one whose box is empty says that the photo has none. Further columns: ``label``;
    ``ignore``, 1 for a face that is neither to be found nor to be missed; ``split``, one for a photo;
    ``score``, of the detector that found it, 0…1. Other columns are left out.

    Without the column ``split`` photos are drawn into splits, those with faces and those without in the same
    shares. Photos that look alike stay together.

    Args:
        root: The csv, or its folder with ``boxes.csv``.
        images: Folder of the photos. None is ``images/`` beside the csv if there is one, else the csv's own.
        negatives: Folder of further photos, in which there is no face; their splits are always drawn.
        classes: "face" makes one class of all faces, "labels" takes those of the column ``label``, emotions
            first and in FER-2013's order. What is to be ignored then needs no label of these.
        smallest: Faces with a shorter side below this many pixels are to be ignored.
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.

    Returns:
        The data set. Rows and photos that cannot be used are in ``skipped``; a photo of which a row was left
        out keeps its others.

    Raises:
        ValueError: An option is out of its range.
        MissingDataError: There is no such file or folder.
        DamagedDataError: The file is no such csv, or more than 5 % of its rows or photos cannot be used.
    """
    if classes not in ("face", "labels"):
        raise ValueError(f"`classes` must be 'face' or 'labels'. Received: {classes!r}")
    splits.check_fractions(fractions)
    path = root / TABLE if root.is_dir() else root
    rows = _rows(path, classes)
    reasons = rows.pop("reason")
    damaged = pd.DataFrame({"source": rows["source"], "reason": reasons})[reasons != ""]
    # What else is in a photo with a damaged row is not known: it must not count as empty there.
    good = rows[(reasons == "") & ~rows["file"].isin(rows["file"][reasons != ""])]
    photos = good.groupby("file", as_index=False).agg(split=("split", "first"), faces=("has_box", "any"))
    photos["folder"] = _images(path) if images is None else _folder(images, "images")
    boxes = good[good["has_box"]].drop(columns=["has_box", "split"])
    boxes["photo"] = pd.Index(photos["file"]).get_indexer(boxes.pop("file"))
    boxes["ignore"] |= boxes[["width", "height"]].min(axis=1) < smallest
    vocabulary = ("face",)
    if classes == "labels":
        vocabulary = labels.vocabulary(boxes.loc[~boxes["ignore"], "label"])
    # A face that does not count may have any label, or none.
    boxes.loc[~boxes["label"].isin(vocabulary), "label"] = vocabulary[0]
    if negatives is not None:
        folder = _folder(negatives, "negatives")
        files = [str(file) for file in scan.listing(folder)[0]]
        further = pd.DataFrame({"file": files, "split": "", "faces": False, "folder": folder})
        photos = pd.concat([photos, further], ignore_index=True)
    return box_assembling.assemble(
        "boxes_csv",
        vocabulary,
        path,
        photos,
        boxes,
        damaged,
        len(rows),
        lambda photos: _split(photos, fractions, seed),
    )


def write(dataset: BoxDataset, path: Path | str) -> None:
    """Writes boxes as a csv that ``load`` reads, with ``images`` being the folder of their photos.

    Args:
        dataset: Photos with the column ``file``, and boxes, with or without ``score``.
        path: The csv. It is replaced if it exists.
    """
    names = columns("score" in dataset.boxes)
    boxes = dataset.boxes[["photo", *names[1:-1]]].astype({"ignore": int})
    rows = dataset.photos[["file", "split"]].join(boxes.set_index("photo"))  # photos without boxes, too
    rows = rows[names].astype({"ignore": "Int64"})
    with atomic_write(path) as temporary:
        rows.to_csv(temporary, index=False, float_format="%.10g")


def columns(scored: bool) -> list[str]:
    """Returns the columns that ``write`` gives, "file" first and "split" last."""
    return [*COLUMNS, "label", "ignore", *(["score"] if scored else []), "split"]


def _rows(path: Path, classes: str) -> pd.DataFrame:
    """Reads the csv, with ``source``, ``has_box`` and ``reason``, why a row cannot be used or ""."""
    if not path.is_file():
        raise MissingDataError(f"There is no {path}. {HELP}")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip().lower() for name in next(reader, [])]
            header = ["file" if name == "source" else name for name in header]  # as in prepare's manifest
            lines = [(reader.line_num, fields) for fields in reader if fields]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DamagedDataError(f"{path} is not the csv ({error}). {HELP}") from error
    needed = (*COLUMNS, "label") if classes == "labels" else COLUMNS
    if missing := [name for name in needed if name not in header]:
        raise DamagedDataError(f"{path} has no column {', '.join(missing)}. {HELP}")
    if not lines:
        raise DamagedDataError(f"{path} has a header, but no rows.")
    whole = pd.Series([len(fields) == len(header) for _, fields in lines])
    blank = [""] * len(header)
    rows = pd.DataFrame(
        [fields if ok else blank for (_, fields), ok in zip(lines, whole, strict=True)], columns=header
    )
    rows = rows.apply(lambda column: column.str.strip())
    ignore = rows.get("ignore", pd.Series("", rows.index)).str.lower()
    texts = rows[BOX]
    result = pd.DataFrame(
        {
            "source": [f"{path}, line {number}" for number, _ in lines],
            "file": rows["file"],
            "has_box": (texts != "").any(axis=1),
            "label": rows.get("label", ""),
            "ignore": ignore.map(_IGNORE).eq(True),
            "split": rows.get("split", ""),
        }
    )
    numbers = [*BOX, *(["score"] if "score" in header else [])]
    result[numbers] = rows[numbers].apply(pd.to_numeric, errors="coerce").astype(float)
    sized = (result["width"] > 0) & (result["height"] > 0)
    splits_of = result.groupby("file")["split"].transform("nunique")
    faults = {
        "wrong number of fields": ~whole,
        "no file": rows["file"] == "",
        "x, y, width and height are not four numbers": ~np.isfinite(result[BOX]).all(axis=1),
        "the box has no size": ~sized,
        "ignore is neither 0 nor 1": ~ignore.isin(_IGNORE),
        f"split is none of {', '.join(SPLITS)}": ~result["split"].isin(["", *SPLITS]),
        "the photo has several splits": splits_of > 1,
        "no label": ~result["ignore"] & (result["label"] == "") & (classes == "labels"),
    }
    of_boxes = ("x, y", "the box", "no label")
    result["reason"] = ""
    for reason, found in faults.items():
        if reason.startswith(of_boxes):
            found &= result["has_box"]
        result.loc[found & (result["reason"] == ""), "reason"] = reason
    return result


def _images(path: Path) -> Path:
    beside = path.parent / "images"
    return beside if beside.is_dir() else path.parent


def _folder(path: Path | str, argument: str) -> Path:
    folder = Path(path).expanduser().absolute()
    if not folder.is_dir():
        raise MissingDataError(f"`{argument}` must be a folder of photos. Received: {folder}")
    return folder


def _split(photos: pd.DataFrame, fractions: Sequence[float], seed: int) -> pd.Series:
    """Draws the splits that the csv does not say, each folder by itself: negatives change no other's."""
    result = photos["split"].copy()
    for _, part in photos[result == ""].groupby("folder"):
        drawn = look_alikes.split(part["path"], part["faces"].to_numpy(), fractions, seed)
        result[part.index] = drawn
    return result
