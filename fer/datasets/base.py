"""FaceDataset: face images with a table of what is known about each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fer import images as image_files

SPLITS = ("train", "validation", "test")
MAX_DAMAGED_SHARE = 0.05


class MissingDataError(FileNotFoundError):
    """The data is not where it was looked for. The message says where to get it and how it must look."""


class DamagedDataError(ValueError):
    """Too many rows or files of a data set cannot be read."""


def no_skips() -> pd.DataFrame:
    """Returns an empty table of skipped rows or files: ``source`` (row number or path) and ``reason``."""
    return pd.DataFrame({"source": pd.Series(dtype=str), "reason": pd.Series(dtype=str)})


@dataclass(frozen=True, eq=False)
class FaceDataset:
    """Face images and, one row an image, what is known about them.

    Attributes:
        name: The name under which the data set is registered.
        emotions: The vocabulary; the position of an emotion is its integer label.
        table: One row an image, index 0…n-1. Columns: ``emotion`` (categorical over ``emotions``),
            ``split`` (categorical over train, validation, test) and, where known, ``subject``, ``path``,
            box, landmarks and attributes.
        images: uint8, shape (n, height, width) for gray or (n, height, width, 3) for RGB. None when the
            images are read from ``table["path"]`` as they are asked for.
        soft_labels: float32, shape (n, len(emotions)), rows sum to 1: the taggers' distribution. None when
            the data set has one label an image.
        skipped: What could not be used: columns ``source`` (row number or path) and ``reason``.
    """

    name: str
    emotions: tuple[str, ...]
    table: pd.DataFrame
    images: np.ndarray | None = None
    soft_labels: np.ndarray | None = None
    skipped: pd.DataFrame = field(default_factory=no_skips)

    def __post_init__(self):
        table = self.table.reset_index(drop=True)
        table["emotion"] = pd.Categorical(table["emotion"], categories=self.emotions)
        table["split"] = pd.Categorical(table["split"], categories=SPLITS)
        object.__setattr__(self, "table", table)
        for column in ("emotion", "split"):
            if table[column].isna().any():
                allowed = list(table[column].cat.categories)
                raise ValueError(f"Every value of `table['{column}']` must be one of {allowed}.")
        if self.images is None and "path" not in table:
            raise ValueError("A FaceDataset needs `images` or a `path` column in `table`.")
        for argument in ("images", "soft_labels"):
            array = getattr(self, argument)
            if array is not None and len(array) != len(table):
                raise ValueError(
                    f"`{argument}` must have one entry for each of the {len(table)} rows of `table`. "
                    f"Received: {len(array)}"
                )

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{n:,} {split}" for split, n in self.table["split"].value_counts(sort=False).items()
        )
        return f"<FaceDataset {self.name}: {counts}; {len(self.emotions)} emotions>"

    @property
    def labels(self) -> np.ndarray:
        """Integer labels, int64, shape (n,)."""
        return self.table["emotion"].cat.codes.to_numpy(dtype=np.int64)

    def take(self, rows: np.ndarray | Sequence[int]) -> "FaceDataset":
        """Returns the data set of these rows, in this order.

        Args:
            rows: Row positions (int) or a mask (bool, shape (n,)).
        """
        rows = np.asarray(rows)
        if rows.dtype == bool:
            rows = np.flatnonzero(rows)
        return replace(
            self,
            table=self.table.iloc[rows],
            images=None if self.images is None else self.images[rows],
            soft_labels=None if self.soft_labels is None else self.soft_labels[rows],
        )

    def split(self, name: str) -> "FaceDataset":
        """Returns the images of one split: "train", "validation" or "test". It may be empty."""
        if name not in SPLITS:
            raise ValueError(f"`name` must be one of {list(SPLITS)}. Received: {name!r}")
        return self.take((self.table["split"] == name).to_numpy())

    def subset(self, n: int | None, seed: int = 0) -> "FaceDataset":
        """Returns at most ``n`` images that keep the shares of every split and emotion.

        Each combination of split and emotion that has images keeps at least one. The order of the rows is
        kept, and a subset drawn with the same seed is the same on every machine.

        Args:
            n: Number of images. None, or a number of at least ``len(self)``, returns the data set itself.
            seed: Seed of the draw.
        """
        if n is None or n >= len(self):
            return self
        return self.take(self._draw(np.arange(len(self)), n, seed))

    def limit_training(self, n: int, seed: int = 0) -> "FaceDataset":
        """Returns at most ``n`` images of the train split, the shares of the emotions kept, and all others.

        What is learned from few images is so judged on as many as before.

        Args:
            n: Number of training images. A number of at least all returns the data set itself.
            seed: Seed of the draw.
        """
        is_train = (self.table["split"] == "train").to_numpy()
        training, others = np.flatnonzero(is_train), np.flatnonzero(~is_train)
        if n >= len(training):
            return self
        return self.take(np.sort(np.concatenate([self._draw(training, n, seed), others])))

    def _draw(self, rows: np.ndarray, n: int, seed: int) -> np.ndarray:
        """Draws ``n`` of some rows, the shares of splits and emotions kept."""
        if n < 1:
            raise ValueError(f"`n` must be a positive integer. Received: {n!r}")
        random = np.random.default_rng(seed)
        strata = self.table.iloc[rows].groupby(["split", "emotion"], observed=True).indices
        quotas = _apportion(np.array([len(stratum) for stratum in strata.values()]), n)
        kept = [
            random.permutation(stratum)[:quota]
            for stratum, quota in zip(strata.values(), quotas, strict=True)
        ]
        return np.sort(rows[np.concatenate(kept)])

    def image(self, row: int) -> np.ndarray:
        """Returns one image as stored: uint8, (height, width) or (height, width, 3) RGB."""
        if self.images is not None:
            return self.images[row]
        return image_files.read(self.table["path"].iloc[row])

    def arrays(self, size: int | None = None, channels: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """Returns all images and labels as arrays, as Keras takes them.

        Args:
            size: Height and width in pixels. None keeps the stored size, which must be one for all images.
            channels: 1 for gray, 3 for RGB.

        Returns:
            Images, uint8, shape (n, size, size, channels), range 0…255, and labels, int64, shape (n,).
        """
        if channels not in (1, 3):
            raise ValueError(f"`channels` must be 1 (gray) or 3 (RGB). Received: {channels!r}")
        if len(self) == 0:
            return np.zeros((0, size or 0, size or 0, channels), dtype=np.uint8), self.labels
        images = np.stack([image_files.convert(self.image(row), size, channels) for row in range(len(self))])
        return images, self.labels

    def counts(self) -> pd.DataFrame:
        """Returns the number of images: one row a split, one column an emotion."""
        return pd.crosstab(self.table["split"], self.table["emotion"], dropna=False).reindex(
            index=list(SPLITS), columns=list(self.emotions), fill_value=0
        )

    @cached_property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that change when an image, a label, a split or the order changes.

        Images that are read from their paths count by path, size and time of change.
        """
        digest = hashlib.sha256(repr(self.emotions).encode())
        digest.update(self.labels.tobytes())
        digest.update(self.table["split"].cat.codes.to_numpy().tobytes())
        if self.images is not None:
            digest.update(repr(self.images.shape).encode())
            digest.update(np.ascontiguousarray(self.images))
        else:
            for path in self.table["path"]:
                status = Path(path).stat()
                digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        if self.soft_labels is not None:
            digest.update(np.ascontiguousarray(self.soft_labels))
        return digest.hexdigest()[:16]


def check_damage(skipped: pd.DataFrame, total: int, place: Path | str) -> None:
    """Stops when more than 5 % of a data set's rows or files cannot be read.

    Args:
        skipped: Table with ``source`` and ``reason``.
        total: Number of rows or files looked at, the skipped ones included.
        place: The file or folder, for the message.

    Raises:
        DamagedDataError: Names the commonest reasons and the first places.
    """
    if len(skipped) <= MAX_DAMAGED_SHARE * total:
        return
    reasons = "; ".join(f"{reason} ({n:,})" for reason, n in skipped["reason"].value_counts().head(5).items())
    first = ", ".join(skipped["source"].astype(str).head(5))
    raise DamagedDataError(
        f"{len(skipped):,} of {total:,} rows or files of {place} cannot be used, more than "
        f"{MAX_DAMAGED_SHARE:.0%}, so the data set is probably not what it should be. "
        f"Reasons: {reasons}. First: {first}."
    )


def _apportion(sizes: np.ndarray, n: int) -> np.ndarray:
    """Shares ``n`` places among strata by largest remainder, at least one to each."""
    exact = sizes * n / sizes.sum()
    quotas = np.maximum(np.floor(exact).astype(int), 1)
    for stratum in np.argsort(quotas - exact, kind="stable"):
        if quotas.sum() >= n:
            break
        quotas[stratum] += quotas[stratum] < sizes[stratum]
    return quotas
