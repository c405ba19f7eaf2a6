"""YOLOv3's box equations: from boxes to what the network learns, and back.

A cell of the feature map of stride s at column c_x and row c_y, with an anchor of p_w × p_h pixels, predicts
t_x, t_y, t_w, t_h, which stand for the box with

    middle b_x = s · (σ(t_x) + c_x), b_y = s · (σ(t_y) + c_y); size b_w = p_w · exp(t_w), b_h = p_h · exp(t_h)

(Redmon and Farhadi 2018, arXiv:1804.02767, section 2.1). All of it is in keras.ops, so that it runs inside a
training step on any backend, and on NumPy arrays.
"""

from typing import NamedTuple

import numpy as np
from keras import ops

STRIDES = (8, 16, 32)
"""Pixels of the input from one cell to the next, by scale."""

ANCHORS_PER_SCALE = 3

BOX_AND_OBJECTNESS = 5
"""Values of a prediction before its classes."""

_LARGEST_LOG = 8.0
"""Bound of t_w and t_h, e⁸ ≈ 3,000 anchors: an untrained network must not give infinite boxes."""

_OFFSET_MARGIN = 1e-6


class Grid(NamedTuple):
    """Where the predictions of a network stand.

    Attributes:
        cells: Column and row of the cell, float32, shape (predictions, 2).
        strides: Stride of its scale in pixels, float32, shape (predictions, 1).
        anchors: Width and height of its anchor in pixels, float32, shape (predictions, 2).
    """

    cells: np.ndarray
    strides: np.ndarray
    anchors: np.ndarray


class Targets(NamedTuple):
    """What the network is to predict for boxes, one entry for each anchor that is responsible for a box.

    Attributes:
        index: Number of the prediction, int32, shape (…, boxes, 9).
        offsets: σ(t_x) and σ(t_y), shape (…, boxes, 9, 2), range 0…1.
        log_sizes: t_w and t_h, shape (…, boxes, 9, 2).
        overlap: Intersection over union of the box with the anchor at the same middle, shape (…, boxes, 9).
    """

    index: object
    offsets: object
    log_sizes: object
    overlap: object


def check_anchors(anchors) -> np.ndarray:
    """Returns anchors as float32, shape (9, 2), or raises ValueError when they are none."""
    anchors = np.asarray(anchors, dtype="float32")
    if anchors.shape != (len(STRIDES) * ANCHORS_PER_SCALE, 2) or not (anchors > 0).all():
        raise ValueError(
            "`anchors` must be nine widths and heights in pixels, smallest first, shape (9, 2). "
            f"Received: {anchors.tolist()}"
        )
    return anchors


def grid(image_size: tuple[int, int], anchors) -> Grid:
    """Returns where the predictions of a network stand, in their order.

    Args:
        image_size: Height and width of the input in pixels, multiples of 32.
        anchors: Widths and heights in pixels, shape (9, 2), smallest first: three for stride 8, three for 16,
            three for 32.
    """
    cells, strides, sizes = [], [], []
    by_scale = check_anchors(anchors).reshape(len(STRIDES), ANCHORS_PER_SCALE, 2)
    for stride, own in zip(STRIDES, by_scale, strict=True):
        rows, columns = (side // stride for side in image_size)
        places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2)
        cells.append(places.repeat(ANCHORS_PER_SCALE, axis=0))
        strides.append(np.full((len(cells[-1]), 1), stride))
        sizes.append(np.tile(own, (len(places), 1)))
    return Grid(*(np.concatenate(parts).astype("float32") for parts in (cells, strides, sizes)))


def decode(predictions, grid: Grid):
    """Turns predictions into boxes.

    Args:
        predictions: t_x, t_y, t_w, t_h and possibly more, shape (…, predictions, at least 4).
        grid: Where they stand.

    Returns:
        x and y of the top left corner, width and height in pixels, shape (…, predictions, 4).
    """
    middle = (ops.sigmoid(predictions[..., 0:2]) + grid.cells) * grid.strides
    size = grid.anchors * ops.exp(ops.clip(predictions[..., 2:4], -_LARGEST_LOG, _LARGEST_LOG))
    return ops.concatenate([middle - size / 2, size], axis=-1)


def scores(predictions):
    """Returns objectness times class probability, each a sigmoid: shape (…, predictions, classes)."""
    objectness = ops.sigmoid(predictions[..., BOX_AND_OBJECTNESS - 1 : BOX_AND_OBJECTNESS])
    return objectness * ops.sigmoid(predictions[..., BOX_AND_OBJECTNESS:])


def encode(boxes, image_size: tuple[int, int], anchors) -> Targets:
    """Turns boxes into what the nine anchors have to predict for them, each in the cell of the box's middle.

    Args:
        boxes: x, y, width and height in pixels, shape (…, boxes, 4), sizes above 0. A middle outside the
            picture is taken to the border.
        image_size: Height and width of the input in pixels.
        anchors: As in ``grid``.
    """
    anchors = check_anchors(anchors)
    height, width = image_size
    strides = np.repeat(np.array(STRIDES, dtype="float32"), ANCHORS_PER_SCALE)  # of each anchor
    columns, rows = (side // strides.astype(int) for side in (width, height))
    sizes = boxes[..., 2:4]
    middles = ops.clip(boxes[..., 0:2] + sizes / 2, 0.0, np.array([width, height], "float32") - 1e-3)
    places = middles[..., None, :] / strides[:, None]
    cells = ops.floor(places)
    offsets = ops.clip(places - cells, _OFFSET_MARGIN, 1 - _OFFSET_MARGIN)
    cell = ops.cast(cells, "int32")
    index = (cell[..., 1] * columns.astype("int32") + cell[..., 0]) * ANCHORS_PER_SCALE
    return Targets(
        index + _first_predictions(rows * columns),
        offsets,
        ops.log(sizes[..., None, :] / anchors),
        shape_overlap(sizes[..., None, :], anchors),
    )


def shape_overlap(sizes, anchors):
    """Returns the intersection over union of boxes with one middle, from widths and heights, (…, 2) each."""
    shared = ops.prod(ops.minimum(sizes, anchors), axis=-1)
    return shared / (ops.prod(sizes, axis=-1) + np.prod(anchors, axis=-1) - shared)


def _first_predictions(cells: np.ndarray) -> np.ndarray:
    """Number of the first prediction of each anchor, int32, shape (9,), from the cells of its scale."""
    of_scale = cells[::ANCHORS_PER_SCALE] * ANCHORS_PER_SCALE
    begin = np.concatenate([[0], np.cumsum(of_scale)[:-1]])
    numbers = np.arange(ANCHORS_PER_SCALE)
    return (begin[:, None] + numbers).ravel().astype("int32")
