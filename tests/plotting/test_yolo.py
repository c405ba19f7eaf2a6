"""Figures of the detector: what is drawn, not pixels."""

import numpy as np
import pandas as pd

from fer import plotting
from fer.models import yolo_boxes
from fer.plotting.yolo import IGNORED, POSITIVE, SCALES

ANCHORS = np.array(
    [[6, 8], [8, 10], [10, 12], [16, 20], [18, 24], [20, 26], [40, 50], [44, 56], [50, 60]], "float32"
)
PICTURE = np.zeros((64, 96, 3), dtype=np.uint8)


def title(ax) -> str:
    return ax.get_title(loc="left")


def corners(patches) -> list[tuple[float, ...]]:
    return [(p.get_x(), p.get_y(), p.get_width(), p.get_height()) for p in patches]


def names(legend) -> list[str]:
    return [text.get_text() for text in legend.get_texts()]


def test_the_anchors_stand_among_the_boxes_three_for_each_stride():
    sizes = np.array([[7, 9], [45, 55]])
    ax = plotting.anchor_sizes(sizes, ANCHORS)
    cloud, *groups = ax.collections
    np.testing.assert_array_equal(cloud.get_offsets(), sizes)
    for group, anchors in zip(groups, ANCHORS.reshape(3, 3, 2), strict=True):
        np.testing.assert_array_equal(group.get_offsets(), anchors)
    strides = [f"anchor, stride {stride}" for stride in (8, 16, 32)]
    assert names(ax.get_legend()) == ["box of a face", *strides]
    assert title(ax) == "Nine anchors among 2 boxes"


def test_the_overlap_is_drawn_over_the_number_of_anchors_and_nine_are_marked():
    ax = plotting.anchor_overlap({3: 0.5, 9: 0.75, 12: 0.8})
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [(3, 0.5), (9, 0.75), (12, 0.8)])
    assert [text.get_text() for text in ax.texts] == ["YOLOv3: 9 anchors, 0.75"]
    assert not plotting.anchor_overlap({3: 0.5}).texts


def test_a_face_is_drawn_at_the_stride_of_its_best_anchor_with_its_cell():
    small, large = (10, 20, 8, 10), (40, 4, 42, 54)
    figure = plotting.scales(PICTURE, np.array([small, large]), ANCHORS)
    fine, middle, coarse = figure.axes
    cell, face, anchor = fine.patches
    assert corners([cell, face]) == [(8, 24, 8, 8), small]  # the middle is (14, 25)
    assert (anchor.get_width(), anchor.get_height(), anchor.get_linestyle()) == (8, 10, "--")
    assert not middle.patches
    assert corners(coarse.patches[:2]) == [(32, 0, 32, 32), large]  # the middle is (61, 31)
    assert [title(ax) for ax in figure.axes] == [
        "Stride 8: 8 × 12 cells, 1 face",
        "Stride 16: 4 × 6 cells, 0 faces",
        "Stride 32: 2 × 3 cells, 1 face",
    ]


def test_a_picture_without_faces_has_cells_only():
    figure = plotting.scales(PICTURE, np.empty((0, 4)), ANCHORS)
    assert not any(ax.patches for ax in figure.axes)


def test_a_box_is_drawn_from_its_cell_and_its_anchor():
    place = yolo_boxes.Grid(np.array([2.0, 1.0]), np.array([16.0]), ANCHORS[4])
    ax = plotting.decoded_box(PICTURE, np.array([0, 0, np.log(2), 0]), place, np.array([20, 10, 30, 30]))
    cell, anchor, box, truth = ax.patches
    assert corners([cell, anchor]) == [(32, 16, 16, 16), (40 - 9, 24 - 12, 18, 24)]
    np.testing.assert_allclose(corners([box])[0], (40 - 18, 24 - 12, 36, 24), rtol=1e-5)
    assert corners([truth]) == [(20, 10, 30, 30)]
    assert [patch.get_linestyle() for patch in ax.patches] == ["solid", "--", "solid", ":"]
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [(40, 24)])
    low, high = ax.get_xlim()
    assert low < 22 and high > 58
    assert names(ax.get_legend()) == ["cell, 16 px", "anchor", "predicted box", "true box"]
    assert len(plotting.decoded_box(PICTURE, np.zeros(6), place).patches) == 3


def test_cells_show_what_the_objectness_learns_there():
    states = np.zeros(3 * (8 * 12 + 4 * 6 + 2 * 3), dtype=int)
    states[3 * 13] = IGNORED  # row 1, column 1 of stride 8
    states[3 * 13 + 2] = POSITIVE
    states[3 * 14 + 1] = IGNORED
    states[-1] = IGNORED  # the last cell of stride 32
    figure = plotting.learned_where(PICTURE, np.array([(1, 2, 30, 40)]), states)
    fine, middle, coarse = figure.axes
    ignored, positive, face = fine.patches
    assert corners(fine.patches) == [(16, 8, 8, 8), (8, 8, 8, 8), (1, 2, 30, 40)]
    assert ignored.get_hatch() and not positive.get_hatch() and not face.get_fill()
    assert corners(middle.patches) == [(1, 2, 30, 40)]
    assert corners(coarse.patches)[0] == (64, 32, 32, 32)
    assert [title(ax) for ax in figure.axes] == [
        "Stride 8: 1 positive,\n2 ignored, 285 negative predictions",
        "Stride 16: 0 positive,\n0 ignored, 72 negative predictions",
        "Stride 32: 0 positive,\n1 ignored, 17 negative predictions",
    ]
    (legend,) = figure.legends
    assert names(legend) == ["positive: learns 1", "ignored: learns nothing", "negative: learns 0"]


def test_the_parts_of_the_loss_stand_beside_the_precision():
    history = pd.DataFrame({"epoch": [0, 1], "val_average_precision": [0.0, 0.4]})
    for number, part in enumerate(("box", "objectness", "classes"), start=1):
        history[part], history[f"val_{part}"] = [number, number / 2], [number, number / 4]
    losses, precision = plotting.detection_curves(history).axes
    drawn = {line.get_label(): (line.get_linestyle(), line.get_ydata().tolist()) for line in losses.lines}
    assert drawn["objectness"] == ("-", [2, 0.5])
    dashed = [line.get_ydata().tolist() for line in losses.lines if line.get_linestyle() == "--"]
    assert dashed == [[1, 0.5], [2, 1], [3, 1.5]]
    np.testing.assert_allclose(precision.lines[0].get_xydata(), [(0, 0), (1, 0.4)])
    assert names(losses.get_legend()) == [
        "box",
        "objectness",
        "classes",
        "training, while it learns",
        "validation",
    ]


def test_each_stride_has_a_colour_and_a_marker_of_its_own():
    assert list(SCALES) == list(yolo_boxes.STRIDES)
    assert len(set(SCALES.values())) == len({marker for _, marker in SCALES.values()}) == 3
