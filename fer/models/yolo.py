"""YOLOv3 on MobileNetV2: a picture in, boxes with scores out, at three scales in one pass.

Source: Redmon and Farhadi (2018), "YOLOv3: an incremental improvement", arXiv:1804.02767. Its 3×3
convolutions are depthwise separable here, as MobileNetV2's (arXiv:1801.04381) are.
"""

import keras
import numpy as np
from keras import layers

from fer.models.blocks import convolution, own_initializer, scaled
from fer.models.custom_layers import DetectionOutput, NearestUpsampling
from fer.models.mobilenet import FEATURES, depthwise_convolution, mobilenet_v2
from fer.models.yolo_boxes import ANCHORS_PER_SCALE, BOX_AND_OBJECTNESS, STRIDES, check_anchors

FILTERS = {8: 32, 16: 64, 32: 128}
"""Filters of the 1×1 convolutions of each stride's detection block; its 3×3 ones have twice as many."""

OBJECT_SHARE = 0.01
"""Objectness of an untrained network: nearly all places of a picture are empty. Without it the first steps
would do nothing but unlearn objects everywhere (Lin et al. 2017, arXiv:1708.02002, section 3.3)."""


def yolov3(
    input_shape: tuple[int, int, int],
    num_classes: int,
    *,
    width_multiplier: float = 1.0,
    head_multiplier: float = 1.0,
    activation="relu6",
    kernel_initializer="glorot_uniform",
) -> keras.Model:
    """Builds the detector as it is trained; ``with_boxes`` makes of it the one that is used.

    MobileNetV2's feature maps of strides 32, 16 and 8 each go through a detection block. What a block has
    seen is enlarged and joined to the next finer map, so that small faces are told with the knowledge of the
    whole picture.

    Args:
        input_shape: Height and width (pixels, multiples of 32) and channels. Images are float32 in 0…1.
        num_classes: Number of classes, at least 1.
        width_multiplier: Of MobileNetV2.
        head_multiplier: Multiplies the filters of the detection blocks, ``FILTERS``.
        activation: Name of a Keras activation, "leaky_relu(0.1)", "prelu" or a layer: ``blocks.activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.

    Returns:
        A model from (batch, height, width, channels) to float32, (batch, predictions, 5 + num_classes): t_x,
        t_y, t_w, t_h, logit of the objectness, logits of the classes. There are three predictions a cell,
        those of stride 8 first, row by row, as in ``yolo_boxes.grid``.

    Raises:
        ValueError: ``input_shape`` or ``num_classes`` is not as described.

    Example:
        >>> model = yolov3((416, 416, 3), num_classes=1, width_multiplier=0.5)
        >>> model.output_shape
        (None, 10647, 6)
    """
    if len(input_shape) != 3 or any(not side or side % STRIDES[-1] for side in input_shape[:2]):
        raise ValueError(
            f"`input_shape` must be (height, width, channels), both sides multiples of {STRIDES[-1]} pixels. "
            f"Received: {input_shape}"
        )
    if num_classes < 1:
        raise ValueError(f"`num_classes` must be at least 1. Received: {num_classes}")
    common = {"activation": activation, "kernel_initializer": kernel_initializer}
    backbone = mobilenet_v2(input_shape, 0, width_multiplier=width_multiplier, head=None, **common)
    outputs, seen = {}, None
    for stride in reversed(STRIDES):
        name, filters = f"stride{stride}", scaled(FILTERS[stride], head_multiplier)
        x = backbone.get_layer(FEATURES[stride]).output
        if seen is not None:
            seen = convolution(seen, filters, 1, **common, name=f"{name}_bridge")
            seen = NearestUpsampling(x.shape[1:3], name=f"{name}_upsample")(seen)
            x = layers.Concatenate(name=f"{name}_concatenate")([seen, x])
        seen = detection_block(x, filters, **common, name=name)
        outputs[stride] = _predictions(seen, filters, num_classes, **common, name=name)
    joined = layers.Concatenate(axis=1, dtype="float32", name="predictions")([outputs[s] for s in STRIDES])
    model = keras.Model(backbone.input, joined, name="yolov3")
    for stride in STRIDES:
        bias = np.zeros((ANCHORS_PER_SCALE, BOX_AND_OBJECTNESS + num_classes))
        bias[:, BOX_AND_OBJECTNESS - 1] = np.log(OBJECT_SHARE / (1 - OBJECT_SHARE))
        model.get_layer(f"stride{stride}_output").bias.assign(bias.ravel())
    return model


def detection_block(x, filters: int, *, activation, kernel_initializer, name: str):
    """Five convolutions, 1×1 and separable 3×3 in turn: the first three of width ``filters``, 1×1.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Filters of the 1×1 convolutions; the separable ones have twice as many.
        activation: As in ``activate``.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        name: Beginning of the names of the layers.

    Returns:
        Feature map, shape (batch, height, width, filters).
    """
    common = {"activation": activation, "kernel_initializer": kernel_initializer}
    x = convolution(x, filters, 1, **common, name=f"{name}_conv1")
    for pair in (1, 2):
        x = separable_convolution(x, 2 * filters, **common, name=f"{name}_conv{2 * pair}")
        x = convolution(x, filters, 1, **common, name=f"{name}_conv{2 * pair + 1}")
    return x


def separable_convolution(x, filters: int, *, activation, kernel_initializer, name: str):
    """A 3×3 convolution of each channel by itself, then a 1×1 convolution over the channels.

    Args:
        x: Feature map, shape (batch, height, width, channels).
        filters: Number of output channels.
        activation: As in ``activate``; follows both.
        kernel_initializer: Name of a Keras initializer, or an initializer.
        name: Beginning of the names of the layers.
    """
    common = {"activation": activation, "kernel_initializer": kernel_initializer}
    x = depthwise_convolution(x, **common, name=f"{name}_depthwise")
    return convolution(x, filters, 1, **common, name=name)


def with_boxes(model: keras.Model, anchors: np.ndarray) -> keras.Model:
    """Returns the model that is used: its last layer gives boxes and scores in place of what was learned.

    Args:
        model: As ``yolov3`` gives it.
        anchors: Those it was trained with, see ``yolo_boxes.grid``.

    Returns:
        A model that gives float32, (batch, predictions, 4 + num_classes): x and y of the top left corner,
        width and height in pixels of the input, and the score of each class, 0…1. Overlapping boxes are all
        there: ``yolo_answers.best_boxes`` keeps the best.
    """
    anchors = check_anchors(anchors)
    output = DetectionOutput(model.input_shape[1:3], anchors.tolist(), dtype="float32", name="boxes")
    return keras.Model(model.input, output(model.output), name=model.name)


def _predictions(x, filters: int, num_classes: int, *, activation, kernel_initializer, name: str):
    """Gives raw predictions of one scale, shape (batch, height · width · 3, 5 + num_classes), float32."""
    common = {"activation": activation, "kernel_initializer": kernel_initializer}
    values = BOX_AND_OBJECTNESS + num_classes
    x = separable_convolution(x, 2 * filters, **common, name=f"{name}_conv6")
    x = layers.Conv2D(
        ANCHORS_PER_SCALE * values,
        1,
        kernel_initializer=own_initializer(kernel_initializer),
        dtype="float32",
        name=f"{name}_output",
    )(x)
    return layers.Reshape((-1, values), dtype="float32", name=f"{name}_predictions")(x)
