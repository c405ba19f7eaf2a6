"""The optimizers from scratch against those of Keras, and against steps done by hand."""

import keras
import numpy as np
import pytest

from fer.experiments.optimizers import KERAS_OPTIMIZERS, OPTIMIZERS
from fer.plotting import style
from fer.training import TrainingConfig

SETTINGS = {
    "SGD": [{"learning_rate": 0.001}, {"learning_rate": 0.03}, {"learning_rate": 0.1}],
    "Momentum": [{"learning_rate": 0.01, "momentum": momentum} for momentum in (0.5, 0.9, 0.99)],
    "Nesterov": [{"learning_rate": 0.01, "momentum": momentum} for momentum in (0.5, 0.9, 0.99)],
    "Adagrad": [
        {"learning_rate": 0.001},
        {"learning_rate": 0.3},
        {"learning_rate": 0.3, "initial_accumulator_value": 0.0},
        {"learning_rate": 0.1, "initial_accumulator_value": 2.0, "epsilon": 1e-2},
    ],
    "RMSProp": [
        {"learning_rate": 0.001},
        {"learning_rate": 0.01, "rho": 0.99},
        {"learning_rate": 0.1, "rho": 0.5, "epsilon": 1e-2},
    ],
    "Adam": [
        {"learning_rate": 0.001},
        {"learning_rate": 0.1, "epsilon": 0.1},
        {"learning_rate": 0.03, "beta_1": 0.5, "beta_2": 0.9},
        {"learning_rate": 0.01, "beta_1": 0.99, "beta_2": 0.995},
    ],
    "Adamax": [
        {"learning_rate": 0.001},
        {"learning_rate": 0.1, "epsilon": 0.1},
        {"learning_rate": 0.03, "beta_1": 0.5, "beta_2": 0.9},
        {"learning_rate": 0.01, "beta_1": 0.99, "beta_2": 0.9999},
    ],
}
CASES = [(name, options) for name, settings in SETTINGS.items() for options in settings]


def noisy_quadratic(seed: int, size: int = 20):
    """Start, float32, and the gradient at a step: a random quadratic of condition 100, with noise."""
    random = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(random.normal(size=(size, size)))
    curvature = ((basis * np.geomspace(0.1, 10, size)) @ basis.T).astype(np.float32)
    minimum, start = random.normal(size=(2, size)).astype(np.float32)
    noise = random.normal(0, 0.3, size=(100, size)).astype(np.float32)
    return start, lambda weights, t: curvature @ (weights - minimum) + noise[t]


def keras_optimizer(name, options):
    arm = KERAS_OPTIMIZERS[name]
    config = {**arm["optimizer_options"], **options}
    return keras.optimizers.deserialize({"class_name": arm["optimizer"], "config": config})


@pytest.mark.parametrize(("name", "options"), CASES)
def test_a_hundred_steps_are_those_of_keras(name, options):
    start, gradient = noisy_quadratic(seed=len(options))
    step, weights = OPTIMIZERS[name](**options), start
    optimizer, variable = keras_optimizer(name, options), keras.Variable(start)
    ours, theirs = [], []
    for t in range(100):  # each on its own path: an error would be carried on
        weights = step(weights, gradient(weights, t))
        optimizer.apply([gradient(keras.ops.convert_to_numpy(variable), t)], [variable])
        ours.append(weights)
        theirs.append(keras.ops.convert_to_numpy(variable).copy())
    moved = np.linalg.norm(theirs[-1] - start)
    difference = np.linalg.norm(np.subtract(ours, theirs), axis=1).max()
    assert ours[-1].dtype == theirs[-1].dtype == np.float32
    assert difference < 1e-5 * moved


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_defaults_are_those_of_keras(name):
    start, gradient = noisy_quadratic(seed=9)
    optimizer, variable = keras_optimizer(name, {}), keras.Variable(start)
    optimizer.apply([gradient(start, 0)], [variable])
    weights = OPTIMIZERS[name]()(start, gradient(start, 0))
    np.testing.assert_allclose(weights, keras.ops.convert_to_numpy(variable), rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("SGD", {}, [-0.2, -0.4]),
        ("Momentum", {"momentum": 0.5}, [-0.2, -0.5]),  # v: −0.2, −0.3
        ("Nesterov", {"momentum": 0.5}, [-0.3, -0.65]),  # μ v − η g: −0.1 − 0.2, −0.15 − 0.2
        ("Adagrad", {"initial_accumulator_value": 0.0}, [-0.1, -0.1 - 0.1 / 2**0.5]),
        ("RMSProp", {"rho": 0.75}, [-0.2, -0.2 - 0.1 / 0.4375**0.5]),
        ("Adam", {}, [-0.1, -0.2]),  # a constant gradient: the sign, and nothing of its size
        ("Adamax", {}, [-0.1, -0.2]),
    ],
)
def test_two_steps_by_hand_with_a_constant_gradient(name, options, expected):
    step, weights = OPTIMIZERS[name](learning_rate=0.1, **options), np.zeros(1)
    path = [weights := step(weights, np.array([2.0])) for _ in range(2)]
    np.testing.assert_allclose(np.ravel(path), expected, rtol=1e-5)


def test_each_optimizer_remembers_for_itself():
    first, second = OPTIMIZERS["Momentum"](), OPTIMIZERS["Momentum"]()
    first(np.zeros(2), np.ones(2))
    assert (second(np.zeros(2), np.ones(2)) == -0.01).all()


def test_the_names_are_those_of_the_figures_and_a_config_takes_their_keras_form():
    assert list(OPTIMIZERS) == list(KERAS_OPTIMIZERS) == list(style.OPTIMIZER_STYLES)
    for arm in KERAS_OPTIMIZERS.values():
        assert TrainingConfig().replace(**arm).optimizer_options == arm["optimizer_options"]
