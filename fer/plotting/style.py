"""One look for all figures: colours that survive gray printing and colour blindness, and small helpers."""

from collections.abc import Sequence
from itertools import cycle

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

EMOTION_COLORS = {
    "angry": "#D55E00",
    "disgust": "#009E73",
    "fear": "#882255",
    "happy": "#E69F00",
    "sad": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#999999",
    "contempt": "#CC79A7",
    "embarrassed": "#56B4E9",
    "anxious": "#882255",
    "hurt": "#332288",
    "frown": "#882255",
    "smile": "#E69F00",
}
"""One colour an emotion in every figure (after Okabe & Ito 2008 and Tol 2021)."""

SPLIT_COLORS = {"train": "#0072B2", "validation": "#E69F00", "test": "#009E73"}
"""One colour a split in every figure."""

SERIES_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Colours of the things that a figure compares, in order."""

SERIES_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""Markers that go with ``SERIES_COLORS``, so that no reader depends on the colour."""


OPTIMIZER_STYLES = {
    "SGD": ("#000000", "o"),
    "Momentum": ("#56B4E9", "s"),
    "Nesterov": ("#0072B2", "^"),
    "Adagrad": ("#D55E00", "D"),
    "RMSProp": ("#E69F00", "v"),
    "Adam": ("#009E73", "P"),
    "Adamax": ("#CC79A7", "X"),
}
"""One colour and marker an optimizer in every figure."""


def series_styles(names: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Returns colour and marker of each of the things that a figure compares.

    An optimizer has its own; other names take ``SERIES_COLORS`` and ``SERIES_MARKERS`` in order.
    """
    if all(name in OPTIMIZER_STYLES for name in names):
        return {name: OPTIMIZER_STYLES[name] for name in names}
    styles = cycle(zip(SERIES_COLORS, SERIES_MARKERS, strict=True))
    return dict(zip(names, styles, strict=False))


def use_style() -> None:
    """Sets fonts, grid and resolution for figures that are read from the back of a room."""
    sns.set_theme(context="notebook", style="whitegrid", palette=list(SERIES_COLORS))
    plt.rcParams.update(
        {
            "figure.dpi": 100,
            "figure.constrained_layout.use": True,
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "image.cmap": "gray",
            "legend.frameon": False,
        }
    )


def emotion_colors(emotions: Sequence[str]) -> list[str]:
    """Returns the colours of these emotions; a class that has none is drawn black."""
    return [EMOTION_COLORS.get(emotion, "#000000") for emotion in emotions]


def axes(ax: Axes | None, width: float = 7.0, height: float = 4.0) -> Axes:
    """Returns ``ax``, or the axes of a new figure of this size in inches."""
    return plt.subplots(figsize=(width, height))[1] if ax is None else ax


def picture_grid(
    rows: int, columns: int, size: float = 1.1, width_ratios: Sequence[float] | None = None
) -> tuple[Figure, np.ndarray]:
    """Returns a figure and its axes, shape (rows, columns), without ticks: one picture an axes.

    Args:
        rows: Number of rows.
        columns: Number of columns.
        size: Height of a picture in inches.
        width_ratios: Width of each column in heights; None for squares.
    """
    width = size * (columns if width_ratios is None else sum(width_ratios))
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(width, rows * size + 0.4),
        width_ratios=width_ratios,
        squeeze=False,
        layout="constrained",
    )
    for ax in grid.flat:
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        sns.despine(ax=ax, left=True, bottom=True)
    return figure, grid


def show(ax: Axes, image: np.ndarray) -> None:
    """Draws a gray or RGB picture of range 0…255 or 0…1, without stretching its contrast."""
    image = np.squeeze(image)
    limit = 255 if image.dtype == np.uint8 else 1
    ax.imshow(image, cmap="gray" if image.ndim == 2 else None, vmin=0, vmax=limit, interpolation="nearest")
