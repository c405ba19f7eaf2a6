"""Figures of the laugh game: from a probability in each frame to a decision over time."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from fer.evaluation.decisions import Recording, Rule, trade_off
from fer.plotting import style

_SMILE = {"color": style.EMOTION_COLORS["happy"], "alpha": 0.22, "linewidth": 0}
_SCORE, _SMOOTHED, _ALARM = style.SERIES_COLORS[6], style.SERIES_COLORS[0], style.SERIES_COLORS[1]


def score_over_time(
    recording: Recording,
    moments: Sequence[tuple[str, float, float]] = (),
    *,
    threshold: float | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws the probability in each frame, the true smiles, and the names of what the face does.

    Args:
        recording: What was read.
        moments: Name, start and end in seconds of what the face does.
        threshold: Is drawn as a line; frames that reach it outside of a smile are marked.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=14.0, height=4.2)
    times, probabilities = recording.times, recording.probabilities
    _shade(ax, recording.smiles)
    label = f"each frame, n = {len(times):,}"
    ax.plot(times, probabilities, color=_SCORE, marker=".", markersize=4, linewidth=1, label=label)
    if threshold is not None:
        smiles = [(times >= start) & (times <= end) for start, end in recording.smiles]
        wrong = (probabilities >= threshold) & ~np.any([np.zeros(len(times), dtype=bool), *smiles], axis=0)
        ax.axhline(threshold, color=_ALARM, linestyle="--", linewidth=1.5, label=f"threshold {threshold:g}")
        label = f"above it and no smile: {wrong.sum()} frames"
        ax.plot(times[wrong], probabilities[wrong], "s", color=_ALARM, markersize=6, label=label)
    for number, (name, start, end) in enumerate(sorted(moments, key=lambda moment: moment[1])):
        height = 1.07 + 0.1 * (number % 2)
        ax.hlines(height, start, end, color="dimgray", linewidth=4)
        ax.text((start + end) / 2, height + 0.02, name, ha="center", va="bottom", fontsize="small")
    ax.set(xlabel="time (s)", ylabel="probability of happy", xlim=(times[0], times[-1]))
    ax.set_ylim(0, 1.3 if len(moments) else 1)
    ax.set_yticks(np.arange(0, 1.01, 0.25))
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return ax


def smoothing_by_frame_rate(
    smoothed: pd.DataFrame, *, threshold: float, smiles: Sequence[tuple[float, float]] = ()
) -> Figure:
    """Draws one recording at several frame rates, smoothed in several ways: one panel a way.

    Args:
        smoothed: Columns ``way`` (name), ``rate`` (frames a second), ``time`` (s) and ``smoothed`` (0…1).
        threshold: Is drawn as a line; where a curve reaches it first is marked and named.
        smiles: Beginning and end of each in seconds.
    """
    ways = list(dict.fromkeys(smoothed["way"]))
    rates = list(dict.fromkeys(smoothed["rate"]))
    figure, axes = plt.subplots(1, len(ways), figsize=(7 * len(ways), 4.8), sharey=True, squeeze=False)
    for ax, way in zip(axes.flat, ways, strict=True):
        _shade(ax, smiles)
        ax.axhline(threshold, color="black", linestyle="--", linewidth=1)
        for rate, (color, marker) in style.series_styles(rates).items():
            rows = smoothed[(smoothed["way"] == way) & (smoothed["rate"] == rate)]
            above = rows["time"][rows["smoothed"] >= threshold]
            label = f"{rate:g} frames/s: " + (
                f"above at {above.iloc[0]:.2f} s" if len(above) else "never above"
            )
            ax.plot(rows["time"], rows["smoothed"], color=color, linewidth=2, label=label)
            if len(above):
                ax.plot(above.iloc[0], threshold, marker, color=color, markersize=10)
        ax.set(title=way, xlabel="time (s)", ylim=(0, 1))
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=2, fontsize="small")
    axes[0, 0].set_ylabel("smoothed probability")
    return figure


def step_delays(measured: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draws how long a smoothed step takes to a threshold, in time constants: the formula, and measured.

    Args:
        measured: Columns ``ratio`` (threshold / level of the step), ``delay`` and ``time_constant`` (s).
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=7.0, height=4.2)
    ratios = np.linspace(0, 0.99, 200)
    ax.plot(ratios, -np.log1p(-ratios), color="black", linewidth=1.5, label="−ln(1 − θ/p)")
    constants = sorted(measured["time_constant"].unique())
    for number, (constant, (color, marker)) in enumerate(style.series_styles(constants).items()):
        rows = measured[measured["time_constant"] == constant]
        ax.plot(
            rows["ratio"],
            rows["delay"] / constant,
            marker,
            color=color,
            markersize=14 - 4 * number,  # what lies on each other stays visible
            markerfacecolor="none",
            markeredgewidth=1.5,
            label=f"measured, τ = {constant:g} s",
        )
    ax.set(title="A step", xlabel="threshold θ / level p", ylabel="delay / time constant", ylim=(0, 4))
    ax.legend(loc="upper left")
    return ax


def decisions_over_time(
    traces: Mapping[str, tuple[pd.DataFrame, Rule]],
    smiles: Sequence[tuple[float, float]] = (),
    *,
    figure: Figure | None = None,
) -> Figure:
    """Draws for each rule the score above the clock: with the thresholds, the hold time and the alarms.

    Args:
        traces: Title → what a rule does with a recording, as ``fer.evaluation.decisions.trace`` gives it, and
            the rule.
        smiles: Beginning and end of each in seconds.
        figure: An empty figure to draw on; a new one if None.
    """
    if figure is None:
        figure = plt.figure(figsize=(max(9, 5.5 * len(traces)), 5.2))
    grid = figure.subplots(2, len(traces), sharex=True, sharey="row", squeeze=False, height_ratios=[2, 1])
    for (score, clock), (title, (trace, rule)) in zip(grid.T, traces.items(), strict=True):
        for ax in (score, clock):
            _shade(ax, smiles)
        time = trace["time"]
        score.plot(time, trace["probability"], color=_SCORE, linewidth=0.8, alpha=0.6, label="probability")
        score.plot(time, trace["smoothed"], color=_SMOOTHED, linewidth=2.5, label="smoothed")
        score.axhspan(rule.threshold_off, rule.threshold_on, color="gray", alpha=0.15, linewidth=0)
        score.axhline(rule.threshold_on, color="black", linestyle="--", linewidth=1.2, label="on")
        score.axhline(rule.threshold_off, color="black", linestyle=":", linewidth=1.2, label="off")
        clock.fill_between(time, trace["clock"], color=_SMOOTHED, alpha=0.5, linewidth=0)
        clock.axhline(rule.hold, color="black", linestyle="--", linewidth=1.2)
        for alarm in time[trace["alarm"]]:
            score.axvline(alarm, color=_ALARM, linewidth=2)
            clock.axvline(alarm, color=_ALARM, linewidth=2)
            score.text(alarm, 1.02, f"{alarm:.2f} s", color=_ALARM, ha="center", va="bottom", weight="bold")
        score.set_title(title, pad=22, fontsize="medium")
        score.set(ylim=(0, 1))
        clock.set(xlabel="time (s)", ylim=(0, None))
    grid[0, 0].set_ylabel("probability of happy")
    grid[1, 0].set_ylabel("clock and\nhold time (s)")
    handles, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside right upper")
    return figure


def false_alarms_by_delay(
    measured: pd.DataFrame, marked: pd.DataFrame, *, title: str = "", ax: Axes | None = None
) -> Axes:
    """Draws what each rule costs: false alarms a minute over the median delay; no rule is below the line.

    Args:
        measured: What ``fer.evaluation.decisions.measure`` gives.
        marked: Rows of such a table, by name: they stand out, with their intervals.
        title: Of the axes.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=11.0, height=5.2)
    shown = measured[np.isfinite(measured["delay"])].sort_values("missed", ascending=False)
    dots = ax.scatter(
        shown["delay"],
        shown["per_minute"],
        c=shown["missed"] / shown["smiles"],
        cmap="viridis_r",
        vmin=0,
        vmax=0.5,
        s=18,
        alpha=0.8,
    )
    bar = ax.figure.colorbar(dots, ax=ax, label="share of smiles that are missed", extend="max")
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    best = trade_off(measured)
    label = "beaten by none in both"
    ax.step(best["delay"], best["per_minute"], where="post", color="black", linewidth=1.5, label=label)
    for name, (color, marker) in style.series_styles(list(marked.index)).items():
        row = marked.loc[name]
        low, high = row["per_minute"] - row["per_minute_low"], row["per_minute_high"] - row["per_minute"]
        ax.errorbar(
            row["delay"],
            row["per_minute"],
            yerr=[[low], [high]],
            color=color,
            marker=marker,
            markersize=11,
            markeredgecolor="white",
            capsize=4,
            linewidth=1.5,
            label=name,
        )
    ax.set(
        title=title, xlabel="median delay from the beginning of a smile (s)", ylabel="false alarms a minute"
    )
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=-0.15)
    ax.legend(loc="upper right")
    return ax


def rules_compared(measured: pd.DataFrame) -> Figure:
    """Draws rules below each other: false alarms, missed smiles and delay, each with its 95 % interval.

    Args:
        measured: What ``fer.evaluation.decisions.measure`` gives, by name.
    """
    minutes, smiles = measured["minutes"].iloc[0], measured["smiles"].iloc[0]
    panels = {
        "per_minute": f"false alarms a minute,\n{minutes:.1f} minutes without a smile",
        "missed": f"share of smiles missed,\nn = {smiles}",
        "delay": f"median delay (s),\nn = {smiles} smiles",
    }
    values = measured[list(panels)].assign(missed=measured["missed"] / measured["smiles"])
    figure, axes = plt.subplots(1, 3, figsize=(14, 1.3 + 0.55 * len(measured)), sharey=True)
    for ax, (name, label) in zip(axes, panels.items(), strict=True):
        ends = measured[[f"{name}_low", f"{name}_high"]].to_numpy()
        finite = np.isfinite(values[name])
        largest = np.max([*ends[np.isfinite(ends)], *values[name][finite]])
        for place, (row, (color, marker)) in enumerate(style.series_styles(list(measured.index)).items()):
            low, high = np.clip(ends[place], 0, 2 * largest + 1)
            ax.hlines(place, low, high, color=color, linewidth=2.5)
            if finite[row]:
                ax.plot(values.loc[row, name], place, marker, color=color, markersize=9)
            else:
                ax.text(largest, place, "over half are missed ", ha="right", va="bottom", fontsize="small")
        ax.set(xlabel=label, xlim=(-0.03 * largest, 1.05 * largest))
        ax.grid(False, axis="y")
    axes[1].xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes[0].set_yticks(range(len(measured)), list(measured.index))
    axes[0].invert_yaxis()
    return figure


def _shade(ax: Axes, smiles: Sequence[tuple[float, float]]) -> None:
    for number, (start, end) in enumerate(smiles):
        ax.axvspan(start, end, label=None if number else "true smile", **_SMILE)
