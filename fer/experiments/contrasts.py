"""Pairs of arms compared by the spread over the seeds that all arms show together."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from fer.evaluation.statistics import holm
from fer.experiments.wording import directions


def contrasts(
    results: pd.DataFrame,
    pairs: Mapping[str, tuple],
    *,
    arms: str | Sequence[str] = "arm",
    metric: str = "accuracy",
) -> pd.DataFrame:
    """Compares pairs of arms by the spread that all arms show over the seeds (randomized block design).

    A value is the mean of its arm plus the effect of its seed plus noise. With a arms and n seeds the
    residuals give the variance s² of the noise with (a - 1)(n - 1) degrees of freedom, and the difference of
    two arms has the interval ± t · s · √(2 / n). With two arms this is the paired t test; with more, three
    seeds suffice for an estimate of s. What diverged is left out: first the arms without any value, then the
    seeds that lack one.

    Source: Montgomery, Design and Analysis of Experiments, chapter 4.

    Args:
        results: One row an arm and seed: ``seed``, the metric and what names the arm.
        pairs: By name the two arms.
        arms: Column of ``results`` that names the arm; of several columns an arm is the tuple.
        metric: Column of ``results``.

    Returns:
        One row a pair, index its name: ``difference`` (first - second, mean over the seeds) with its 95 %
        interval ``low`` and ``high``, ``p_holm`` (corrected for the number of pairs; Holm), number of
        ``seeds``, and ``verdict``: "higher" or "lower" where the corrected p value is below 0.05, else "no
        difference shown"; "diverged" where an arm has no value.

    Raises:
        ValueError: An arm was not trained.
    """
    values = results.pivot(index="seed", columns=arms if isinstance(arms, str) else list(arms), values=metric)
    for arm in {arm for pair in pairs.values() for arm in pair}:
        if arm not in values:
            raise ValueError(f"An arm must be one of {list(values)}. Received: {arm}")
    complete = values.dropna(axis="columns", how="all").dropna(axis="index")
    n, means = len(complete), complete.mean()
    different = complete.T.drop_duplicates().T  # two arms may name one training, which counts once
    residuals = different.sub(different.mean(axis="columns"), axis="index") - different.mean()
    residuals += different.to_numpy().mean()
    freedom = (different.shape[1] - 1) * (n - 1)
    error = np.sqrt(2 / n * (residuals**2).to_numpy().sum() / freedom) if freedom else np.inf
    frame = pd.DataFrame(index=list(pairs), columns=["difference", "low", "high", "p_holm"], dtype=float)
    for name, (first, second) in pairs.items():
        difference = means.get(first, np.nan) - means.get(second, np.nan)
        margin = stats.t.ppf(0.975, max(freedom, 1)) * error
        p_value = 2 * stats.t.sf(abs(difference) / error, max(freedom, 1))
        frame.loc[name] = difference, difference - margin, difference + margin, p_value
    frame["p_holm"] = holm(frame["p_holm"])
    frame["seeds"] = n
    frame["verdict"] = directions(frame)
    frame.loc[frame["difference"].isna(), "verdict"] = "diverged"
    return frame
