"""Measurements of a network while it is trained."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import pandas as pd

from fer import training
from fer.datasets import FaceDataset
from fer.training import TrainingConfig


def along_training(
    config: TrainingConfig,
    dataset: FaceDataset,
    epochs: Sequence[int],
    measure: Callable[[keras.Model], pd.DataFrame],
) -> pd.DataFrame:
    """Trains a network and measures it on the way.

    The training leaves no run behind. One that diverges ends early, and so do the rows.

    Args:
        config: What to train.
        dataset: The data, with training and validation split.
        epochs: After which epochs to measure; 0 is before any training.
        measure: Takes the network as it is then, and leaves it so.

    Returns:
        The rows of all measurements: ``epoch``, the columns of ``measure``, and of that epoch ``loss``,
        ``accuracy``, ``val_loss`` and ``val_accuracy`` as in ``Run.history``.
    """
    measurements = _Measurements(epochs, measure)
    with tempfile.TemporaryDirectory() as folder:
        run = training.train(config, dataset, runs=Path(folder), progress=False, callbacks=[measurements])
        history = run.history.drop(columns=["seconds", "learning_rate"])
    frame = pd.concat(measurements.frames, names=["epoch"]).reset_index("epoch")
    return frame.merge(history, on="epoch")


class _Measurements(keras.callbacks.Callback):
    """Keeps one frame a measurement, by epoch."""

    def __init__(self, epochs: Sequence[int], measure: Callable[[keras.Model], pd.DataFrame]):
        super().__init__()
        self.frames: dict[int, pd.DataFrame] = {}
        self._epochs = epochs
        self._measure = measure

    def on_train_begin(self, logs=None):
        self._after(0)

    def on_epoch_end(self, epoch, logs=None):
        self._after(epoch + 1)

    def _after(self, epoch: int) -> None:
        if epoch in self._epochs:
            self.frames[epoch] = self._measure(self.model)
