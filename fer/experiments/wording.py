"""The result of a comparison in words."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from fer.experiments.comparison import Comparison

SHOWN_PAIRS = 5


def verdict(comparison: "Comparison") -> str:
    """Says which arms are told apart, by how much, on how many seeds and images.

    Args:
        comparison: Result of ``compare``.
    """
    summary, pairs = comparison.summary, comparison.pairs.dropna(subset="p_holm")
    measured = comparison.results.dropna(subset="accuracy")
    sentences = [_group(group, summary) for group in comparison.groups if len(group) > 1]
    apart = pairs[pairs["p_holm"] < 0.05].sort_values("p_holm")
    sentences += [f"Told apart: {_pair(row)}" for _, row in apart.head(SHOWN_PAIRS).iterrows()]
    if len(apart) > SHOWN_PAIRS:
        sentences.append(f"And {len(apart) - SHOWN_PAIRS} more pairs.")
    if len(pairs) and apart.empty:
        widest = pairs.loc[pairs["difference"].abs().idxmax()]
        sentences.append(f"The largest difference: {_pair(widest)}")
    diverged = [f"{arm} on {n} of its seeds" for arm, n in summary["diverged"].items() if n]
    if diverged:
        sentences.append(f"Diverged: {', '.join(diverged)}.")
    if len(pairs):
        sentences.append(
            f"Accuracy on the {comparison.split} split, {measured['seed'].nunique()} seeds, "
            f"n = {measured['n'].iloc[0]:,.0f} images each; paired t tests, corrected for their number, "
            f"{len(pairs)} (Holm)."
        )
    return " ".join(sentences)


def directions(frame: pd.DataFrame) -> np.ndarray:
    """Returns "higher" or "lower" where ``p_holm`` is below 0.05, else "no difference shown".

    Args:
        frame: Columns ``difference`` and ``p_holm``.
    """
    direction = np.where(frame["difference"] > 0, "higher", "lower")
    return np.where(frame["p_holm"] < 0.05, direction, "no difference shown")


def _group(group: list[str], summary: pd.DataFrame) -> str:
    accuracy = summary.loc[group, "accuracy"]
    names = f"{', '.join(group[:-1])} and {group[-1]}"
    return f"{names} cannot be told apart ({accuracy.max():.3f} to {accuracy.min():.3f})."


def _pair(row: pd.Series) -> str:
    better, worse, difference, low, high = row[["first", "second", "difference", "low", "high"]]
    if difference < 0:
        better, worse, difference, low, high = worse, better, -difference, -high, -low
    return (
        f"{better} above {worse} by {difference:.3f} (95 % interval {low:+.3f} to {high:+.3f}, "
        f"p = {row['p_holm']:.2g})."
    )
