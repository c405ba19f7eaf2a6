"""Gradients inside a network, on any Keras backend."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
import pandas as pd
from keras import ops

POOLING = (
    keras.layers.AveragePooling2D,
    keras.layers.GlobalAveragePooling2D,
    keras.layers.GlobalMaxPooling2D,
    keras.layers.MaxPooling2D,
)


def loss_gradient_norms(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    """Measures how much of the gradient of the loss reaches each layer, as in a training step.

    The loss is the mean cross-entropy. The model is not changed, its batch-norm statistics included.

    Args:
        model: Gives probabilities.
        images: float32, shape (n, height, width, channels), range 0…1.
        labels: One-hot or soft labels, shape (n, number of classes), rows sum to 1.

    Returns:
        One row a layer with a trainable kernel: ``layer`` (name), ``depth`` (0 is next to the images), and of
        the gradient of the kernel ``norm`` (L2) and ``rms`` (root mean square, which does not grow with the
        size of the kernel).

    Example:
        >>> loss_gradient_norms(model, *train_batches(faces, 48, 1, 64)[0])
    """
    state = [variable.value for variable in model.non_trainable_variables]

    def loss(weights):
        probabilities, _ = model.stateless_call(weights, state, images, training=True)
        return ops.mean(keras.losses.categorical_crossentropy(labels, probabilities))

    variables = model.trainable_variables
    pairs = zip(variables, gradients(loss, [variable.value for variable in variables]), strict=True)
    kernels = [(variable.path, gradient) for variable, gradient in pairs if variable.name.endswith("kernel")]
    return pd.DataFrame(
        {
            "layer": [path.rsplit("/", 1)[0] for path, _ in kernels],
            "depth": range(len(kernels)),
            "norm": [float(np.linalg.norm(gradient)) for _, gradient in kernels],
            "rms": [float(np.sqrt(np.mean(np.square(gradient)))) for _, gradient in kernels],
        }
    )


def score_gradients(
    model: keras.Model,
    images: np.ndarray,
    class_index: int | Sequence[int] | None = None,
    layer: str | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Differentiates the score of a class with respect to a feature map.

    The score is the class's value before the softmax. After it the gradient would fade where the network is
    certain, and would mix in the other classes. A model whose last layer has no activation argument is taken
    at its output.

    Args:
        model: A functional or sequential model of images.
        images: float32, shape (n, height, width, channels), range 0…1.
        class_index: A class for all images, one for each, or None for the most probable of each.
        layer: Name of the layer that gives the feature map. Every path through the network must pass it, as
            is the case for the output of a block. None is the last feature map before the head.

    Returns:
        The feature maps and their gradients, each float32, shape (n, map height, map width, map channels).

    Raises:
        ValueError: ``layer`` or ``class_index`` is not as described.
    """
    features = _feature_map(model, layer)
    try:
        head = keras.Model(features, _scores(model))
    except ValueError as error:
        raise ValueError(
            f"`layer` must be one that every path through the network passes. Received: {layer!r}"
        ) from error
    maps = keras.Model(model.input, features)(images, training=False)
    scores = head(maps, training=False)
    if class_index is None:
        class_index = ops.convert_to_numpy(ops.argmax(scores, axis=1))
    classes = np.broadcast_to(np.asarray(class_index), len(images))
    if not np.issubdtype(classes.dtype, np.integer) or classes.min() < 0 or classes.max() >= scores.shape[1]:
        raise ValueError(f"`class_index` must be in 0…{scores.shape[1] - 1}. Received: {class_index}")
    chosen = np.eye(scores.shape[1], dtype=np.float32)[classes]

    def score(values):
        return ops.sum(
            ops.multiply(chosen, head(values[0], training=False))
        )  # images do not mix, so the sum separates

    return np.float32(ops.convert_to_numpy(maps)), gradients(score, [maps])[0]


def gradients(function: Callable, values: list) -> list[np.ndarray]:
    """Differentiates a function of tensors on the running Keras backend.

    Args:
        function: Takes the list of values and returns a scalar tensor.
        values: Tensors.

    Returns:
        The gradient for each of the values, float32, of its shape.

    Raises:
        NotImplementedError: The backend cannot differentiate.
    """
    return [np.float32(ops.convert_to_numpy(derivative)) for derivative in derivatives(function, values)]


def derivatives(function: Callable, values: list) -> list:
    """Like ``gradients``, with tensors as result, so that it can be part of a compiled function."""
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            values = [tf.convert_to_tensor(value) for value in values]
            with tf.GradientTape() as tape:
                tape.watch(values)
                result = function(values)
            return tape.gradient(result, values)
        case "jax":
            import jax

            return jax.grad(function)(values)
        case "torch":
            import torch

            values = [value.detach().requires_grad_() for value in values]
            return torch.autograd.grad(function(values), values)
        case backend:
            raise NotImplementedError(f"The Keras backend {backend!r} cannot differentiate.")


def _feature_map(model: keras.Model, name: str | None):
    """The named layer's output, or the last feature map that is not the result of pooling."""
    if name is not None:
        return _output_in_graph(model.get_layer(name))
    for layer in reversed(model.layers):
        output = _output_in_graph(layer)
        if len(output.shape) == 4 and not isinstance(layer, POOLING):
            return output
    raise ValueError("`model` must have a feature map of shape (batch, height, width, channels).")


def _output_in_graph(layer):
    """Differs from ``layer.output`` where a model serves as a layer: that one is of the inner graph."""
    return keras.Operation.output.fget(layer)


def _scores(model: keras.Model):
    """The model's output without the softmax of its last layer."""
    last = model.layers[-1]
    settings = last.get_config()
    if "activation" not in settings:
        return model.output
    linear = type(last).from_config(settings | {"activation": "linear"})
    scores = linear(last.input)
    linear.set_weights(last.get_weights())
    return scores
