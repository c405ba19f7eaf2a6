"""How far signal and gradient reach in a network at initialisation: measured, and what theory expects.

Source: Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural networks; He,
Zhang, Ren, Sun 2015, Delving deep into rectifiers, arXiv:1502.01852, section 2.2.
"""

from collections.abc import Callable

import keras
import numpy as np
import pandas as pd
from keras import layers, ops

from fer.evaluation.gradients import gradients

WEIGHTED = (layers.Conv2D, layers.Dense)


def variance_by_depth(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """Measures the output y of each layer with weights, and the gradient of the loss with respect to it.

    The loss is the mean cross-entropy and the model works as in a training step; its variables are not
    changed. Over the draw of the weights the mean of y is zero, so that the variance of the papers is the
    expectation of y². It is estimated by the mean of y² over images, places and channels; so is that of the
    gradient. One narrow network is a small sample of weights: average several draws.

    Theory, for a plain chain of layers with ReLU and without normalization: a layer multiplies the second
    moment by fan_in · Var[w], and ReLU halves it, since y is as often negative as positive (He et al., eq. 7
    to 10). On the way back the factor is fan_out · Var[w] / 2 (eq. 13, 14). A place at a zero-padded border
    has fewer neighbours than the kernel has weights, and a stride leaves places out; the columns
    ``…_theory`` count the neighbours place by place, the columns ``…_factor`` do not. Var[w] is the mean
    square of the kernel as it was drawn. Pooling is treated roughly: as the mean of independent values, max
    pooling as one of them.

    Args:
        model: A functional model that gives probabilities. Its convolutions and dense layers are linear, and
            the activation is a layer of its own, as in ``fer.models``.
        images: float32, shape (n, height, width, channels), range 0…1.
        labels: One-hot or soft labels, shape (n, number of classes), rows sum to 1.

    Returns:
        One row a Conv2D or Dense layer: ``layer`` (name), ``depth`` (0 is next to the images), ``kind``
        (class), ``fan_in``, ``fan_out``, ``forward_factor`` (fan_in · Var[w] / 2), ``backward_factor``
        (fan_out · Var[w] / 2), ``forward_variance``, ``backward_variance`` (measured), ``forward_theory``
        (starts from the measured value of the first layer) and ``backward_theory`` (from that of the last
        layer). Both are NaN for a network that the theory does not cover.

    Raises:
        ValueError: A convolution or dense layer has an activation of its own.

    Example:
        >>> frame = variance_by_depth(model, *train_batches(faces, 48, 1, 32)[0])
        >>> frame["forward_variance"].iloc[-1] / frame["forward_variance"].iloc[0]
    """
    weighted = [layer for layer in model.layers if isinstance(layer, WEIGHTED)]
    for layer in weighted:
        if layer.activation is not keras.activations.linear:
            raise ValueError(
                "`model` must have linear convolutions and dense layers, with the activation in a layer of "
                f"its own. Received: {layer.name!r} with activation {layer.activation.__name__!r}"
            )

    def loss(probabilities):
        return ops.mean(keras.losses.categorical_crossentropy(labels, probabilities))

    signals, slopes = _signals_and_slopes(model, _copy, images, loss)
    frame = pd.DataFrame([_fans(layer) for layer in weighted])
    frame.insert(1, "depth", range(len(frame)))
    frame["forward_variance"] = [_mean_square(signal) for signal in signals]
    frame["backward_variance"] = [_mean_square(slope) for slope in slopes]
    frame[["forward_theory", "backward_theory"]] = np.nan
    moment_layers = {layer.name: _moment_layer(layer) for layer in model.layers}
    if None not in moment_layers.values():
        last = np.square(slopes[-1]) / frame["backward_variance"].iloc[-1]
        forward, backward = _signals_and_slopes(
            model,
            lambda layer: moment_layers[layer.name],
            np.square(images),
            lambda moments: ops.sum(moments * last),
        )
        frame["forward_theory"] = _anchored(forward, frame["forward_variance"], 0)
        frame["backward_theory"] = _anchored(backward, frame["backward_variance"], -1)
    return frame


def _mean_square(values: np.ndarray) -> float:
    return float(np.mean(np.square(values, dtype=np.float64)))  # the square may be below what float32 holds


def _anchored(moments: list[np.ndarray], measured: pd.Series, layer: int) -> list[float]:
    """Means of second moments, multiplied by what makes them equal to the measured one in a layer."""
    means = [float(np.mean(values)) for values in moments]
    return [mean * measured.iloc[layer] / means[layer] for mean in means]


def _fans(layer: layers.Layer) -> dict:
    """Number of weights that meet in an output of a layer, number that leave an input, and the factors."""
    kernel = ops.convert_to_numpy(layer.kernel)
    fan_in = int(np.prod(kernel.shape[:-1]))
    fan_out = int(np.prod(kernel.shape[:-2])) * kernel.shape[-1]
    variance = float(np.mean(np.square(kernel)))
    return {
        "layer": layer.name,
        "kind": type(layer).__name__,
        "fan_in": fan_in,
        "fan_out": fan_out,
        "forward_factor": fan_in * variance / 2,
        "backward_factor": fan_out * variance / 2,
    }


def _signals_and_slopes(
    model: keras.Model, stand_in: Callable, inputs: np.ndarray, objective: Callable
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Returns the output of each layer with weights, and the gradient with respect to it.

    Args:
        model: Gives the graph.
        stand_in: Takes a layer of the model and returns the one that works in its place.
        inputs: A batch.
        objective: Takes the output of the network and returns the scalar that is differentiated.
    """
    probes = {layer.name: _Probe(len(inputs)) for layer in model.layers if isinstance(layer, WEIGHTED)}

    def call(layer, *arguments, **options):
        output = layer(*arguments, **options)
        return probes[layer.name](output) if layer.name in probes else output

    copy = keras.models.clone_model(model, clone_function=stand_in, call_function=call)
    network = keras.Model(copy.input, [copy.output, *(probe.output for probe in probes.values())])
    zeros = [probe.zero for probe in probes.values()]

    def value(values):
        with keras.StatelessScope(state_mapping=list(zip(zeros, values, strict=True))):
            return objective(network(inputs, training=True)[0])

    slopes = gradients(value, [zero.value for zero in zeros])
    signals = [ops.convert_to_numpy(signal) for signal in network(inputs, training=True)[1:]]
    return signals, slopes


def _copy(layer: layers.Layer) -> layers.Layer:
    """A layer of the same name with the same weights, so that the model itself stays as it is."""
    copy = type(layer).from_config(layer.get_config())
    if layer.weights:
        copy.build_from_config(layer.get_build_config())
        copy.set_weights(layer.get_weights())
    return copy


def _moment_layer(layer: layers.Layer) -> layers.Layer | None:
    """What a layer of a plain network does to the second moment of its input; None if theory does not say.

    It is linear, so that its own gradient is the way of the second moment of the gradient: back through a
    convolution with Var[w] in place of every weight.
    """
    activation = getattr(layer, "activation", None)
    match layer:
        case layers.Conv2D() | layers.Dense():
            moments = _copy(layer)
            variance = np.mean(np.square(ops.convert_to_numpy(layer.kernel)))
            moments.kernel.assign(np.full(layer.kernel.shape, variance))
            return moments
        case layers.ReLU() | layers.Activation() if activation in (None, keras.activations.relu):
            return layers.Rescaling(0.5)
        case layers.Activation() if activation is keras.activations.softmax:
            return layers.Identity()
        case layers.MaxPooling2D():
            return layers.AveragePooling2D.from_config(layer.get_config())
        case layers.AveragePooling2D():
            return keras.Sequential([_copy(layer), layers.Rescaling(1 / np.prod(layer.pool_size))])
        case layers.GlobalAveragePooling2D():
            return keras.Sequential([_copy(layer), layers.Rescaling(1 / np.prod(layer.input.shape[1:3]))])
        case layers.InputLayer() | layers.ZeroPadding2D() | layers.Flatten():
            return _copy(layer)
    return None


class _Probe(layers.Layer):
    """Adds a zero weight of the shape of its input, batch included: the weight has the input's gradient."""

    def __init__(self, batch_size: int):
        super().__init__(dtype="float32")  # means over bfloat16 values would stop growing
        self.batch_size = batch_size

    def build(self, input_shape):
        self.zero = self.add_weight(shape=(self.batch_size, *input_shape[1:]), initializer="zeros")

    def call(self, x):
        return x + self.zero
