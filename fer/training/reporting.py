"""What a training tells while it runs, and the environment it ran in."""

import logging
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version

import keras
from tqdm import tqdm

from fer import kernel

logger = logging.getLogger(__name__)

PACKAGES = ("fer-laboratory", "tensorflow", "keras", "numpy", "opencv-python", "scipy")


class ProgressBar(keras.callbacks.Callback):
    """One line over all epochs with a time estimate, as plain text, which a saved notebook shows too.

    Args:
        name: Of the run.
        epochs: All of them.
        steps_per_epoch: Batches in an epoch.
        epoch: Those that are finished.
        quantity: What is shown of each epoch.
    """

    def __init__(self, name: str, epochs: int, steps_per_epoch: int, epoch: int, quantity: str):
        super().__init__()
        self.quantity = quantity
        self.bar = tqdm(
            desc=f"run {name}",
            total=epochs * steps_per_epoch,
            initial=epoch * steps_per_epoch,
            unit="batch",
            file=sys.stdout,
            mininterval=0.5,
            dynamic_ncols=False,
            ncols=110,
        )

    def on_train_batch_end(self, batch, logs=None):
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        self.bar.set_postfix_str(
            f"epoch {epoch + 1}, {self.quantity} {logs[self.quantity]:.3f}, "
            f"validation {logs[f'val_{self.quantity}']:.3f}"
        )

    def on_train_end(self, logs=None):
        self.bar.close()


def environment(precision: str, fingerprint: str) -> dict:
    """Returns what environment.json says: machine, packages, data, time of the start."""
    report = asdict(kernel.device_report(precision))
    del report["reason"]
    return report | {
        "data_fingerprint": fingerprint,
        "packages": {name: version(name) for name in PACKAGES},
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def say(text: str, progress: bool) -> None:
    """Logs a text, and prints it where progress is shown."""
    logger.info(text)
    if progress:
        tqdm.write(text, file=sys.stdout)
