"""The training loss as a function of the weights, compiled once; the model itself is left alone."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import ops

from fer.evaluation.gradients import derivatives


class TrainingLoss:
    """Mean cross-entropy of a network on a batch, as a function of its trainable weights in one vector.

    The network works as in a training step: batch normalization takes the statistics of the batch. The moving
    statistics belong to the weights that they were collected with and fit no others. Nothing of the model is
    changed, neither weights nor statistics.

    Args:
        model: Gives probabilities.

    Attributes:
        model: The network.

    Example:
        >>> loss = TrainingLoss(model)
        >>> loss.value(flat_weights(model), images, labels)
    """

    def __init__(self, model: keras.Model):
        self.model = model
        shapes = [tuple(variable.shape) for variable in model.trainable_variables]
        borders = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])

        def value(weights, images, labels):
            values = [
                ops.reshape(weights[start:end], shape)
                for start, end, shape in zip(borders[:-1], borders[1:], shapes, strict=True)
            ]
            state = [variable.value for variable in model.non_trainable_variables]
            probabilities, _ = model.stateless_call(values, state, images, training=True)
            return ops.mean(keras.losses.categorical_crossentropy(labels, probabilities))

        def gradient(weights, images, labels):
            return derivatives(lambda values: value(values[0], images, labels), [weights])[0]

        self._value = _compiled(value)
        self._gradient = _compiled(gradient)

    def value(self, weights: np.ndarray, images: np.ndarray, labels: np.ndarray) -> float:
        """Returns the loss.

        Args:
            weights: float32, shape (number of trainable weights,), in the order of ``flat_weights``.
            images: float32, shape (n, height, width, channels), range 0…1.
            labels: One-hot or soft labels, float32, shape (n, number of classes), rows sum to 1.
        """
        return float(ops.convert_to_numpy(self._value(*_tensors(weights, images, labels))))

    def gradient(self, weights: np.ndarray, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Returns the gradient of the loss, float32, shape of ``weights``. Arguments as in ``value``."""
        return np.float32(ops.convert_to_numpy(self._gradient(*_tensors(weights, images, labels))))


def flat_weights(model: keras.Model) -> np.ndarray:
    """Returns the trainable weights of a model in one vector, float32."""
    return np.concatenate(
        [np.float32(ops.convert_to_numpy(variable)).ravel() for variable in model.trainable_variables]
    )


def _compiled(function: Callable) -> Callable:
    match keras.backend.backend():
        case "tensorflow":
            import tensorflow as tf

            return tf.function(function, autograph=False, reduce_retracing=True)
        case "jax":
            import jax

            return jax.jit(function)
        case _:
            return function


def _tensors(*arrays: np.ndarray) -> Sequence:
    return [ops.convert_to_tensor(array, dtype="float32") for array in arrays]
