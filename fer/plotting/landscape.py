"""Figures of the loss on a plane through the weights, with the paths of trainings."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from fer.plotting import style


def loss_surface(
    surface: pd.DataFrame,
    paths: pd.DataFrame | None = None,
    *,
    title: str = "Training loss on a plane through the weights",
    levels: np.ndarray | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws the contours of a loss, spaced evenly in its logarithm, and on them the paths of trainings.

    Without paths a star marks (0, 0), the weights that a random plane was laid through. The legend says which
    share of the variance of a path lies in the plane: the rest of the way leads out of it, where the loss is
    another than that drawn.

    Args:
        surface: Result of ``fer.experiments.landscape.loss_surface``: columns x, y, loss. Values that are not
            finite stay white.
        paths: Result of ``fer.experiments.landscape.project``: columns name, point, x, y, share. Optimizers
            have their own colours. A circle marks where a path begins, a star where it ends.
        title: What is drawn.
        levels: Losses of the contours, ascending, so that several panels can have the same; None for twelve
            between the lowest and the highest of this surface.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=8.5, height=6.0)
    grid = surface.pivot(index="y", columns="x", values="loss")
    losses = np.ma.masked_invalid(grid.to_numpy())
    if levels is None:
        levels = np.geomspace(max(losses.min(), 1e-6), losses.max(), 12)
    light_grays = LogNorm(levels[0], levels[-1] * (levels[-1] / levels[0]))  # so that the paths stand out
    ax.contourf(grid.columns, grid.index, losses, levels, cmap="Greys", norm=light_grays, extend="both")
    lines = ax.contour(grid.columns, grid.index, losses, levels, colors="#777777", linewidths=0.8)
    ax.clabel(lines, levels=levels[::2], fmt="%.2g", fontsize="small", colors="#333333")
    if paths is None:
        ax.plot(0, 0, "*", color="#F0E442", markeredgecolor="black", markersize=18, label="the solution")
    else:
        _draw_paths(ax, paths)
    unit = "steps of the size of the filters" if paths is None else "distance of the weights"
    ax.set(title=title, xlabel=f"first direction ({unit})", ylabel="second direction")
    ax.grid(False)
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=1 if paths is None else 2, fontsize="small"
    )
    return ax


def _draw_paths(ax: Axes, paths: pd.DataFrame) -> None:
    styles = style.series_styles(list(paths["name"].unique()))
    for name, path in paths.groupby("name", sort=False):
        color, marker = styles[name]
        ax.plot(path["x"], path["y"], color="white", linewidth=5)
        ax.plot(
            path["x"],
            path["y"],
            color=color,
            linewidth=2.5,
            marker=marker,
            markersize=9,
            markeredgecolor="white",
            markeredgewidth=0.5,
            label=f"{name}: the plane holds {path['share'].iloc[0]:.0%} of its path",
        )
        ax.plot(
            *path[["x", "y"]].iloc[-1], "*", color=color, markersize=22, markeredgecolor="black", zorder=4
        )
    starts = paths[paths["point"] == 0]
    ax.plot(
        starts["x"],
        starts["y"],
        "o",
        color="white",
        markersize=11,
        markeredgecolor="black",
        zorder=4,
        linestyle="",
        label="start",
    )
    ax.plot([], [], "*", color="white", markeredgecolor="black", markersize=16, label="solution")
