"""The effective step against Adagrad and RMSProp done by hand on a network of one layer."""

import keras
import numpy as np
import pandas as pd
import pytest

from fer import datasets
from fer.experiments.effective_step import EffectiveStep, decay_exponents, effective_steps
from fer.experiments.optimizers import OPTIMIZERS
from fer.training import TrainingConfig

STEPS = 20


@pytest.fixture
def regression():
    """Inputs, targets and start of a linear regression, float32, all in one batch."""
    random = np.random.default_rng(0)
    inputs, targets = random.normal(size=(16, 3)), random.normal(size=(16, 1))
    return [array.astype(np.float32) for array in (inputs, targets, random.normal(size=(3, 1)))]


def recorded(regression, optimizer, steps=range(1, STEPS + 1)):
    inputs, targets, start = regression
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([start])
    model.compile(optimizer, loss="mean_squared_error")
    recorder = EffectiveStep(steps)
    model.fit(inputs, targets, batch_size=16, epochs=STEPS, shuffle=False, callbacks=[recorder], verbose=0)
    return recorder.frame


def by_hand(regression, name, collect, **options):
    """Quantiles of the effective step and the size of the update, by the equations of the docstrings."""
    inputs, targets, weights = regression
    step, collected, rows = OPTIMIZERS[name](**options), options.get("initial_accumulator_value", 0.0), []
    for t in range(1, STEPS + 1):
        gradient = 2 / len(inputs) * inputs.T @ (inputs @ weights - targets)
        collected = collect(collected, gradient**2)
        effective = options["learning_rate"] / np.sqrt(collected + 1e-7)
        before, weights = weights, step(weights, gradient)
        update_rms = np.sqrt(np.mean((weights - before) ** 2))
        rows.append((t, *np.quantile(effective, [0.05, 0.5, 0.95]), update_rms))
    return pd.DataFrame(rows, columns=["step", "low", "median", "high", "update_rms"])


def test_adagrad_collects_the_sum(regression):
    options = {"learning_rate": 0.1, "initial_accumulator_value": 0.2}
    frame = recorded(regression, keras.optimizers.Adagrad(**options))
    expected = by_hand(regression, "Adagrad", np.add, **options)
    np.testing.assert_allclose(frame[expected.columns], expected, rtol=1e-3)
    assert (frame["median"].diff().dropna() < 0).all()
    np.testing.assert_allclose(frame["learning_rate"], 0.1, rtol=1e-6)


def test_rmsprop_collects_the_moving_average(regression):
    frame = recorded(regression, keras.optimizers.RMSprop(learning_rate=0.01, rho=0.8))
    expected = by_hand(
        regression, "RMSProp", lambda mean, new: 0.8 * mean + 0.2 * new, learning_rate=0.01, rho=0.8
    )
    np.testing.assert_allclose(frame[expected.columns], expected, rtol=1e-3)
    assert frame["median"].iloc[-1] > frame["median"].min()


def test_only_the_asked_steps_are_recorded(regression):
    every = recorded(regression, keras.optimizers.Adagrad(learning_rate=0.1))
    some = recorded(regression, keras.optimizers.Adagrad(learning_rate=0.1), steps=[1, 5, 20])
    pd.testing.assert_frame_equal(some, every.iloc[[0, 4, 19]].reset_index(drop=True))


def test_another_optimizer_is_refused(regression):
    with pytest.raises(ValueError, match=r"one of \['Adagrad', 'RMSprop'\]. Received: 'SGD'"):
        recorded(regression, keras.optimizers.SGD(0.1))


def test_a_face_network_is_recorded_by_name():
    config = TrainingConfig(
        image_size=16,
        augmentation="none",
        model="small_cnn",
        model_options={"width_multiplier": 0.125},
        batch_size=8,
        optimizer="adagrad",
    )
    dataset = datasets.load("synthetic", n=56)
    arms = {"Adagrad": config, "RMSProp": config.replace(optimizer="rmsprop")}
    frame = effective_steps(arms, dataset, steps=12, records=4)
    steps = {name: arm["step"].tolist() for name, arm in frame.groupby("name")}
    assert steps == {
        "Adagrad": [1, 2, 5, 12],
        "RMSProp": [1, 2, 5, 12],
    }  # more than the 5 batches of an epoch
    assert (frame[["low", "median", "high", "update_rms"]] > 0).all(axis=None)


def test_the_exponent_of_a_power_is_found():
    steps = np.arange(1, 101)
    arms = [
        pd.DataFrame({"name": name, "step": steps, "median": 3.0 * steps**power, "update_rms": 1.0})
        for name, power in (("falls", -0.5), ("stays", 0.0))
    ]
    exponents = decay_exponents(pd.concat(arms))
    np.testing.assert_allclose(exponents["median"], [-0.5, 0], atol=1e-9)
    np.testing.assert_allclose(exponents["update_rms"], 0, atol=1e-9)
