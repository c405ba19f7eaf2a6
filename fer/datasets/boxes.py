"""BoxDataset: photos and the boxes of the faces in them, what a detector learns from and is measured on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fer import images
from fer.datasets.base import SPLITS, no_skips

BOX = ["x", "y", "width", "height"]
"""Columns of a box: top left corner and size in pixels, float; it may reach beyond the photo."""


@dataclass(frozen=True, eq=False)
class BoxDataset:
    """Photos and boxes.

    Attributes:
        name: Of the reader.
        classes: Vocabulary of ``boxes["label"]``; ("face",) where only faces are looked for.
        photos: One row a photo: ``split`` (of ``SPLITS``); ``path``, and ``file``, its name in the folder,
            where photos are files; ``file``, a name that says how, where they are drawn; possibly more.
        boxes: One row a box: ``photo`` (row number in ``photos``), ``BOX``, ``label``, and ``ignore``, true
            for a face that is neither to be found nor to be missed; possibly more.
        pictures: The photos where they are no files, uint8, (height, width, 3) RGB each: in memory, or drawn
            as they are asked for. Else None.
        skipped: What could not be used: ``source`` (row or path) and ``reason``.
    """

    name: str
    classes: tuple[str, ...]
    photos: pd.DataFrame
    boxes: pd.DataFrame
    pictures: Sequence[np.ndarray] | None = None
    skipped: pd.DataFrame = field(default_factory=no_skips)

    def __post_init__(self):
        if unknown := sorted(set(self.boxes["label"]) - set(self.classes)):
            raise ValueError(f"`boxes` must have labels among {list(self.classes)}. Received: {unknown}")
        if unknown := sorted(set(self.photos["split"]) - set(SPLITS)):
            raise ValueError(f"`photos` must have splits among {list(SPLITS)}. Received: {unknown}")
        if self.pictures is None and "path" not in self.photos:
            raise ValueError("A BoxDataset needs `pictures` or a `path` column in `photos`.")
        if self.pictures is not None and len(self.pictures) != len(self.photos):
            raise ValueError(
                f"`pictures` must have one entry for each of the {len(self.photos)} rows of `photos`. "
                f"Received: {len(self.pictures)}"
            )
        outside = ~self.boxes["photo"].between(0, len(self.photos) - 1)
        if outside.any():
            raise ValueError(
                f"`boxes` must name rows of `photos`, 0…{len(self.photos) - 1}. "
                f"Received: {int(self.boxes['photo'][outside].iloc[0])}"
            )
        boxes = self.boxes.sort_values("photo", kind="stable", ignore_index=True)
        boxes = boxes.astype({"photo": int, "ignore": bool} | dict.fromkeys(BOX, float))
        object.__setattr__(self, "boxes", boxes)
        object.__setattr__(self, "photos", self.photos.reset_index(drop=True))
        begin = np.searchsorted(boxes["photo"], np.arange(len(self.photos) + 1))
        object.__setattr__(self, "_begin", begin)

    def __len__(self) -> int:
        """Number of photos."""
        return len(self.photos)

    def __repr__(self) -> str:
        counts = ", ".join(f"{(self.photos['split'] == split).sum():,} {split}" for split in SPLITS)
        ignored = int(self.boxes["ignore"].sum())
        return (
            f"<BoxDataset {self.name}: {counts} photos; {len(self.boxes) - ignored:,} boxes, "
            f"{ignored:,} to ignore; {len(self.classes)} classes>"
        )

    def split(self, name: str) -> "BoxDataset":
        """Returns the photos of "train", "validation" or "test". There may be none."""
        if name not in SPLITS:
            raise ValueError(f"`name` must be one of {list(SPLITS)}. Received: {name!r}")
        return self.take(np.flatnonzero(self.photos["split"] == name))

    def take(self, rows: Sequence[int] | np.ndarray) -> "BoxDataset":
        """Returns the photos of these row numbers, each once, in this order."""
        rows = np.asarray(rows, dtype=int)
        position = np.full(len(self), -1)
        position[rows] = np.arange(len(rows))
        boxes = self.boxes.assign(photo=position[self.boxes["photo"].to_numpy(dtype=int)])
        pictures = None if self.pictures is None else _Selection(self.pictures, rows)
        return replace(
            self, photos=self.photos.iloc[rows], boxes=boxes[boxes["photo"] >= 0], pictures=pictures
        )

    def counts(self) -> pd.DataFrame:
        """Returns by split the numbers of ``photos``, of those ``without_box``, ``boxes``, ``ignored``."""
        rows = {}
        for name in SPLITS:
            part = self.split(name)
            rows[name] = {
                "photos": len(part),
                "without_box": len(part) - part.boxes["photo"].nunique(),
                "boxes": len(part.boxes),
                "ignored": int(part.boxes["ignore"].sum()),
            }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("split")

    def image(self, row: int) -> np.ndarray:
        """Returns a photo: uint8, shape (height, width, 3) RGB.

        Raises:
            ValueError: The file has become unreadable.
        """
        if self.pictures is not None:
            return self.pictures[row]
        return images.convert(images.read(self.photos["path"].iloc[row]), None, 3)

    def truth(self, row: int) -> pd.DataFrame:
        """Returns the boxes of a photo."""
        return self.boxes.iloc[self._begin[row] : self._begin[row + 1]]

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change when a photo, a box, a split or the order changes.

        Photos with a ``file`` count by that name, and by their size where they are files, so that the folder
        may move; others count by their pixels.
        """
        digest = hashlib.sha256(repr((self.name, self.classes)).encode())
        for table in (self.photos.drop(columns="path", errors="ignore"), self.boxes):
            digest.update(pd.util.hash_pandas_object(table, index=False).to_numpy().tobytes())
        if self.pictures is None:
            digest.update(repr([Path(path).stat().st_size for path in self.photos["path"]]).encode())
        elif "file" not in self.photos:
            for picture in self.pictures:
                digest.update(repr(picture.shape).encode() + picture.tobytes())
        return digest.hexdigest()[:16]


class _Selection(Sequence):
    """Some of a sequence's items, taken when they are asked for."""

    def __init__(self, items: Sequence, rows: np.ndarray):
        self.items, self.rows = items, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int):
        return self.items[self.rows[row]]
