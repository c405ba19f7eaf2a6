import numpy as np
import pytest

from fer.models import yolo_boxes
from fer.models.yolo_loss import YoloLoss, generalized_overlap

ANCHORS = [[10, 13], [16, 30], [33, 23], [30, 61], [62, 45], [59, 119], [116, 90], [156, 198], [373, 326]]
SIDE = 64
PREDICTIONS = 3 * (8 * 8 + 4 * 4 + 2 * 2)
FIRST = {8: 0, 16: 3 * 64, 32: 3 * (64 + 16)}


def cross_entropy(target, logit):
    probability = 1 / (1 + np.exp(-logit))
    return -(target * np.log(probability) + (1 - target) * np.log(1 - probability))


def truth(*rows):
    padded = np.zeros((1, 4, 6), dtype="float32")
    padded[0, : len(rows)] = np.reshape(rows, (-1, 6))
    return padded


@pytest.fixture
def raw():
    return np.random.default_rng(0).normal(scale=0.5, size=(1, PREDICTIONS, 7)).astype("float32")


def parts(loss, target, raw):
    return [float(part) for part in loss(target, raw)]


def test_the_loss_of_a_small_example_is_what_a_hand_computes():
    """A box of 30×20 with its middle at (37, 22): anchor 33×23, stride 8, column 4, row 2."""
    raw = np.zeros((1, PREDICTIONS, 7), dtype="float32")
    raw[..., 4] = -3.0
    responsible = 3 * (2 * 8 + 4) + 2
    raw[0, responsible] = [0.4, -0.2, 0.1, 0.3, 1.0, 0.7, -0.5]
    target = truth([22, 12, 30, 20, 1, 1])
    box = cross_entropy(37 / 8 - 4, 0.4) + cross_entropy(22 / 8 - 2, -0.2)
    box += ((np.log(30 / 33) - 0.1) ** 2 + (np.log(20 / 23) - 0.3) ** 2) / 2
    box *= 2 - 30 * 20 / SIDE**2
    # Predictions elsewhere are their anchors; those that overlap by more than half are not to be 0.
    ignored = 0
    for stride, first in zip((8, 16, 32), (0, 3, 6), strict=True):
        for row in range(SIDE // stride):
            for column in range(SIDE // stride):
                for width, height in ANCHORS[first : first + 3]:
                    x, y = stride * (column + 0.5), stride * (row + 0.5)
                    across = max(0, min(x + width / 2, 52) - max(x - width / 2, 22))
                    down = max(0, min(y + height / 2, 32) - max(y - height / 2, 12))
                    overlap = across * down / (width * height + 600 - across * down)
                    place = (
                        FIRST[stride]
                        + 3 * (row * (SIDE // stride) + column)
                        + ANCHORS[first:].index([width, height])
                    )
                    ignored += overlap > 0.5 and place != responsible
    assert ignored > 0
    objectness = cross_entropy(1, 1.0) + (PREDICTIONS - 1 - ignored) * cross_entropy(0, -3.0)
    classes = cross_entropy(0, 0.7) + cross_entropy(1, -0.5)
    measured = parts(YoloLoss((SIDE, SIDE), ANCHORS), target, raw)
    assert measured == pytest.approx([box, objectness, classes], rel=1e-4)


def test_without_faces_only_the_objectness_counts(raw):
    box, objectness, classes = parts(YoloLoss((SIDE, SIDE), ANCHORS), truth(), raw)
    assert (box, classes) == (0, 0)
    assert objectness == pytest.approx(cross_entropy(0, raw[0, :, 4].astype(float)).sum(), rel=1e-4)


def test_padding_changes_nothing(raw):
    loss = YoloLoss((SIDE, SIDE), ANCHORS, box_loss="giou", matching_threshold=0.3)
    target = truth([5, 6, 20, 25, 0, 1], [30, 30, 30, 40, 1, 1])
    assert parts(loss, target, raw) == pytest.approx(parts(loss, target[:, :2], raw), rel=1e-5)


def test_predictions_inside_an_ignored_box_count_nowhere(raw):
    box, objectness, classes = parts(YoloLoss((SIDE, SIDE), ANCHORS), truth([-9, -9, 90, 90, 0, -1]), raw)
    grid = yolo_boxes.grid((SIDE, SIDE), ANCHORS)
    boxes = np.asarray(yolo_boxes.decode(raw[0], grid)).astype(float)
    width = np.minimum(boxes[:, 0] + boxes[:, 2], 81) - np.maximum(boxes[:, 0], -9)
    height = np.minimum(boxes[:, 1] + boxes[:, 3], 81) - np.maximum(boxes[:, 1], -9)
    inside = width.clip(0) * height.clip(0) / boxes[:, 2:].prod(axis=1)
    overlap = width.clip(0) * height.clip(0)
    overlap /= boxes[:, 2:].prod(axis=1) + 90 * 90 - overlap
    counted = (inside <= 0.5) & (overlap <= 0.5)
    assert 0 < counted.sum() < PREDICTIONS
    assert (box, classes) == (0, 0)
    assert objectness == pytest.approx(cross_entropy(0, raw[0, counted, 4].astype(float)).sum(), rel=1e-4)


def test_a_lower_matching_threshold_makes_more_anchors_responsible(raw):
    raw[..., 4] = 0
    target = truth([10, 10, 25, 30, 0, 1])
    shapes = np.array(ANCHORS, dtype=float)
    shared = np.minimum(shapes, [25, 30]).prod(axis=1)
    overlaps = shared / (shapes.prod(axis=1) + 750 - shared)
    count = (overlaps > 0.3).sum()
    assert count > 1
    one = parts(YoloLoss((SIDE, SIDE), ANCHORS, ignore_threshold=1.0), target, raw)
    several = parts(
        YoloLoss((SIDE, SIDE), ANCHORS, ignore_threshold=1.0, matching_threshold=0.3), target, raw
    )
    # All logits are 0, so that every prediction costs log 2; the sum is divided by the assignments.
    assert one[1] == pytest.approx(PREDICTIONS * np.log(2), rel=1e-4)
    assert several[1] == pytest.approx(PREDICTIONS * np.log(2) / count, rel=1e-4)


def test_giou_is_what_its_definition_says():
    boxes, others = (
        np.float32([[0, 0, 10, 10]] * 3),
        np.float32([[0, 0, 10, 10], [5, 0, 10, 10], [20, 0, 10, 10]]),
    )
    expected = [1, 50 / 150 - 0, 0 - (300 - 200) / 300]
    np.testing.assert_allclose(np.asarray(generalized_overlap(boxes, others)), expected, rtol=1e-5)


def test_a_perfect_prediction_has_no_box_loss():
    target = truth([22, 12, 30, 20, 0, 1])
    encoded = yolo_boxes.encode(target[..., :4], (SIDE, SIDE), ANCHORS)
    raw = np.zeros((1, PREDICTIONS, 6), dtype="float32")
    best = int(np.asarray(encoded.overlap)[0, 0].argmax())
    offset = np.asarray(encoded.offsets)[0, 0, best]
    raw[0, np.asarray(encoded.index)[0, 0, best], :4] = [
        *np.log(offset / (1 - offset)),
        *np.asarray(encoded.log_sizes)[0, 0, best],
    ]
    assert parts(YoloLoss((SIDE, SIDE), ANCHORS, box_loss="giou"), target, raw)[0] == pytest.approx(
        0, abs=1e-4
    )


def test_an_unknown_box_loss_is_refused():
    with pytest.raises(ValueError, match=r"`box_loss` must be one of .*Received: 'l1'"):
        YoloLoss((64, 64), ANCHORS, box_loss="l1")
