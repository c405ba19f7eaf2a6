"""Run: a training on disk, finished or on its way."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fer import paths
from fer.datasets import FaceDataset
from fer.evaluation import Metrics, evaluate
from fer.files import atomic_write
from fer.models.loading import load_file
from fer.training.config import TrainingConfig

HISTORY_COLUMNS = ["epoch", "seconds", "learning_rate", "loss", "accuracy", "val_loss", "val_accuracy"]


@dataclass(frozen=True)
class Run:
    """One training in its own folder, named by the hash of its configuration and data.

    Files: ``config.json``, ``environment.json``, ``history.csv``, ``model.keras`` (weights of the best
    validation epoch, without optimizer), ``state.npz`` (where to go on; only while unfinished),
    ``predictions-<split>.npz`` and ``metrics.json``. Every file is written whole or not at all.

    Attributes:
        folder: Where the files are.
        config: What was trained.
    """

    folder: Path
    config: TrainingConfig

    @classmethod
    def open(cls, folder: Path | str) -> "Run":
        """Returns the run in a folder.

        Raises:
            FileNotFoundError: The folder holds no run.
        """
        path = Path(folder) / "config.json"
        if not path.is_file():
            raise FileNotFoundError(f"{folder} holds no training run: there is no config.json.")
        return cls(Path(folder), TrainingConfig.from_json(path.read_text(encoding="utf-8")))

    @classmethod
    def find(cls, config: TrainingConfig, dataset: FaceDataset, runs: Path | None = None) -> "Run":
        """Returns the run of a configuration on a data set, whether it has been trained or not.

        Args:
            config: What to train.
            dataset: The data.
            runs: Folder of all runs; ``fer.paths.runs()`` if None.
        """
        return cls((runs or paths.runs()) / config.run_id(dataset.fingerprint), config)

    @property
    def id(self) -> str:
        """The hash that names the run."""
        return self.folder.name

    @property
    def model_path(self) -> Path:
        """The model of the best validation epoch."""
        return self.folder / "model.keras"

    @property
    def status(self) -> str:
        """ "new", "interrupted", "finished" or "diverged"."""
        if metrics := self.metrics:
            return metrics["status"]
        return "interrupted" if (self.folder / "state.npz").exists() else "new"

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to train: the run diverged, or finished and was evaluated."""
        return self.status == "diverged" or self.has_evaluated("validation")

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch; row 0 is before any training.

        Columns: epoch, seconds (since the row before), learning_rate, loss and accuracy on the training
        split (running mean over the augmented batches of the epoch; row 0: without augmentation), val_loss,
        val_accuracy. Empty before the first row.
        """
        path = self.folder / "history.csv"
        return pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=HISTORY_COLUMNS)

    @property
    def metrics(self) -> dict[str, Any]:
        """Content of metrics.json: status, best epoch, metrics of each evaluated split; or {}."""
        path = self.folder / "metrics.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    @cached_property
    def model(self):
        """The Keras model of the best validation epoch, not compiled."""
        return load_file(self.model_path)

    def predictions(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns probabilities (float32, (n, classes)) and labels (int64, (n,)) of an evaluated split.

        Raises:
            FileNotFoundError: The split has not been evaluated.
        """
        path = self._predictions_path(split)
        if not path.is_file():
            raise FileNotFoundError(
                f"Run {self.id} has not been evaluated on its {split} split. "
                f"Call fer.training.evaluate(run, dataset, {split!r})."
            )
        with np.load(path) as file:
            return file["probabilities"], file["labels"]

    def evaluation(self, split: str) -> Metrics:
        """Returns the metrics of an evaluated split."""
        probabilities, labels = self.predictions(split)
        return evaluate(probabilities, labels, tuple(self.metrics["emotions"]))

    def has_evaluated(self, split: str) -> bool:
        """Tells whether a split has been predicted with the best model."""
        return self._predictions_path(split).is_file()

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Writes a JSON file into the folder."""
        with atomic_write(self.folder / name) as temporary:
            temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_history(self, rows: list[dict[str, float]]) -> None:
        """Writes history.csv."""
        with atomic_write(self.folder / "history.csv") as temporary:
            pd.DataFrame(rows).to_csv(temporary, index=False)

    def write_predictions(self, split: str, probabilities: np.ndarray, labels: np.ndarray) -> None:
        """Adds the metrics of a split to metrics.json and writes its predictions.

        The predictions come last: where they are, the split has been evaluated.
        """
        metrics = self.metrics
        metrics["splits"][split] = evaluate(probabilities, labels, tuple(metrics["emotions"])).to_dict()
        self.write_json("metrics.json", metrics)
        with atomic_write(self._predictions_path(split)) as temporary:
            np.savez_compressed(temporary, probabilities=probabilities, labels=labels)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps a second process from training the same run at the same time.

        Raises:
            RuntimeError: Another process holds the lock. It is free as soon as that process ends.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RuntimeError(
                    f"Run {self.id} is being trained by another process or notebook. "
                    "Wait for it, or stop it there."
                ) from error
            yield

    def _predictions_path(self, split: str) -> Path:
        return self.folder / f"predictions-{split}.npz"


def list_runs(root: Path) -> list[Run]:
    """Returns all runs below a folder, oldest first."""
    configs = sorted(root.glob("*/config.json"), key=lambda path: path.stat().st_mtime)
    return [Run.open(path.parent) for path in configs]


def seconds_an_epoch(history: pd.DataFrame) -> float:
    """Returns the median time of an epoch; the first, which may compile the training step, does not count.

    Args:
        history: As ``Run.history`` has it.
    """
    seconds = history["seconds"]
    return float(seconds.iloc[min(2, len(seconds) - 1) :].median())
