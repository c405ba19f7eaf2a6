"""Figures about the batch size: what a device makes of it, what it does to a training."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from fer.plotting import style


def throughput(frame: pd.DataFrame, *, knee: int | None = None) -> Figure:
    """Draws images a second and peak memory over the batch size.

    Args:
        frame: Result of ``fer.experiments.throughput.measure_throughput``: columns batch_size, fits,
            images_per_second, low, high, memory. A size that did not fit is a red line.
        knee: Batch size to mark, as ``fer.experiments.throughput.knee`` gives it.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 4.6), layout="constrained")
    measured = frame[frame["fits"]]
    sizes, color = measured["batch_size"], style.SERIES_COLORS[0]
    left.fill_between(sizes, measured["low"], measured["high"], color=color, alpha=0.2, linewidth=0)
    left.plot(sizes, measured["images_per_second"], color=color, marker="o", linewidth=2)
    left.set(title="Throughput of the training step (band: all repeats)", ylabel="images a second")
    right.plot(sizes, measured["memory"], color=style.SERIES_COLORS[1], marker="s", linewidth=2)
    right.set(title="Peak memory", ylabel="MiB")
    for ax in (left, right):
        ax.set_ylim(0, 1.15 * ax.dataLim.y1)
        for size in frame.loc[~frame["fits"], "batch_size"]:
            ax.axvline(size, color="#C00000", linewidth=2)
            ax.annotate(
                "does not fit ", (size, 0.5), xycoords=("data", "axes fraction"), ha="right", color="#C00000"
            )
        _batch_size_axis(ax, frame["batch_size"])
    if knee is not None:
        rate = measured.loc[measured["batch_size"] == knee, "images_per_second"].item()
        left.axvline(knee, color="black", linewidth=1.5, linestyle="--")
        left.annotate(
            f" knee: {knee} images, {rate:,.0f} a second",
            (knee, 0.04),
            xycoords=("data", "axes fraction"),
            ha="right" if knee > np.sqrt(sizes.min() * sizes.max()) else "left",
        )
    return figure


def accuracy_by_batch_size(
    results: pd.DataFrame,
    *,
    noise_scale: tuple[float, float] | None = None,
    chance: float | None = None,
    title: str = "Accuracy over the batch size",
    ax: Axes | None = None,
) -> Axes:
    """Draws the validation accuracy of every seed, and for each policy the mean and the range over the seeds.

    Args:
        results: Result of ``fer.experiments.batch_sizes.final_results``: columns policy, batch_size, seed,
            val_accuracy. Diverged trainings have no accuracy and are not drawn.
        noise_scale: Lower and upper end of the gradient noise scale in images, drawn as a gray band.
        chance: Accuracy of guessing, drawn as a dotted line.
        title: What was trained; the number of seeds is added.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=8.5, height=4.8)
    policies = list(results["policy"].unique())
    styles = style.series_styles(policies)
    shifts = 2 ** (0.1 * (np.arange(len(policies)) - (len(policies) - 1) / 2))  # side by side, on a log axis
    for shift, policy in zip(shifts, policies, strict=True):
        color, marker = styles[policy]
        rows = results[results["policy"] == policy]
        ax.scatter(
            shift * rows["batch_size"], rows["val_accuracy"], s=36, color=color, alpha=0.6, linewidth=0
        )
        seeds = rows.groupby("batch_size")["val_accuracy"].agg(["min", "mean", "max"])
        reach = [seeds["mean"] - seeds["min"], seeds["max"] - seeds["mean"]]
        ax.errorbar(
            shift * seeds.index,
            seeds["mean"],
            yerr=np.array(reach),
            color=color,
            marker=marker,
            markersize=9,
            linewidth=2,
            capsize=5,
            label=policy,
        )
    if noise_scale is not None:
        low, high = noise_scale
        ax.axvspan(
            low,
            min(high, 4 * results["batch_size"].max()),
            color="#BBBBBB",
            alpha=0.5,
            linewidth=0,
            label="gradient noise scale\nduring the training",
        )
    if chance is not None:
        ax.axhline(chance, color="black", linewidth=1, linestyle=":", label="chance")
    n = results.groupby(["policy", "batch_size"]).size()
    ax.set(title=f"{title} ({_range(n)} seeds each)", ylabel="validation accuracy, best epoch")
    _batch_size_axis(ax, results["batch_size"])
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize="small")
    return ax


def learning_by_batch_size(
    epochs: pd.DataFrame,
    *,
    x: str = "step",
    y: str = "loss",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws one line a batch size: the mean over the seeds, and every seed as a thin line.

    Args:
        epochs: Result of ``fer.experiments.batch_sizes.train_arms`` of one policy: columns batch_size, seed,
            epoch, step, loss, accuracy, val_loss, val_accuracy.
        x: "step" or "epoch". Row 0 is before any training.
        y: "loss" or "accuracy" on the training images while it learns, "val_loss" or "val_accuracy".
        title: What is drawn; None for a plain one.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax)
    names = {
        "loss": "training loss",
        "accuracy": "training accuracy",
        "val_loss": "validation loss",
        "val_accuracy": "validation accuracy",
    }
    styles = style.series_styles([f"{size} images" for size in sorted(epochs["batch_size"].unique())])
    for size, rows in epochs.groupby("batch_size"):
        color, marker = styles[f"{size} images"]
        for _, seed in rows.groupby("seed"):
            ax.plot(seed[x], seed[y], color=color, linewidth=0.8, alpha=0.5)
        mean = rows.groupby(x)[y].mean()
        ax.plot(
            mean.index, mean, color=color, marker=marker, markersize=7, linewidth=2.5, label=f"{size} images"
        )
    if x == "step":
        ax.set_xscale("symlog", linthresh=10)
    units = {"step": "steps", "epoch": "epochs"}
    ax.set(
        title=title or f"{names[y].capitalize()} ({epochs['seed'].nunique()} seeds)",
        xlabel=f"{units[x]} (0: before training)",
        ylabel=names[y],
    )
    ax.legend(title="batch size", fontsize="small")
    return ax


def noise_scale(frame: pd.DataFrame, *, batch_sizes: list[int] = (), ax: Axes | None = None) -> Axes:
    """Draws the gradient noise scale over a training, with its 95 % interval.

    Args:
        frame: Result of ``fer.experiments.noise_scale.noise_scale_over_training``: columns epoch,
            noise_scale, low, high. An infinite end of an interval is drawn at the upper edge.
        batch_sizes: Batch sizes to compare it with, drawn as dotted lines.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax)
    color = style.SERIES_COLORS[0]
    finite = frame[["noise_scale", "low", "high"]].to_numpy()
    edge = 3 * max([*finite[np.isfinite(finite)], *batch_sizes])
    values = frame.replace(np.inf, edge)
    ax.fill_between(
        values["epoch"],
        values["low"],
        values["high"],
        color=color,
        alpha=0.2,
        linewidth=0,
        label="95 % interval",
    )
    ax.plot(values["epoch"], values["noise_scale"], color=color, marker="o", linewidth=2, label="noise scale")
    for size in batch_sizes:
        ax.axhline(size, color="black", linewidth=1, linestyle=":")
        ax.annotate(
            f"batch {size}",
            (1, size),
            xycoords=("axes fraction", "data"),
            ha="right",
            va="bottom",
            fontsize="small",
        )
    ax.set(
        title="Gradient noise scale while the network learns",
        xlabel="epoch (0: before training)",
        ylabel="tr(Σ) / |G|² in images",
        yscale="log",
        ylim=(None, edge),
    )
    ax.legend(loc="upper left", fontsize="small")
    return ax


def _batch_size_axis(ax: Axes, sizes: pd.Series) -> None:
    ticks = sorted(set(sizes))
    ax.set_xscale("log", base=2)
    ax.set_xlim(ticks[0] / 1.3, ticks[-1] * 1.3)
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticklabels([str(size) for size in ticks])
    ax.set_xlabel("batch size in images")


def _range(counts: pd.Series) -> str:
    low, high = counts.min(), counts.max()
    return str(low) if low == high else f"{low} to {high}"
