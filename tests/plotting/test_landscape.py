"""Figures of the loss landscape: what is drawn, not pixels."""

import numpy as np
import pandas as pd
import pytest

from fer import plotting
from fer.plotting.style import OPTIMIZER_STYLES


@pytest.fixture
def surface():
    x, y = np.meshgrid([-1.0, 0.0, 1.0], [0.0, 1.0])
    loss = np.array([[1.0, 10.0, 100.0], [1.0, np.inf, 100.0]])
    return pd.DataFrame({"x": x.ravel(), "y": y.ravel(), "loss": loss.ravel()})


@pytest.fixture
def paths():
    return pd.DataFrame(
        {
            "name": ["Adam", "Adam", "SGD", "SGD"],
            "point": [0, 1, 0, 1],
            "x": [0.0, 1.0, 0.0, -1.0],
            "y": [0.0, 1.0, 0.0, 0.5],
            "share": [0.75, 0.75, 0.5, 0.5],
        }
    )


def test_the_levels_are_evenly_spaced_in_the_logarithm_and_infinite_losses_left_out(surface):
    ax = plotting.loss_surface(surface)
    levels = ax.collections[0].levels
    assert (levels[0], levels[-1]) == (1, 100)
    np.testing.assert_allclose(np.diff(np.log(levels)), np.log(100) / 11)


def test_several_panels_can_have_the_same_levels(surface):
    assert plotting.loss_surface(surface, levels=np.array([1.0, 5.0, 50.0])).collections[0].levels[1] == 5


def test_without_paths_the_solution_is_marked_at_the_origin(surface):
    (line,) = plotting.loss_surface(surface).lines
    assert line.get_xydata().tolist() == [[0, 0]]


def test_every_path_has_the_colour_of_its_optimizer_and_a_star_at_its_end(surface, paths):
    ax = plotting.loss_surface(surface, paths)
    lines = {line.get_label().split(":")[0]: line for line in ax.lines}
    for name, share in (("Adam", "75%"), ("SGD", "50%")):
        assert lines[name].get_color() == OPTIMIZER_STYLES[name][0]
        assert share in lines[name].get_label()
        expected = paths.loc[paths["name"] == name, ["x", "y"]].to_numpy()
        np.testing.assert_array_equal(lines[name].get_xydata(), expected)
        stars = [line for line in ax.lines if line.get_marker() == "*" and len(line.get_xdata()) == 1]
        assert expected[-1].tolist() in [star.get_xydata()[0].tolist() for star in stars]


def test_the_starts_are_marked(surface, paths):
    ax = plotting.loss_surface(surface, paths)
    (start,) = [line for line in ax.lines if line.get_label() == "start"]
    assert start.get_xydata().tolist() == [[0, 0], [0, 0]]
