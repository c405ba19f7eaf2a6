"""Keras to LiteRT, as a process: ``python -m fer.inference.conversion SOURCE DESTINATION int8 emotion``."""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fer.models.loading import load_file
from fer.models.network import Network

TOLERANCES = {"float32": 1e-3, "float16": 0.02, "int8": 0.1}
"""Precisions of the weights, and how far a value may be from the Keras model's, see ``difference``."""

SAMPLES = 8


def convert(source: Path, destination: Path, precision: str, outputs: Sequence[str]) -> None:
    """Writes the LiteRT form of a Keras model and checks it against the model.

    Args:
        source: The Keras model file.
        destination: The LiteRT file.
        precision: Of the weights, one of ``TOLERANCES``.
        outputs: Names of the outputs, which become one vector in this order. A single one needs no name.

    Raises:
        ValueError: Values differ by more than the tolerance from the Keras model's in float32.
    """
    import keras
    import tensorflow as tf

    from fer.models.finishing import in_float32

    model = in_float32(load_file(source))
    if isinstance(model.output, dict):
        vectors = [model.output[name] for name in outputs]
        model = keras.Model(model.inputs, keras.layers.Concatenate(name="outputs")(vectors))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if precision == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    weights = converter.convert()
    network = Network(weights)
    images = np.random.default_rng(0).random((SAMPLES, *model.input_shape[1:]), dtype=np.float32)
    given, wanted = np.stack([network(image) for image in images]), model.predict(images, verbose=0)
    largest = difference(given, wanted)
    if not largest <= TOLERANCES[precision]:
        raise ValueError(f"The values of the converted model differ by {largest:.2g}.")
    destination.write_bytes(weights)


def difference(given: np.ndarray, wanted: np.ndarray) -> float:
    """Returns the largest difference between what two forms of a model give.

    Args:
        given, wanted: Probabilities, shape (images, classes); or x, y, width and height of boxes and their
            scores, shape (images, predictions, 4 + classes), where pixels count in longer sides of the box.
    """
    scale = np.ones_like(wanted)
    if wanted.ndim == 3:
        scale[..., :4] = np.maximum(wanted[..., 2:4].max(axis=-1, keepdims=True), 1)
    return float((np.abs(given - wanted) / scale).max())


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4:])
