"""Which units of a network work: signs of their inputs, derivatives of their activations."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

from fer.evaluation.gradients import gradients
from fer.models.blocks import activate

ACTIVATIONS = (layers.Activation, layers.ELU, layers.LeakyReLU, layers.PReLU, layers.ReLU)

PASSES = 1e-6
"""A derivative up to this lets no gradient pass."""

_BATCH = 64


def unit_activity(model: keras.Model, images: np.ndarray) -> pd.DataFrame:
    """Measures what comes into the activations of a network, and how much of a gradient they let pass back.

    The input of an activation, its pre-activation, is looked at on every image and, in a feature map, at
    every place. A ReLU unit that is at none above zero is dead: its output is always zero, and so is the
    gradient that it passes, so that on these images nothing teaches it to work again. Other activations let
    some gradient pass below zero; ``passes`` says whether. The network works as in use (batch normalization
    takes its moving statistics), and it is not changed.

    Source: Maas, Hannun, Ng 2013, Rectifier nonlinearities improve neural network acoustic models; Lu, Shin,
    Su, Karniadakis 2019, Dying ReLU and initialization, arXiv:1903.06733.

    Args:
        model: A functional model whose activations are layers of their own, as in ``fer.models``.
        images: float32, shape (n, height, width, channels), range 0…1.

    Returns:
        One row an activation layer, without softmax: ``layer`` (name), ``depth`` (0 is next to the images),
        ``units`` (channels of a feature map, neurons of a dense layer), ``dead`` (share of the units whose
        pre-activation is never above zero), ``active`` (share of the pre-activations above zero),
        ``derivative`` (mean of its absolute value) and ``passes`` (share of the units with an absolute
        derivative above 1e-6 anywhere). Shares are in 0…1.

    Raises:
        ValueError: The model has no activation layers.

    Example:
        >>> unit_activity(run.model, train_batches(faces, 48, 1, 256)[0][0])[["layer", "dead"]]
    """
    measured = [layer for layer in model.layers if _is_measured(layer)]
    if not measured:
        raise ValueError(
            "`model` must have activations that are layers of their own. "
            f"Received: layers {[layer.name for layer in model.layers]}"
        )
    network = keras.Model(model.input, {layer.name: layer.input for layer in measured})
    sizes, parts = [], []
    for start in range(0, len(images), _BATCH):
        batch = images[start : start + _BATCH]
        inputs = network(batch, training=False)
        sizes.append(len(batch))
        parts.append([_units(layer, inputs[layer.name]) for layer in measured])
    rows = []
    for depth, (layer, units) in enumerate(zip(measured, zip(*parts, strict=True), strict=True)):
        active, derivative = (np.average([part[i] for part in units], axis=0, weights=sizes) for i in (0, 1))
        steepest = np.max([part[2] for part in units], axis=0)
        rows.append(
            {
                "layer": layer.name,
                "depth": depth,
                "units": len(active),
                "dead": np.mean(active == 0),
                "active": active.mean(),
                "derivative": derivative.mean(),
                "passes": np.mean(steepest > PASSES),
            }
        )
    return pd.DataFrame(rows)


def activation_curve(activation, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Computes an activation and, by automatic differentiation, its derivative.

    Args:
        activation: As ``fer.models.blocks.activate`` takes it. One that learns is taken as it starts.
        inputs: Where, any shape.

    Returns:
        Values and derivatives, float32, shape of ``inputs``.
    """
    point = keras.Input((1,), dtype="float32")
    function = keras.Model(point, activate(point, activation, name="activation"))
    points = np.reshape(inputs, (-1, 1)).astype(np.float32)
    values = np.float32(ops.convert_to_numpy(function(points)))
    return values.reshape(np.shape(inputs)), _slopes(function, points).reshape(np.shape(inputs))


def derivative_products(
    activations: Sequence[str], *, depth: int = 30, draws: int = 10_000, seed: int = 0
) -> pd.DataFrame:
    """Multiplies the derivatives of activations through the layers, as the way back of a gradient does.

    The pre-activations of every layer are independent and normal with variance 1. A layer multiplies the
    square of a gradient by the mean square of its derivatives, as long as the weights, of either sign, do not
    depend on them (He et al. 2015, eq. 13). The weights, the other factor of the way back, are left out: an
    initializer can make up for a factor that differs little from 1, as that of He et al. does for ReLU's √½.

    Args:
        activations: Names as ``fer.models.blocks.activate`` takes them.
        depth: Number of layers.
        draws: Number of pre-activations a layer.
        seed: Seed of the draws.

    Returns:
        Rows activation × depth: ``activation``, ``depth`` (number of layers, from 0), ``typical`` (product of
        the root mean squares of the derivatives) and ``largest`` (product of the largest ones).
    """
    inputs = np.random.default_rng(seed).normal(size=(depth, draws))
    frames = []
    for name in activations:
        derivatives = np.abs(activation_curve(name, inputs)[1]).astype(np.float64)
        products = {
            column: np.cumprod([1, *factors])
            for column, factors in (
                ("typical", np.sqrt(np.square(derivatives).mean(axis=1))),
                ("largest", derivatives.max(axis=1)),
            )
        }
        frames.append(pd.DataFrame({"activation": name, "depth": range(depth + 1), **products}))
    return pd.concat(frames, ignore_index=True)


def _is_measured(layer: layers.Layer) -> bool:
    return isinstance(layer, ACTIVATIONS) and (
        getattr(layer, "activation", None) is not keras.activations.softmax
    )


def _units(layer: layers.Layer, inputs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each unit the share of inputs above zero, and mean and maximum of the absolute derivative."""
    slopes = np.abs(_slopes(layer, inputs)).reshape(-1, inputs.shape[-1])
    above = np.float32(ops.convert_to_numpy(inputs)).reshape(slopes.shape) > 0
    return above.mean(axis=0), slopes.mean(axis=0), slopes.max(axis=0)


def _slopes(function: Callable, inputs) -> np.ndarray:
    """Derivatives of a function that takes every number by itself, float32, shape of ``inputs``."""
    return gradients(lambda values: ops.sum(function(values[0])), [ops.convert_to_tensor(inputs)])[0]
