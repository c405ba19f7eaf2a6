"""VGG-CNN-M-2048: AlexNet with smaller kernels, a smaller first stride and more filters.

Source: Chatfield, Simonyan, Vedaldi, Zisserman (2014), "Return of the devil in the details: delving deep into
convolutional nets", arXiv:1405.3531, table 1.
"""

from functools import partial

import keras
from keras import layers

from fer.models import caffe
from fer.models.blocks import convolution, scaled
from fer.models.classic import check_square, dense_head, overlapping_pooling
from fer.models.custom_layers import LocalResponseNormalization

IMAGENET = caffe.Origin(
    file="VGG_CNN_M_2048.caffemodel",
    url="http://www.robots.ox.ac.uk/~vgg/software/deep_eval/releases/bvlc/VGG_CNN_M_2048.caffemodel",
    means=(103.939, 116.779, 123.68),
    needs="width_multiplier=1.0 and images of 224×224 pixels",
)


def vgg_cnn(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    width_multiplier: float = 1.0,
    activation="relu",
    kernel_initializer="he_normal",
    dropout: float = 0.5,
    weights: str | None = None,
) -> keras.Model:
    """Builds VGG-CNN-M-2048, with local response normalization and overlapping max pooling.

    The normalization has the constants of the published model, which are the paper's of AlexNet: k = 2 and
    alpha = 1e-4 for the sum over five channels. It is made for pixels of 0…255: of images in 0…1 a new
    network normalizes next to nothing.

    Args:
        input_shape: Height and width (equal, in pixels, at least 64; the paper's network has 224) and
            channels. Images are float32 in 0…1.
        num_classes: Number of emotions.
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
        >>> vgg_cnn((224, 224, 3), num_classes=1000).get_layer("dense7").units
        2048
    """
    check_square(input_shape, num_classes)
    path = caffe.find(IMAGENET, weights)

    def convolve(x, filters, kernel_size, **options):
        return convolution(
            x,
            scaled(filters, width_multiplier),
            kernel_size,
            activation=activation,
            kernel_initializer=kernel_initializer,
            batch_normalization=False,
            **options,
        )

    normalize = partial(LocalResponseNormalization, size=5, alpha=5e-4, beta=0.75, k=2.0)
    inputs = x = keras.Input(input_shape, name="image")
    if path:
        x = caffe.pixel_range(x, IMAGENET)
    x = convolve(x, 96, 7, strides=2, padding="valid", name="conv1")
    x = overlapping_pooling(normalize(name="norm1")(x), name="pool1")
    x = layers.ZeroPadding2D(1, name="conv2_pad")(x)
    x = convolve(x, 256, 5, strides=2, padding="valid", name="conv2")
    x = overlapping_pooling(normalize(name="norm2")(x), name="pool2")
    for name in ("conv3", "conv4", "conv5"):
        x = convolve(x, 512, 3, name=name)
    x = overlapping_pooling(x, name="pool5")
    x = dense_head(
        x,
        [scaled(4096, width_multiplier), scaled(2048, width_multiplier)],
        num_classes,
        dropout=dropout,
        activation=activation,
        kernel_initializer=kernel_initializer,
    )
    model = keras.Model(inputs, x, name="vgg_cnn")
    if path:
        caffe.load_weights(model, path, IMAGENET)
    return model
