"""What a worker process does: train the runs that it is given.

This module imports no Keras, so that a worker is quiet before TensorFlow prints its page of messages.
"""

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from fer import kernel
from fer.datasets import FaceDataset

if TYPE_CHECKING:
    from fer.training import Run, TrainingConfig


def start(dataset: FaceDataset, runs: Path) -> None:
    """Prepares this process.

    Args:
        dataset: The data of all its runs.
        runs: Folder of all runs.
    """
    global _dataset, _runs
    _dataset, _runs = dataset, runs
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, which ends the workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    kernel.device_report()


def train(config: "TrainingConfig") -> "Run":
    """Trains a run in this process with the data that it was started with."""
    from fer import training

    return training.train(config, _dataset, runs=_runs, progress=False)


def train_elsewhere(config: str, dataset: FaceDataset) -> tuple[str, dict[str, bytes]]:
    """Trains on a machine of a cluster and returns the name and the files of the run.

    Args:
        config: ``TrainingConfig.to_json()``.
        dataset: The data.
    """
    from fer import training

    runs = Path(tempfile.gettempdir()) / "fer-runs"
    run = training.train(training.TrainingConfig.from_json(config), dataset, runs=runs, progress=False)
    files = {path.name: path.read_bytes() for path in run.folder.iterdir() if not path.name.startswith(".")}
    shutil.rmtree(run.folder)
    return run.id, files


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its workers to end."""
    multiprocessing.parent_process().join()
    os._exit(1)
