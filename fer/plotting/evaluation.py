"""Figures of predictions: what is confused, how sure it is, where the network looks."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from fer.evaluation import Metrics
from fer.plotting import style


def confusion_matrix(metrics: Metrics, *, title: str = "Confusion matrix", ax: Axes | None = None) -> Axes:
    """Draws the row-normalised confusion matrix: of the faces of an emotion, which share was called what.

    Args:
        metrics: Result of ``fer.evaluation.evaluate``.
        title: What was evaluated; accuracy, its interval and n are added.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=6.6, height=5.4)
    support = metrics.per_class["support"]
    sns.heatmap(
        metrics.normalized_confusion,
        yticklabels=[f"{emotion} ({n:,})" for emotion, n in support.items()],
        annot=True,
        fmt=".2f",
        cmap="Blues",
        vmin=0,
        vmax=1,
        square=True,
        linewidths=0.5,
        cbar_kws={"label": "share of the row", "shrink": 0.8},
        annot_kws={"fontsize": "small"},
        ax=ax,
    )
    ax.set(xlabel="predicted", ylabel="true (n)")
    ax.set_title(f"{title}\n{_accuracy(metrics)}", fontsize="medium")
    ax.tick_params(axis="x", rotation=40)
    ax.tick_params(axis="y", rotation=0)
    return ax


def per_class(metrics: Metrics, *, ax: Axes | None = None) -> Axes:
    """Draws precision, recall and F1 of each emotion.

    Args:
        metrics: Result of ``fer.evaluation.evaluate``.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=8.0, height=3.6)
    frame = metrics.per_class[["precision", "recall", "f1"]]
    frame.plot.bar(ax=ax, color=style.SERIES_COLORS[:3], width=0.75, rot=0, legend=False)
    ax.axhline(
        metrics.macro_f1, color="black", linewidth=1, linestyle="--", label=f"macro-F1 {metrics.macro_f1:.3f}"
    )
    ax.set(title=f"By emotion, n = {metrics.n:,}", xlabel="", ylabel="score", ylim=(0, 1))
    ax.grid(False, axis="x")
    ax.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.12))
    return ax


def reliability_diagram(metrics: Metrics, *, ax: Axes | None = None) -> Axes:
    """Draws accuracy against confidence in bins; on the diagonal a probability means what it says.

    Source: Guo et al. 2017, On Calibration of Modern Neural Networks.

    Args:
        metrics: Result of ``fer.evaluation.evaluate``.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=5.0, height=4.6)
    bins = metrics.reliability
    ax.plot([0, 1], [0, 1], color="black", linewidth=1, linestyle="--", label="perfectly calibrated")
    ax.vlines(
        bins["confidence"], bins["confidence"], bins["accuracy"], color=style.SERIES_COLORS[1], linewidth=2
    )
    ax.scatter(
        bins["confidence"],
        bins["accuracy"],
        s=20 + 300 * bins["n"] / metrics.n,
        color=style.SERIES_COLORS[0],
        zorder=3,
        clip_on=False,
        label="bin (area: share of images)",
    )
    ax.set(
        title=f"Reliability, ECE {metrics.expected_calibration_error:.3f}, n = {metrics.n:,}",
        xlabel="confidence (highest probability)",
        ylabel="accuracy",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
        aspect="equal",
    )
    ax.legend(loc="lower right", fontsize="small")
    return ax


def sample_predictions(
    images: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    emotions: tuple[str, ...],
    *,
    columns: int = 8,
) -> Figure:
    """Draws faces with what they were called; a wrong name is red, in capitals, beside the true one.

    Args:
        images: uint8, shape (n, height, width, channels).
        labels: Integer labels, shape (n,).
        probabilities: Shape (n, classes).
        emotions: Names of the classes.
        columns: Faces in a row.
    """
    rows = -(-len(images) // columns)
    figure, grid = style.picture_grid(rows, columns, size=1.55)
    for ax, image, label, row in zip(grid.flat, images, labels, probabilities, strict=False):
        style.show(ax, image)
        guess = int(row.argmax())
        text = f"{emotions[guess]} {row[guess]:.0%}"
        if guess == label:
            ax.set_title(text, fontsize="small", loc="center")
        else:
            ax.set_title(
                f"{text.upper()}\nis {emotions[label]}", fontsize="small", loc="center", color="#C00000"
            )
    return figure


def grad_cam(
    images: np.ndarray, heatmaps: np.ndarray, titles: list[str], *, columns: int = 7, size: float = 1.6
) -> Figure:
    """Draws faces and below each the map of the places that spoke for its class.

    Args:
        images: uint8, shape (n, height, width, channels).
        heatmaps: float, shape (n, height, width), range 0…1.
        titles: One a face.
        columns: Faces in a row.
        size: Side of a picture in inches.
    """
    rows = -(-len(images) // columns)
    figure, grid = style.picture_grid(2 * rows, columns, size=size)
    for index, (image, heatmap, title) in enumerate(zip(images, heatmaps, titles, strict=True)):
        row, column = divmod(index, columns)
        style.show(grid[2 * row, column], image)
        grid[2 * row, column].set_title(title, fontsize="small", loc="center")
        style.show(grid[2 * row + 1, column], image)
        grid[2 * row + 1, column].imshow(heatmap, cmap="inferno", alpha=0.55, vmin=0, vmax=1)
    return figure


def split_gap(metrics: dict[str, Metrics], *, ax: Axes | None = None) -> Axes:
    """Draws the accuracy on each split with its 95 % interval: the overfitting gap.

    Args:
        metrics: Metrics by split, in the order to draw.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=5.0, height=4.0)
    for position, (split, result) in enumerate(metrics.items()):
        low, high = result.accuracy_interval
        ax.bar(position, result.accuracy, color=style.SPLIT_COLORS[split], width=0.6)
        ax.errorbar(
            position,
            result.accuracy,
            yerr=[[result.accuracy - low], [high - result.accuracy]],
            color="black",
            capsize=6,
        )
        ax.text(position, high + 0.01, f"{result.accuracy:.3f}", ha="center", va="bottom")
    ax.set_xticks(range(len(metrics)), [f"{split}\nn = {result.n:,}" for split, result in metrics.items()])
    ax.set(title="Accuracy by split, with 95 % interval", ylabel="accuracy", ylim=(0, 1.08))
    ax.grid(False, axis="x")
    return ax


def _accuracy(metrics: Metrics) -> str:
    low, high = metrics.accuracy_interval
    return f"accuracy {metrics.accuracy:.3f} (95 %: {low:.3f}…{high:.3f}), n = {metrics.n:,}"
