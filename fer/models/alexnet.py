"""AlexNet: five convolutions and three dense layers.

Source: Krizhevsky, Sutskever, Hinton (2012), "ImageNet classification with deep convolutional neural
networks"; details as in Caffe's replication ``bvlc_alexnet``, so that its weights mean the same here.
"""

from functools import partial

import keras

from fer.models import caffe
from fer.models.blocks import scaled
from fer.models.classic import check_square, dense_head, grouped_convolution, overlapping_pooling
from fer.models.custom_layers import LocalResponseNormalization

IMAGENET = caffe.Origin(
    file="bvlc_alexnet.caffemodel",
    url="http://dl.caffe.berkeleyvision.org/bvlc_alexnet.caffemodel",
    means=(104.007, 116.669, 122.679),
    needs="grouped=True, width_multiplier=1.0 and images of 227×227 pixels",
)


def alexnet(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    grouped: bool = False,
    width_multiplier: float = 1.0,
    activation="relu",
    kernel_initializer="he_normal",
    dropout: float = 0.5,
    weights: str | None = None,
) -> keras.Model:
    """Builds AlexNet, with local response normalization and overlapping max pooling.

    The normalization has the constants of ``bvlc_alexnet``: k = 1 and alpha = 1e-4 for the mean over five
    channels, where the paper has k = 2 and alpha = 1e-4 for their sum. It is made for pixels of 0…255: of
    images in 0…1 a new network normalizes next to nothing.

    Args:
        input_shape: Height and width (equal, in pixels, at least 64; the paper's network has 227) and
            channels. Images are float32 in 0…1.
        num_classes: Number of emotions.
        grouped: True divides the second, fourth and fifth convolution into two groups, each for one of the
            two GPUs of 2012.
        width_multiplier: Multiplies every number of filters and units.
        activation: Name of a Keras activation, "leaky_relu(0.01)", "prelu" or a layer: ``blocks.activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        dropout: Share of the values that a training step leaves out after the dense layers, in [0, 1).
        weights: "imagenet" starts from Caffe's weights, as ``caffe.load_weights`` says; None from random
            ones.

    Returns:
        A model from (batch, height, width, channels) to probabilities, float32, (batch, num_classes).

    Raises:
        FileNotFoundError: The file of the ImageNet weights is missing; the message says where to get it.
        ValueError: An argument is not as described, or the weights are not those of this network.

    Example:
        >>> alexnet((227, 227, 3), num_classes=1000, grouped=True).count_params()
        60965224
    """
    check_square(input_shape, num_classes)
    path = caffe.find(IMAGENET, weights)
    groups = 2 if grouped else 1

    def convolve(x, filters, kernel_size, groups, **options):
        filters = 2 * scaled(filters // 2, width_multiplier)  # always even: the next may be grouped
        return grouped_convolution(
            x,
            filters,
            kernel_size,
            groups=groups,
            activation=activation,
            kernel_initializer=kernel_initializer,
            batch_normalization=False,
            **options,
        )

    normalize = partial(LocalResponseNormalization, size=5, alpha=1e-4, beta=0.75, k=1.0)
    inputs = x = keras.Input(input_shape, name="image")
    if path:
        x = caffe.pixel_range(x, IMAGENET)
    x = convolve(x, 96, 11, 1, strides=4, padding="valid", name="conv1")
    x = overlapping_pooling(normalize(name="norm1")(x), name="pool1")
    x = convolve(x, 256, 5, groups, name="conv2")
    x = overlapping_pooling(normalize(name="norm2")(x), name="pool2")
    x = convolve(x, 384, 3, 1, name="conv3")
    x = convolve(x, 384, 3, groups, name="conv4")
    x = convolve(x, 256, 3, groups, name="conv5")
    x = overlapping_pooling(x, name="pool5")
    x = dense_head(
        x,
        [scaled(4096, width_multiplier)] * 2,
        num_classes,
        dropout=dropout,
        activation=activation,
        kernel_initializer=kernel_initializer,
    )
    model = keras.Model(inputs, x, name="alexnet")
    if path:
        caffe.load_weights(model, path, IMAGENET)
    return model
