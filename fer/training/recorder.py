"""Recorder: the callback that writes a run to disk epoch by epoch, and takes it up again."""

import json
import math
import time
from collections.abc import Mapping
from typing import Any, Protocol

import keras
import numpy as np

from fer.files import atomic_write
from fer.training.stored_run import StoredRun
from fer.training.variables import values


class Trained(Protocol):
    """What is trained."""

    model: keras.Model
    inference: keras.Model
    variables: list[keras.Variable]


class Recorder(keras.callbacks.Callback):
    """Keeps history, best model and the state to resume from; stops a run whose loss is not a number.

    At the end of an epoch the state is written: every variable of the model and of the optimizer, the
    generators of dropout included, so that a resumed run is the uninterrupted one, and the weights of the
    best epoch so far.

    Args:
        run: Where to write.
        compiled: What is trained: ``model``, ``inference``, which is saved, and all their ``variables``.
        described: What metrics.json says from the beginning, such as the vocabulary of the outputs.
        steps_per_epoch: Batches in a whole epoch.
    """

    def __init__(self, run: StoredRun, compiled: Trained, described: Mapping[str, Any], steps_per_epoch: int):
        super().__init__()
        self.run = run
        self._described = described
        self.rows: list[dict[str, float]] = []
        self.diverged = False
        self._compiled = compiled
        self._steps_per_epoch = steps_per_epoch
        self._steps = 0
        self._best_weights: list[np.ndarray] = []
        self._clock = time.perf_counter()

    @property
    def epoch(self) -> int:
        """Number of finished epochs."""
        return len(self.rows) - 1

    def start(self, training: Mapping[str, float], validation: Mapping[str, float]) -> None:
        """Writes row 0 from what the untrained model has on both splits."""
        self._record(0, {**training, **{f"val_{name}": value for name, value in validation.items()}})

    def resume(self) -> bool:
        """Takes up the saved state, if there is one that can be read, and tells whether it did."""
        path = self.run.folder / "state.npz"
        if not path.is_file():
            return False
        with np.load(path) as state:
            self.rows = json.loads(str(state["rows"]))
            _assign(self._compiled.variables, _unpack("variable", state))
            self._best_weights = _unpack("best", state)
        self._clock = time.perf_counter()
        return True

    def on_epoch_begin(self, epoch, logs=None):
        self._steps = 0

    def on_train_batch_end(self, batch, logs=None):
        self._steps += 1
        if not math.isfinite(logs["loss"]):
            self._stop_diverged()

    def on_epoch_end(self, epoch, logs=None):
        if logs["loss"] > self.run.config.max_loss or not all(map(math.isfinite, logs.values())):
            self._stop_diverged()
        if not self.diverged and self._steps == self._steps_per_epoch:
            self._record(epoch + 1, logs)

    def finish(self) -> None:
        """Writes model and metrics, and removes the state, which a finished run no longer needs.

        The compiled model has the weights of the best epoch afterwards.
        A run that another callback stopped before its last epoch keeps its state and is not finished.
        """
        if not self.diverged and self.epoch < self.run.config.epochs:
            return
        metrics = {"status": "finished", **self._described, "splits": {}}
        metrics["best_epoch"] = int(self.run.best(self.rows)["epoch"])
        if self.diverged:
            metrics |= {"status": "diverged", "diverged_in_epoch": self.epoch + 1}
            metrics["learning_rate"] = self._learning_rate()
        inference = self._compiled.inference
        _assign(inference.variables, self._best_weights)
        with atomic_write(self.run.model_path) as temporary:
            inference.save(temporary)
        self.run.write_history(self.rows)  # a process may have died between the last state and its row
        self.run.write_json("metrics.json", metrics)
        (self.run.folder / "state.npz").unlink(missing_ok=True)

    def _record(self, epoch: int, logs: dict[str, float]) -> None:
        now = time.perf_counter()
        row = {"epoch": epoch, "seconds": now - self._clock, "learning_rate": self._learning_rate()}
        row |= {name: float(logs[name]) for name in self.run.history_columns() if name in logs}
        self._clock = now
        self.rows.append(row)
        if self.run.best(self.rows) is row:
            self._best_weights = values(self._compiled.inference.variables)
        state = {
            "rows": json.dumps(self.rows),
            **_pack("variable", values(self._compiled.variables)),
            **_pack("best", self._best_weights),
        }
        with atomic_write(self.run.folder / "state.npz") as temporary:
            np.savez(temporary, **state)
        self.run.write_history(self.rows)

    def _learning_rate(self) -> float:
        return float(keras.ops.convert_to_numpy(self._compiled.model.optimizer.learning_rate))

    def _stop_diverged(self) -> None:
        self.diverged = True
        self._compiled.model.stop_training = True


def _pack(name: str, arrays: list[np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{name}_{index}": array for index, array in enumerate(arrays)}


def _unpack(name: str, state: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    return [state[f"{name}_{index}"] for index in range(sum(key.startswith(f"{name}_") for key in state))]


def _assign(variables: list[keras.Variable], arrays: list[np.ndarray]) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
