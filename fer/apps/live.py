"""LiveCurve: the callback that lets others watch a training and stop it."""

import math
import threading
import time
from collections.abc import Callable

import keras
import pandas as pd
from tqdm import tqdm

from fer.training import Run

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")
IMAGES_IN_A_POINT = 200
"""With fewer a curve jumps more than it tells: the standard error of an accuracy of 0.5 is 0.035 here."""
SECONDS_BETWEEN_REPORTS = 0.5
REPORTING_SHARE = 0.15
"""At most this share of the time goes into reports, however long one takes."""


class LiveCurve(keras.callbacks.Callback):
    """Keeps the curve of a training, reports it now and then, and stops the training on request.

    A point is the mean over the batches since the point before: at least ``IMAGES_IN_A_POINT`` images, or the
    whole epoch. A run that goes on continues its curve after its last whole epoch.

    Args:
        run: What is trained.
        curve: The curve so far, columns ``COLUMNS``; without rows for a new run.
        stopping: Once it is set, the training stops at the next batch.
        report: Takes the curve and a line of text: progress, means of the epoch, images/s and the time left.
    """

    def __init__(
        self,
        run: Run,
        curve: pd.DataFrame,
        stopping: threading.Event,
        report: Callable[[pd.DataFrame, str], None],
    ):
        super().__init__()
        self._run = run
        self._rows = curve.to_dict("records")
        self._stopping = stopping
        self._report = report
        self._next_report = 0.0
        self._trained = 0

    def on_train_begin(self, logs=None):
        history = self._run.history
        whole_epochs = history["epoch"].max()
        self._rows = [row for row in self._rows if row["epoch"] <= whole_epochs]
        self._rows = self._rows or history[list(COLUMNS)].to_dict("records")
        self._left = self.params["steps"] * (self.params["epochs"] - whole_epochs)

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch
        self._steps = self._steps_at_point = 0
        self._sums_at_point = {"loss": 0.0, "accuracy": 0.0}

    def on_train_batch_end(self, batch, logs=None):
        if self._stopping.is_set():
            self.model.stop_training = True
        self._steps += 1
        self._trained += 1
        self._means = {metric: float(logs[metric]) for metric in self._sums_at_point}
        if self._trained == 1:  # tracing the network took most of it
            self._first_step_ended = time.perf_counter()
        enough = math.ceil(IMAGES_IN_A_POINT / self._run.config.batch_size)
        if min(self._steps - self._steps_at_point, self.params["steps"] - self._steps) >= enough:
            self._add_point()
        self._send_if_due()

    def on_epoch_end(self, epoch, logs=None):
        if self._steps > self._steps_at_point:
            self._add_point()
        self._rows[-1] |= {name: float(logs[name]) for name in ("val_loss", "val_accuracy")}
        self._send_if_due()

    def on_train_end(self, logs=None):
        if self._trained:  # not so for a run that died after its last epoch
            self._send()

    def _add_point(self) -> None:
        """Keras gives the mean since the epoch began; two of them give the mean of the batches between."""
        row = {"epoch": self._epoch + self._steps / self.params["steps"]}
        for metric, mean in self._means.items():
            total = mean * self._steps
            row[metric] = (total - self._sums_at_point[metric]) / (self._steps - self._steps_at_point)
            self._sums_at_point[metric] = total
        self._steps_at_point = self._steps
        self._rows.append(row)

    def _send_if_due(self) -> None:
        if time.perf_counter() >= self._next_report:
            self._send()

    def _send(self) -> None:
        began = time.perf_counter()
        self._report(pd.DataFrame(self._rows, columns=COLUMNS), self._line())
        took = time.perf_counter() - began
        self._next_report = began + max(SECONDS_BETWEEN_REPORTS, took / REPORTING_SHARE)

    def _line(self) -> str:
        line = (
            f"epoch {self._epoch + 1} of {self.params['epochs']} · "
            f"step {self._steps} of {self.params['steps']} · "
            f"loss {self._means['loss']:.3f} · accuracy {self._means['accuracy']:.3f}"
        )
        if self._trained > 1:
            rate = (self._trained - 1) / (time.perf_counter() - self._first_step_ended)
            left = tqdm.format_interval((self._left - self._trained) / rate)
            line += f" · {rate * self._run.config.batch_size:,.0f} images/s · {left} left"
        return line
