"""What a network costs: its parameters, and its multiplications for one picture."""

import math

import keras
import pandas as pd
from keras import layers

KNOWN = (layers.Conv2D, layers.DepthwiseConv2D, layers.Dense)
"""Layers that have one multiply-add for each weight of their kernel and place of their output."""


def count(model: keras.Model) -> pd.DataFrame:
    """Counts the parameters and the multiply-adds of each layer of a network, for one picture.

    A multiply-add is a multiplication and the addition of its product. A convolution has one for each weight
    of its kernel at each place of its output: height · width · k² · inputs · outputs; a depthwise one has
    height · width · k² · channels. All else counts 0, as in papers: biases, batch normalization (which can be
    worked into the kernel), activations, pooling.

    Args:
        model: A functional model of fixed image size. One that is a layer of it is counted layer by layer.

    Returns:
        One row a layer in the order of ``model.layers``: ``layer`` (name; that of a layer in a model begins
        with the model's name and "/"), ``kind`` (class), ``output_shape`` (without the batch),
        ``parameters`` (with the statistics of batch normalization, as Keras counts) and ``multiply_adds``.

    Raises:
        ValueError: A layer with a kernel is none of ``KNOWN``, or the image size is not fixed.

    Example:
        >>> count(mobilenet_v2((224, 224, 3), 1000))["multiply_adds"].sum() / 1e6
        300.774272
    """
    columns = ["layer", "kind", "output_shape", "parameters", "multiply_adds"]
    return pd.DataFrame(_rows(model, prefix=""), columns=columns)


def by_stage(operations: pd.DataFrame) -> pd.DataFrame:
    """Sums what ``count`` gave over the stages of a network.

    Args:
        operations: Result of ``count`` for a network of ``fer.models``, whose names of layers begin with the
            stage and "_".

    Returns:
        Columns ``parameters`` and ``multiply_adds``, by stage in the order of the layers; stages without
        parameters are left out.
    """
    stages = operations["layer"].str.split("_").str[0]
    sums = operations.groupby(stages, sort=False)[["parameters", "multiply_adds"]].sum()
    return sums[sums["parameters"] > 0].rename_axis("stage")


def _rows(model: keras.Model, prefix: str) -> list[tuple]:
    rows = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            rows += _rows(layer, f"{prefix}{layer.name}/")
            continue
        shape = layer.output.shape[1:]
        row = (type(layer).__name__, shape, layer.count_params(), _multiply_adds(layer, shape))
        rows.append((prefix + layer.name, *row))
    return rows


def _multiply_adds(layer: layers.Layer, shape: tuple[int, ...]) -> int:
    if not any("kernel" in weight.name for weight in layer.weights):
        return 0
    if not isinstance(layer, KNOWN):
        raise ValueError(
            f"`model` must have kernels in layers of {[kind.__name__ for kind in KNOWN]} alone. "
            f"Received: {layer.name!r}, a {type(layer).__name__}"
        )
    if None in shape:
        raise ValueError(f"`model` must have a fixed image size. Received: {layer.name!r} gives {shape}")
    places = shape[:-1]  # none in the output of a dense layer
    return math.prod(layer.kernel.shape) * math.prod(places)
