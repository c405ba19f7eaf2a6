"""Run: the training of a classifier on disk, finished or on its way."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from fer.evaluation import Metrics, evaluate
from fer.files import atomic_write
from fer.training.config import TrainingConfig
from fer.training.stored_run import StoredRun


@dataclass(frozen=True)
class Run(StoredRun):
    """The training of a classifier; beside the files of every run it has ``predictions-<split>.npz``."""

    config: TrainingConfig
    config_type: ClassVar = TrainingConfig
    quantities: ClassVar = ("loss", "accuracy")

    @classmethod
    def best(cls, rows: list[dict[str, float]]) -> dict[str, float]:
        """The epoch with the highest validation accuracy; among equals the one with the lowest loss."""
        return max(rows, key=lambda row: (row["val_accuracy"], -row["val_loss"]))

    @property
    def is_complete(self) -> bool:
        """Whether there is nothing left to train: the run diverged, or finished and was evaluated."""
        return self.status == "diverged" or self.has_evaluated("validation")

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

    def write_predictions(self, split: str, probabilities: np.ndarray, labels: np.ndarray) -> None:
        """Adds the metrics of a split to metrics.json and writes its predictions.

        The predictions come last: where they are, the split has been evaluated.
        """
        metrics = self.metrics
        metrics["splits"][split] = evaluate(probabilities, labels, tuple(metrics["emotions"])).to_dict()
        self.write_json("metrics.json", metrics)
        with atomic_write(self._predictions_path(split)) as temporary:
            np.savez_compressed(temporary, probabilities=probabilities, labels=labels)

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
