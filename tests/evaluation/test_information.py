"""The spiral of the MobileNetV2 paper: what comes back from n dimensions."""

import numpy as np
import pytest

from fer.evaluation.information import recover, spiral, spiral_recovery


def test_the_spiral_turns_about_the_origin_and_its_points_are_equally_far_from_each_other():
    points = spiral(points=400, turns=2.5)
    radius = np.hypot(*points.T)
    assert (radius[0], radius[-1]) == (0, pytest.approx(1))
    angles = np.unwrap(np.arctan2(*points.T[::-1])[1:])
    np.testing.assert_allclose(np.diff(angles) / np.diff(radius[1:]), 5 * np.pi)  # Archimedes
    steps = np.hypot(*np.diff(points, axis=0).T)[100:]
    assert steps.std() < 0.02 * steps.mean()


def test_a_linear_layer_loses_nothing():
    recovery = spiral_recovery(np.random.default_rng(0), activation="linear", dimensions=(2, 7), matrices=5)
    for n in (2, 7):
        np.testing.assert_allclose(recovery.shares[n], np.ones(5))
        np.testing.assert_allclose(recovery.outputs[n], recovery.points, atol=1e-9)


def test_relu_of_the_plane_itself_keeps_the_positive_parts_of_the_points():
    points = np.random.default_rng(0).normal(size=(200, 2))
    outputs, share = recover(points, np.eye(2), "relu")
    positive = np.maximum(points, 0)
    slope, shift = np.polyfit(
        (positive - positive.mean(axis=0)).ravel(), (points - points.mean(axis=0)).ravel(), 1
    )
    assert shift == pytest.approx(0)
    np.testing.assert_allclose(outputs, slope * (positive - positive.mean(axis=0)) + points.mean(axis=0))
    assert share == pytest.approx(1 - np.sum((points - outputs) ** 2) / (points.var(axis=0).sum() * 200))


def test_relu_loses_nothing_where_no_point_is_below_zero():
    points = np.random.default_rng(0).uniform(1, 2, size=(50, 2))
    outputs, share = recover(points, np.random.default_rng(1).uniform(1, 2, size=(5, 2)), "relu")
    np.testing.assert_allclose(outputs, points)
    assert share == pytest.approx(1)


def test_relu_loses_less_in_more_dimensions():
    shares = spiral_recovery(np.random.default_rng(0), dimensions=(2, 5, 15, 60), matrices=50).shares
    means = [values.mean() for values in shares.values()]
    assert means[0] < 0.75 and means == sorted(means) and means[-1] > 0.97
    assert all(values.shape == (50,) and values.std() > 0 for values in shares.values())


def test_the_output_is_that_of_the_matrix_with_the_median_share():
    recovery = spiral_recovery(np.random.default_rng(0), dimensions=(3,), matrices=9)
    lost = np.sum((recovery.points - recovery.outputs[3]) ** 2)
    variance = np.sum((recovery.points - recovery.points.mean(axis=0)) ** 2)
    assert 1 - lost / variance == pytest.approx(np.median(recovery.shares[3]))


def test_a_seed_gives_the_same_matrices_again():
    first, again = (spiral_recovery(np.random.default_rng(3), matrices=2).shares for _ in range(2))
    np.testing.assert_array_equal(list(first.values()), list(again.values()))


@pytest.mark.parametrize(
    ("argument", "value"), [("dimensions", (1, 2)), ("dimensions", ()), ("activation", "elu")]
)
def test_refuses_a_wrong_argument_by_name(argument, value):
    with pytest.raises(ValueError, match=f"`{argument}` must be .* Received: "):
        spiral_recovery(np.random.default_rng(0), **{argument: value})
