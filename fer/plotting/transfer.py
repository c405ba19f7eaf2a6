"""Figures of transfer learning: what few images are enough for, and which emotions are learned."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from fer.evaluation import wilson_interval
from fer.plotting import style


def accuracy_by_target_size(
    results: pd.DataFrame, *, chance: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draws what each strategy reaches with few and more images: a dot a seed, a line through the means.

    Args:
        results: Result of ``fer.experiments.transfer.by_target_size``.
        chance: Accuracy of always naming the most frequent emotion, drawn as a dotted line.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=10.0, height=5.2)
    for name, (color, marker) in style.series_styles(list(dict.fromkeys(results["arm"]))).items():
        rows = results[results["arm"] == name]
        means = rows.groupby("training_images")["accuracy"].mean()
        ax.plot(means.index, means, color=color, marker=marker, markersize=10, linewidth=2.5, label=name)
        ax.scatter(rows["training_images"], rows["accuracy"], color=color, marker=marker, s=25, alpha=0.6)
    if chance is not None:
        ax.axhline(chance, color="black", linewidth=1, linestyle=":", label="most frequent emotion")
    sizes = sorted(results["training_images"].unique())
    ax.set_xscale("log")
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.set_xticks([], minor=True)
    seeds = results["seed"].nunique()
    ax.set(
        title=f"{seeds} seed{'s' if seeds > 1 else ''}, judged on n = {results['n'].max():,.0f} images each",
        xlabel="training images of the target",
        ylabel="accuracy",
    )
    ax.set_ylim(bottom=0)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def recall_by_share(
    recall: pd.DataFrame,
    shares: Mapping[str, float],
    support: Mapping[str, int],
    *,
    intervals: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draws for each emotion, rarest first, which part of its images each arm names rightly.

    Args:
        recall: ``Comparison.recall()``: one row an arm, one column an emotion, 0…1.
        shares: Share of each emotion in the training images.
        support: Number of images of each emotion that were judged.
        intervals: Whether to draw the 95 % interval of each recall for other images, as many (Wilson).
        ax: Axes to draw on; a new figure if None.
    """
    emotions = sorted(recall.columns, key=shares.__getitem__)
    ax = style.axes(ax, width=12.0, height=4.8)
    width = 0.8 / len(recall)
    places = np.arange(len(emotions))
    for index, (name, (color, _)) in enumerate(style.series_styles(list(recall.index)).items()):
        offset = (index - (len(recall) - 1) / 2) * width
        values = recall.loc[name, emotions].to_numpy()
        ax.bar(places + offset, values, width, color=color, edgecolor="white", label=name)
        if intervals:
            judged = [support[emotion] for emotion in emotions]
            ends = [
                wilson_interval(value * n, n) if n else (0, 1)
                for value, n in zip(values, judged, strict=True)
            ]
            reach = np.abs(np.transpose(ends) - values)
            ax.errorbar(places + offset, values, yerr=reach, fmt="none", ecolor="black", capsize=3)
    labels = [f"{name}\n{shares[name]:.1%}\nn = {support[name]:,}" for name in emotions]
    ax.set_xticks(places, labels)
    ax.set_xlabel("share of the training images; n: images that were judged")
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1))
    ax.set(title="Named rightly, rarest emotion first", ylabel="recall", ylim=(0, 1))
    ax.grid(False, axis="x")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax
