"""Photos that look the same in any size, mirrored or not: they must not be on both sides of a split."""

from collections.abc import Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from tqdm.auto import tqdm

from fer import images
from fer.datasets import cache, scan, splits
from fer.datasets.base import SPLITS

SIDE = 16
"""Height and width of a thumbnail in pixels."""

SIMILARITY = 0.93
"""Correlation of two thumbnails above which they count as copies of one photo."""


def thumbnail(image: np.ndarray) -> np.ndarray:
    """Returns a small gray picture of an image: uint8, shape (16, 16)."""
    return images.convert(image, SIDE, 1)[..., 0]


def group(thumbnails: np.ndarray, subjects: np.ndarray) -> tuple[np.ndarray, int]:
    """Groups the photos of one subject, and those that look the same.

    Args:
        thumbnails: uint8, shape (n, 16, 16).
        subjects: What must stay together anyway: a person, or a number for each photo; shape (n,).

    Returns:
        The number of each photo's group, int, shape (n,), and how many photos look like one of another
        subject.
    """
    vectors, mirrored = _standardized(thumbnails), _standardized(thumbnails[:, :, ::-1])
    first, second = [], []
    for start in range(0, len(thumbnails), 1000):
        part = vectors[start : start + 1000]
        alike = np.maximum(part @ vectors.T, part @ mirrored.T) > SIMILARITY
        rows, columns = np.nonzero(alike)
        first.append(rows + start)
        second.append(columns)
    first, second = np.concatenate(first), np.concatenate(second)
    subjects = np.unique(subjects, return_inverse=True)[1]
    copies = len(np.unique(first[subjects[first] != subjects[second]]))
    # Subjects are the nodes, look-alikes the edges.
    edges = coo_matrix(
        (np.ones(len(first)), (subjects[first], subjects[second])), shape=[subjects.max() + 1] * 2
    )
    return connected_components(edges, directed=False)[1][subjects], copies


def split(paths: Sequence[str], strata: np.ndarray, fractions: Sequence[float], seed: int) -> np.ndarray:
    """Draws splits that have the same shares of the strata, and no photo of one in another.

    Args:
        paths: Photos that can be read.
        strata: What is to be shared out evenly, shape (n,).
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.

    Returns:
        The split of each photo, str, shape (n,).
    """
    groups, _ = group(_thumbnails([Path(path) for path in paths]), np.arange(len(paths)))
    return np.array(SPLITS)[splits.stratified_by_group(strata, groups, fractions, seed)]


def _thumbnails(paths: list[Path]) -> np.ndarray:
    """Reads the thumbnails of photos, and remembers them: uint8, shape (n, 16, 16)."""
    keys = np.array([scan.key(path.parent, Path(path.name)) for path in paths])
    place = paths[0].parent / "thumbnails"
    known = cache.read(place)
    if not np.array_equal(known.get("keys"), keys):
        with ThreadPool() as pool:
            read = pool.imap(lambda path: thumbnail(images.read(path)), paths, chunksize=16)
            small = np.stack(list(tqdm(read, total=len(paths), desc="look-alikes", unit=" photos")))
        known = {"keys": keys, "thumbnails": small}
        cache.write(place, known)
    return known["thumbnails"]


def _standardized(thumbnails: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and length 1, float32, so that their product is the correlation."""
    rows = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
