"""Figures of trainings: curves over epochs, gradients over depth."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from fer.plotting import style


def training_curves(
    histories: dict[str, pd.DataFrame],
    metric: str = "accuracy",
    *,
    chance: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a metric over the epochs on training data (dashed) and validation data (solid).

    The axis of a loss has room for what was trained. An untrained network's may be far above.

    Args:
        histories: ``Run.history`` by name: columns epoch, <metric>, val_<metric>. Epoch 0 is before training.
        metric: "accuracy" or "loss".
        chance: Value that guessing reaches, drawn as a dotted line.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax)
    for index, (name, history) in enumerate(histories.items()):
        color = style.SERIES_COLORS[index % len(style.SERIES_COLORS)]
        marker = style.SERIES_MARKERS[index % len(style.SERIES_MARKERS)]
        ax.plot(history["epoch"], history[metric], color=color, linestyle="--", alpha=0.8)
        ax.plot(
            history["epoch"],
            history[f"val_{metric}"],
            color=color,
            marker=marker,
            markevery=_every(history),
            label=name,
        )
    handles, labels = ax.get_legend_handles_labels()
    handles += [Line2D([], [], color="black", linestyle="--"), Line2D([], [], color="black")]
    labels += ["training, while it learns", "validation"]
    if chance is not None:
        ax.axhline(chance, color="black", linewidth=1, linestyle=":")
        ax.annotate(
            "chance",
            (1, chance),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize="small",
        )
    ax.set(title=f"{metric.capitalize()} over the epochs", xlabel="epoch (0: before training)", ylabel=metric)
    if metric == "accuracy":
        ax.set_ylim(0, 1)
    else:
        trained = [frame.loc[frame["epoch"] > 0, [metric, f"val_{metric}"]] for frame in histories.values()]
        trained = np.concatenate(trained)
        trained = trained[np.isfinite(trained)]
        if trained.size:
            ax.set_ylim(0.9 * trained.min(), 1.1 * trained.max())
    ax.legend(handles, labels, fontsize="small")
    return ax


def gradient_norms(frames: dict[str, pd.DataFrame], *, ax: Axes | None = None) -> Axes:
    """Draws the gradient of the loss at each layer's kernel over the depth of the layer.

    Args:
        frames: Result of ``fer.evaluation.loss_gradient_norms`` by name of the network: columns depth, rms.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=10.0)
    for index, (name, frame) in enumerate(frames.items()):
        color, marker = style.SERIES_COLORS[index], style.SERIES_MARKERS[index]
        ax.plot(
            frame["depth"],
            np.maximum(frame["rms"], 1e-30),
            color=color,
            marker=marker,
            markersize=4,
            label=name,
        )
    ax.set(
        title="Gradient of the loss, before any training",
        xlabel="depth of the layer (0: next to the image)",
        ylabel="root mean square of the kernel's gradient",
        yscale="log",
    )
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def _every(history: pd.DataFrame) -> int:
    """Spacing of the markers: about a dozen on a line."""
    return max(1, len(history) // 12)
