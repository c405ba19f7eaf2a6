import numpy as np
import pytest
from keras import ops

from fer.models import yolo_boxes
from fer.models.yolo_boxes import STRIDES

ANCHORS = [[10, 13], [16, 30], [33, 23], [30, 61], [62, 45], [59, 119], [116, 90], [156, 198], [373, 326]]
"""Of the paper, section 2.3."""

IMAGE_SIZE = (320, 416)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_decoding_follows_the_equations_of_the_paper():
    grid = yolo_boxes.grid(IMAGE_SIZE, ANCHORS)
    raw = np.random.default_rng(0).normal(size=(len(grid.cells), 4)).astype("float32")
    boxes = np.asarray(yolo_boxes.decode(raw, grid))
    number = 0
    for scale, stride in enumerate(STRIDES):
        for row in range(IMAGE_SIZE[0] // stride):
            for column in range(IMAGE_SIZE[1] // stride):
                for width, height in ANCHORS[3 * scale : 3 * scale + 3]:
                    if number % 97 == 0:
                        x, y, w, h = raw[number].astype(float)
                        middle = (stride * (sigmoid(x) + column), stride * (sigmoid(y) + row))
                        size = (width * np.exp(w), height * np.exp(h))
                        corner = np.subtract(middle, np.divide(size, 2))
                        np.testing.assert_allclose(boxes[number], [*corner, *size], rtol=1e-4, atol=1e-3)
                    number += 1
    assert number == len(boxes)


@pytest.mark.parametrize("seed", range(5))
def test_what_is_encoded_is_decoded_to_the_same_boxes(seed):
    random = np.random.default_rng(seed)
    height, width = IMAGE_SIZE
    size = np.exp(random.uniform(np.log(4), np.log(400), (200, 2)))
    middle = random.uniform([0, 0], [width, height], (200, 2))
    boxes = np.concatenate([middle - size / 2, size], axis=1).astype("float32")
    targets = yolo_boxes.encode(boxes, IMAGE_SIZE, ANCHORS)
    grid = yolo_boxes.grid(IMAGE_SIZE, ANCHORS)
    offsets = np.asarray(targets.offsets, dtype=float)
    raw = np.concatenate([np.log(offsets / (1 - offsets)), np.asarray(targets.log_sizes)], axis=-1)
    index = np.asarray(targets.index)
    for anchor in range(9):
        own = yolo_boxes.Grid(*(part[index[:, anchor]] for part in grid))
        decoded = np.asarray(yolo_boxes.decode(raw[:, anchor].astype("float32"), own))
        np.testing.assert_allclose(decoded, boxes, rtol=1e-4, atol=1e-3)
        np.testing.assert_array_equal(own.anchors, np.tile(np.float32(ANCHORS[anchor]), (200, 1)))
        assert (np.floor(middle / own.strides) == own.cells).all()


def test_shapes_overlap_as_boxes_with_one_corner_do():
    assert float(yolo_boxes.shape_overlap(np.float32([10, 20]), np.float32([20, 10]))) == pytest.approx(
        100 / 300
    )


def test_a_middle_outside_the_picture_is_taken_to_the_border():
    targets = yolo_boxes.encode(np.float32([[410, 300, 40, 60]]), IMAGE_SIZE, ANCHORS)
    grid = yolo_boxes.grid(IMAGE_SIZE, ANCHORS)
    assert grid.cells[int(np.asarray(targets.index)[0, 8])].tolist() == [12, 9]


def test_the_score_is_objectness_times_class_probability():
    raw = np.float32([[0, 0, 0, 0, 1.5, -0.5, 2]])
    expected = sigmoid(1.5) * sigmoid(np.array([[-0.5, 2]]))
    np.testing.assert_allclose(np.asarray(yolo_boxes.scores(raw)), expected, rtol=1e-5)


def test_huge_predictions_stay_finite():
    grid = yolo_boxes.grid((32, 32), ANCHORS)
    raw = ops.full((len(grid.cells), 4), 1e4)
    assert np.isfinite(np.asarray(yolo_boxes.decode(raw, grid))).all()


@pytest.mark.parametrize("anchors", [[[1, 2]], np.zeros((9, 2)), "none"])
def test_anchors_are_nine_sizes(anchors):
    with pytest.raises(ValueError, match=r"anchors|could not convert"):
        yolo_boxes.grid((64, 64), anchors)
