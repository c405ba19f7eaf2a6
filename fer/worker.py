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
from fer.files import atomic_write

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


def train_elsewhere(
    config: str, dataset: FaceDataset, pretrained: dict[str, bytes] | None = None
) -> tuple[str, dict[str, bytes]]:
    """Trains on a machine of a cluster and returns the name and the files of the run.

    Args:
        config: ``TrainingConfig.to_json()``.
        dataset: The data.
        pretrained: The files of the run that the configuration names, if it names one.
    """
    from fer import training

    chosen = training.TrainingConfig.from_json(config)
    runs = Path(tempfile.gettempdir()) / "fer-runs"
    if pretrained is not None:
        unpack(runs / chosen.pretrained, pretrained)
    run = training.train(chosen, dataset, runs=runs, progress=False)
    files = pack(run.folder)
    shutil.rmtree(run.folder)
    return run.id, files


def pack(folder: Path) -> dict[str, bytes]:
    """Returns the files of a run by their names."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")}


def unpack(folder: Path, files: dict[str, bytes]) -> None:
    """Writes a run; metrics and predictions, which make it a complete one, come last."""
    for file in sorted(files, key=lambda file: (file.startswith("predictions"), file == "metrics.json")):
        with atomic_write(folder / file) as temporary:
            temporary.write_bytes(files[file])


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its workers to end."""
    multiprocessing.parent_process().join()
    os._exit(1)
