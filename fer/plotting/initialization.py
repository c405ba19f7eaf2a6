"""Figures of initial weights: how they are drawn, and how far signal and gradient reach with them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fer.plotting import style

DIRECTIONS = {"forward": "forward: outputs y", "backward": "backward: gradients ∂loss/∂y"}


def weight_densities(kernels: dict[str, np.ndarray], *, ax: Axes | None = None) -> Axes:
    """Draws how the initial weights of one layer are distributed under several initializers.

    Args:
        kernels: Weights of a layer, of any one shape, by name of the initializer.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=10.0)
    limit = max(np.abs(kernel).max() for kernel in kernels.values())
    bins = np.linspace(-limit, limit, 51)
    for name, (color, _) in style.series_styles(list(kernels)).items():
        weights = kernels[name].ravel()
        label = f"{name}, standard deviation {weights.std():.3g}"
        ax.hist(weights, bins, density=True, histtype="step", linewidth=2.5, color=color, label=label)
    shape = "×".join(str(size) for size in kernels[name].shape)
    ax.set(title=f"Initial weights of a kernel {shape}", xlabel="weight", ylabel="density")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def variance_by_depth(frame: pd.DataFrame) -> Figure:
    """Draws the variance of signal and gradient at every layer before any training.

    A row for each direction, a column for each network. A point is a layer in one draw of the weights, the
    line the mean over the draws; the theory is dashed and black where there is one.

    Args:
        frame: Rows of ``fer.evaluation.propagation.variance_by_depth``, and with them the columns
            ``network``, ``initializer`` and ``seed``.
    """
    networks = list(frame["network"].unique())
    styles = style.series_styles(list(frame["initializer"].unique()))
    figure, grid = plt.subplots(
        2,
        len(networks),
        figsize=(1.0 + 3.2 * len(networks), 7.0),
        sharex="col",
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for row, (direction, title) in zip(grid, DIRECTIONS.items(), strict=True):
        for ax, network in zip(row, networks, strict=True):
            for initializer, (color, marker) in styles.items():
                draws = frame[(frame["network"] == network) & (frame["initializer"] == initializer)]
                _draw(ax, draws, direction, color, marker)
            ax.set(yscale="log", title=network if direction == "forward" else "")
        row[0].set_ylabel(f"{title}\nmean square")
    for ax in grid[-1]:
        ax.set_xlabel("depth (0: next to the image)")
    handles = [Line2D([], [], color=color, marker=mark, label=name) for name, (color, mark) in styles.items()]
    handles.append(Line2D([], [], color="black", linestyle="--", label="theory"))
    handles.append(Line2D([], [], linestyle="", label=f"lines: mean of {frame['seed'].nunique()} draws"))
    figure.legend(handles=handles, loc="outside upper center", ncols=4, fontsize="large")
    return figure


def _draw(ax: Axes, draws: pd.DataFrame, direction: str, color: str, marker: str) -> None:
    means = draws.groupby("depth")[[f"{direction}_variance", f"{direction}_theory"]].mean()
    ax.scatter(draws["depth"], draws[f"{direction}_variance"], s=12, color=color, marker=marker, alpha=0.4)
    ax.plot(means[f"{direction}_variance"], color=color, linewidth=2)
    ax.plot(means[f"{direction}_theory"], color="black", linewidth=1.5, linestyle="--")
