"""The effective step: by what factor Adagrad and RMSProp multiply the gradients of a network that learns."""

from collections.abc import Collection, Mapping

import keras
import numpy as np
import pandas as pd

from fer import pipelines
from fer.datasets import FaceDataset
from fer.training import TrainingConfig, build_model

COLLECTED = {"Adagrad": "accumulator", "RMSprop": "velocity"}
"""How Keras names what an optimizer has collected of the squared gradients, by class of the optimizer."""


def effective_steps(
    configs: Mapping[str, TrainingConfig], dataset: FaceDataset, steps: int, *, records: int = 80
) -> pd.DataFrame:
    """Trains a network with each configuration and records the effective step while it learns.

    The runs are short and made for this record: they are not kept, and their epochs do not count.

    Args:
        configs: Configurations by name, with the optimizer "adagrad" or "rmsprop".
        dataset: Its training split is learned.
        steps: Batches to train.
        records: Number of steps to record, spread evenly over the logarithm of the step.

    Returns:
        The rows of ``EffectiveStep``, with the name in the column name.

    Raises:
        ValueError: A configuration has another optimizer.
    """
    recorded = np.unique(np.geomspace(1, steps, records).round().astype(int))
    frames = []
    for name, config in configs.items():
        batches = pipelines.train_batches(
            dataset.split("train"),
            config.image_size,
            config.channels,
            config.batch_size,
            augmentation=config.augmentation,
            engine=config.engine,
            seed=config.seed,
            steps_per_epoch=steps,
        )
        model = build_model(config, len(dataset.emotions), steps)
        recorder = EffectiveStep(recorded)
        model.fit(batches, shuffle=False, callbacks=[recorder], verbose=0)
        frames.append(recorder.frame.assign(name=name))
    return pd.concat(frames, ignore_index=True)


def decay_exponents(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns the p for which a quantity goes as stepᵖ, fitted over the second half of a logarithmic axis.

    −0.5 is the fall as one over the root of the number of steps, 0 is no fall.

    Args:
        frame: Result of ``effective_steps``.

    Returns:
        A row a name; columns: median (of the effective step) and update_rms.
    """
    rows = {}
    for name, arm in frame.groupby("name", sort=False):
        late = arm[arm["step"] >= np.sqrt(arm["step"].max())]
        logarithms = np.log(late[["median", "update_rms"]])
        rows[name] = np.polyfit(np.log(late["step"]), logarithms, deg=1)[0]
    return pd.DataFrame.from_dict(rows, orient="index", columns=["median", "update_rms"])


class EffectiveStep(keras.callbacks.Callback):
    """Records the effective step of all weights of a model: learning rate / √(collected + ε).

    That is the factor that the optimizer multiplies the gradient by. Collected is, as Keras holds it, the
    accumulator of Adagrad, the sum of all squared gradients, or the velocity of RMSProp, their exponential
    moving average.

    Args:
        steps: Numbers of the steps to record, from 1.
    """

    def __init__(self, steps: Collection[int]):
        super().__init__()
        self._steps = set(steps)
        self._step = 0
        self._rows = []

    @property
    def frame(self) -> pd.DataFrame:
        """One row a recorded step.

        Columns: step, learning_rate, the quantiles 5 % (low), 50 % (median) and 95 % (high) of the effective
        step over all weights, and update_rms, the root mean square of the change of a weight in that step.
        """
        return pd.DataFrame(self._rows)

    def on_train_begin(self, logs=None):
        optimizer = type(self.model.optimizer).__name__
        if optimizer not in COLLECTED:
            raise ValueError(f"The optimizer must be one of {list(COLLECTED)}. Received: {optimizer!r}")
        self._collected = COLLECTED[optimizer]

    def on_train_batch_begin(self, batch, logs=None):
        self._step += 1
        if self._step in self._steps:
            self._before = _flat(self.model.trainable_variables)

    def on_train_batch_end(self, batch, logs=None):
        if self._step not in self._steps:
            return
        optimizer = self.model.optimizer
        learning_rate = float(optimizer.learning_rate)
        collected = _flat(
            [variable for variable in optimizer.variables if variable.name.endswith(self._collected)]
        )
        effective = learning_rate / np.sqrt(collected + optimizer.epsilon)
        low, median, high = np.quantile(effective, [0.05, 0.5, 0.95])
        update = _flat(self.model.trainable_variables) - self._before
        self._rows.append(
            {
                "step": self._step,
                "learning_rate": learning_rate,
                "low": low,
                "median": median,
                "high": high,
                "update_rms": np.sqrt(np.mean(update**2)),
            }
        )


def _flat(variables: Collection[keras.Variable]) -> np.ndarray:
    """Returns all numbers of some variables in one float64 array."""
    return np.concatenate([keras.ops.convert_to_numpy(variable).ravel() for variable in variables]).astype(
        float
    )
