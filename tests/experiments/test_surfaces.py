"""Surfaces: slopes, minima, and the paths of the optimizers on them."""

import dataclasses

import numpy as np
import pytest

from fer.experiments.optimizers import KERAS_OPTIMIZERS, OPTIMIZERS
from fer.experiments.surfaces import SURFACES, trajectories, tuned_optimizers


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_the_gradient_is_the_slope_of_the_value(surface):
    x, y = np.random.default_rng(0).uniform(-2, 2, size=(2, 50))
    h = 1e-6
    by_x = (surface.value(x + h, y) - surface.value(x - h, y)) / (2 * h)
    by_y = (surface.value(x, y + h) - surface.value(x, y - h)) / (2 * h)
    np.testing.assert_allclose(surface.gradient(x, y), (by_x, by_y), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "x", "y", "value"),
    [("ravine", 2, 1, 2.7), ("Rosenbrock", -1.2, 1, 24.2), ("Beale", 0, 0, 14.203125), ("saddle", 1, 2, 2.4)],
)
def test_the_value_at_a_known_place(name, x, y, value):
    assert SURFACES[name].value(x, y) == pytest.approx(value)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_nothing_in_the_figure_is_below_the_minimum_and_no_slope_at_it(surface):
    x, y = np.meshgrid(np.linspace(*surface.x_limits, 301), np.linspace(*surface.y_limits, 301))
    assert surface.value(x, y).min() >= surface.minimum_value
    for minimum in (*surface.minima, surface.start):
        assert surface.x_limits[0] < minimum[0] < surface.x_limits[1]
        assert surface.y_limits[0] < minimum[1] < surface.y_limits[1]
    for minimum in surface.minima:
        assert surface.value(*minimum) == surface.minimum_value
        np.testing.assert_allclose(surface.gradient(*minimum), 0, atol=1e-12)


@pytest.mark.parametrize("name", KERAS_OPTIMIZERS)
def test_a_path_of_keras_is_that_of_the_optimizer_from_scratch(name):
    surface = SURFACES["ravine"]
    frame = trajectories(surface, {name: {"learning_rate": 0.1}}, steps=30, start=(-3, 1))
    step, points = OPTIMIZERS[name](learning_rate=0.1), [np.array([-3.0, 1.0])]
    for _ in range(30):
        points.append(step(points[-1], np.array(surface.gradient(*points[-1]))))
    np.testing.assert_allclose(frame[["x", "y"]], points, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(frame["value"], surface.value(frame["x"], frame["y"]))
    assert frame["step"].tolist() == list(range(31))


def test_options_reach_the_optimizer():
    options = {"learning_rate": 0.1, "momentum": 0.0}
    frame = trajectories(SURFACES["ravine"], {"Momentum": options, "SGD": {"learning_rate": 0.1}}, steps=5)
    paths = [path[["x", "y"]].to_numpy() for _, path in frame.groupby("optimizer")]
    np.testing.assert_allclose(paths[0], paths[1], rtol=1e-6)


def test_a_diverged_path_ends_with_nan_and_leaves_the_others_alone():
    arms = {"SGD": {"learning_rate": 1.0}, "Adam": {"learning_rate": 0.1}}
    frame = trajectories(SURFACES["Rosenbrock"], arms, steps=50)
    diverged, adam = (frame[frame["optimizer"] == name] for name in arms)
    assert len(diverged) < 51 == len(adam)
    assert diverged[["x", "y", "value"]].iloc[-1].isna().all()
    assert np.isfinite(frame[["x", "y", "value"]].dropna()).all(axis=None)
    assert len(frame.dropna()) == len(frame) - 1


def test_tuning_finds_the_learning_rate_that_arrives_in_one_step():
    """On a bowl of curvature 10 gradient descent is at the minimum after one step of 1 / 10."""
    bowl = dataclasses.replace(
        SURFACES["ravine"], value=lambda x, y: 5 * (x**2 + y**2), gradient=lambda x, y: (10 * x, 10 * y)
    )
    assert tuned_optimizers(bowl, steps=20, names=["SGD"])["SGD"]["learning_rate"] == pytest.approx(0.1)


def test_tuned_optimizers_go_down_on_every_surface():
    for surface in SURFACES.values():
        frame = trajectories(surface, tuned_optimizers(surface, steps=40), steps=40)
        last = frame.groupby("optimizer")["value"].last() - surface.minimum_value
        assert not frame["value"].isna().any()
        assert (last < 0.5 * (surface.value(*surface.start) - surface.minimum_value)).all()
