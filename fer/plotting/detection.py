"""Figures of face detection: boxes in a picture, and how well and how fast detectors find faces."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogLocator, NullLocator

from fer.evaluation.detection import SIZES, DetectionMetrics
from fer.plotting import style

FOUND, TRUE = style.SERIES_COLORS[4], style.SERIES_COLORS[5]


def detections(
    image: np.ndarray,
    boxes: np.ndarray,
    scores: np.ndarray | None = None,
    truth: np.ndarray | None = None,
    *,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draws a picture with the boxes that were found, their scores, and the true boxes, which are dashed.

    Args:
        image: uint8, gray or RGB.
        boxes: Found boxes, shape (k, 4): x, y, width and height in pixels.
        scores: One a box, shape (k,); None writes none.
        truth: True boxes, shape (n, 4); None where they are not known.
        title: None says how many boxes there are.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=6.4, height=6.4 * image.shape[0] / image.shape[1] + 0.4)
    style.show(ax, image)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    for x, y, width, height in [] if truth is None else truth:
        ax.add_patch(
            Rectangle((x, y), width, height, fill=False, edgecolor=TRUE, linewidth=2.5, linestyle="--")
        )
    for number, (x, y, width, height) in enumerate(boxes):
        ax.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=FOUND, linewidth=2))
        if scores is not None:
            ax.text(
                x, y, f"{scores[number]:.2f}", fontsize="x-small", va="bottom", clip_on=True,
                bbox={"facecolor": FOUND, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
    if title is None:
        title = f"{len(boxes)} found" + ("" if truth is None else f", {len(truth)} true (dashed)")
    ax.set_title(title, fontsize="medium")
    return ax


def precision_recall(metrics: Mapping[str, DetectionMetrics], *, ax: Axes | None = None) -> Axes:
    """Draws precision over recall of several detectors; a mark shows each one's own threshold of the score.

    Args:
        metrics: Name → metrics on the same photos.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=6.4, height=4.8)
    for name, (color, marker) in style.series_styles(list(metrics)).items():
        values = metrics[name]
        low, high = values.ap50_interval
        area, mark = f"AP50 {values.ap50:.3f} ({low:.3f}…{high:.3f})", f"score {values.score_threshold:g}"
        ax.plot(
            values.curve["recall"],
            values.curve["precision"],
            color=color,
            linewidth=2,
            label=f"{name}: {area}; mark: {mark}",
        )
        ax.plot(
            values.recall,
            values.precision,
            color=color,
            marker=marker,
            markersize=10,
            markeredgecolor="black",
            clip_on=False,
            linestyle="",
        )
    first = next(iter(metrics.values()))
    ax.set(
        title=f"Overlap of at least 0.5, {first.faces:,} faces in {first.photos:,} photos",
        xlabel="recall (share of the faces that are found)",
        ylabel="precision (share of the boxes that are faces)",
        xlim=(0, 1.02),
        ylim=(0, 1.02),
    )
    ax.legend(loc="best", fontsize="small")
    return ax


def precision_by_size(metrics: Mapping[str, DetectionMetrics], *, ax: Axes | None = None) -> Axes:
    """Draws AP50 of several detectors by the size of the faces.

    Args:
        metrics: Name → metrics on the same photos.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=7.0, height=4.0)
    frame = pd.DataFrame({name: values.by_size["ap50"] for name, values in metrics.items()})
    colors = [color for color, _ in style.series_styles(list(metrics)).values()]
    frame.plot.bar(ax=ax, color=colors, width=0.75, rot=0, legend=False)
    for bars in ax.containers:
        ax.bar_label(bars, fmt="%.2f", fontsize="small")
    counts = next(iter(metrics.values())).by_size["faces"]
    labels = [f"{kind}\n{_bounds(*SIZES[kind])} px, n = {counts[kind]:,}" for kind in frame.index]
    ax.set_xticks(range(len(frame)), labels)
    ax.set(title="Average precision by size of the face", xlabel="", ylabel="AP50", ylim=(0, 1.08))
    ax.grid(False, axis="x")
    ax.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    return ax


def precision_by_time(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draws AP50 with its interval over the time for a photo: the best detectors are at the top left.

    Args:
        table: Of ``fer.evaluation.detection.table`` or ``fer.evaluation.consensus.compare``.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=6.4, height=4.2)
    styles = style.series_styles(table["detector"].tolist())
    for row in table.itertuples():
        color, marker = styles[row.detector]
        ax.errorbar(
            row.milliseconds,
            row.ap50,
            yerr=[[row.ap50 - row.low], [row.high - row.ap50]],
            color=color,
            marker=marker,
            markersize=10,
            capsize=5,
        )
        ax.annotate(
            row.detector,
            (row.milliseconds, row.ap50),
            xytext=(10, 4),
            textcoords="offset points",
            color=color,
        )
    ax.set(
        title="Precision and time, with 95 % interval",
        xlabel="median time for a photo (ms)",
        ylabel="AP50",
        xscale="log",
    )
    ax.margins(x=0.2)
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_locator(NullLocator())
    return ax


def _bounds(smallest: float, largest: float) -> str:
    if np.isinf(largest):
        return f"from {smallest:g}"
    return f"{smallest:g}–{largest:g}" if smallest else f"below {largest:g}"
