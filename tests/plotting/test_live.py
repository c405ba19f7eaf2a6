"""The live figure: what is drawn, not pixels."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from fer import plotting

CURVE = pd.DataFrame(
    {
        "epoch": [0, 0.5, 1],
        "loss": [2.0, 1.5, 1.0],
        "accuracy": [0.1, 0.3, 0.6],
        "val_loss": [2.0, np.nan, 1.5],
        "val_accuracy": [0.2, np.nan, 0.5],
    }
)


def legend_texts(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_validation_is_joined_over_the_moments_without_an_evaluation():
    figure = plotting.live_curves({"run": CURVE}, epochs=4, n=60, chance=1 / 7)
    loss, accuracy = figure.axes
    training, validation = accuracy.lines[:2]
    assert training.get_linestyle() == "--"
    assert training.get_ydata().tolist() == [0.1, 0.3, 0.6]
    assert validation.get_linestyle() == "-"
    assert validation.get_xydata().tolist() == [[0, 0.2], [1, 0.5]]
    assert accuracy.lines[2].get_ydata()[0] == pytest.approx(1 / 7)
    assert loss.get_xlim()[0] < 0 and 4 <= loss.get_xlim()[1] < 4.2
    assert legend_texts(figure) == ["run", "training, while it learns", "validation (n = 60)"]


def test_a_line_keeps_its_style_while_others_come_and_go():
    styles = {"first": ("#0072B2", "o"), "second": ("#D55E00", "s")}
    alone = plotting.live_curves({"second": CURVE}, styles=styles)
    both = plotting.live_curves({"first": CURVE, "second": CURVE}, styles=styles)
    for line in (alone.axes[0].lines[1], both.axes[0].lines[3]):
        assert (line.get_color(), line.get_marker()) == styles["second"]


def test_a_diverging_loss_does_not_flatten_the_others():
    diverging = CURVE.assign(loss=[2.0, 50.0, 1e9])
    top = plotting.live_curves({"a": CURVE, "b": diverging}).axes[0].get_ylim()[1]
    assert top == pytest.approx(2 * 2.0 * 1.05)


@pytest.mark.parametrize(
    ("reached", "epochs", "end"),
    [(1, 3, 3), (1, 100, 5), (7, 100, 10), (12, 100, 20), (12, 15, 15), (12, 4, 12)],
)
def test_the_axis_ends_with_the_training_or_not_far_from_the_curve(reached, epochs, end):
    figure = plotting.live_curves({"run": CURVE.assign(epoch=[0, 0.5, reached])}, epochs=epochs)
    assert figure.axes[0].get_xlim()[1] == pytest.approx(1.02 * end)


def test_nothing_is_drawn_before_the_first_training():
    figure = plotting.live_curves({}, epochs=3)
    assert [len(ax.lines) for ax in figure.axes] == [0, 0]
    figure.draw_without_rendering()


def test_pyplot_knows_nothing_of_the_figure():
    plotting.live_curves({"run": CURVE})
    assert plt.get_fignums() == []
