"""Exact copies of an image, within a split and across splits, and whether their labels agree."""

import hashlib
from multiprocessing.pool import ThreadPool

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from fer.datasets.base import SPLITS, FaceDataset


def digest(image: np.ndarray) -> str:
    """Returns 32 hexadecimal digits, the same for images with the same pixels and shape only."""
    height, width = image.shape[:2]
    salt = b"%dx%d" % (height, width)
    return hashlib.blake2b(np.ascontiguousarray(image), salt=salt, digest_size=16).hexdigest()


def survey(dataset: FaceDataset) -> pd.DataFrame:
    """Looks at every image once.

    Returns:
        One row an image: ``height``, ``width``, ``channels``, ``constant`` (bool, all pixels are equal) and
        ``digest`` (str).
    """

    def look(row: int) -> tuple[int, int, int, bool, str]:
        image = dataset.image(row)
        height, width, *channels = image.shape
        return height, width, *(channels or [1]), bool(image.min() == image.max()), digest(image)

    columns = ["height", "width", "channels", "constant", "digest"]
    with ThreadPool() as pool:
        rows = pool.imap(look, range(len(dataset)), chunksize=64)
        return pd.DataFrame(
            list(tqdm(rows, total=len(dataset), desc="survey", unit=" images")), columns=columns
        )


def find(dataset: FaceDataset, digests: pd.Series | None = None) -> pd.DataFrame:
    """Finds the images that are there more than once, pixel for pixel.

    Args:
        dataset: The images.
        digests: Column ``digest`` of ``survey(dataset)`` where it is at hand.

    Returns:
        One row an image that has a copy: ``group`` (int, the same for copies of each other, counted from 0
        in the order of first appearance), ``row`` (its position in the data set), ``split`` and ``emotion``.
    """
    if digests is None:
        digests = survey(dataset)["digest"]
    rows = np.flatnonzero(digests.duplicated(keep=False))
    found = dataset.table.loc[rows, ["split", "emotion"]].reset_index(drop=True)
    found.insert(0, "row", rows)
    found.insert(0, "group", pd.factorize(digests.iloc[rows])[0])
    return found.sort_values(["group", "row"], ignore_index=True)


def summarize(found: pd.DataFrame) -> dict[str, int | dict[str, int]]:
    """Counts what ``find`` found.

    Returns:
        ``images`` that have a copy, their ``groups``, ``copies`` (images beyond the first of each group),
        ``groups_within_a_split`` (at least two copies in one split), ``groups_across_splits``,
        ``also_in_train`` (for validation and test: images that have a copy in train) and
        ``groups_with_different_emotions``.
    """
    groups = found.groupby("group")
    in_train = found["group"].isin(found.loc[found["split"] == "train", "group"])
    within = found[found.duplicated(["group", "split"])]
    return {
        "images": len(found),
        "groups": groups.ngroups,
        "copies": len(found) - groups.ngroups,
        "groups_within_a_split": within["group"].nunique(),
        "groups_across_splits": int((groups["split"].nunique() > 1).sum()),
        "also_in_train": {split: int((in_train & (found["split"] == split)).sum()) for split in SPLITS[1:]},
        "groups_with_different_emotions": int((groups["emotion"].nunique() > 1).sum()),
    }
