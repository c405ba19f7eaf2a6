"""Layers that Keras does not have. Importing this module registers them, so that Keras opens their files."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops

from fer.models import yolo_boxes


@keras.saving.register_keras_serializable(package="fer")
class LocalResponseNormalization(layers.Layer):
    """Divides each value by what its neighbours in the channels have at the same place.

    y = x / (k + alpha / size · Σ x²)^beta, where the sum goes over the ``size`` channels around the own one,
    fewer at the first and the last. This is Caffe's form; that of Krizhevsky, Sutskever, Hinton (2012),
    "ImageNet classification with deep convolutional neural networks", section 3.3, has alpha in place of
    alpha / size. It works in float32 whatever the precision policy.

    Args:
        size: Number of channels in the sum, odd.
        alpha: Weight of the mean square.
        beta: Exponent.
        k: What is there without any response.

    Example:
        >>> LocalResponseNormalization(size=5, alpha=5e-4, beta=0.75, k=2.0)(x)  # the paper's constants
    """

    def __init__(self, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0, **options):
        super().__init__(**options)
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def call(self, x):
        values = ops.cast(x, "float32")
        # A matrix product takes a fifth of the time of adding shifted copies, exp(log) half of that of power.
        distances = np.subtract.outer(np.arange(x.shape[-1]), np.arange(x.shape[-1]))
        neighbours = (abs(distances) <= self.size // 2).astype("float32")
        sums = ops.matmul(ops.square(values), neighbours)
        scale = ops.exp(-self.beta * ops.log(self.k + self.alpha / self.size * sums))
        return ops.cast(values * scale, x.dtype)

    def get_config(self):
        own = {"size": self.size, "alpha": self.alpha, "beta": self.beta, "k": self.k}
        return super().get_config() | own


@keras.saving.register_keras_serializable(package="fer")
class LeakyReLU(layers.LeakyReLU):
    """Keras's Leaky ReLU, x or slope · x where x is below zero, without TensorFlow's operation for it.

    TensorFlow 2.21 tries to fuse that operation with the bias of a convolution, fails in the gradient, and
    prints an error message that means nothing to a reader.
    """

    def call(self, x):
        steeper = ops.maximum if self.negative_slope <= 1 else ops.minimum
        return steeper(x, self.negative_slope * x)


@keras.saving.register_keras_serializable(package="fer")
class ChannelSlice(layers.Layer):
    """Gives the channels ``start:stop:step`` of its input, as Python counts them.

    Example:
        >>> ChannelSlice(step=-1)(rgb)  # BGR
    """

    def __init__(self, start: int | None = None, stop: int | None = None, step: int | None = None, **options):
        super().__init__(**options)
        self.start, self.stop, self.step = start, stop, step

    def call(self, x):
        return x[..., self.start : self.stop : self.step]

    def get_config(self):
        return super().get_config() | {"start": self.start, "stop": self.stop, "step": self.step}


@keras.saving.register_keras_serializable(package="fer")
class NearestUpsampling(layers.Layer):
    """Enlarges feature maps to a height and width by copying values.

    Keras's ``UpSampling2D`` would do, but oneDNN complains of its gradient on some processors, and
    ``Resizing`` would switch all that follows it to training whenever a model is called as ``model(x)``.

    Args:
        size: Height and width of the result.
    """

    def __init__(self, size: Sequence[int], **options):
        super().__init__(**options)
        self.size = tuple(size)

    def call(self, x):
        return ops.image.resize(x, self.size, interpolation="nearest", data_format="channels_last")

    def get_config(self):
        return super().get_config() | {"size": self.size}


@keras.saving.register_keras_serializable(package="fer")
class DetectionOutput(layers.Layer):
    """Turns the predictions of ``fer.models.yolo.yolov3`` into boxes and scores.

    Args:
        image_size: Height and width of the network's input in pixels.
        anchors: Widths and heights in pixels, nine pairs; see ``yolo_boxes.grid``.
    """

    def __init__(self, image_size: Sequence[int], anchors: Sequence[Sequence[float]], **options):
        super().__init__(**options)
        self.image_size, self.anchors = tuple(image_size), anchors
        self._grid = yolo_boxes.grid(self.image_size, anchors)

    def call(self, predictions):
        return ops.concatenate(
            [yolo_boxes.decode(predictions, self._grid), yolo_boxes.scores(predictions)], axis=-1
        )

    def get_config(self):
        return super().get_config() | {"image_size": self.image_size, "anchors": self.anchors}
