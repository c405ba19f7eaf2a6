"""Figures of activations and of moved weights: what is drawn, not pixels."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from fer import plotting


def titles(figure) -> list[str]:
    return [ax.get_title(loc="left") for ax in figure.axes]


def test_activation_functions_are_above_their_derivatives():
    figure = plotting.activation_functions(["sigmoid", "relu"], limit=3)
    assert titles(figure) == ["sigmoid", "relu", "0.05 to 0.25", "0.00 to 1.00"]
    sigmoid, relu, sigmoid_slope, relu_slope = (ax.lines[0].get_xydata() for ax in figure.axes)
    x = sigmoid[:, 0]
    assert (x[0], x[-1]) == (-3, 3) and 0 not in x
    values = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(sigmoid[:, 1], values, atol=1e-6)
    np.testing.assert_allclose(sigmoid_slope[:, 1], values * (1 - values), atol=1e-6)
    np.testing.assert_allclose(relu[:, 1], np.maximum(x, 0), atol=1e-6)
    assert relu_slope[:, 1].tolist() == (x > 0).tolist()


def test_gray_is_where_no_gradient_passes():
    figure = plotting.activation_functions(["relu", "elu"])
    relu, elu = (ax.collections[0] for ax in figure.axes[:2])
    reach = relu.get_paths()[0].vertices[:, 0]
    assert reach.min() == -4 and -0.02 < reach.max() < 0
    assert not elu.get_paths()


def test_derivative_product_draws_the_typical_and_the_best_case():
    frame = pd.DataFrame(
        {
            "activation": ["a"] * 3 + ["b"] * 3,
            "depth": [0, 1, 2] * 2,
            "typical": [1, 0.2, 0.04, 1, 0.5, 0.25],
            "largest": [1, 0.25, 0.0625, 1, 1, 1],
        }
    )
    figure = plotting.derivative_product(frame)
    mean, largest = figure.axes
    assert mean.get_yscale() == "log"
    assert mean.lines[0].get_ydata().tolist() == [1, 0.2, 0.04]
    assert largest.lines[1].get_ydata().tolist() == [1, 1, 1]
    assert largest.lines[2].get_xydata().tolist() == [[0, 1], [2, 1 / 16]]
    labels = [text.get_text() for text in mean.get_legend().get_texts()]
    assert labels == ["a: × 0.20 a layer", "b: × 0.50 a layer", "× ¼ a layer"]


@pytest.fixture
def activity():
    rows = []
    for activation, dead, passes in (("relu", 0.5, 0.5), ("elu", 0.25, 1.0)):
        for epoch in (0, 1):
            rows.append((activation, epoch, "stage1_conv1_activation", 0, 4, 0.0, 1.0, 100))
            rows.append(
                (activation, epoch, "head_activation", 1, 12, epoch * dead, passes if epoch else 1, 100)
            )
    columns = ["activation", "epoch", "layer", "depth", "units", "dead", "passes", "images"]
    return pd.DataFrame(rows, columns=columns)


def test_unit_deaths_are_a_picture_of_layers_by_epochs_for_each_activation(activity):
    figure = plotting.unit_deaths(activity)
    relu, elu, _ = figure.axes
    np.testing.assert_array_equal(relu.images[0].get_array(), [[0, 0], [0, 0.5]])
    np.testing.assert_array_equal(elu.images[0].get_array(), [[0, 0], [0, 0.25]])
    assert relu.images[0].get_clim() == (0, 1)
    # In the end half of the twelve units of the head pass nothing: 6 of 16.
    assert titles(figure)[:2] == ["relu\nno gradient: 38%", "elu\nno gradient: 0%"]
    assert [label.get_text() for label in relu.get_yticklabels()] == ["stage1_conv1 (4)", "head (12)"]
    assert [label.get_text() for label in relu.get_xticklabels()] == ["0", "1"]
    assert [text.get_text() for text in relu.texts] == ["0%", "50%"]
    assert "n = 100 images, 1 training each" in figure.get_suptitle()


def test_unit_deaths_of_several_trainings_are_their_mean(activity):
    second = activity.assign(dead=0.0)
    figure = plotting.unit_deaths(pd.concat([activity, second]))
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), [[0, 0], [0, 0.25]])
    assert "2 trainings each" in figure.get_suptitle()


def test_differences_have_their_interval_and_those_of_the_source_are_open():
    frame = pd.DataFrame(
        {
            "difference": [0.05, -0.02],
            "low": [0.01, -0.08],
            "high": [0.09, 0.04],
            "seeds": 3,
            "n": [70, 1200],
        },
        index=["faces", "average"],
    )
    ax = plotting.difference_by_dataset(frame, pd.Series({"average": 0.03}))
    ours, theirs, zero = (line for line in ax.lines if line.get_marker() in ("o", "D", "None"))
    np.testing.assert_allclose(ours.get_xydata(), [[0.05, 0], [-0.02, 1]])
    np.testing.assert_allclose(theirs.get_xydata(), [[np.nan, 0], [0.03, 1]])
    assert ours.get_markerfacecolor() != "none" and theirs.get_markerfacecolor() == "none"
    assert list(zero.get_xdata()) == [0, 0]
    bars = ax.collections[0].get_segments()
    np.testing.assert_allclose(bars, [[[0.01, 0], [0.09, 0]], [[-0.08, 1], [0.04, 1]]])
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["faces (n = 70)", "average (n = 1,200)"]
    assert "3 seeds" in ax.get_title(loc="left")


def test_differences_without_a_source_have_one_entry_in_the_legend():
    frame = pd.DataFrame({"difference": [0.1], "low": [-0.1], "high": [0.3], "seeds": 2, "n": 9}, index=["a"])
    ax = plotting.difference_by_dataset(frame, pd.Series({"a": np.nan}), ax=plt.subplots()[1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["measured here"]


def test_weight_distances_group_the_layers_by_block():
    layers = ["stem_conv", "stage1_conv1", "stage1_conv2", "logits"]
    frame = pd.DataFrame({"layer": layers, "depth": range(4), "distance": [0, 0.1, 0.3, 0.2]})
    ax = plotting.weight_distances(frame, ax=plt.subplots()[1])
    assert ax.lines[0].get_xydata().tolist() == [[0, 0], [1, 0.1], [2, 0.3], [3, 0.2]]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["stem", "stage1", "logits"]
    assert ax.get_xticks().tolist() == [0, 1.5, 3]
    assert "n = 4 layers" in ax.get_title(loc="left")
    assert ax.get_ylim()[0] == 0
