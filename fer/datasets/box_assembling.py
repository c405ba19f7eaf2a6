"""From photos and what is known of their boxes to a BoxDataset: what the readers of boxes have in common."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from fer.datasets import scan
from fer.datasets.base import check_damage
from fer.datasets.boxes import BoxDataset


def assemble(
    name: str,
    classes: tuple[str, ...],
    place: Path,
    photos: pd.DataFrame,
    boxes: pd.DataFrame,
    damaged: pd.DataFrame,
    rows: int,
    split: Callable[[pd.DataFrame], pd.Series],
) -> BoxDataset:
    """Leaves out the photos that cannot be read and the boxes outside the others, and splits these.

    Args:
        name: Of the reader.
        classes: Vocabulary.
        place: The file or folder of the boxes, for messages.
        photos: One row a photo: ``folder`` (Path), ``file`` (relative to it) and what ``split`` uses.
        boxes: One row a box: ``photo`` (row number in ``photos``), ``source`` (where it stands, for skips),
            ``BOX``, ``label`` and ``ignore``, possibly more.
        damaged: Rows that could not be read, as skips.
        rows: Number of rows of the label file, with these.
        split: Gives the split of each readable photo.

    Raises:
        DamagedDataError: More than 5 % of the photos, or of the rows, are damaged.
    """
    check_damage(damaged, rows, place)
    parts = [
        scan.verify(folder, [Path(file) for file in part["file"]]).set_index(part.index)
        for folder, part in photos.groupby("folder", sort=False)
    ]
    verdicts = pd.concat(parts).reindex(photos.index)
    unreadable = verdicts["reason"] != ""
    skipped = verdicts.loc[unreadable, ["source", "reason"]]
    check_damage(skipped, len(photos), place)
    width, height = (verdicts[side].to_numpy()[boxes["photo"]] for side in ("width", "height"))
    readable = ~unreadable.to_numpy()[boxes["photo"]]
    right, bottom = boxes["x"] + boxes["width"], boxes["y"] + boxes["height"]
    inside = (right > 0) & (bottom > 0) & (boxes["x"] < width) & (boxes["y"] < height)
    outside = boxes.loc[readable & ~inside, ["source"]].assign(reason="the box lies outside the photo")
    damaged = pd.concat([damaged, outside], ignore_index=True)
    check_damage(damaged, rows, place)
    position = np.cumsum(~unreadable.to_numpy()) - 1
    boxes = boxes[readable & inside].drop(columns="source")
    photos = photos.assign(path=verdicts["source"], height=verdicts["height"], width=verdicts["width"])
    photos = photos[~unreadable].reset_index(drop=True)
    photos["split"] = np.asarray(split(photos), dtype=object)
    return BoxDataset(
        name,
        classes,
        photos[["file", "path", "split", "height", "width"]],
        boxes.assign(photo=position[boxes["photo"]]),
        skipped=pd.concat([skipped, damaged], ignore_index=True),
    )
