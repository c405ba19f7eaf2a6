"""Is the difference real? Tests on paired results, and what they say together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class PairedDifference:
    """Mean of paired differences with its Student t interval.

    Attributes:
        mean: Mean difference.
        low: Lower end of the interval.
        high: Upper end of the interval.
        p_value: Probability of a mean at least this far from 0 if the true one is 0 (two-sided t test).
        n: Number of pairs.
    """

    mean: float
    low: float
    high: float
    p_value: float
    n: int


def paired_difference(
    first: Sequence[float], second: Sequence[float], *, resolution: float = 0.0, confidence: float = 0.95
) -> PairedDifference:
    """Compares two results that were measured on the same seeds.

    d̄ ± t(n-1) · s / √n, where d are the differences first - second and s is their standard deviation. Seeds
    are paired since the initial weights and the order of the images, which both share, move both results.

    An accuracy counts images. On few images and seeds all differences may happen to be one image, which looks
    like perfect agreement. The variance of rounding is therefore added: r²/12 for each value, r²/6 for d.

    Args:
        first: One value a seed.
        second: One value a seed, same seeds in the same order.
        resolution: r, the step in which the values are counted: 1 / (number of images) for an accuracy.
        confidence: Share of such intervals that hold the true value.

    Returns:
        The difference. With one pair the interval is unbounded and the p value 1: one seed shows no spread.

    Raises:
        ValueError: The lengths differ, or there are no values.
    """
    differences = np.subtract(first, second, dtype=np.float64)
    n = len(differences)
    if n == 0 or len(first) != len(second):
        raise ValueError(f"Paired values must be as many. Received: {len(first)} and {len(second)}")
    mean = float(differences.mean())
    if n == 1:
        return PairedDifference(mean, -np.inf, np.inf, 1.0, 1)
    error = ((differences.var(ddof=1) + resolution**2 / 6) / n) ** 0.5
    if error == 0:
        return PairedDifference(mean, mean, mean, float(mean == 0), n)
    margin = stats.t.ppf((1 + confidence) / 2, df=n - 1) * error
    p_value = float(2 * stats.t.sf(abs(mean) / error, df=n - 1))
    return PairedDifference(mean, mean - margin, mean + margin, p_value, n)


def mcnemar(first_correct: np.ndarray, second_correct: np.ndarray) -> float:
    """Returns the p value of McNemar's exact test on the answers of two models to the same images.

    Only images that one of them names rightly and the other wrongly count: if the models are equally good,
    each of these falls to either side with probability ½, so that their numbers are binomial.

    Source: McNemar 1947; Dietterich 1998, Approximate statistical tests for comparing supervised
    classification learning algorithms. It speaks of these two trained models, not of other seeds.

    Args:
        first_correct: bool, shape (n,): whether the first model is right about each image.
        second_correct: bool, shape (n,).

    Raises:
        ValueError: The shapes differ.
    """
    first, second = np.asarray(first_correct, dtype=bool), np.asarray(second_correct, dtype=bool)
    if first.shape != second.shape:
        raise ValueError(
            f"Both models must answer to the same images. Received: {first.shape}, {second.shape}"
        )
    only_first, only_second = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    if only_first + only_second == 0:
        return 1.0
    return float(stats.binomtest(only_first, only_first + only_second, 0.5).pvalue)


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Returns p values that may be read together: corrected for the number of tests.

    The i-th smallest of m is multiplied by m - i + 1, and none may be below a smaller one. Below 0.05 after
    that, the chance of even one false alarm among all tests is at most 5 %.

    Source: Holm 1979, A simple sequentially rejective multiple test procedure.

    Args:
        p_values: Shape (m,), range 0…1. NaN (a test that could not be made) stays and does not count.
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    corrected = np.full(p_values.shape, np.nan)
    valid = np.flatnonzero(~np.isnan(p_values))
    order = valid[np.argsort(p_values[valid])]
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1.0, np.maximum.accumulate(p_values[order] * factors))
    return corrected


def groups(
    ranking: Sequence[str], p_values: Mapping[frozenset, float], level: float = 0.05
) -> list[list[str]]:
    """Groups what cannot be told apart.

    Args:
        ranking: Names, the best first.
        p_values: Corrected p value of each pair of names, by ``frozenset((name, other))``.
        level: A pair is told apart when its p value is below.

    Returns:
        Groups of neighbours in the ranking of which no pair is told apart, the best first; a name may be in
        several, as in a compact letter display (Piepho 2004).
    """
    found: list[list[str]] = []
    for start in range(len(ranking)):
        end = start + 1
        while end < len(ranking) and all(
            not p_values[frozenset((ranking[end], other))] < level for other in ranking[start:end]
        ):
            end += 1
        group = list(ranking[start:end])
        if not found or not set(group) <= set(found[-1]):
            found.append(group)
    return found
