"""A residual network for small face images: few weights, most of its work at a high resolution."""

from collections.abc import Sequence
from functools import partial

import keras
from keras import layers

from fer.models.blocks import activate, check_arguments, classification_head, convolution, scaled

STAGE_FILTERS = (64, 128, 256, 512)


def small_resnet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    blocks: Sequence[int] = (2, 2, 2),
    filters: Sequence[int] = STAGE_FILTERS,
    width_multiplier: float = 1.0,
    activation="relu",
    kernel_initializer="he_normal",
    head: str | None = "gap",
    dropout: float = 0.0,
) -> keras.Model:
    """Builds a residual network of basic blocks, two 3×3 convolutions each.

    One convolution 3×3 sees the image at its full size, where ResNet50 begins with two strides of 2; then
    each stage halves the size. A shortcut to a new shape is average pooling 2×2 and a convolution 1×1.

    Source: He et al. (2015), arXiv:1512.03385, section 4.2; the shortcut: He, Tong et al. (2018), "Bag of
    tricks for image classification with convolutional neural networks", arXiv:1812.01187, ResNet-D.

    Args:
        input_shape: Height and width (pixels, at least 16) and channels. Images are float32 in 0…1.
        num_classes: Number of emotions. Not used when ``head`` is None.
        blocks: Number of blocks in each of at most four stages.
        filters: Number of filters in the stages; the first convolution has half as many as the first stage.
        width_multiplier: Multiplies every number of filters and units.
        activation: Name of a Keras activation, "leaky_relu(0.01)", "prelu" or a layer: ``blocks.activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        head: "gap": global average pooling, softmax. "flatten": average pooling 2×2, flatten, dense with 512
            units, softmax. None: no head, the model gives the last feature map.
        dropout: Share of the last feature map's channels that a training step leaves out, in [0, 1).

    Returns:
        A model from (batch, height, width, channels) to probabilities, float32, (batch, num_classes).

    Raises:
        ValueError: ``input_shape``, ``num_classes``, ``blocks``, ``filters`` or ``head`` is not as described.

    Example:
        >>> small_resnet((48, 48, 1), num_classes=7, filters=(64, 128, 256)).count_params()
        2766951
    """
    check_arguments(input_shape, num_classes, blocks, head, minimum_size=16)
    if len(filters) < len(blocks):
        raise ValueError(
            f"`filters` must have a number for each of {len(blocks)} stages. Received: {filters}"
        )
    convolve = partial(convolution, kernel_initializer=kernel_initializer)
    inputs = keras.Input(input_shape, name="image")
    stem_filters = scaled(filters[0] / 2, width_multiplier)
    x = convolve(inputs, stem_filters, 3, activation=activation, name="stem_conv")
    for stage, (width, count) in enumerate(zip(filters, blocks, strict=False), start=1):
        for block in range(1, count + 1):
            x = basic_block(
                x,
                scaled(width, width_multiplier),
                strides=2 if block == 1 else 1,
                activation=activation,
                convolve=convolve,
                name=f"stage{stage}_block{block}",
            )
    if dropout:
        x = layers.SpatialDropout2D(dropout, name="dropout")(x)
    if head is not None:
        units = scaled(512, width_multiplier)
        x = classification_head(x, num_classes, head, units, activation, kernel_initializer)
    return keras.Model(inputs, x, name="small_resnet")


def basic_block(x, filters: int, *, strides: int, activation, convolve, name: str):
    """Gives y = activation(F(x) + shortcut(x)), where F is convolution 3×3 twice.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Filters of both convolutions.
        strides: Stride of the first convolution and of the shortcut.
        activation: As in ``activate``.
        convolve: ``convolution`` with its initializer bound.
        name: Beginning of the names of the layers.
    """
    shortcut = x
    if strides > 1:
        shortcut = layers.AveragePooling2D(strides, padding="same", name=f"{name}_pool")(shortcut)
    if strides > 1 or x.shape[-1] != filters:
        shortcut = convolve(shortcut, filters, 1, name=f"{name}_shortcut")
    x = convolve(x, filters, 3, strides=strides, activation=activation, name=f"{name}_conv1")
    x = convolve(x, filters, 3, name=f"{name}_conv2")
    x = layers.Add(name=f"{name}_add")([shortcut, x])
    return activate(x, activation, name=f"{name}_output")
