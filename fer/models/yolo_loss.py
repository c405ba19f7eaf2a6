"""YOLOv3's loss: boxes, objectness and classes of what a picture's faces are assigned to."""

import math
from typing import NamedTuple

from keras import ops

from fer.models import yolo_boxes
from fer.models.yolo_boxes import BOX_AND_OBJECTNESS
from fer.pipelines.box_batches import FACE, IGNORED, PADDING

BOX_LOSSES = ("coordinates", "giou")


class Parts(NamedTuple):
    """The parts of the loss, float32 scalars: sums over the batch, divided by the number of assignments."""

    box: object
    objectness: object
    classes: object


class YoloLoss:
    """Compares predictions with the boxes of the batch.

    A box belongs to the cell of its middle and to the anchor whose shape overlaps it most; with a
    ``matching_threshold`` below 1 also to the other anchors that overlap it by more (as in YOLOv4,
    arXiv:2004.10934). There, box and classes are learned, and objectness 1. Everywhere else the objectness is
    to be 0, except where a predicted box overlaps any true one by more than ``ignore_threshold``: that is a
    good prediction, only not the responsible one. Predictions that lie in a box to be ignored count nowhere.

    Args:
        image_size: Height and width of the network's input in pixels.
        anchors: Widths and heights in pixels, shape (9, 2); see ``yolo_boxes.grid``.
        ignore_threshold: Intersection over union, 0…1; the paper has 0.5.
        matching_threshold: Intersection over union of shapes, 0…1; 1 is the paper's single anchor a box.
        box_loss: "coordinates" is the paper's: cross-entropy of the offsets, half the squared error of t_w
            and t_h, small boxes up to twice as heavy. "giou" is 1 − generalized intersection over union
            (Rezatofighi et al. 2019, arXiv:1902.09630), near to what boxes are judged by.
        box_weight: Factor of the box's part.

    Example:
        >>> loss = YoloLoss((416, 416), anchors)
        >>> loss(truth, model(images)).box
    """

    def __init__(
        self,
        image_size: tuple[int, int],
        anchors,
        *,
        ignore_threshold: float = 0.5,
        matching_threshold: float = 1.0,
        box_loss: str = "coordinates",
        box_weight: float = 1.0,
    ):
        if box_loss not in BOX_LOSSES:
            raise ValueError(f"`box_loss` must be one of {BOX_LOSSES}. Received: {box_loss!r}")
        self.image_size = tuple(image_size)
        self.anchors = yolo_boxes.check_anchors(anchors)
        self.ignore_threshold = ignore_threshold
        self.matching_threshold = matching_threshold
        self.box_loss = box_loss
        self.box_weight = box_weight
        self._grid = yolo_boxes.grid(self.image_size, self.anchors)

    def __call__(self, truth, predictions) -> Parts:
        """Returns the parts of the loss of a batch.

        Args:
            truth: float32, shape (batch, boxes, 6): x, y, width, height in pixels, number of the class, and
                state: 1 a face, -1 one to be ignored, 0 no box.
            predictions: As the network gives them, float32, (batch, predictions, 5 + classes).
        """
        state = truth[..., 5]
        # Rows without a box get a size, so that nothing is divided by zero; they weigh nothing.
        boxes = ops.concatenate([truth[..., :2], ops.maximum(truth[..., 2:4], 1e-3)], axis=-1)
        targets = yolo_boxes.encode(boxes, self.image_size, self.anchors)
        matched = targets.overlap > self.matching_threshold
        best = ops.one_hot(ops.argmax(targets.overlap, axis=-1), len(self.anchors), dtype="bool")
        assigned = ops.logical_and(ops.logical_or(best, matched), (state == FACE)[..., None])
        weights = _flat(ops.cast(assigned, "float32"))
        # At least one a picture: a batch without faces must not weigh more than one with many.
        count = ops.maximum(ops.sum(weights), ops.cast(ops.shape(weights)[0], "float32"))
        index = _flat(targets.index)
        own = _take(predictions, index)
        box = ops.sum(weights * self._box_parts(own, boxes, targets, index))
        classes = ops.one_hot(ops.cast(truth[..., 4], "int32"), predictions.shape[-1] - BOX_AND_OBJECTNESS)
        classes = ops.repeat(classes, len(self.anchors), axis=1)
        class_parts = ops.sum(_cross_entropy(classes, own[..., BOX_AND_OBJECTNESS:]), axis=-1)
        objectness = self._objectness_parts(predictions, boxes, state, index, weights)
        return Parts(
            self.box_weight * box / count,
            ops.sum(objectness) / count,
            ops.sum(weights * class_parts) / count,
        )

    def _box_parts(self, own, boxes, targets, index):
        """Loss of the box of every possible assignment, shape (batch, boxes · 9)."""
        true = ops.repeat(boxes, len(self.anchors), axis=1)
        if self.box_loss == "giou":
            grid = yolo_boxes.Grid(*(ops.take(part, index, axis=0) for part in self._grid))
            return 1 - generalized_overlap(yolo_boxes.decode(own, grid), true)
        offsets, log_sizes = (ops.reshape(part, ops.shape(own[..., :2])) for part in targets[1:3])
        weight = 2 - ops.prod(true[..., 2:4], axis=-1) / math.prod(self.image_size)
        middle = ops.sum(_cross_entropy(offsets, own[..., 0:2]), axis=-1)
        size = ops.sum(ops.square(log_sizes - own[..., 2:4]), axis=-1) / 2
        return weight * (middle + size)

    def _objectness_parts(self, predictions, boxes, state, index, weights):
        """Loss of the objectness of every prediction, shape (batch, predictions); 0 if it does not count."""
        logits = predictions[..., BOX_AND_OBJECTNESS - 1]
        target = self._scatter(weights, index, logits)
        found = ops.stop_gradient(yolo_boxes.decode(predictions, self._grid))
        covered, inside = self._overlaps(found, boxes, state)
        free = ops.logical_and(covered <= self.ignore_threshold, inside <= self.ignore_threshold)
        counts = ops.maximum(target, ops.cast(free, "float32"))
        return counts * _cross_entropy(target, logits)

    def _scatter(self, weights, index, like):
        """Puts 1 at the predictions with an assignment: float32, shape (batch, predictions)."""
        batch, predictions = ops.shape(like)[0], like.shape[1]
        place = ops.where(weights > 0, index, predictions)  # what has none goes to one more, cut off below
        rows = ops.broadcast_to(ops.arange(batch)[:, None], ops.shape(place))
        places = ops.stack([ops.reshape(ops.cast(part, "int32"), (-1,)) for part in (rows, place)], axis=-1)
        canvas = ops.pad(ops.zeros_like(like), [[0, 0], [0, 1]])
        marks = ops.ones_like(ops.reshape(weights, (-1,)))
        return ops.scatter_update(canvas, places, marks)[:, :predictions]

    def _overlaps(self, found, boxes, state):
        """For each prediction the best overlap with any box, and its largest share inside an ignored one."""
        low = ops.maximum(found[:, :, None, :2], boxes[:, None, :, :2])
        high = ops.minimum(
            (found[..., :2] + found[..., 2:])[:, :, None], (boxes[..., :2] + boxes[..., 2:4])[:, None]
        )
        shared = ops.prod(ops.maximum(high - low, 0.0), axis=-1)
        own = ops.prod(found[..., 2:], axis=-1)[:, :, None]
        union = own + ops.prod(boxes[..., 2:], axis=-1)[:, None] - shared
        there, ignored = (ops.cast(mask, "float32")[:, None] for mask in (state != PADDING, state == IGNORED))
        return ops.max(there * shared / union, axis=-1), ops.max(ignored * shared / own, axis=-1)


def generalized_overlap(boxes, others):
    """Returns IoU − (hull − union) / hull of pairs of boxes, x, y, width, height: shape (…), range -1…1.

    Source: Rezatofighi et al. 2019, arXiv:1902.09630, algorithm 1.
    """
    ends, other_ends = (b[..., :2] + b[..., 2:] for b in (boxes, others))
    shared = ops.prod(
        ops.maximum(ops.minimum(ends, other_ends) - ops.maximum(boxes[..., :2], others[..., :2]), 0.0),
        axis=-1,
    )
    hull = ops.prod(ops.maximum(ends, other_ends) - ops.minimum(boxes[..., :2], others[..., :2]), axis=-1)
    union = ops.prod(boxes[..., 2:], axis=-1) + ops.prod(others[..., 2:], axis=-1) - shared
    return shared / union - (hull - union) / hull


def _cross_entropy(target, logits):
    """Cross-entropy of sigmoid(logits), as max(x, 0) − x · t + log(1 + exp(−|x|)), which cannot overflow."""
    return ops.maximum(logits, 0.0) - logits * target + ops.log1p(ops.exp(-ops.abs(logits)))


def _flat(x):
    """Joins the axes of boxes and anchors."""
    return ops.reshape(x, (ops.shape(x)[0], -1))


def _take(predictions, index):
    """Takes of each picture the predictions of these numbers, int32, shape (batch, n): (batch, n, values).

    ``take_along_axis`` would count in int64, of which oneDNN complains on some processors.
    """
    pictures, count = ops.arange(ops.shape(index)[0], dtype="int32"), predictions.shape[1]
    flat = ops.reshape(predictions, (-1, predictions.shape[-1]))
    return ops.take(flat, index + count * pictures[:, None], axis=0)
