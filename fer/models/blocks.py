"""What the networks are built from: convolution, activation and classification head."""

import re

import keras
from keras import layers

from fer.models.custom_layers import LeakyReLU

HEADS = ("flatten", "gap", None)

_LEAKY_RELU = re.compile(r"leaky_relu(\((?P<slope>\d+(\.\d*)?|\.\d+)\))?")
_KERAS_SLOPE = 0.2

BATCH_NORMALIZATION_EPSILON = 1.001e-5
"""The value of keras.applications, so that its weights mean the same here."""

BATCH_NORMALIZATION_MOMENTUM = 0.9
"""Keras's own 0.99 needs some 500 steps to forget its start: the first epochs of a small data set would be
judged with statistics that are not yet those of the images. 0.9 needs 50."""


def convolution(
    x,
    filters: int,
    kernel_size: int,
    *,
    strides: int = 1,
    padding: str = "same",
    activation=None,
    kernel_initializer="glorot_uniform",
    batch_normalization: bool = True,
    name: str,
):
    """Convolution, then batch normalization and activation where they are asked for.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Number of output channels.
        kernel_size: Height and width of the kernel.
        strides: Step of the kernel in pixels.
        padding: "same" or "valid".
        activation: As in ``activate``; None stays linear.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        batch_normalization: Whether to normalize before the activation.
        name: Name of the convolution, and the beginning of the names of what follows it.

    Returns:
        Feature map, shape (batch, new height, new width, filters).
    """
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        kernel_initializer=own_initializer(kernel_initializer),
        name=name,
    )(x)
    if batch_normalization:
        x = layers.BatchNormalization(
            momentum=BATCH_NORMALIZATION_MOMENTUM, epsilon=BATCH_NORMALIZATION_EPSILON, name=f"{name}_norm"
        )(x)
    return x if activation is None else activate(x, activation, name=f"{name}_activation")


def activate(x, activation, name: str):
    """Applies an activation.

    Args:
        x: Tensor of any shape, the channels last.
        activation: Name of a Keras activation such as "relu" or "elu", "leaky_relu(0.01)" (any slope in
            brackets; without brackets Keras's 0.2), or "prelu" (a slope for each channel, trained from 0.25
            on, He et al. 2015, arXiv:1502.01852); a function, or an activation layer such as
            ``keras.layers.LeakyReLU(0.1)``, of which each place gets its own copy.
        name: Name of the layer.

    Raises:
        ValueError: ``activation`` is none of these.
    """
    if isinstance(activation, layers.Layer):
        return type(activation).from_config(activation.get_config() | {"name": name})(x)
    if activation == "prelu":
        places = list(range(1, len(x.shape) - 1))
        initializer = keras.initializers.Constant(0.25)
        return layers.PReLU(alpha_initializer=initializer, shared_axes=places, name=name)(x)
    if isinstance(activation, str) and (match := _LEAKY_RELU.fullmatch(activation)):
        return LeakyReLU(negative_slope=float(match["slope"] or _KERAS_SLOPE), name=name)(x)
    try:
        layer = layers.Activation(activation, name=name)
    except ValueError as error:
        raise ValueError(
            '`activation` must be the name of a Keras activation, "leaky_relu(<slope>)", "prelu", a function '
            f"or an activation layer. Received: {activation!r}"
        ) from error
    return layer(x)


def classification_head(x, num_classes: int, head: str, units: int, activation, kernel_initializer):
    """Turns the last feature map into class probabilities.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        num_classes: Number of classes.
        head: "flatten": average pooling 2×2, flatten, dense with ``units``, softmax.
            "gap": global average pooling, softmax.
        units: Width of the dense layer of "flatten".
        activation: Activation of that dense layer.
        kernel_initializer: Initializer of the dense layers.

    Returns:
        float32, shape (batch, num_classes), rows sum to 1, whatever the precision policy.
    """
    if head == "gap":
        x = layers.GlobalAveragePooling2D(name="head_pool")(x)
    else:
        x = layers.AveragePooling2D(pool_size=2, padding="same", name="head_pool")(x)
        x = layers.Flatten(name="head_flatten")(x)
        x = layers.Dense(units, kernel_initializer=own_initializer(kernel_initializer), name="head_dense")(x)
        x = activate(x, activation, name="head_activation")
    return classifier(x, num_classes, kernel_initializer)


def classifier(x, num_classes: int, kernel_initializer):
    """The last two layers of every network, ``logits`` and ``predictions``.

    Args:
        x: Features, shape (batch, units).
        num_classes: Number of classes.
        kernel_initializer: Name of a Keras initializer, or an initializer.

    Returns:
        float32, shape (batch, num_classes), rows sum to 1, whatever the precision policy.
    """
    initializer = own_initializer(kernel_initializer)
    x = layers.Dense(num_classes, kernel_initializer=initializer, dtype="float32", name="logits")(x)
    return layers.Activation("softmax", dtype="float32", name="predictions")(x)


def scaled(filters: int, width_multiplier: float) -> int:
    """Returns a number of filters or units multiplied by the width, at least 1."""
    return max(1, round(filters * width_multiplier))


def check_arguments(input_shape, num_classes: int, blocks, head: str | None, minimum_size: int) -> None:
    """Raises ValueError when a network of at most four stages cannot be built for these arguments."""
    check_input_shape(input_shape, minimum_size)
    if not 1 <= len(blocks) <= 4 or min(blocks) < 1:
        raise ValueError(f"`blocks` must hold one to four positive integers. Received: {blocks}")
    check_head(head, num_classes)


def check_head(head: str | None, num_classes: int) -> None:
    """Raises ValueError when ``classification_head`` has no such head, or nothing to tell apart."""
    if head not in HEADS:
        raise ValueError(f"`head` must be one of {HEADS}. Received: {head!r}")
    if head is not None:
        check_num_classes(num_classes)


def check_input_shape(input_shape, minimum_size: int) -> None:
    """Raises ValueError when images are not of the shape (height, width, channels), or too small."""
    if len(input_shape) != 3 or min(input_shape[:2]) < minimum_size:
        raise ValueError(
            f"`input_shape` must be (height, width, channels) with at least {minimum_size} pixels a side. "
            f"Received: {input_shape}"
        )


def check_num_classes(num_classes: int) -> None:
    """Raises ValueError when there is nothing to tell apart."""
    if num_classes < 2:
        raise ValueError(f"`num_classes` must be at least 2. Received: {num_classes}")


def own_initializer(kernel_initializer):
    """An initializer object that is shared would give every layer of one shape the same values."""
    if isinstance(kernel_initializer, keras.initializers.Initializer):
        return kernel_initializer.clone()
    return kernel_initializer
