"""tune: the learning rate of each arm, with as many trials for one as for another."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fer.datasets import FaceDataset
from fer.experiments.sweeping import sweep
from fer.training import TrainingConfig

MAX_GROWTH = 2
"""A grid grows to at most this many times its size."""

TRIAL_COLUMNS = ["arm", "learning_rate", "val_accuracy", "val_loss", "status"]


def half_decades(centre: float, points: int = 5) -> list[float]:
    """Returns learning rates at distances of half a decade: …, 0.1, 0.316, 1, 3.16, ….

    Args:
        centre: The middle one, rounded to the nearest half decade.
        points: Number of learning rates.

    Example:
        >>> half_decades(1e-3)
        [0.0001, 0.000316, 0.001, 0.00316, 0.01]
    """
    middle = round(2 * np.log10(centre))
    first = middle - points // 2
    return [float(f"{10 ** (half / 2):.3g}") for half in range(first, first + points)]


def tune(
    arms: Mapping[str, TrainingConfig],
    dataset: FaceDataset,
    learning_rates: Mapping[str, Sequence[float]] | Sequence[float],
    **options,
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Chooses the learning rate of each arm on the validation split.

    A grid whose best point is at an edge grows beyond it. Then the grids of the other arms grow, on the side
    that is nearer to their best, until all arms have had as many trials.

    Args:
        arms: Configuration by name.
        dataset: The data of all arms.
        learning_rates: Grid, ascending, at even distances on a log scale: one for all arms or one for each.
        **options: Those of ``sweep``.

    Returns:
        The trials, one row an arm and learning rate: ``arm``, ``learning_rate``, ``val_accuracy`` and
        ``val_loss`` of the best epoch, ``status``; and the best learning rate of each arm.

    Raises:
        ValueError: A grid has fewer than two points or is not ascending, or all runs of an arm diverged.
    """
    if not isinstance(learning_rates, Mapping):
        learning_rates = dict.fromkeys(arms, learning_rates)
    grids = {name: [float(rate) for rate in learning_rates[name]] for name in arms}
    for name, grid in grids.items():
        if len(grid) < 2 or grid != sorted(set(grid)):
            raise ValueError(
                f"The learning rates of {name!r} must be at least two, ascending. Received: {grid}"
            )
    most = MAX_GROWTH * max(map(len, grids.values()))
    while True:
        trials = _trials(arms, grids, dataset, options)
        best = {name: _best(name, rows) for name, rows in trials.groupby("arm", sort=False)}
        wanted = {name for name, grid in grids.items() if _at_edge(grid, best[name]) and len(grid) < most}
        if not wanted:
            longest = max(map(len, grids.values()))
            wanted = {name for name, grid in grids.items() if len(grid) < longest}
        if not wanted:
            return trials, best
        for name in wanted:
            grids[name] = _grown(grids[name], best[name])


def _trials(
    arms: Mapping[str, TrainingConfig], grids: Mapping[str, list[float]], dataset: FaceDataset, options: dict
) -> pd.DataFrame:
    """Finished runs are used again, so that only the new points are trained."""
    configs = {
        (name, rate): arms[name].replace(learning_rate=rate) for name, grid in grids.items() for rate in grid
    }
    epochs = sweep(configs.values(), dataset, **options)
    by_run = {run: rows for run, rows in epochs.groupby("run")}
    rows = []
    for (name, rate), config in configs.items():
        history = by_run[config.run_id(dataset.fingerprint)]
        top = history.sort_values(["val_accuracy", "val_loss"], ascending=[False, True]).iloc[0]
        rows.append((name, rate, top["val_accuracy"], top["val_loss"], top["status"]))
    return pd.DataFrame(rows, columns=TRIAL_COLUMNS)


def _best(name: str, trials: pd.DataFrame) -> float:
    finished = trials[trials["status"] == "finished"]
    if finished.empty:
        raise ValueError(
            f"All runs of {name!r} diverged, with learning rates {list(trials['learning_rate'])}. "
            "Give it lower ones."
        )
    ranked = finished.sort_values(["val_accuracy", "val_loss"], ascending=[False, True])
    return float(ranked["learning_rate"].iloc[0])


def _at_edge(grid: Sequence[float], rate: float) -> bool:
    return rate in (grid[0], grid[-1])


def _grown(grid: list[float], best: float) -> list[float]:
    """Adds a point on the side that is nearer to the best one; above at equal distances."""
    ratio = (grid[-1] / grid[0]) ** (1 / (len(grid) - 1))
    below, above = grid.index(best), len(grid) - 1 - grid.index(best)
    if below < above:
        return [_rounded(grid[0] / ratio), *grid]
    return [*grid, _rounded(grid[-1] * ratio)]


def _rounded(rate: float) -> float:
    """Returns the half decade that is meant, so that a growing grid stays on its points, or three digits."""
    (nearest,) = half_decades(rate, points=1)
    return nearest if abs(rate / nearest - 1) < 0.01 else float(f"{rate:.3g}")
