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
"""An emotion has its name where it is the strongest for a while and reaches this probability."""

NAMED_FOR = 0.1
"""The while, as a share of the time axis: narrower bands have no room for a name."""


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
    duration = table["time"].max() - table["time"].min()
    for ax, track in zip(grid[:, 0], shown, strict=False):
        _bands(ax, table[table["track"] == track], emotions, NAMED_FOR * duration)
        ax.set_title(f"Face {track}, n = {counts[track]:,} frames", fontsize="medium")
    for ax in grid[:, 0]:
        ax.set(ylabel="probability", ylim=(0, 1))
        ax.grid(False)
    grid[-1, 0].set_xlabel("time (s)")
    if not shown:
        grid[0, 0].set_title("No face", fontsize="medium")
    if len(counts) > len(shown):
        figure.suptitle(f"{len(shown)} of {len(counts)} faces: those in most frames", fontsize="medium")
    bands, names = grid[0, 0].get_legend_handles_labels()
    figure.legend(bands[::-1], names[::-1], loc="outside right center")
    return figure


def _bands(ax: Axes, rows: pd.DataFrame, emotions: Sequence[str], shortest: float) -> None:
    """Stacks the probabilities; an emotion that is on top for this many seconds has its name there."""
    ax.stackplot(
        rows["time"],
        rows[list(emotions)].to_numpy().T,
        labels=emotions,
        colors=style.emotion_colors(emotions),
        edgecolor="white",
        linewidth=0.5,
    )
    values = rows[list(emotions)].reset_index(drop=True)
    tops, time = values.cumsum(axis=1), rows["time"].to_numpy()
    strongest = values.idxmax(axis=1)
    stretches = (strongest != strongest.shift()).cumsum()
    for _, stretch in strongest.groupby(stretches):
        first, last, emotion = stretch.index[0], stretch.index[-1], stretch.iloc[0]
        peak = values[emotion].loc[first:last].max()
        if time[last] - time[first] >= shortest and peak >= NAMED_FROM:
            middle = (first + last) // 2
            height = tops.loc[middle, emotion] - values.loc[middle, emotion] / 2
            name = ax.text((time[first] + time[last]) / 2, height, emotion, ha="center", va="center")
            name.set(fontsize="small", path_effects=[withStroke(foreground="white", linewidth=3)])
