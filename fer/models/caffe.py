"""Weights that were trained with Caffe, in the networks of this package.

Format: Caffe's ``caffe.proto`` in the wire format of Protocol Buffers, https://protobuf.dev/programming-guides/
encoding. OpenCV reads it too, but only together with a description of the network and not from version 5 on.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from fer import paths

CAFFE_NAMES = {"dense6": "fc6", "dense7": "fc7", "logits": "fc8"}
"""What Caffe calls the layers that have another name here."""


@dataclass(frozen=True)
class Origin:
    """Where the weights of a network come from and what they were trained for.

    Attributes:
        file: Name of the file in the folder ``imagenet`` of ``paths.data()``.
        url: Where to get it.
        means: Of blue, green and red in the training images, 0…255.
        needs: Arguments of the builder that make the network of these weights.
    """

    file: str
    url: str
    means: tuple[float, float, float]
    needs: str


def find(origin: Origin, weights: str | None) -> Path | None:
    """Returns the file that ``weights="imagenet"`` asks for, or None.

    Raises:
        FileNotFoundError: It is missing.
        ValueError: ``weights`` is something else.
    """
    if weights is None:
        return None
    if weights != "imagenet":
        raise ValueError(f'`weights` must be None or "imagenet". Received: {weights!r}')
    path = paths.data() / "imagenet" / origin.file
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is missing. Download {origin.url} and put it into the folder {path.parent}; it "
            f"fits {origin.needs}. Or start from random weights with weights=None."
        )
    return path


def pixel_range(x, origin: Origin):
    """Turns images of 0…1 into what Caffe trains with: 0…255 minus the means of the colours.

    Args:
        x: float32, shape (batch, height, width, 1 or 3), gray or RGB.
        origin: Gives the means; gray has the mean of the three.
    """
    means = origin.means[::-1] if x.shape[-1] == 3 else [sum(origin.means) / 3]
    offset = [-mean for mean in means]
    return layers.Rescaling(255.0, offset, dtype="float32", name="pixel_range")(x)


def load_weights(model: keras.Model, path: Path, origin: Origin) -> None:
    """Gives a network the weights of a ``.caffemodel`` file.

    Caffe's images are BGR: the first kernel is turned to RGB, or summed over the colours for gray images,
    which gives what the colour network gives for a gray image. The last layer keeps its random weights when
    the file has another number of classes.

    Args:
        model: ``alexnet`` or ``vgg_cnn`` that begins with ``pixel_range``.
        path: The file.
        origin: What the weights were trained for.

    Raises:
        ValueError: The file is damaged, or of another network than the model.
    """
    blobs = read(path)
    for name, parts in _weighted_layers(model).items():
        dense = isinstance(parts[0], layers.Dense)
        inputs = 3 if name == "conv1" else parts[0].kernel.shape[-2]
        filters = sum(part.kernel.shape[-1] for part in parts)
        wanted = (filters, inputs) if dense else (filters, inputs, *parts[0].kernel_size)
        kernel, bias = (*blobs.get(name, ()), np.empty(0), np.empty(0))[:2]
        if name == "fc8" and bias.size not in (0, filters):
            continue
        if kernel.shape[-len(wanted) :] != wanted or kernel.size != math.prod(wanted) or bias.size != filters:
            raise ValueError(
                f"{path} must hold {name} with a kernel of shape {wanted}. It is damaged or of another "
                f"network, or this is not its network, which needs {origin.needs}. Received: {kernel.shape}"
            )
        kernel, bias = kernel.reshape(wanted), bias.reshape(filters)
        if name == "conv1":
            kernel, bias = _colours(kernel, bias, model.input_shape[-1], origin)
        if name == "fc6":
            height, width, channels = model.get_layer("flatten").input.shape[1:]
            kernel = kernel.reshape(filters, channels, height, width).transpose(0, 2, 3, 1)
            kernel = kernel.reshape(filters, inputs)
        kernels = kernel.T if dense else kernel.transpose(2, 3, 1, 0)
        shares = (np.split(values, len(parts), axis=-1) for values in (kernels, bias))
        for part, *values in zip(parts, *shares, strict=True):
            part.set_weights(values)


def read(path: Path) -> dict[str, list[np.ndarray]]:
    """Returns the blobs of a ``.caffemodel`` file by the name of their layer, float32.

    Raises:
        ValueError: The file is damaged.
    """
    try:
        network = _message(memoryview(path.read_bytes()))
        found = {}
        for layers_field, name, blobs in ((2, 4, 6), (100, 1, 7)):  # V1LayerParameter, LayerParameter
            for layer in map(_message, network.get(layers_field, [])):
                arrays = [_blob(_message(blob)) for blob in layer.get(blobs, [])]
                found[bytes(layer[name][0]).decode()] = arrays
        return found
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(f"{path} is damaged, or no Caffe model: get it again.") from error


def _weighted_layers(model: keras.Model) -> dict[str, list[layers.Layer]]:
    """The layers with weights, the groups of one convolution together, by Caffe's name."""
    weighted = {}
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.Dense):
            name = layer.name.split("_group")[0]
            weighted.setdefault(CAFFE_NAMES.get(name, name), []).append(layer)
    return weighted


def _colours(kernel: np.ndarray, bias: np.ndarray, channels: int, origin: Origin):
    """The first kernel, shape (filters, 3, height, width), BGR, for RGB or gray images, and its bias."""
    if channels == 3:
        return kernel[:, ::-1], bias
    # A gray image lost the mean of the three means. The first convolution has no padding, so that the rest is
    # the same at every place and belongs to the bias.
    rest = np.mean(origin.means) - origin.means
    bias = bias + (kernel.sum(axis=(2, 3)) @ rest).astype(np.float32)
    return kernel.sum(axis=1, keepdims=True), bias


def _message(content: memoryview) -> dict[int, list]:
    """Returns the values of a message by the number of their field: integers, or bytes."""
    fields, position = {}, 0
    while position < len(content):
        key, position = _integer(content, position)
        number, wire_type = key >> 3, key & 7
        if wire_type == 0:
            value, position = _integer(content, position)
        else:
            if wire_type == 2:
                size, position = _integer(content, position)
            else:
                size = {1: 8, 5: 4}[wire_type]
            value = content[position : position + size]
            if len(value) < size:
                raise ValueError("The message ends too early.")
            position += size
        fields.setdefault(number, []).append(value)
    return fields


def _integer(content: memoryview, position: int) -> tuple[int, int]:
    """Returns the variable-length integer at a position, seven bits a byte, and the position behind it."""
    value = shift = 0
    while True:
        byte = content[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position


def _blob(fields: dict[int, list]) -> np.ndarray:
    """The array of a BlobProto; one without ``shape`` has num, channels, height and width."""
    shape = []
    if 7 in fields:
        sizes, position = _message(fields[7][0])[1][0], 0
        while position < len(sizes):
            size, position = _integer(sizes, position)
            shape.append(size)
    else:
        shape = [fields[number][0] for number in (1, 2, 3, 4)]
    return np.frombuffer(fields[5][0], "<f4").reshape(shape)
