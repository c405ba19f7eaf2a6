"""Convolution and max pooling alternating, dropout between, a dense layer at the end."""

from collections.abc import Sequence

import keras
from keras import layers

from fer.models.blocks import check_arguments, classification_head, convolution, scaled

STAGE_FILTERS = (16, 32, 64, 128)


def conv_pool(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    blocks: Sequence[int] = (1, 1, 1, 1),
    width_multiplier: float = 1.0,
    activation="relu",
    kernel_initializer="he_normal",
    head: str | None = "flatten",
    dropout: float = 0.2,
    batch_normalization: bool = True,
) -> keras.Model:
    """Builds a small network for attributes of a large face image, such as glasses or a mask.

    In each stage 3×3 convolutions are followed by max pooling 2×2 and dropout of whole channels, since
    neighbouring pixels of one channel say nearly the same (Tompson et al. 2015, arXiv:1411.4280).

    Args:
        input_shape: Height and width (pixels, at least 16) and channels. Images are float32 in 0…1.
        num_classes: Number of classes. Not used when ``head`` is None.
        blocks: Number of convolutions in each of at most four stages of 16, 32, 64 and 128 filters.
        width_multiplier: Multiplies every number of filters and units.
        activation: Name of a Keras activation, "leaky_relu(0.01)", "prelu" or a layer: ``blocks.activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        head: "flatten": average pooling 2×2, flatten, dense with 96 units, softmax. "gap": global average
            pooling, softmax. None: no head, the model gives the last feature map.
        dropout: Share of the channels that a training step leaves out after each stage, in [0, 1).
        batch_normalization: False leaves the batch normalization out.

    Returns:
        A model from (batch, height, width, channels) to probabilities, float32, (batch, num_classes).

    Raises:
        ValueError: ``input_shape``, ``num_classes``, ``blocks`` or ``head`` is not as described.

    Example:
        >>> conv_pool((128, 128, 3), num_classes=2).count_params()
        295298
    """
    check_arguments(input_shape, num_classes, blocks, head, minimum_size=16)
    inputs = x = keras.Input(input_shape, name="image")
    for stage, (filters, count) in enumerate(zip(STAGE_FILTERS, blocks, strict=False), start=1):
        for block in range(1, count + 1):
            x = convolution(
                x,
                scaled(filters, width_multiplier),
                3,
                activation=activation,
                kernel_initializer=kernel_initializer,
                batch_normalization=batch_normalization,
                name=f"stage{stage}_conv{block}",
            )
        x = layers.MaxPooling2D(pool_size=2, name=f"stage{stage}_pool")(x)
        x = layers.SpatialDropout2D(dropout, name=f"stage{stage}_dropout")(x)
    if head is not None:
        units = scaled(96, width_multiplier)
        x = classification_head(x, num_classes, head, units, activation, kernel_initializer)
    return keras.Model(inputs, x, name="conv_pool")
