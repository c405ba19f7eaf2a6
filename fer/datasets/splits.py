"""Train, validation and test for data sets that come without: stratified, and disjoint by subject."""

from collections.abc import Sequence

import numpy as np


def stratified(emotions: np.ndarray, fractions: Sequence[float], seed: int) -> np.ndarray:
    """Draws a part for each row so that every part has the same shares of the emotions.

    Args:
        emotions: The emotion of each row, shape (n,).
        fractions: Share of each part, positive or zero, sum 1.
        seed: Seed of the draw.

    Returns:
        int64, shape (n,): the position in `fractions` of each row's part.
    """
    check_fractions(fractions)
    random = np.random.default_rng(seed)
    parts = np.zeros(len(emotions), dtype=np.int64)
    for emotion in np.unique(emotions):
        rows = random.permutation(np.flatnonzero(emotions == emotion))
        bounds = np.round(np.cumsum(fractions)[:-1] * len(rows)).astype(int)
        for part, members in enumerate(np.split(rows, bounds)):
            parts[members] = part
    return parts


def stratified_by_group(
    emotions: np.ndarray, groups: np.ndarray, fractions: Sequence[float], seed: int
) -> np.ndarray:
    """Like ``stratified``, and all rows of a group (the pictures of one person) go to the same part.

    The groups are placed one by one, the largest first, each where it lowers most the squared distance of
    the emotion counts from the wanted ones. It is the idea of scikit-learn's ``StratifiedGroupKFold``,
    whose parts are all of one size. With few groups the shares are only roughly kept.

    Args:
        emotions: The emotion of each row, shape (n,).
        groups: The group of each row, shape (n,).
        fractions: Share of each part, positive or zero, sum 1.
        seed: Seed of the order among groups of one size.
    """
    check_fractions(fractions)
    names, emotions = np.unique(emotions, return_inverse=True)
    members, groups = np.unique(groups, return_inverse=True)
    shares = np.zeros((len(members), len(names)))  # of an emotion's images, how many a group has
    np.add.at(shares, (groups, emotions), 1)
    sizes = shares.sum(axis=1)
    shares /= shares.sum(axis=0)
    missing = np.tile(np.array(fractions)[:, None], len(names))  # (parts, emotions)
    order = np.random.default_rng(seed).permutation(len(members))
    part_of_group = np.zeros(len(members), dtype=np.int64)
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        change = ((missing - shares[group]) ** 2 - missing**2).sum(axis=1)
        part_of_group[group] = change.argmin()
        missing[part_of_group[group]] -= shares[group]
    return part_of_group[groups]


def check_fractions(fractions: Sequence[float]) -> None:
    """Raises ValueError unless the shares are not negative and sum to 1."""
    if min(fractions) < 0 or not np.isclose(sum(fractions), 1):
        raise ValueError(f"The shares of the splits must not be negative and sum to 1. Received: {fractions}")
