"""MobileNetV2 from scratch: a classifier for small computers, and the backbone of a detector.

Source: Sandler, Howard, Zhu, Zhmoginov, Chen (2018), "MobileNetV2: inverted residuals and linear
bottlenecks", arXiv:1801.04381. Its weights are those of ``keras.applications.MobileNetV2`` in their order.
Nothing here scales the pixels: they are in 0…1 as for every network of this package, while Keras's own
weights were trained on -1…1.

A convolution has no bias, since the batch normalization after it would take it away again.
"""

import keras
from keras import layers

from fer.models.blocks import (
    BATCH_NORMALIZATION_MOMENTUM,
    activate,
    check_head,
    check_input_shape,
    classification_head,
    own_initializer,
    scaled,
)

STAGE_FILTERS = (16, 24, 32, 64, 96, 160, 320)
STAGE_BLOCKS = (1, 2, 3, 4, 3, 3, 1)
STAGE_STRIDES = (1, 2, 2, 2, 1, 2, 1)
STAGE_EXPANSIONS = (1, 6, 6, 6, 6, 6, 6)
"""Table 2 of the paper: filters of the projections, number of blocks, stride of the first one, expansion."""

FEATURES = {8: "stage4_block1_expand_activation", 16: "stage6_block1_expand_activation", 32: "out_relu"}
"""Layers that give the feature maps of these strides: the last of its stride, and the widest."""

BATCH_NORMALIZATION_EPSILON = 1e-3
"""The value of keras.applications, so that its weights mean the same here. Its momentum of 0.999 is not
taken: that needs some 5,000 steps to forget its start, more than a short training has."""


def mobilenet_v2(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    width_multiplier: float = 1.0,
    activation="relu6",
    kernel_initializer="glorot_uniform",
    head: str | None = "gap",
) -> keras.Model:
    """Builds MobileNetV2.

    Args:
        input_shape: Height and width (pixels, at least 32) and channels. Images are float32 in 0…1.
        num_classes: Number of emotions. Not used when ``head`` is None.
        width_multiplier: Multiplies every number of filters, ``rounded`` to a multiple of 8. Below 1 the last
            convolution keeps its 1280.
        activation: Name of a Keras activation, "leaky_relu(0.01)", "prelu" or a layer: ``blocks.activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        head: "gap": global average pooling, softmax. "flatten": average pooling 2×2, flatten, dense with 512
            units, softmax. None: no head, the model gives the last feature map.

    Returns:
        A model from (batch, height, width, channels) to probabilities, float32, (batch, num_classes). The
        layers of ``FEATURES`` give the feature maps of strides 8, 16 and 32.

    Raises:
        ValueError: ``input_shape``, ``num_classes`` or ``head`` is not as described.

    Example:
        >>> mobilenet_v2((224, 224, 3), num_classes=1000).count_params()
        3538984
    """
    check_input_shape(input_shape, minimum_size=32)
    check_head(head, num_classes)
    common = {"activation": activation, "kernel_initializer": kernel_initializer}
    inputs = keras.Input(input_shape, name="image")
    x = layers.Conv2D(
        rounded(32 * width_multiplier),
        3,
        strides=2,
        padding="same",
        use_bias=False,
        kernel_initializer=own_initializer(kernel_initializer),
        name="stem_conv",
    )(inputs)
    x = _normalized(x, activation, name="stem_conv")
    stages = zip(STAGE_FILTERS, STAGE_BLOCKS, STAGE_STRIDES, STAGE_EXPANSIONS, strict=True)
    for stage, (filters, blocks, strides, expansion) in enumerate(stages, start=1):
        for block in range(1, blocks + 1):
            x = inverted_residual(
                x,
                rounded(filters * width_multiplier),
                strides=strides if block == 1 else 1,
                expansion=expansion,
                **common,
                name=f"stage{stage}_block{block}",
            )
    x = pointwise_convolution(
        x, rounded(1280 * max(1, width_multiplier)), kernel_initializer=kernel_initializer, name="out_conv"
    )
    x = activate(x, activation, name="out_relu")
    if head is not None:
        units = scaled(512, width_multiplier)
        x = classification_head(x, num_classes, head, units, activation, kernel_initializer)
    return keras.Model(inputs, x, name="mobilenet_v2")


def inverted_residual(
    x, filters: int, *, strides: int, expansion: int, activation, kernel_initializer, name: str
):
    """Gives y = x + project(depthwise(expand(x))): narrow at both ends, where ResNet's block is wide.

    The projection is linear: in so few channels an activation would lose what it sets to zero. There is a
    shortcut where input and output have one shape.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Number of output channels.
        strides: Step of the depthwise convolution in pixels.
        expansion: Channels between the two 1×1 convolutions over those of ``x``. 1 has no expansion.
        activation: As in ``activate``; follows the expansion and the depthwise convolution.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        name: Beginning of the names of the layers.

    Returns:
        Feature map, shape (batch, height / strides, width / strides, filters).
    """
    common = {"activation": activation, "kernel_initializer": kernel_initializer}
    inputs = x
    if expansion > 1:
        x = pointwise_convolution(x, expansion * x.shape[-1], **common, name=f"{name}_expand")
    x = depthwise_convolution(x, strides=strides, **common, name=f"{name}_depthwise")
    x = pointwise_convolution(x, filters, kernel_initializer=kernel_initializer, name=f"{name}_project")
    if strides == 1 and inputs.shape[-1] == filters:
        x = layers.Add(name=f"{name}_add")([inputs, x])
    return x


def pointwise_convolution(x, filters: int, *, activation=None, kernel_initializer, name: str):
    """Convolution 1×1, which mixes the channels of each place, then batch normalization and activation.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Number of output channels.
        activation: As in ``activate``; None stays linear.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        name: Name of the convolution, and the beginning of the names of what follows it.

    Returns:
        Feature map, shape (batch, height, width, filters).
    """
    initializer = own_initializer(kernel_initializer)
    x = layers.Conv2D(filters, 1, use_bias=False, kernel_initializer=initializer, name=name)(x)
    return _normalized(x, activation, name)


def depthwise_convolution(x, *, strides: int = 1, activation, kernel_initializer, name: str):
    """Convolution 3×3 of each channel by itself, then batch normalization and activation.

    Its padding "same" is what ``keras.applications`` adds by a layer: at stride 2 an even size is padded at
    the bottom and on the right, an odd one on all sides.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        strides: Step of the kernel in pixels.
        activation: As in ``activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        name: Name of the convolution, and the beginning of the names of what follows it.

    Returns:
        Feature map, shape (batch, height / strides, width / strides, channels).
    """
    x = layers.DepthwiseConv2D(
        3,
        strides=strides,
        padding="same",
        use_bias=False,
        depthwise_initializer=own_initializer(kernel_initializer),
        name=name,
    )(x)
    return _normalized(x, activation, name)


def rounded(filters: float) -> int:
    """Returns the multiple of 8 nearest to a number of filters, at least 8 and at least 90 % of it."""
    nearest = max(8, int(filters + 4) // 8 * 8)
    return nearest if nearest >= 0.9 * filters else nearest + 8


def _normalized(x, activation, name: str):
    x = layers.BatchNormalization(
        momentum=BATCH_NORMALIZATION_MOMENTUM, epsilon=BATCH_NORMALIZATION_EPSILON, name=f"{name}_norm"
    )(x)
    return x if activation is None else activate(x, activation, name=f"{name}_activation")
