"""Any network of ``keras.applications`` as a backbone, with the weights of ImageNet if they are wanted."""

import inspect
import sys
import traceback
from pathlib import Path

import keras
import numpy as np
from keras import layers

from fer.models.blocks import (
    BATCH_NORMALIZATION_MOMENTUM,
    check_input_shape,
    check_num_classes,
    classifier,
)
from fer.models.custom_layers import ChannelSlice


def application(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    backbone: str = "MobileNetV2",
    weights: str | None = None,
    activation="relu",
    kernel_initializer="glorot_uniform",
    dropout: float = 0.2,
) -> keras.Model:
    """Builds a backbone of keras.applications, global average pooling and softmax.

    The layers of the backbone lie flat in the network, under the names that Keras gives them. The network
    begins with what the backbone's ``preprocess_input`` does, so that its images are in 0…1 as everywhere.
    Batch normalization has the momentum of the other networks: with MobileNetV2's own 0.999 some 5000 steps
    would be judged with the statistics of the start.

    Args:
        input_shape: Height and width (pixels, at least 32; some backbones want more) and channels. Images are
            float32 in 0…1; gray ones are repeated in three channels.
        num_classes: Number of emotions.
        backbone: Name of a network of keras.applications, such as "EfficientNetV2B0", "ResNet50" or "VGG16".
        weights: "imagenet" starts from the weights that Keras offers, and downloads them once; None from
            random ones.
        activation: Must be "relu", as every configuration has it: a backbone has its own activations.
        kernel_initializer: Of the last layer, a name or an initializer: a backbone has its own initializers.
        dropout: Share of the features that a training step leaves out before the last layer, in [0, 1).

    Returns:
        A model from (batch, height, width, channels) to probabilities, float32, (batch, num_classes).

    Raises:
        FileNotFoundError: The weights could not be downloaded; the message says which file belongs where.
        ValueError: An argument is not as described, or the file of the weights is damaged.

    Example:
        >>> model = application((96, 96, 1), num_classes=7, backbone="MobileNetV2")
        >>> model.get_layer("Conv_1").filters
        1280
    """
    check_input_shape(input_shape, minimum_size=32)
    check_num_classes(num_classes)
    if input_shape[2] not in (1, 3):
        raise ValueError(f"`input_shape` must have one or three channels. Received: {input_shape}")
    if backbone not in _backbones():
        raise ValueError(f"`backbone` must be one of {sorted(_backbones())}. Received: {backbone!r}")
    if weights not in (None, "imagenet"):
        raise ValueError(f'`weights` must be None or "imagenet". Received: {weights!r}')
    if activation != "relu":
        raise ValueError(
            f'`activation` must be "relu": a backbone keeps its own activations. Received: {activation!r}'
        )
    inputs = x = keras.Input(input_shape, name="image")
    if input_shape[2] == 1:
        x = layers.Concatenate(dtype="float32", name="rgb")([x, x, x])
    features = _features(x, backbone, weights)
    x = layers.GlobalAveragePooling2D(name="head_pool")(features)
    x = layers.Dropout(dropout, name="head_dropout")(x)
    return keras.Model(inputs, classifier(x, num_classes, kernel_initializer), name="application")


def _backbones() -> dict:
    return {name: value for name, value in vars(keras.applications).items() if inspect.isfunction(value)}


def _features(x, backbone: str, weights: str | None):
    """Returns the last feature map of a backbone for RGB images in 0…1."""
    build = _backbones()[backbone]
    x = _preprocess(x, sys.modules[build.__module__].preprocess_input)
    options = {"include_top": False, "input_tensor": x, "input_shape": x.shape[1:]}
    try:
        network = build(weights=weights, **options)
    except Exception as error:
        # Only Keras's own functions know which file they wanted from where.
        known = {}
        for frame, _ in traceback.walk_tb(error.__traceback__):
            known |= frame.f_locals
        if "download_target" in known:
            path = Path(known["download_target"])
            raise FileNotFoundError(
                f"The weights of {backbone} could not be downloaded ({error}). Put {known['origin']} into "
                f"the folder {path.parent}, under the name {path.name}; or start from random weights with "
                "weights=None."
            ) from error
        if "weights_path" in known:
            path = known["weights_path"]
            raise ValueError(f"{path} is damaged. Delete it, then it is downloaded again.") from error
        raise
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = BATCH_NORMALIZATION_MOMENTUM
    return network.output


def _preprocess(x, preprocess_input):
    """Does with RGB images in 0…1 what a backbone's own function does with those in 0…255.

    Each of these functions multiplies the colours, adds something to them and may turn them to BGR: black
    and the three pure colours tell which.
    """
    black = preprocess_input(np.zeros((1, 1, 3)))[0, 0]
    colors = np.stack([preprocess_input(color[None, None])[0, 0] for color in np.diag([255.0] * 3)]) - black
    if colors[0, 0] == 0:
        x = ChannelSlice(step=-1, dtype="float32", name="bgr")(x)
    scale = colors.sum(axis=0)
    return layers.Rescaling(scale.tolist(), black.tolist(), dtype="float32", name="pixel_range")(x)
