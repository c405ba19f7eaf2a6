"""Dead units on the way of a training: how many there are after each epoch, layer by layer."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from fer import pipelines, training
from fer.datasets import FaceDataset
from fer.evaluation.activity import unit_activity
from fer.training import TrainingConfig


class ActivityPath(keras.callbacks.Callback):
    """Measures the activity of all units as a training goes.

    Args:
        images: float32, shape (n, height, width, channels), range 0…1: the same at every measurement.
        epochs: After which epochs to measure; 0 is before any training.

    Attributes:
        frames: One frame of ``unit_activity`` a measurement, and with it the column ``epoch``.
    """

    def __init__(self, images: np.ndarray, epochs: Sequence[int]):
        super().__init__()
        self.frames = []
        self._images = images
        self._epochs = epochs

    def on_train_begin(self, logs=None):
        self._measure(0)

    def on_epoch_end(self, epoch, logs=None):
        self._measure(epoch + 1)

    def _measure(self, epoch: int) -> None:
        if epoch in self._epochs:
            self.frames.append(unit_activity(self.model, self._images).assign(epoch=epoch))


def activity_over_training(
    config: TrainingConfig, dataset: FaceDataset, *, epochs: Sequence[int], images: int = 256
) -> pd.DataFrame:
    """Trains a network and measures on the way which of its units work.

    The training leaves no run behind. One that diverges ends early, and so do the rows.

    Args:
        config: What to train.
        dataset: The data, with training and validation split.
        epochs: After which epochs to measure; 0 is before any training.
        images: Number of training images to measure on, not augmented, the same at every measurement.

    Returns:
        Rows epoch × activation layer: ``epoch``, the columns of ``unit_activity``, ``images`` (their number),
        and of that epoch ``loss``, ``accuracy``, ``val_loss`` and ``val_accuracy`` as in ``Run.history``.

    Example:
        >>> configs = {name: config.replace(activation=name) for name in ("relu", "elu")}
        >>> frames = [
        ...     activity_over_training(config, faces, epochs=range(11)).assign(activation=name)
        ...     for name, config in configs.items()
        ... ]
        >>> plotting.unit_deaths(pd.concat(frames))
    """
    sample = dataset.split("train").subset(images)
    batches = pipelines.evaluation_batches(sample, config.image_size, config.channels, len(sample))
    path = ActivityPath(batches[0][0], epochs)
    with tempfile.TemporaryDirectory() as folder:
        run = training.train(config, dataset, runs=Path(folder), progress=False, callbacks=[path])
        history = run.history.drop(columns=["seconds", "learning_rate"])
    frame = pd.concat(path.frames, ignore_index=True).assign(images=len(sample))
    return frame[["epoch", *frame.columns.drop("epoch")]].merge(history, on="epoch")
