"""Figures of optimizers: what is drawn, not pixels."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from fer import plotting
from fer.experiments.surfaces import SURFACES
from fer.plotting import style


@pytest.fixture
def paths():
    """Adam goes straight to the minimum of the ravine; SGD diverges at its second step."""
    surface = SURFACES["ravine"]
    adam = pd.DataFrame({"optimizer": "Adam", "learning_rate": 0.1, "step": range(5)})
    adam["x"], adam["y"] = np.linspace(-8, 0, 5), np.linspace(1.5, 0, 5)
    sgd = pd.DataFrame({"optimizer": "SGD", "learning_rate": 3.0, "step": range(3)})
    sgd["x"], sgd["y"] = [-8, 50, np.nan], [1.5, 50, np.nan]
    frame = pd.concat([adam, sgd], ignore_index=True)
    frame["value"] = surface.value(frame["x"], frame["y"])
    return frame


def legend_texts(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line_of(ax, name):
    return next(line for line in ax.get_lines() if line.get_label().startswith(name))


def test_a_path_is_drawn_in_its_colour_and_a_diverged_one_is_named(paths):
    ax = plotting.optimizer_paths(paths, SURFACES["ravine"])
    line = line_of(ax, "Adam")
    assert (line.get_color(), line.get_marker()) == style.OPTIMIZER_STYLES["Adam"]
    np.testing.assert_array_equal(line.get_xydata(), paths.loc[paths["optimizer"] == "Adam", ["x", "y"]])
    assert legend_texts(ax) == [
        "Adam, learning rate 0.1",
        "SGD, learning rate 3\ndiverged at step 2",
        "start",
        "minimum",
    ]
    assert ax.get_xlim() == SURFACES["ravine"].x_limits
    ax.figure.canvas.draw()


def test_start_and_every_minimum_are_marked(paths):
    ax = plotting.optimizer_paths(paths, SURFACES["saddle"])
    assert line_of(ax, "start").get_xydata().tolist() == [[-8, 1.5]]
    assert line_of(ax, "minimum").get_xydata().tolist() == [[0, 1], [0, -1]]


def test_the_grid_has_a_panel_a_surface_and_one_legend(paths):
    names = ["ravine", "Beale", "saddle"]
    figure = plotting.optimizer_paths_grid(dict.fromkeys(names, paths), SURFACES)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == [*(f"{name}, 4 steps; diverged: SGD" for name in names), ""]
    assert not any(ax.get_legend() for ax in figure.axes)
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["Adam", "SGD", "start", "minimum"]


def test_values_are_heights_above_the_minimum():
    frame = pd.DataFrame({"optimizer": "Adam", "learning_rate": 0.1, "step": [0, 1], "value": [0.0, -0.05]})
    ax = plotting.optimizer_values(frame, SURFACES["saddle"])
    np.testing.assert_allclose(line_of(ax, "Adam").get_ydata(), [0.05, 1e-12], rtol=1e-6)
    assert ax.get_yscale() == "log"


def test_the_animation_grows_the_paths_and_leaves_no_figure_open(paths):
    animation = plotting.optimizer_animation(paths, SURFACES["ravine"], pictures=3)
    page = plotting.animation_html(animation)
    assert page.count("data:image/jpeg;base64") == 3
    assert "https://" not in page
    assert "▶" in page
    assert not plt.get_fignums()
    assert len(page) < 0.5e6


def test_a_picture_of_the_animation_shows_the_path_up_to_its_step(paths):
    animation = plotting.optimizer_animation(paths, SURFACES["ravine"], pictures=5)
    animation._draw_was_started = True  # nothing is rendered here, on purpose
    drawn = {}
    for step in animation.new_frame_seq():
        animation._draw_frame(step)
        (ax,) = animation._fig.axes
        drawn[step] = len(line_of(ax, "Adam").get_xdata())
    assert drawn == {0: 1, 1: 2, 2: 3, 3: 4, 4: 5}


def test_effective_steps_are_drawn_by_name_with_updates_per_learning_rate():
    arm = pd.DataFrame({"step": [1, 4], "learning_rate": 0.1, "low": 1.0, "median": [2.0, 3.0], "high": 4.0})
    arm["update_rms"] = [0.2, 0.05]
    names = ["Adagrad", "Adagrad, collects from 0", "RMSProp"]
    figure = plotting.effective_steps(pd.concat([arm.assign(name=name) for name in names]))
    left, right = figure.axes
    changed = line_of(left, "Adagrad, collects from 0")
    assert (
        changed.get_color() == line_of(left, "Adagrad (").get_color() == style.OPTIMIZER_STYLES["Adagrad"][0]
    )
    assert (changed.get_linestyle(), line_of(left, "RMSProp").get_linestyle()) == ("--", "-")
    assert line_of(left, "RMSProp").get_ydata().tolist() == [2, 3]
    np.testing.assert_allclose(line_of(right, "RMSProp").get_ydata(), [2, 0.5])
    np.testing.assert_allclose(line_of(right, "1 / √step").get_ydata(), [1, 0.5])
