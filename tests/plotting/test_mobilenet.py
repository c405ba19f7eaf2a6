"""Figures of MobileNetV2: what is drawn, not pixels."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle

from fer import plotting
from fer.evaluation.information import Recovery


def title(ax) -> str:
    return ax.get_title(loc="left")


def texts(ax) -> list[str]:
    return [text.get_text().strip() for text in ax.texts if text.get_text()]


def recovery(activation, lost):
    points = np.random.default_rng(0).normal(size=(5, 2))
    shares = {n: 1 - np.array(values) for n, values in lost.items()}
    return Recovery(activation, points, {n: points * n for n in lost}, shares)


def test_the_spiral_has_a_picture_for_each_n_and_the_loss_below():
    linear = recovery("linear", {2: [0, 0], 30: [0, 0]})
    relu = recovery("relu", {2: [0.5, 0.7], 30: [0.1, 0.1]})
    figure = plotting.spiral_recovery([linear, relu])
    *pictures, below = figure.axes
    assert [ax.get_title(loc="center") for ax in pictures] == ["input", "n = 2", "n = 30"] * 2
    assert [ax.get_ylabel() for ax in pictures] == ["linear", "", "", "ReLU", "", ""]
    for ax, factor in zip(pictures[3:], (1, 2, 30), strict=True):
        np.testing.assert_array_equal(ax.collections[0].get_offsets(), relu.points * factor)
    zero, curve = (container.lines[0] for container in below.containers)
    np.testing.assert_allclose(zero.get_ydata(), [0, 0])
    np.testing.assert_allclose(curve.get_ydata(), [0.6, 0.1])
    (bar, _) = below.containers[1].lines[2][0].get_segments()
    deviation = np.std([0.5, 0.7], ddof=1)
    np.testing.assert_allclose(bar, [[0, 0.6 - deviation], [0, 0.6 + deviation]])
    assert [label.get_text() for label in below.get_xticklabels()] == ["2", "30"]
    assert title(below) == "Mean ± standard deviation of 2 random matrices"
    assert [text.get_text() for text in below.get_legend().get_texts()] == ["linear", "ReLU"]


def test_operations_are_bars_by_stage_on_one_scale():
    small = pd.DataFrame(
        {
            "layer": ["image", "stem_conv", "stage1_conv1", "stage1_conv2", "logits"],
            "parameters": [0, 20e6, 1e6, 2e6, 1e3],
            "multiply_adds": [0, 300e6, 25e6, 25e6, 1e3],
        }
    )
    large = pd.DataFrame({"layer": ["logits"], "parameters": [40e6], "multiply_adds": [3e9]})
    figure = plotting.operations_by_stage({"small": small, "large": large})
    parameters, operations, large_parameters, large_operations = figure.axes
    assert [bar.get_width() for bar in parameters.patches] == [20, 3, 0.001]
    assert [bar.get_width() for bar in operations.patches] == [300, 50, 0.001]
    assert [label.get_text() for label in parameters.get_yticklabels()] == ["stem", "stage1", "logits"]
    assert parameters.get_ylim()[0] > parameters.get_ylim()[1]  # the first stage is on top
    assert texts(parameters) == ["20.0", "3.00", "< 0.01"]
    assert texts(large_operations) == ["3,000"]
    assert [title(ax) for ax in figure.axes] == [
        "small: 23.0 million",
        "small: 350 million",
        "large: 40.0 million",
        "large: 3,000 million",
    ]
    assert parameters.get_xlim() == large_parameters.get_xlim() == (0, 48)
    assert operations.get_xlim() == large_operations.get_xlim() == (0, 3600)
    labels = [ax.get_xlabel() for ax in (large_parameters, large_operations)]
    assert labels == ["parameters (millions)", "multiply-adds a picture (millions)"]


def test_the_boxes_of_the_blocks_are_as_wide_as_their_channels():
    left, right = plotting.residual_blocks(bottleneck=(40, 10), inverted=(8, 48)).axes
    for ax, widths, linear in (
        (left, [40, 10, 10, 40], [False, False, False, True]),
        (right, [8, 48, 48, 8], [True, False, False, True]),
    ):
        boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
        assert [box.get_width() for box in boxes] == widths
        assert [box.get_hatch() is not None for box in boxes] == linear
        assert all(box.get_x() == -box.get_width() / 2 for box in boxes)
        assert texts(ax)[:4] == [f"{width} channels" for width in widths]
        low, high = ax.get_xlim()
        assert low < -max(widths) / 2 and max(widths) / 2 < high
    assert "depthwise 3×3, ReLU6\n   432 multiply-adds a pixel" in texts(right)
    assert "convolution 3×3, ReLU\n   900 multiply-adds a pixel" in texts(left)
    assert "in all 1,700 multiply-adds a pixel" in texts(left)
    assert "in all 1,200 multiply-adds a pixel" in texts(right)
    assert "ReLU" in texts(left) and "no activation" in texts(right)


def test_classifiers_have_accuracy_and_costs_in_their_row():
    frame = pd.DataFrame(
        {
            "name": ["wide", "narrow"],
            "accuracy": [0.6, 0.5],
            "accuracy_low": [0.55, 0.4],
            "accuracy_high": [0.7, 0.65],
            "n": 1000,
            "milliseconds": [123.4, 5.67],
            "multiply_adds": [4e9, 3e8],
            "parameters": [2e7, 2.5e6],
        }
    )
    figure = plotting.classifiers(frame)
    worth, time, parameters, operations = figure.axes
    np.testing.assert_allclose(worth.lines[0].get_xydata(), [[0.6, 0], [0.5, 1]])
    segments = worth.collections[0].get_segments()
    np.testing.assert_allclose(segments, [[[0.55, 0], [0.7, 0]], [[0.4, 1], [0.65, 1]]])
    assert title(worth) == "95 % interval, n = 1,000"
    widths = [[bar.get_width() for bar in ax.patches] for ax in (time, parameters, operations)]
    assert widths == [[123.4, 5.67], [20, 2.5], [4000, 300]]
    assert [texts(ax) for ax in (time, operations)] == [["123", "5.67"], ["4,000", "300"]]
    assert [ax.get_xlabel() for ax in figure.axes] == [
        "accuracy",
        "time a picture (ms)",
        "parameters (millions)",
        "multiply-adds a picture (millions)",
    ]
    assert [label.get_text() for label in worth.get_yticklabels()] == ["wide", "narrow"]
    assert worth.get_ylim()[0] > worth.get_ylim()[1]


@pytest.mark.parametrize("activations", [["relu"], ["linear", "relu"]])
def test_each_activation_has_its_row_of_pictures(activations):
    figure = plotting.spiral_recovery(
        [recovery(name, {2: [0.1, 0.2], 3: [0.1, 0.2]}) for name in activations]
    )
    assert len(figure.axes) == 3 * len(activations) + 1
