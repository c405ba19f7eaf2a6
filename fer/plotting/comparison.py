"""Figures of comparisons: learning rates, races, seeds and the differences between arms."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from fer.plotting import style


def learning_rate_sensitivity(
    trials: pd.DataFrame, chosen: Mapping[str, float], *, ax: Axes | None = None
) -> Axes:
    """Draws what each arm reaches over its learning rate; the chosen one is ringed, a diverged one crossed.

    Args:
        trials: ``Comparison.trials``: columns arm, learning_rate, val_accuracy, status.
        chosen: Learning rate by arm.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=9.0, height=4.8)
    for name, (color, marker) in style.series_styles(list(chosen)).items():
        rows = trials[trials["arm"] == name].sort_values("learning_rate")
        fine = rows["status"] == "finished"
        ax.plot("learning_rate", "val_accuracy", data=rows[fine], color=color, marker=marker, label=name)
        best = rows[rows["learning_rate"] == chosen[name]]
        ax.plot(
            "learning_rate",
            "val_accuracy",
            data=best,
            label="_nolegend_",
            marker="o",
            markersize=16,
            markerfacecolor="none",
            markeredgecolor=color,
            markeredgewidth=2,
            linestyle="",
        )
        ax.plot(
            rows.loc[~fine, "learning_rate"],
            np.zeros((~fine).sum()),
            color=color,
            marker="x",
            markersize=10,
            markeredgewidth=3,
            linestyle="",
        )
    title = "Learning rate sensitivity: ring, chosen; one seed a point"
    if (trials["status"] == "diverged").any():
        title += "; cross, diverged"
    ax.set(title=title, xlabel="learning rate", ylabel="best validation accuracy", xscale="log")
    ax.set_ylim(bottom=0)
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def race(
    epochs: pd.DataFrame,
    metric: str = "val_accuracy",
    *,
    x: str = "epoch",
    chance: float | None = None,
    title: str = "Race",
    ax: Axes | None = None,
) -> Axes:
    """Draws each arm's mean over its seeds, with a band of one standard deviation.

    Args:
        epochs: ``Comparison.epochs``: columns arm, seed, epoch and the metric.
        metric: Column to draw.
        x: Column of the horizontal axis.
        chance: Value that guessing reaches, drawn as a dotted line.
        title: What is raced; the number of seeds is added.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=9.0, height=4.8)
    arms = list(dict.fromkeys(epochs["arm"]))
    for name, (color, marker) in style.series_styles(arms).items():
        spread = epochs[epochs["arm"] == name].groupby(x)[metric].agg(["mean", "std"]).fillna(0)
        every = max(1, len(spread) // 10)
        ax.plot(spread.index, spread["mean"], color=color, marker=marker, markevery=every, label=name)
        low, high = spread["mean"] - spread["std"], spread["mean"] + spread["std"]
        ax.fill_between(spread.index, low, high, color=color, alpha=0.12, linewidth=0)
    if chance is not None:
        ax.axhline(chance, color="black", linewidth=1, linestyle=":", label="chance")
    seeds = epochs.groupby("arm")["seed"].nunique().max()
    ax.set(
        title=f"{title}: mean ± standard deviation, {seeds} seed{'s' if seeds > 1 else ''}",
        xlabel="epoch (0: before training)" if x == "epoch" else x,
        ylabel=_spelled(metric),
    )
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def seed_dots(
    results: pd.DataFrame,
    metric: str = "accuracy",
    *,
    split: str = "test",
    order: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a dot for every seed of every arm, and mean ± standard deviation beside them.

    Args:
        results: ``Comparison.results``: columns arm, seed, n and the metric.
        metric: Column to draw.
        split: Where it was measured, for the label.
        order: Arms from top to bottom; as in ``results`` if None.
        ax: Axes to draw on; a new figure if None.
    """
    order = list(order if order is not None else dict.fromkeys(results["arm"]))
    ax = style.axes(ax, width=9.0, height=0.55 * len(order) + 1.4)
    for row, (name, (color, marker)) in enumerate(style.series_styles(order).items()):
        values = results.loc[results["arm"] == name, metric].dropna()
        ax.scatter(values, np.full(len(values), row), color=color, marker=marker, s=70, alpha=0.8, zorder=3)
        ax.errorbar(
            values.mean(), row + 0.28, xerr=values.std(ddof=1) if len(values) > 1 else None,
            color=color, marker="|", markersize=14, markeredgewidth=3, capsize=5, linewidth=2,
        )  # fmt: skip
        ax.annotate(
            f"{values.mean():.3f}" if len(values) else "diverged",
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
        )
    seeds, n = results["seed"].nunique(), results["n"].max()
    ax.set_yticks(range(len(order)), order)
    ax.set_ylim(len(order) - 0.4, -0.5)
    ax.set(
        title=f"{seeds} seeds, n = {n:,.0f} images each; below the dots mean ± standard deviation",
        xlabel=f"{_spelled(metric)}, {split}",
    )
    ax.grid(False, axis="y")
    return ax


def differences(pairs: pd.DataFrame, order: Sequence[str], *, ax: Axes | None = None) -> Axes:
    """Draws the mean difference in accuracy of every pair, row minus column; a star where it is told apart.

    Args:
        pairs: ``Comparison.pairs``: columns first, second, difference, p_holm.
        order: Arms, the best first.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=1.0 * len(order) + 1.8, height=0.75 * len(order) + 1.2)
    table = pd.DataFrame(np.nan, index=list(order), columns=list(order))
    texts = pd.DataFrame("", index=list(order), columns=list(order))
    for row in pairs.itertuples():
        star = " *" if row.p_holm < 0.05 else ""
        for first, second, sign in ((row.first, row.second, 1), (row.second, row.first, -1)):
            if first in table.index and second in table.index and not np.isnan(row.difference):
                table.loc[first, second] = sign * row.difference
                texts.loc[first, second] = f"{sign * row.difference:+.2f}{star}"
    limit = max(np.nanmax(np.abs(table.to_numpy())), 1e-3)
    sns.heatmap(
        table, annot=texts, fmt="", cmap="RdBu", center=0, vmin=-limit, vmax=limit, linewidths=0.5,
        cbar_kws={"label": "difference in accuracy"}, ax=ax,
    )  # fmt: skip
    ax.grid(False)
    ax.set_title("Row minus column, mean over seeds; * p < 0.05 after Holm", fontsize="medium")
    ax.tick_params(axis="x", rotation=30)
    ax.tick_params(axis="y", rotation=0)
    return ax


def tuned_against_default(
    default: pd.DataFrame, tuned: pd.DataFrame, *, metric: str = "accuracy", ax: Axes | None = None
) -> Axes:
    """Draws each arm at its library default (open) and tuned (filled), joined by a line.

    Args:
        default: ``Comparison.summary`` of the race at library defaults: indexed by arm, columns
            learning_rate and the metric.
        tuned: The same of the comparison with tuned learning rates.
        metric: Column to draw.
        ax: Axes to draw on; a new figure if None.
    """
    order = list(tuned.index)
    ax = style.axes(ax, width=9.0, height=0.55 * len(order) + 1.4)
    for row, (name, (color, marker)) in enumerate(style.series_styles(order).items()):
        values = default.loc[name, metric], tuned.loc[name, metric]
        ax.plot(values, (row, row), color=color, linewidth=3, alpha=0.5)
        ax.scatter(
            values[0], row, marker=marker, s=110, facecolor="white", edgecolor=color, linewidth=2.5, zorder=3
        )
        ax.scatter(values[1], row, marker=marker, s=110, color=color, zorder=3)
        rates = f"{default.loc[name, 'learning_rate']:g} → {tuned.loc[name, 'learning_rate']:g}"
        ax.annotate(rates, (1.01, row), xycoords=("axes fraction", "data"), va="center")
    ax.set_yticks(range(len(order)), order)
    ax.set_ylim(len(order) - 0.5, -0.5)
    ax.set(
        title="Open: learning rate of the library. Filled: tuned. Right: the two rates",
        xlabel=f"{_spelled(metric)}, mean of the seeds",
    )
    ax.grid(False, axis="y")
    return ax


def _spelled(metric: str) -> str:
    return metric.replace("val_", "validation ").replace("_", " ")
