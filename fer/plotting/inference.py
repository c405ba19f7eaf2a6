"""Figures of what a video shows."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from fer.plotting import style

MOST_TRACKS = 4
NAMED_FROM = 0.3
"""An emotion that reaches this probability has its name in the picture."""


def emotions_over_time(table: pd.DataFrame, emotions: Sequence[str]) -> Figure:
    """Draws the probabilities of the emotions over time, one panel a face; the four in most frames.

    Args:
        table: One row for each face in each frame, columns ``time`` (seconds), ``track`` (number of the face)
            and each emotion (probability): the csv that ``python -m fer.inference`` writes for a video.
        emotions: Which columns are emotions, from the lowest band to the highest.
    """
    counts = table["track"].value_counts()
    shown = sorted(counts.sort_index().nlargest(MOST_TRACKS).index)
    panels = max(len(shown), 1)
    figure, grid = plt.subplots(
        panels, figsize=(9, 1.2 + 1.9 * panels), sharex=True, squeeze=False, layout="constrained"
    )
    for ax, track in zip(grid[:, 0], shown, strict=False):
        _bands(ax, table[table["track"] == track], emotions)
        ax.set_title(f"Face {track}, n = {counts[track]:,} frames", fontsize="medium")
    for ax in grid[:, 0]:
        ax.set(ylabel="probability", ylim=(0, 1))
        ax.grid(False)
    grid[-1, 0].set_xlabel("time (s)")
    if not shown:
        grid[0, 0].set_title("No face", fontsize="medium")
    bands, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(bands[::-1], names[::-1], loc="outside right center")
    return figure


def _bands(ax: Axes, rows: pd.DataFrame, emotions: Sequence[str]) -> None:
    """Stacks the probabilities, each emotion with its name where it is strongest."""
    ax.stackplot(
        rows["time"],
        rows[list(emotions)].to_numpy().T,
        labels=emotions,
        colors=style.emotion_colors(emotions),
        edgecolor="white",
        linewidth=0.5,
    )
    tops = rows[list(emotions)].cumsum(axis=1)
    for emotion in emotions:
        strongest = rows[emotion].idxmax()
        share = rows.loc[strongest, emotion]
        if share >= NAMED_FROM:
            middle = tops.loc[strongest, emotion] - share / 2
            name = ax.text(rows.loc[strongest, "time"], middle, emotion, ha="center", va="center")
            name.set(fontsize="small", path_effects=[withStroke(foreground="white", linewidth=3)])
