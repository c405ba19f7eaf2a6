"""Figures of optimizers: their paths on surfaces of two weights, and the steps they take in a network."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.animation import FuncAnimation
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from fer.plotting import style

if TYPE_CHECKING:
    from fer.experiments.surfaces import Surface

BUTTONS = {
    "fa-minus": "−",
    "fa-fast-backward": "|◀◀",
    "fa-step-backward": "|◀",
    "fa-play fa-flip-horizontal": "◀",
    "fa-pause": "❚❚",
    "fa-play": "▶",
    "fa-step-forward": "▶|",
    "fa-fast-forward": "▶▶|",
    "fa-plus": "+",
}
"""Signs for the icons on the buttons of an animation."""


def optimizer_paths(frame: pd.DataFrame, surface: "Surface", *, ax: Axes | None = None) -> Axes:
    """Draws the path of each optimizer on the contours of a surface.

    Contours are spaced evenly in the logarithm of the height above the minimum. The legend names the learning
    rates and the paths that diverged.

    Args:
        frame: Result of ``fer.experiments.surfaces.trajectories``.
        surface: The surface that it was made on.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=10.0, height=5.6)
    draw_surface(ax, surface)
    for name, path in _paths(frame):
        draw_path(ax, name, path)
    _mark_ends(ax, frame, surface)
    ax.set_title(f"{surface.name}, {frame['step'].max()} steps")
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return ax


def optimizer_paths_grid(frames: dict[str, pd.DataFrame], surfaces: dict[str, "Surface"]) -> Figure:
    """Draws the paths on several surfaces, two panels a row, with one legend.

    Args:
        frames: Results of ``fer.experiments.surfaces.trajectories`` by name of the surface.
        surfaces: The surfaces by name.
    """
    rows = (len(frames) + 1) // 2
    figure, grid = plt.subplots(
        rows, 2, figsize=(12, 4.4 * rows), squeeze=False, layout="constrained", gridspec_kw={"wspace": 0.04}
    )
    handles = {}
    for ax, (name, frame) in zip(grid.flat, frames.items(), strict=False):
        optimizer_paths(frame, surfaces[name], ax=ax)
        ax.get_legend().remove()
        lost = [optimizer for optimizer, path in _paths(frame) if _diverged(path)]
        if lost:
            ax.set_title(f"{ax.get_title(loc='left')}; diverged: {', '.join(lost)}")
        for line, label in zip(*ax.get_legend_handles_labels(), strict=True):
            handles.setdefault(label.partition(",")[0], line)
    for ax in grid.flat[len(frames) :]:
        ax.set_axis_off()
    figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=5)
    return figure


def optimizer_values(frame: pd.DataFrame, surface: "Surface", *, ax: Axes | None = None) -> Axes:
    """Draws the height of each path above the minimum over the steps.

    Args:
        frame: Result of ``fer.experiments.surfaces.trajectories``.
        surface: The surface that it was made on.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=10.0, height=4.5)
    for name, path in _paths(frame):
        color, marker = style.OPTIMIZER_STYLES[name]
        height = (path["value"] - surface.minimum_value).clip(lower=1e-12)
        ax.plot(
            path["step"],
            height,
            color=color,
            marker=marker,
            markevery=_every(path),
            label=_label(name, path),
        )
    ax.set(
        title=f"{surface.name}: height above the minimum",
        xlabel="step",
        ylabel="value minus minimum",
        yscale="log",
    )
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return ax


def optimizer_animation(frame: pd.DataFrame, surface: "Surface", *, pictures: int = 45) -> FuncAnimation:
    """Returns an animation of the paths; ``IPython.display.HTML(animation_html(…))`` plays it.

    Args:
        frame: Result of ``fer.experiments.surfaces.trajectories``.
        surface: The surface that it was made on.
        pictures: Number of pictures, spread evenly over the steps.
    """
    figure, ax = plt.subplots(figsize=(8, 4.4), dpi=100, layout="constrained")
    optimizer_paths(frame, surface, ax=ax)
    lines = {line.get_label(): line for line in ax.get_lines()}
    paths = [(lines[_label(name, path)], path) for name, path in _paths(frame)]
    figure.draw_without_rendering()
    figure.set_layout_engine(
        "none"
    )  # the layout stays; computing it for every picture takes most of the time

    def draw(step):
        for line, path in paths:
            seen = path[path["step"] <= step]
            line.set_data(seen["x"], seen["y"])
            line.set_markevery([len(seen.dropna()) - 1])
        ax.set_title(f"{surface.name}, step {step}")

    steps = np.unique(np.linspace(0, frame["step"].max(), pictures).round().astype(int))
    animation = FuncAnimation(figure, draw, frames=steps, interval=120, repeat=False)
    plt.close(figure)  # the notebook shows the animation, not its last picture beside it
    return animation


def animation_html(animation: FuncAnimation) -> str:
    """Returns a page with the pictures of an animation and buttons to play it, 2 to 3 MB, for a notebook.

    Pictures are JPEG, a third of the size of PNG. The signs on the buttons are text, since the icons that
    matplotlib asks for come from the network.
    """
    with plt.rc_context({"animation.frame_format": "jpeg"}):
        page = animation.to_jshtml()
    page = re.sub(r'<link rel="stylesheet"\s+href="https://[^>]*>', "", page)
    return re.sub(r'<i class="fa ([a-z -]+)"></i>', lambda icon: BUTTONS[icon[1]], page)


def effective_steps(frame: pd.DataFrame) -> Figure:
    """Draws by what factor an optimizer multiplies the gradients of a network, and how far that moves it.

    Left the effective step, learning rate / √collected: medians over all weights, bands from the 5 % to the
    95 % quantile. It rises and falls with the gradients too. Right the update in units of the learning rate,
    which is the step relative to the gradients of the time. Dotted: a fall as one over the root of the step.

    Args:
        frame: Result of ``fer.experiments.effective_step.effective_steps``. A name is that of an optimizer,
            or begins with one and a comma: then the line has the same colour and is dashed.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5.4), layout="constrained")
    for name, arm in frame.groupby("name", sort=False):
        color, marker = style.OPTIMIZER_STYLES[name.partition(",")[0]]
        look = {
            "color": color,
            "linestyle": "--" if "," in name else "-",
            "linewidth": 2,
            "marker": marker,
            "markersize": 8,
            "markevery": _every(arm),
            "label": f"{name} (learning rate {arm['learning_rate'].iloc[0]:.2g})",
        }
        left.fill_between(arm["step"], arm["low"], arm["high"], color=color, alpha=0.12, linewidth=1)
        left.plot(arm["step"], arm["median"], **look)
        right.plot(arm["step"], arm["update_rms"] / arm["learning_rate"], **look)
    steps = frame["step"].agg(["min", "max"])
    for ax, top in ((left, frame["median"].max()), (right, 1.0)):
        ax.plot(steps, top / np.sqrt(steps), color="black", linestyle=":", linewidth=2, label="1 / √step")
        ax.set(xscale="log", yscale="log", xlabel="step")
    # Weights that have hardly had a gradient lie far above, up to learning rate / √ε.
    left.set_ylim(frame["low"].min() / 2, 10 * frame["median"].max())
    left.set(title="Effective step: median, 5 to 95 %", ylabel="learning rate / √collected")
    right.set(title="Update", ylabel="update (root mean square) / learning rate")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def draw_surface(ax: Axes, surface: "Surface") -> None:
    """Draws the contours of a surface in gray and sets the limits."""
    x, y = np.meshgrid(np.linspace(*surface.x_limits, 200), np.linspace(*surface.y_limits, 200))
    height = np.maximum(surface.value(x, y) - surface.minimum_value, 1e-12)
    levels = np.geomspace(height.max() * 1e-5, height.max(), 14)
    light_grays = LogNorm(levels[0], levels[-1] * 1e8)  # so that the paths stand out
    ax.contourf(x, y, height, levels, cmap="Greys", norm=light_grays, extend="min", zorder=0)
    ax.contour(x, y, height, levels, colors="#AAAAAA", linewidths=0.6, zorder=0)
    ax.set(xlim=surface.x_limits, ylim=surface.y_limits, xlabel="weight x", ylabel="weight y")
    ax.grid(False)


def draw_path(ax: Axes, name: str, path: pd.DataFrame) -> Line2D:
    """Draws the path of one optimizer and returns its line, whose label names the learning rate."""
    color, marker = style.OPTIMIZER_STYLES[name]
    (line,) = ax.plot(
        path["x"],
        path["y"],
        color=color,
        linewidth=2,
        marker=marker,
        markersize=8,
        markeredgecolor="white",
        markeredgewidth=0.5,
        markevery=_every(path),
        label=_label(name, path),
    )
    return line


def _mark_ends(ax: Axes, frame: pd.DataFrame, surface: "Surface") -> None:
    ax.plot(
        *frame[["x", "y"]].iloc[0], "o", color="white", markeredgecolor="black", markersize=11, label="start"
    )
    x, y = zip(*surface.minima, strict=True)
    ax.plot(x, y, "*", color="#F0E442", markeredgecolor="black", markersize=17, label="minimum")


def _paths(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    return iter(frame.groupby("optimizer", sort=False))


def _diverged(path: pd.DataFrame) -> bool:
    return path["value"].isna().any()


def _label(name: str, path: pd.DataFrame) -> str:
    rate = f"{name}, learning rate {path['learning_rate'].iloc[0]:.2g}"
    return f"{rate}\ndiverged at step {path['step'].max()}" if _diverged(path) else rate


def _every(path: pd.DataFrame) -> int:
    """Spacing of the markers: about a dozen on a line."""
    return max(1, len(path) // 12)
