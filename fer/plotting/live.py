"""The figure of a training that is still going on."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fer.plotting import style

LINE = 0.25
"""Height of a line of the legend in inches."""


def live_curves(
    curves: dict[str, pd.DataFrame],
    *,
    styles: dict[str, tuple[str, str]] | None = None,
    epochs: float = 1,
    n: int | None = None,
    chance: float | None = None,
) -> Figure:
    """Draws loss and accuracy, on training data (dashed) and validation data (solid), while they grow.

    The figure is made without pyplot, so that a thread may draw it and no notebook shows it a second time.

    Args:
        curves: By name, one row a moment of the training: columns epoch (2.5 is the middle of the third),
            loss, accuracy, val_loss, val_accuracy; NaN where a moment has no evaluation. ``Run.history``
            is such a frame.
        styles: Colour and marker of each name, so that a line keeps them while others come and go;
            ``style.series_styles`` of the names if None.
        epochs: Length of the longest training. The axes end there, or at 5, 10, 20, … while the curves are
            far from it.
        n: Number of validation images, for the legend.
        chance: Accuracy that guessing reaches, drawn as a dotted line.
    """
    styles = style.series_styles(list(curves)) if styles is None else styles
    # Fixed margins: a layout engine would take half of the time of a picture.
    below = 0.75 + LINE * (1 + max(1, len(curves)))
    height = 3.3 + below
    figure = Figure(figsize=(9, height), dpi=100, layout="none")
    figure.subplots_adjust(left=0.07, right=0.98, bottom=below / height, top=1 - 0.4 / height, wspace=0.2)
    end = _end(max([0, *(curve["epoch"].max() for curve in curves.values() if len(curve))]), epochs)
    for ax, metric in zip(figure.subplots(1, 2), ("loss", "accuracy"), strict=True):
        for name, curve in curves.items():
            _draw(ax, curve, metric, *styles[name])
        ax.set_title(metric.capitalize(), fontsize=16)
        ax.set_xlabel("epoch", fontsize=14)
        ax.tick_params(labelsize=13)
        ax.set_xlim(-0.02 * end, 1.02 * end)
    loss, accuracy = figure.axes
    accuracy.set_ylim(0, 1)
    loss.set_ylim(0, _loss_limit(curves))
    if chance is not None:
        accuracy.axhline(chance, color="black", linewidth=1, linestyle=":")
        accuracy.annotate(
            "chance",
            xy=(1, chance),
            xycoords=("axes fraction", "data"),
            xytext=(0, -5),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=12,
        )
    _legend(figure, {name: styles[name] for name in curves}, n)
    return figure


def _draw(ax: Axes, curve: pd.DataFrame, metric: str, color: str, marker: str) -> None:
    ax.plot(curve["epoch"], curve[metric], color=color, linestyle="--", linewidth=1.5, alpha=0.7)
    evaluated = curve.dropna(subset=[f"val_{metric}"])
    ax.plot(
        evaluated["epoch"],
        evaluated[f"val_{metric}"],
        color=color,
        linewidth=2.5,
        marker=marker,
        markersize=8,
        markevery=max(1, len(evaluated) // 12),
    )


def _end(reached: float, epochs: float) -> float:
    end = 5
    while end < reached:
        end *= 2
    return max(reached, min(end, epochs))


def _loss_limit(curves: dict[str, pd.DataFrame]) -> float:
    """Twice the loss at the start, so that a training that diverges does not flatten the others."""
    starts = [curve["loss"].iloc[0] for curve in curves.values() if len(curve)]
    peaks = [curve[["loss", "val_loss"]].max().max() for curve in curves.values() if len(curve)]
    return 1.05 * min(max(peaks), 2 * max(starts)) if starts else 2.5


def _legend(figure: Figure, styles: dict[str, tuple[str, str]], n: int | None) -> None:
    """A line for the kinds of line, and below it one for each name, which may be long."""
    names = [
        Line2D([], [], color=color, marker=marker, linewidth=2.5, markersize=8)
        for color, marker in styles.values()
    ]
    kinds = [
        Line2D([], [], color="black", linestyle="--", linewidth=1.5),
        Line2D([], [], color="black", linewidth=2.5),
    ]
    validation = "validation" if n is None else f"validation (n = {n})"
    line = LINE / figure.get_figheight()
    options = {"loc": "lower left", "fontsize": 13, "frameon": False, "borderpad": 0, "labelspacing": 0.35}
    figure.legend(names, list(styles), bbox_to_anchor=(0.02, 0.01), **options)
    top = 0.01 + line * max(1, len(names))
    figure.legend(
        kinds, ["training, while it learns", validation], bbox_to_anchor=(0.02, top), ncols=2, **options
    )
