"""What the networks of 2012 to 2014 are built from besides the blocks of today's."""

from collections.abc import Sequence

from keras import layers

from fer.models.blocks import (
    activate,
    check_input_shape,
    check_num_classes,
    classifier,
    convolution,
    own_initializer,
)
from fer.models.custom_layers import ChannelSlice


def grouped_convolution(x, filters: int, kernel_size: int, *, groups: int, activation, name: str, **options):
    """Convolution whose groups of filters each see only their group of channels.

    Each group is a convolution of its own, for three reasons: TensorFlow computes the gradient of a
    ``Conv2D(groups=2)`` on a CPU 16 times slower, LiteRT cannot take it over, and an initializer would count
    the filters of all groups in its fan-out.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Number of output channels of all groups together.
        kernel_size: Height and width of the kernel.
        groups: Number of groups, which divides channels and filters. With 1 it is a convolution.
        activation: As in ``activate``.
        name: Name of the convolution, and the beginning of the names of its groups.
        **options: As ``convolution`` takes them.

    Returns:
        Feature map, shape (batch, new height, new width, filters).
    """
    if groups == 1:
        return convolution(x, filters, kernel_size, activation=activation, name=name, **options)
    parts = []
    channels = x.shape[-1] // groups
    for group in range(groups):
        label = f"{name}_group{group + 1}"
        part = ChannelSlice(group * channels, (group + 1) * channels, name=f"{label}_channels")(x)
        parts.append(convolution(part, filters // groups, kernel_size, name=label, **options))
    return activate(layers.Concatenate(name=name)(parts), activation, name=f"{name}_activation")


def overlapping_pooling(x, name: str):
    """Max pooling 3×3 with stride 2 of a square feature map, its size rounded up as in Caffe.

    At an odd size all windows are inside, at an even size the last one reaches one pixel beyond the end.
    """
    padding = "valid" if x.shape[1] % 2 else "same"
    return layers.MaxPooling2D(pool_size=3, strides=2, padding=padding, name=name)(x)


def dense_head(x, units: Sequence[int], num_classes: int, *, dropout: float, activation, kernel_initializer):
    """Turns the last feature map into class probabilities: dense layers with dropout, then softmax.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        units: Widths of the dense layers ``dense6``, ``dense7`` … (five convolutions come before them).
        num_classes: Number of classes.
        dropout: Share of the values that a training step leaves out after each dense layer, in [0, 1).
        activation: As in ``activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.

    Returns:
        float32, shape (batch, num_classes), rows sum to 1, whatever the precision policy.
    """
    x = layers.Flatten(name="flatten")(x)
    for number, width in enumerate(units, start=6):
        initializer = own_initializer(kernel_initializer)
        x = layers.Dense(width, kernel_initializer=initializer, name=f"dense{number}")(x)
        x = activate(x, activation, name=f"dense{number}_activation")
        x = layers.Dropout(dropout, name=f"dense{number}_dropout")(x)
    return classifier(x, num_classes, kernel_initializer)


def check_square(input_shape, num_classes: int) -> None:
    """Raises ValueError when a network of five convolutions cannot be built for these arguments."""
    check_input_shape(input_shape, minimum_size=64)
    if input_shape[0] != input_shape[1]:
        raise ValueError(f"`input_shape` must be that of square images. Received: {input_shape}")
    check_num_classes(num_classes)
