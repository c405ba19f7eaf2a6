"""From trained networks to the model that is given away."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np


def in_float32(model: keras.Model) -> keras.Model:
    """Returns the same network without mixed or half precision: as exact as its weights, on any machine."""
    return _converted(model, r'"(mixed_b?)?float16"', "float32")


def in_float16(model: keras.Model) -> keras.Model:
    """Returns a network in half precision, whose file has half the size; ``load_file`` undoes it.

    A weight keeps eleven binary digits, which changes it by a two-thousandth at most.

    Raises:
        ValueError: A weight is too large for half precision, 65,504.
    """
    copy = _converted(in_float32(model), '"float32"', "float16")
    if not all(np.isfinite(weight).all() for weight in copy.get_weights()):
        raise ValueError(f"`model` must have weights below 65,504. Received: {model.name}, with larger ones")
    return copy


def save(model: keras.Model, path: Path) -> None:
    """Writes the Keras file that is given away: in half precision, and compressed, which Keras reads, too.

    Raises:
        ValueError: A weight is too large for half precision.
    """
    keras.saving.save_model(in_float16(model), path)
    with zipfile.ZipFile(path) as archive:
        parts = {entry: archive.read(entry) for entry in archive.infolist()}
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in parts.items():
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)


def _converted(model: keras.Model, pattern: str, precision: str) -> keras.Model:
    copy = keras.models.model_from_json(re.sub(pattern, f'"{precision}"', model.to_json()))
    copy.set_weights(model.get_weights())
    return copy


def with_temperature(model: keras.Model, temperature: float) -> keras.Model:
    """Returns a network whose logits are divided by a temperature.

    Args:
        model: A network of this package, which has a layer ``logits`` before its softmax.
        temperature: As ``fer.evaluation.calibration.fit_temperature`` gives it.
    """
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    logits = copy.get_layer("logits")
    logits.set_weights([weights / temperature for weights in logits.get_weights()])
    return copy


def join(models: Mapping[str, keras.Model], name: str) -> keras.Model:
    """Returns one model that gives what several give for the same image.

    Args:
        models: Networks that take images of one shape, by the name of their output.
        name: Name of the model.

    Returns:
        A model from an image to a dict of outputs.
    """
    shapes = {model.input_shape[1:] for model in models.values()}
    if len(shapes) != 1:
        raise ValueError(f"`models` must take images of one shape. Received: {sorted(shapes)}")
    image = keras.Input(shapes.pop(), name="image")
    outputs = {}
    for output, model in models.items():
        part = keras.Model(model.inputs, model.outputs[0], name=output)
        outputs[output] = part(image)
    return keras.Model(image, outputs, name=name)
