"""ResNet50 from scratch, with the head of this laboratory.

Source: He, Zhang, Ren, Sun (2015), "Deep residual learning for image recognition", arXiv:1512.03385. The
stride of a stage is in its first 1×1 convolution, as in the paper and in ``keras.applications.ResNet50``.
"""

from collections.abc import Sequence
from functools import partial

import keras
from keras import layers

from fer.models.blocks import activate, check_arguments, classification_head, convolution, scaled

STAGE_FILTERS = (64, 128, 256, 512)
EXPANSION = 4
"""A bottleneck block gives four times as many channels as its 3×3 convolution has."""


def resnet50(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    blocks: Sequence[int] = (3, 4, 6, 3),
    width_multiplier: float = 1.0,
    activation="relu",
    kernel_initializer="glorot_uniform",
    head: str | None = "flatten",
    residual: bool = True,
    batch_normalization: bool = True,
) -> keras.Model:
    """Builds a residual network of bottleneck blocks; by default ResNet50.

    Args:
        input_shape: Height and width (pixels, at least 32) and channels. Images are float32 in 0…1.
        num_classes: Number of emotions. Not used when ``head`` is None.
        blocks: Number of blocks in each of at most four stages.
        width_multiplier: Multiplies every number of filters and units.
        activation: Name of a Keras activation, "leaky_relu(0.01)", "prelu" or a layer: ``blocks.activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        head: "flatten": average pooling 2×2, flatten, dense with 512 units, softmax. "gap": global average
            pooling, softmax. None: no head, the model gives the last feature map.
        residual: False leaves the shortcuts out: the plain network of the paper's comparison.
        batch_normalization: False leaves the batch normalization out.

    Returns:
        A model from (batch, height, width, channels) to probabilities, float32, (batch, num_classes).

    Raises:
        ValueError: ``input_shape``, ``num_classes``, ``blocks`` or ``head`` is not as described.

    Example:
        >>> model = resnet50((48, 48, 1), num_classes=7, width_multiplier=0.25)
        >>> model.get_layer("stage3_block2_conv1").output.shape
        (None, 3, 3, 64)
    """
    check_arguments(input_shape, num_classes, blocks, head, minimum_size=32)
    convolve = partial(
        convolution, kernel_initializer=kernel_initializer, batch_normalization=batch_normalization
    )
    inputs = keras.Input(input_shape, name="image")
    x = stem(inputs, scaled(64, width_multiplier), activation, convolve)
    for stage, (filters, count) in enumerate(zip(STAGE_FILTERS, blocks, strict=False), start=1):
        x = bottleneck_stage(
            x,
            scaled(filters, width_multiplier),
            blocks=count,
            strides=1 if stage == 1 else 2,
            residual=residual,
            activation=activation,
            convolve=convolve,
            name=f"stage{stage}",
        )
    if head is not None:
        units = scaled(512, width_multiplier)
        x = classification_head(x, num_classes, head, units, activation, kernel_initializer)
    return keras.Model(inputs, x, name="resnet50")


def stem(x, filters: int, activation, convolve):
    """Convolution 7×7 and max pooling 3×3, each with stride 2.

    Padding is explicit: "same" would pad one side more than the other at an even size.
    """
    x = layers.ZeroPadding2D(3, name="stem_pad")(x)
    x = convolve(x, filters, 7, strides=2, padding="valid", activation=activation, name="stem_conv")
    x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
    return layers.MaxPooling2D(pool_size=3, strides=2, name="stem_pool")(x)


def bottleneck_stage(
    x, filters: int, *, blocks: int, strides: int, residual: bool, activation, convolve, name: str
):
    """Blocks of one width. The first one takes the stride, and projects its shortcut to the new shape.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Filters of the 3×3 convolutions.
        blocks: Number of blocks.
        strides: Stride of the first block.
        residual: Whether the blocks have shortcuts.
        activation: As in ``activate``.
        convolve: ``convolution`` with its initializer and normalization bound.
        name: Beginning of the names of the blocks.

    Returns:
        Feature map, shape (batch, height / strides, width / strides, 4 · filters).
    """
    for block in range(1, blocks + 1):
        first = block == 1
        x = bottleneck_block(
            x,
            filters,
            strides=strides if first else 1,
            shortcut=("projection" if first else "identity") if residual else None,
            activation=activation,
            convolve=convolve,
            name=f"{name}_block{block}",
        )
    return x


def bottleneck_block(x, filters: int, *, strides: int, shortcut: str | None, activation, convolve, name: str):
    """Gives y = activation(F(x) + shortcut(x)), where F is convolution 1×1, 3×3, 1×1 (He et al., eq. 1, 2).

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Filters of the 3×3 convolution.
        strides: Stride of the first convolution and of the projection.
        shortcut: "projection" (1×1 convolution), "identity", or None for y = activation(F(x)).
        activation: As in ``activate``.
        convolve: ``convolution`` with its initializer and normalization bound.
        name: Beginning of the names of the layers.
    """
    inputs = x
    if shortcut == "projection":
        inputs = convolve(inputs, EXPANSION * filters, 1, strides=strides, name=f"{name}_shortcut")
    x = convolve(x, filters, 1, strides=strides, activation=activation, name=f"{name}_conv1")
    x = convolve(x, filters, 3, activation=activation, name=f"{name}_conv2")
    x = convolve(x, EXPANSION * filters, 1, name=f"{name}_conv3")
    if shortcut is not None:
        x = layers.Add(name=f"{name}_add")([inputs, x])
    return activate(x, activation, name=f"{name}_output")
