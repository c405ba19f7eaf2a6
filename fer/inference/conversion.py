"""Keras to LiteRT, as a process: ``python -m fer.inference.conversion model.keras model.tflite``."""

import re
import sys
from pathlib import Path

import numpy as np

from fer.inference.network import Network

TOLERANCE = 1e-3
SAMPLES = 8


def convert(source: Path, destination: Path) -> None:
    """Writes the LiteRT form of a Keras model and checks it against the model.

    Args:
        source: The Keras model file.
        destination: The LiteRT file.

    Raises:
        ValueError: Probabilities differ by more than ``TOLERANCE`` from the Keras model's in float32.
    """
    import keras
    import tensorflow as tf

    model = _in_float32(keras.saving.load_model(source, compile=False))
    weights = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    network = Network(weights)
    images = np.random.default_rng(0).random((SAMPLES, *model.input_shape[1:]), dtype=np.float32)
    given, wanted = np.stack([network(image) for image in images]), model.predict(images, verbose=0)
    difference = np.abs(given - wanted).max()
    if not difference <= TOLERANCE:
        raise ValueError(f"The probabilities of the converted model differ by {difference:.2g}.")
    destination.write_bytes(weights)


def _in_float32(model):
    """Returns the same network without mixed precision, which LiteRT does not compute on a CPU."""
    import keras

    configuration = re.sub(r'"mixed_b?float16"', '"float32"', model.to_json())
    copy = keras.models.model_from_json(configuration)
    copy.set_weights(model.get_weights())
    return copy


if __name__ == "__main__":
    convert(*map(Path, sys.argv[1:]))
