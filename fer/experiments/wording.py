"""The result of a comparison in words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer.experiments.comparison import Comparison


def verdict(comparison: "Comparison") -> str:
    """Says which arms are told apart, by how much, on how many seeds and images.

    Args:
        comparison: Result of ``compare``.
    """
    summary, pairs, results = comparison.summary, comparison.pairs, comparison.results
    measured = results.dropna(subset="accuracy")
    if measured.empty:
        return "Every run diverged: nothing can be compared."
    basis = (
        f"Accuracy on the {comparison.split} split, {measured['seed'].nunique()} seeds, "
        f"n = {measured['n'].iloc[0]:,.0f} images each; paired t tests, corrected for {len(pairs)} "
        f"comparison{'s' if len(pairs) > 1 else ''} (Holm)."
    )
    sentences = [_group(group, summary) for group in comparison.groups if len(group) > 1]
    apart = pairs[pairs["p_holm"] < 0.05].sort_values("p_holm")
    if apart.empty:
        widest = pairs.loc[pairs["difference"].abs().idxmax()]
        sentences.append(f"No two are told apart. The largest difference: {_pair(widest)}")
    else:
        sentences += [f"Told apart: {_pair(row)}" for _, row in apart.head(5).iterrows()]
        if len(apart) > 5:
            sentences.append(f"And {len(apart) - 5} more pairs.")
    if diverged := {arm: int(n) for arm, n in summary["diverged"].items() if n}:
        sentences.append(
            "Diverged: " + ", ".join(f"{arm} {n} of the seeds" for arm, n in diverged.items()) + "."
        )
    return " ".join([*sentences, basis])


def _group(group: list[str], summary) -> str:
    best, worst = summary.loc[group, "accuracy"].max(), summary.loc[group, "accuracy"].min()
    return f"{_list(group)} cannot be told apart ({best:.3f} to {worst:.3f})."


def _pair(row) -> str:
    better, worse, difference, low, high = row[["first", "second", "difference", "low", "high"]]
    if difference < 0:
        better, worse, difference, low, high = worse, better, -difference, -high, -low
    return (
        f"{better} above {worse} by {difference:.3f} (95 % interval {low:+.3f} to {high:+.3f}, "
        f"p = {row['p_holm']:.2g})."
    )


def _list(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
