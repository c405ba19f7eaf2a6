"""Figures of MobileNetV2: why it is built as it is, what it costs, and what it is worth."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter

from fer.evaluation.information import Recovery
from fer.evaluation.operations import by_stage
from fer.plotting import style

COSTS = {"parameters": "parameters (millions)", "multiply_adds": "multiply-adds a picture (millions)"}
"""Columns of a network's cost, as axes name them in millions."""

ACTIVE = style.SERIES_COLORS[5]
"""Colour of a feature map that comes from an activation."""


def spiral_recovery(recoveries: Sequence[Recovery]) -> Figure:
    """Draws a spiral, what comes back of it from n dimensions, and which share of its variance is lost.

    Each activation has a row of pictures: the spiral, then what the matrix of the median share gives back.
    Below are the mean and the standard deviation of all matrices.

    Args:
        recoveries: Results of ``fer.evaluation.information.spiral_recovery`` for the same dimensions.
    """
    dimensions = list(recoveries[0].shares)
    figure = plt.figure(
        figsize=(2.3 * (len(dimensions) + 1), 2.5 * len(recoveries) + 3.6), layout="constrained"
    )
    pictures, below = figure.subfigures(2, 1, height_ratios=(2.5 * len(recoveries), 3.6))
    grid = pictures.subplots(len(recoveries), len(dimensions) + 1, sharex=True, sharey=True, squeeze=False)
    for row, recovery in zip(grid, recoveries, strict=True):
        titles = ["input", *(f"n = {n}" for n in dimensions)]
        drawn = [recovery.points, *recovery.outputs.values()]
        for ax, title, points in zip(row, titles, drawn, strict=True):
            # From dark in the middle to light outside: one sees which parts have fallen together.
            ax.scatter(*points.T, c=np.arange(len(points)), cmap="viridis", s=7)
            ax.set(aspect="equal", xticks=[], yticks=[])
            ax.set_title(title, loc="center", fontsize="x-large")
        row[0].set_ylabel(_spelled(recovery.activation), fontsize="x-large")
    ax = below.subplots()
    names = [_spelled(recovery.activation) for recovery in recoveries]
    styles = style.series_styles(names)
    for recovery, (name, (color, marker)) in zip(recoveries, styles.items(), strict=True):
        lost = [1 - shares for shares in recovery.shares.values()]
        ax.errorbar(
            np.arange(len(dimensions)), np.mean(lost, axis=1), yerr=np.std(lost, axis=1, ddof=1), color=color,
            marker=marker, markersize=10, linewidth=2.5, elinewidth=2, capsize=6, label=name,
        )  # fmt: skip
    matrices = len(recoveries[0].shares[dimensions[0]])
    ax.set_xticks(range(len(dimensions)), dimensions)
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0))
    ax.set_title(f"Mean ± standard deviation of {matrices} random matrices", fontsize="large")
    ax.set_xlabel("n, dimensions (channels) in which the activation works", fontsize="large")
    ax.set_ylabel("variance lost", fontsize="large")
    ax.legend(fontsize="large")
    return figure


def operations_by_stage(operations: Mapping[str, pd.DataFrame]) -> Figure:
    """Draws parameters and multiply-adds of networks by stage, a row each, with the same scale for all.

    Args:
        operations: Results of ``fer.evaluation.operations.count`` by name of the network.
    """
    stages = {name: by_stage(frame) for name, frame in operations.items()}
    heights = [len(rows) + 2 for rows in stages.values()]
    figure, grid = plt.subplots(
        len(stages), len(COSTS), figsize=(12, 0.4 * sum(heights) + 0.6), sharex="col", sharey="row",
        height_ratios=heights, squeeze=False, layout="constrained",
    )  # fmt: skip
    colors = style.series_styles(list(stages))
    for row, (name, rows) in zip(grid, stages.items(), strict=True):
        for ax, column in zip(row, COSTS, strict=True):
            millions = rows[column] / 1e6
            limit = max(other[column].max() for other in stages.values()) / 1e6
            _bars(ax, millions, rows.index, colors[name][0], limit)
            ax.set_title(f"{name}: {_number(millions.sum())} million", fontsize="large")
    for ax, label in zip(grid[-1], COSTS.values(), strict=True):
        ax.set_xlabel(label, fontsize="large")
    return figure


def residual_blocks(bottleneck: tuple[int, int] = (256, 64), inverted: tuple[int, int] = (64, 384)) -> Figure:
    """Draws ResNet's bottleneck beside MobileNetV2's inverted residual; widths are numbers of channels.

    Args:
        bottleneck: Channels outside and inside of the one; by default in ResNet50's first stage.
        inverted: Channels outside and inside of the other; by default in MobileNetV2's fourth stage.
    """
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(14, 8), sharex=True, sharey=True, layout="constrained"
    )
    outside, inside = bottleneck
    operations = {
        "reduce 1×1, ReLU": outside * inside,
        "convolution 3×3, ReLU": 9 * inside**2,
        "expand 1×1, linear": inside * outside,
    }
    _block(left, operations, outside, inside, end="ReLU")
    left.set_title("Bottleneck (ResNet): wide, narrow, wide", fontsize="x-large")
    outside, inside = inverted
    operations = {
        "expand 1×1, ReLU6": outside * inside,
        "depthwise 3×3, ReLU6": 9 * inside,
        "project 1×1, linear": inside * outside,
    }
    _block(right, operations, outside, inside, end=None)
    right.set_title("Inverted residual (MobileNetV2): narrow, wide, narrow", fontsize="x-large")
    limit = max(*bottleneck, *inverted)
    left.set_xlim(-0.7 * limit, 0.85 * limit)
    left.set_ylim(-4.9, 0.4)
    kinds = {"feature map after an activation": True, "linear feature map": False}
    handles = [_feature_map(0, 0, 0, active=active) for active in kinds.values()]
    figure.legend(handles, kinds, loc="outside lower center", ncols=2, fontsize="large")
    return figure


def classifiers(frame: pd.DataFrame) -> Figure:
    """Draws what classifiers are worth and what they cost, a row each.

    Args:
        frame: One row a network: ``name``, ``accuracy`` with ``accuracy_low`` and ``accuracy_high`` (95 %
            interval, 0…1) on ``n`` images, ``milliseconds`` a picture, ``multiply_adds``, ``parameters``.
    """
    figure, (worth, *costs) = plt.subplots(
        1, 4, figsize=(16, 0.65 * len(frame) + 1.7), sharey=True, layout="constrained"
    )
    rows = np.arange(len(frame))
    colors = [color for color, _ in style.series_styles(list(frame["name"])).values()]
    below, above = frame["accuracy"] - frame["accuracy_low"], frame["accuracy_high"] - frame["accuracy"]
    worth.errorbar(
        frame["accuracy"], rows, xerr=(below, above), color="black", marker="o", markersize=11, linestyle="",
        elinewidth=3, capsize=6, capthick=3,
    )  # fmt: skip
    worth.set_title(f"95 % interval, n = {frame['n'].max():,}", fontsize="large")
    worth.set_xlabel("accuracy", fontsize="large")
    worth.grid(False, axis="y")
    labels = {"milliseconds": "time a picture (ms)"} | COSTS
    for ax, (column, label) in zip(costs, labels.items(), strict=True):
        values = frame[column] if column == "milliseconds" else frame[column] / 1e6
        _bars(ax, values, frame["name"], colors, values.max())
        ax.set_xlabel(label, fontsize="large")
    worth.set_ylim(len(frame) - 0.5, -0.5)
    worth.tick_params(axis="y", labelsize="large")
    return figure


def _spelled(activation: str) -> str:
    return {"relu": "ReLU"}.get(activation, activation)


def _number(value: float) -> str:
    if value < 0.01:
        return "< 0.01"
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def _bars(ax: Axes, values: pd.Series, names: Sequence[str], color, limit: float) -> None:
    """Draws bars from top to bottom with their numbers, for which there is room to the right of the limit."""
    rows = np.arange(len(values))
    bars = ax.barh(rows, values, height=0.7, color=color)
    ax.bar_label(bars, [_number(value) for value in values], padding=4)
    ax.set_xlim(0, 1.2 * limit)
    ax.set_yticks(rows, names)
    ax.set_ylim(len(values) - 0.4, -0.6)
    ax.grid(False, axis="y")


def _block(ax: Axes, operations: Mapping[str, int], outside: int, inside: int, *, end: str | None) -> None:
    """Draws four feature maps from top to bottom, the operations between them and the shortcut to the sum.

    Args:
        ax: Axes to draw on.
        operations: Multiply-adds a pixel of each operation.
        outside: Channels of the first and the last feature map.
        inside: Channels of the two between.
        end: Activation after the sum; None if there is none, neither after that of the block before.
    """
    ax.set_axis_off()
    arrow = {"arrowstyle": "-|>", "color": "black", "linewidth": 2, "mutation_scale": 18}
    widths = (outside, inside, inside, outside)
    for row, (width, active) in enumerate(zip(widths, (end is not None, True, True, False), strict=True)):
        ax.add_patch(_feature_map(width, -row, 0.24, active=active))
        ax.text(width / 2, -row, f"  {width} channels", va="center", fontsize="large")
    for row, (name, multiply_adds) in enumerate(operations.items()):
        ax.annotate("", (0, -row - 0.87), (0, -row - 0.13), arrowprops=arrow)
        ax.text(
            0,
            -row - 0.5,
            f"   {name}\n   {multiply_adds:,} multiply-adds a pixel",
            va="center",
            fontsize="large",
        )
    side, sum_row = -0.5 * max(widths) - 30, -3.8
    ax.plot([-outside / 2, side, side], [0, 0, sum_row], color="black", linewidth=2)
    ax.annotate("", (-12, sum_row), (side, sum_row), arrowprops=arrow)
    ax.text(side, -1.5, "shortcut ", rotation=90, ha="right", va="center", fontsize="large")
    ax.annotate("", (0, sum_row + 0.1), (0, -3.13), arrowprops=arrow)
    ax.text(
        0, sum_row, "+", ha="center", va="center", fontsize="x-large",
        bbox={"boxstyle": "circle", "facecolor": "white", "edgecolor": "black", "linewidth": 2},
    )  # fmt: skip
    ax.annotate("", (0, sum_row - 0.75), (0, sum_row - 0.15), arrowprops=arrow)
    ax.text(0, sum_row - 0.45, f"   {end or 'no activation'}", va="center", fontsize="large")
    total = sum(operations.values())
    ax.text(0, sum_row - 0.95, f"in all {total:,} multiply-adds a pixel", ha="center", fontsize="large")


def _feature_map(width: float, y: float, height: float, *, active: bool) -> Rectangle:
    return Rectangle(
        (-width / 2, y - height / 2),
        width,
        height,
        facecolor=ACTIVE if active else "white",
        edgecolor="black",
        linewidth=1.5,
        hatch=None if active else "//",
    )
