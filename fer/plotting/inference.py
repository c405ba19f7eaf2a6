"""Figures of what is told of faces in photos and videos."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke

from fer.plotting import style
from fer.synthetic.colors import MONK_SKIN_TONES

MOST_TRACKS = 4
_MARKERS = "osD^v"
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


def measured_tones(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Draws measured skin tones over the known ones, side by side for each light.

    Args:
        table: One row a face: ``known``, ``tone``, ``lowest`` and ``highest`` (steps 1…10 of the Monk Skin
            Tone Scale), and ``light``, the name of the light.
        ax: Axes to draw into; None makes a figure.

    Returns:
        The axes.
    """
    ax = plt.subplots(figsize=(9, 4.6))[1] if ax is None else ax
    lights = list(dict.fromkeys(table["light"]))
    ax.fill_between([0.5, 10.5], [-0.5, 9.5], [1.5, 11.5], color="0.92", label="within one step", zorder=0)
    for number, light in enumerate(lights):
        rows = table[table["light"] == light]
        x = rows["known"] + 0.5 * ((number + 0.5) / len(lights) - 0.5)
        reach = [rows["tone"] - rows["lowest"], rows["highest"] - rows["tone"]]
        ax.errorbar(x, rows["tone"], reach, fmt="none", ecolor="0.45", elinewidth=1, zorder=1)
        swatches = MONK_SKIN_TONES[rows["known"].to_numpy() - 1] / 255
        within = (rows["tone"] - rows["known"]).abs() <= 1
        label = f"{light}: {within.mean():.0%} of {len(rows)} within one step"
        marker = _MARKERS[number % len(_MARKERS)]
        ax.scatter(x, rows["tone"], 70, swatches, marker=marker, edgecolors="0.2", label=label)
    ax.set(xlim=(0.4, 10.6), ylim=(0.3, 10.7), xticks=range(1, 11), yticks=range(1, 11))
    ax.set(xlabel="known step", ylabel="measured step and its range")
    ax.legend(loc="upper left", fontsize="small")
    return ax


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
