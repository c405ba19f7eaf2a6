"""Probabilities of a whole data set."""

import keras
import numpy as np

from fer.pipelines.batches import FaceBatches


def predict(model: keras.Model, batches: FaceBatches) -> np.ndarray:
    """Returns the class probabilities of all images, in the order of the data set.

    Args:
        model: Gives probabilities.
        batches: From ``evaluation_batches``. One batch at a time is in memory.

    Returns:
        float32, shape (n, number of classes).

    Raises:
        ValueError: ``batches`` are shuffled, so that the rows would not line up with the labels.
    """
    if batches.shuffle:
        raise ValueError("`batches` must keep the order of the data set. Received: shuffled batches")
    return np.asarray(model.predict(batches, verbose=0), dtype=np.float32)
