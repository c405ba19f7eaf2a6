"""Figures of the detector: its anchors, what each scale sees, how a box is decoded, what is learned where."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from fer.models import yolo_boxes
from fer.models.yolo_boxes import ANCHORS_PER_SCALE, STRIDES, Grid
from fer.models.yolo_loss import Parts
from fer.plotting import style

SCALES = dict(zip(STRIDES, zip(style.SERIES_COLORS[:3], style.SERIES_MARKERS[:3], strict=True), strict=True))
"""Stride → its colour and marker in every figure."""

NEGATIVE, IGNORED, POSITIVE = 0, 1, 2
"""What the objectness of a prediction learns: to be 0, nothing, to be 1."""


def anchor_sizes(sizes: np.ndarray, anchors: np.ndarray, *, ax: Axes | None = None) -> Axes:
    """Draws the cloud of box sizes with the anchors in it, three for each stride.

    Args:
        sizes: Widths and heights in pixels, float, shape (n, 2).
        anchors: Widths and heights in pixels, float, shape (9, 2), as ``yolo_boxes.grid`` takes them.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=5.5, height=5.0)
    ax.scatter(*np.asarray(sizes).T, s=12, color="0.6", label="box of a face")
    groups = np.reshape(anchors, (len(STRIDES), ANCHORS_PER_SCALE, 2))
    for (stride, (color, marker)), group in zip(SCALES.items(), groups, strict=True):
        ax.scatter(
            *group.T, s=130, color=color, marker=marker, edgecolor="black", label=f"anchor, stride {stride}"
        )
    ax.set(
        title=f"Nine anchors among {len(sizes):,} boxes",
        xlabel="width (px)",
        ylabel="height (px)",
        xscale="log",
        yscale="log",
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(NullLocator())
    ax.legend(fontsize="small")
    return ax


def anchor_overlap(overlaps: Mapping[int, float], *, ax: Axes | None = None) -> Axes:
    """Draws how far the best anchor covers a box over the number of anchors; the nine of YOLOv3 are marked.

    Args:
        overlaps: Number of anchors → mean intersection over union, 0…1.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=5.5, height=5.0)
    color = style.SERIES_COLORS[0]
    ax.plot(list(overlaps), list(overlaps.values()), color=color, marker=style.SERIES_MARKERS[0], linewidth=2)
    nine = len(STRIDES) * ANCHORS_PER_SCALE
    if nine in overlaps:
        ax.axvline(nine, color="black", linestyle=":")
        ax.annotate(
            f"YOLOv3: {nine} anchors, {overlaps[nine]:.2f}", (nine, 0.03), xytext=(-6, 0), rotation=90,
            xycoords=("data", "axes fraction"), textcoords="offset points", ha="right", va="bottom",
        )  # fmt: skip
    ax.set(
        title="How well the best anchor fits",
        xlabel="number of anchors",
        ylabel="mean intersection over union",
        ylim=(0, 1),
    )
    return ax


def scales(image: np.ndarray, boxes: np.ndarray, anchors: np.ndarray) -> Figure:
    """Draws the cells of each stride over a picture, with the faces that one of its anchors fits best.

    The cell of a face's middle, which predicts it, is filled; the anchor around that middle is dashed.

    Args:
        image: Input of the network, uint8 or float, shape (height, width, 3), sides multiples of 32.
        boxes: x, y, width and height of the faces in pixels, shape (n, 4).
        anchors: Widths and heights in pixels, shape (9, 2).
    """
    figure, row = plt.subplots(1, len(STRIDES), figsize=(14, 5.4), layout="constrained")
    boxes = np.reshape(boxes, (-1, 4)).astype("float32")
    best = np.asarray(yolo_boxes.encode(boxes, image.shape[:2], anchors).overlap).argmax(axis=1)
    for number, (ax, stride) in enumerate(zip(row, STRIDES, strict=True)):
        color, _ = SCALES[stride]
        mine = best // ANCHORS_PER_SCALE == number
        _draw_cells(ax, image, stride)
        for (x, y, width, height), anchor in zip(boxes[mine], best[mine], strict=True):
            middle = np.array([x + width / 2, y + height / 2])
            ax.add_patch(Rectangle(middle // stride * stride, stride, stride, color=color, alpha=0.6))
            ax.add_patch(_outline((x, y), width, height, color))
            size = np.asarray(anchors)[anchor]
            ax.add_patch(_outline(middle - size / 2, *size, "black", linestyle="--"))
        rows, columns = (side // stride for side in image.shape[:2])
        faces = f"{mine.sum()} face" + ("" if mine.sum() == 1 else "s")
        ax.set_title(f"Stride {stride}: {rows} × {columns} cells, {faces}", fontsize="large")
    handles = [
        Patch(facecolor="0.5", alpha=0.6),
        _outline((0, 0), 1, 1, "0.5"),
        _outline((0, 0), 1, 1, "black", linestyle="--"),
    ]
    names = ["cell that predicts the face", "face", "its anchor"]
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize="large")
    return figure


def decoded_box(
    image: np.ndarray,
    prediction: np.ndarray,
    place: Grid,
    truth: np.ndarray | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draws how a prediction becomes a box: from its cell to the middle, from the anchor to the size.

    Args:
        image: Input of the network, uint8 or float, shape (height, width, 3).
        prediction: t_x, t_y, t_w, t_h and possibly more, float, shape (at least 4,).
        place: Where it stands, one row of ``yolo_boxes.grid``: cell, shape (2,), stride, (1,), anchor, (2,).
        truth: Box of the true face, shape (4,); None draws none.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=7.0, height=6.4)
    stride = int(place.strides[0])
    box = np.asarray(yolo_boxes.decode(np.asarray(prediction, "float32"), place))
    corner, middle = place.cells * stride, box[:2] + box[2:] / 2
    color, _ = SCALES[stride]
    _draw_cells(ax, image, stride)
    ax.add_patch(Rectangle(corner, stride, stride, color=color, alpha=0.6, label=f"cell, {stride} px"))
    ax.add_patch(
        _outline(middle - place.anchors / 2, *place.anchors, "black", linestyle="--", label="anchor")
    )
    ax.add_patch(_outline(box[:2], *box[2:], color, label="predicted box"))
    if truth is not None:
        ax.add_patch(_outline(truth[:2], *truth[2:], "black", linestyle=":", label="true box"))
    ax.plot(*middle, color="black", marker="+", markersize=14, markeredgewidth=3, linestyle="")
    shown = np.array([box[:2], box[:2] + box[2:], middle - place.anchors / 2, middle + place.anchors / 2])
    low, high = shown.min(axis=0) - stride, shown.max(axis=0) + stride
    side = (high - low).max() / 2
    low, high = (low + high) / 2 - side, (low + high) / 2 + side
    limits = np.array(image.shape[1::-1]) - 0.5
    ax.set_xlim(max(low[0], -0.5), min(high[0], limits[0]))
    ax.set_ylim(min(high[1], limits[1]), max(low[1], -0.5))
    ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1))
    return ax


def learned_where(image: np.ndarray, boxes: np.ndarray, states: np.ndarray) -> Figure:
    """Draws what the objectness learns at the cells of each stride: 1, 0, or nothing.

    A cell has three predictions; it is drawn as positive if one of them is, else as ignored if one is.

    Args:
        image: Input of the network, uint8 or float, shape (height, width, 3), sides multiples of 32.
        boxes: x, y, width and height of the faces in pixels, shape (n, 4).
        states: ``NEGATIVE``, ``IGNORED`` or ``POSITIVE``, int, shape (predictions,), in the order of
            ``yolo_boxes.grid``.
    """
    figure, row = plt.subplots(1, len(STRIDES), figsize=(14, 5.6), layout="constrained")
    begin = 0
    for ax, stride in zip(row, STRIDES, strict=True):
        rows, columns = (side // stride for side in image.shape[:2])
        own = states[begin : begin + rows * columns * ANCHORS_PER_SCALE]
        begin += len(own)
        _draw_cells(ax, image, stride)
        cells = own.reshape(rows, columns, ANCHORS_PER_SCALE).max(axis=-1)
        for state, look in _LOOKS.items():
            for y, x in np.argwhere(cells == state):
                ax.add_patch(Rectangle((x * stride, y * stride), stride, stride, **look))
        for x, y, width, height in boxes:
            ax.add_patch(_outline((x, y), width, height, "black"))
        counts = [int((own == state).sum()) for state in (POSITIVE, IGNORED, NEGATIVE)]
        title = "Stride {}: {} positive,\n{} ignored, {:,} negative predictions"
        ax.set_title(title.format(stride, *counts), fontsize="large")
    handles = [Patch(**_LOOKS[POSITIVE]), Patch(**_LOOKS[IGNORED]), Patch(facecolor="white", edgecolor="0.6")]
    names = ["positive: learns 1", "ignored: learns nothing", "negative: learns 0"]
    figure.legend(handles, names, loc="outside lower center", ncols=3, fontsize="large")
    return figure


def detection_curves(history: pd.DataFrame) -> Figure:
    """Draws the parts of the loss and the average precision over the epochs of a training.

    Args:
        history: As ``DetectionRun.history`` has it; epoch 0 is before training.
    """
    figure, (losses, precision) = plt.subplots(1, 2, figsize=(13, 4.5), layout="constrained")
    styles = style.series_styles(Parts._fields)
    for part, (color, marker) in styles.items():
        losses.plot(history["epoch"], history[part], color=color, linestyle="--", alpha=0.8)
        losses.plot(history["epoch"], history[f"val_{part}"], color=color, marker=marker, label=part)
    handles, labels = losses.get_legend_handles_labels()
    handles += [Line2D([], [], color="black", linestyle="--"), Line2D([], [], color="black")]
    losses.legend(handles, [*labels, "training, while it learns", "validation"], fontsize="small")
    losses.set(
        title="Parts of the loss", xlabel="epoch (0: before training)", ylabel="loss an assigned face",
        yscale="log",
    )  # fmt: skip
    precision.plot(history["epoch"], history["val_average_precision"], color="black", marker="o", linewidth=2)
    precision.set(
        title="Average precision on validation pictures, overlap of at least 0.5",
        xlabel="epoch (0: before training)", ylabel="AP50", ylim=(0, 1),
    )  # fmt: skip
    for ax in (losses, precision):
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


_LOOKS = {
    IGNORED: {"facecolor": "none", "edgecolor": style.SERIES_COLORS[1], "hatch": "////", "linewidth": 0},
    POSITIVE: {"facecolor": style.SERIES_COLORS[0], "edgecolor": "none", "alpha": 0.7},
}


def _draw_cells(ax: Axes, image: np.ndarray, stride: int) -> None:
    """Draws a picture, paler than it is, with the borders of the cells."""
    pixels = image / 255 if image.dtype == np.uint8 else image
    height, width = image.shape[:2]
    ax.imshow(0.5 + 0.5 * pixels, vmin=0, vmax=1, extent=(0, width, height, 0), interpolation="nearest")
    ax.set_xticks(range(0, width + 1, stride), labels=[])
    ax.set_yticks(range(0, height + 1, stride), labels=[])
    ax.grid(True, color="0.5", linewidth=0.5)
    ax.tick_params(length=0)


def _outline(corner: Sequence[float], width: float, height: float, color, **options) -> Rectangle:
    return Rectangle(
        corner, width, height, fill=False, edgecolor=color, **({"linewidth": 2.5, "zorder": 3} | options)
    )
