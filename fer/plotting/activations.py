"""Figures of activations: their shape, what they do to a gradient, units that die; and weights that move."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fer.evaluation.activity import PASSES, activation_curve
from fer.plotting import style

SATURATED = "#DDDDDD"
"""Colour of the inputs whose activation passes no gradient."""


def activation_functions(names: Sequence[str], *, limit: float = 4.0) -> Figure:
    """Draws activations and below them their derivatives, a column each; gray is where no gradient passes.

    Args:
        names: Activations as ``fer.models.blocks.activate`` takes them.
        limit: The inputs reach from -limit to limit.
    """
    figure, grid = plt.subplots(
        2, len(names), figsize=(0.8 + 2.1 * len(names), 5.2), sharex=True, sharey="row", squeeze=False,
        layout="constrained",
    )  # fmt: skip
    inputs = np.linspace(-limit, limit, 800)  # without 0, where some have no derivative
    for (top, bottom), (name, (color, _)) in zip(grid.T, style.series_styles(names).items(), strict=True):
        values, slopes = activation_curve(name, inputs)
        top.plot(inputs, values, color=color, linewidth=3.5)
        bottom.plot(inputs, slopes, color=color, linewidth=3.5)
        top.set_title(name, fontsize="x-large")
        bottom.set_title(f"{slopes.min():.2f} to {slopes.max():.2f}", fontsize="large")
        bottom.set_xlabel("input", fontsize="large")
        for ax in (top, bottom):
            ax.fill_between(
                inputs, 0, 1, where=np.abs(slopes) <= PASSES, transform=ax.get_xaxis_transform(),
                color=SATURATED, linewidth=0,
            )  # fmt: skip
            ax.axhline(0, color="black", linewidth=1)
            ax.axvline(0, color="black", linewidth=1)
    grid[0, 0].set_xticks([-limit, 0, limit])
    grid[0, 0].set_ylim(-1.5, limit)
    grid[0, 0].set_ylabel("activation", fontsize="x-large")
    grid[1, 0].set_ylabel("derivative", fontsize="x-large")
    return figure


def derivative_product(frame: pd.DataFrame) -> Figure:
    """Draws the product of the derivatives of activations through the layers.

    Args:
        frame: Result of ``fer.evaluation.activity.derivative_products``.
    """
    figure, axes = plt.subplots(1, 2, figsize=(14, 5.6), sharey=True, layout="constrained")
    titles = {
        "typical": "Root mean square of the derivative (inputs: normal, variance 1)",
        "largest": "Largest derivative in every layer",
    }
    depth = frame["depth"].max()
    spacing = max(1, depth // 4)
    styles = style.series_styles(list(frame["activation"].unique()))
    for ax, (column, title) in zip(axes, titles.items(), strict=True):
        for index, (name, (color, marker)) in enumerate(styles.items()):
            rows = frame[frame["activation"] == name]
            factor = rows[column].iloc[-1] ** (1 / depth)
            ax.plot(
                rows["depth"],
                rows[column],
                color=color,
                marker=marker,
                markevery=(index % spacing, spacing),  # lines that coincide are told apart by their markers
                markersize=10,
                linewidth=2.5,
                label=f"{name}: × {factor:.2f} a layer",
            )
        ax.plot([0, depth], [1, 0.25**depth], color="black", linestyle=":", linewidth=2, label="× ¼ a layer")
        ax.set_title(title, fontsize="large")
        ax.set_xlabel("layers", fontsize="large")
        ax.set_yscale("log")
        ax.legend(fontsize="medium", loc="lower left")
    axes[0].set_ylabel("product of the derivatives", fontsize="large")
    return figure


def unit_deaths(frame: pd.DataFrame) -> Figure:
    """Draws which share of each layer's units is never above zero after each epoch: white none, black all.

    A column for each activation. Its title says through how many units no gradient passes in the end: with
    ReLU those that are never above zero, which are dead; a slope below zero lets units go on to learn.

    Args:
        frame: Rows of ``fer.experiments.dying_units.activity_over_training``, and with them the column
            ``activation``; of several trainings a share is the mean.
    """
    names = list(frame["activation"].unique())
    layers = frame.drop_duplicates("depth").sort_values("depth")
    figure, axes = plt.subplots(
        1,
        len(names),
        figsize=(2.8 + 1.75 * len(names), 2.2 + 0.5 * len(layers)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for ax, name in zip(axes[0], names, strict=True):
        rows = frame[frame["activation"] == name]
        table = rows.pivot_table(index="depth", columns="epoch", values="dead", aggfunc="mean")
        picture = ax.imshow(table, cmap="Greys", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        for y, share in enumerate(table.iloc[:, -1]):
            ax.text(1.03, y, f"{share:.0%}", transform=ax.get_yaxis_transform(), va="center")
        last = rows[rows["epoch"] == rows["epoch"].max()]
        blocked = 1 - np.average(last["passes"], weights=last["units"])
        ax.set_title(f"{name}\nno gradient: {blocked:.0%}", fontsize="medium")
        shown = sorted({0, (table.shape[1] - 1) // 2, table.shape[1] - 1})
        ax.set_xticks(shown, table.columns[shown])
        ax.set_xlabel("epoch")
        ax.grid(False)
        ax.spines[:].set_visible(True)
    labels = layers["layer"].str.removesuffix("_activation") + " (" + layers["units"].astype(str) + ")"
    axes[0, 0].set_yticks(range(len(layers)), labels, fontsize="medium")
    axes[0, 0].set_ylabel("layer (units)")
    figure.colorbar(picture, ax=axes, label="share of the units (numbers: last epoch)", format="{x:.0%}")
    trainings = frame.groupby(["activation", "depth", "epoch"]).size().max()
    figure.suptitle(
        f"Units that are never above zero\nn = {frame['images'].max():,} images, {trainings} "
        f"training{'s' if trainings > 1 else ''} each",
        x=0.01,
        ha="left",
        fontsize="large",
    )
    return figure


def difference_by_dataset(
    frame: pd.DataFrame, source: pd.Series | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draws how far an activation is above another on each data set: mean of the seeds and 95 % interval.

    Args:
        frame: Result of ``fer.experiments.activations.difference_by_dataset``.
        source: Differences that a source reports, by row of ``frame``, drawn open; NaN where it has none.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=10.0, height=0.75 * len(frame) + 1.6)
    rows = np.arange(len(frame))
    below, above = frame["difference"] - frame["low"], frame["high"] - frame["difference"]
    ax.errorbar(
        frame["difference"], rows, xerr=(below, above), color=style.SERIES_COLORS[0], marker="o",
        markersize=11, linestyle="", elinewidth=3, capsize=6, capthick=3, label="measured here",
    )  # fmt: skip
    if source is not None and source.notna().any():
        ax.plot(
            source.reindex(frame.index), rows, color=style.SERIES_COLORS[1], marker="D", markersize=12,
            markerfacecolor="none", markeredgewidth=2.5, linestyle="", label="reported by the source",
        )  # fmt: skip
    ax.axvline(0, color="black", linewidth=1.5)
    labels = [f"{name} (n = {n:,})" for name, n in frame["n"].items()]
    ax.set_yticks(rows, labels, fontsize="large")
    ax.set_ylim(len(frame) - 0.5, -0.5)
    ax.grid(False, axis="y")
    seeds = frame["seeds"].max()
    ax.set_title(f"Mean and 95 % interval of {seeds} seeds, n images each", fontsize="large")
    ax.set_xlabel("difference in accuracy", fontsize="large")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22), ncols=2, fontsize="large", reverse=True)
    return ax


def weight_distances(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draws how far the kernel of each layer has moved, relative to its norm.

    The layers go from the image to the output and are grouped by the part of the name before the first "_".

    Args:
        frame: Result of ``fer.evaluation.weight_distance.weight_distance``.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=12.0, height=4.8)
    color = style.SERIES_COLORS[0]
    ax.vlines(frame["depth"], 0, frame["distance"], color=color, linewidth=4)
    ax.plot(
        frame["depth"],
        frame["distance"],
        color=color,
        marker="o",
        markersize=9,
        linestyle="",
        clip_on=False,
        zorder=3,
    )
    block = frame["layer"].str.partition("_")[0]
    starts = frame.loc[block != block.shift(), "depth"].to_numpy()
    ends = np.append(starts[1:], len(frame))
    for start, end in list(zip(starts, ends, strict=True))[::2]:
        ax.axvspan(start - 0.5, end - 0.5, color="#EEEEEE", zorder=0, linewidth=0)
    ax.set_xticks((starts + ends - 1) / 2, block[starts], rotation=90, fontsize="large")
    ax.grid(False, axis="x")
    ax.set_title(f"How far training has moved the weights (n = {len(frame)} layers)", fontsize="large")
    ax.set_xlabel("layers, from the image to the output", fontsize="large")
    ax.set_ylabel("‖w₁ − w₀‖ / ‖w₀‖", fontsize="large")
    ax.set_xlim(-0.5, len(frame) - 0.5)
    ax.set_ylim(0, max(ax.get_ylim()[1], 1.08 * frame["distance"].max()))  # axes may be shared
    return ax
