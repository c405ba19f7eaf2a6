"""StoredRun: the folder of a training, of whatever network."""

import fcntl
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

import pandas as pd

from fer import paths
from fer.files import atomic_write
from fer.models.loading import load_file
from fer.training.base_config import Config


@dataclass(frozen=True)
class StoredRun(ABC):
    """One training in its own folder, named by the hash of its configuration and data.

    Files: ``config.json``, ``environment.json``, ``history.csv``, ``model.keras`` (weights of the best
    validation epoch, without optimizer), ``state.npz`` (where to go on; only while unfinished) and
    ``metrics.json``. Every file is written whole or not at all.

    Attributes:
        folder: Where the files are.
        config: What was trained.
        config_type: Class of ``config``.
        quantities: What is measured in every epoch, on the training split and, as ``val_…``, on validation.
    """

    folder: Path
    config: Config
    config_type: ClassVar[type[Config]]
    quantities: ClassVar[Sequence[str]]

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Returns the run in a folder.

        Raises:
            FileNotFoundError: The folder holds no run.
            ValueError: The folder holds a run of another kind.
        """
        path = Path(folder) / "config.json"
        if not path.is_file():
            raise FileNotFoundError(f"{folder} holds no training run: there is no config.json.")
        return cls(Path(folder), cls.config_type.from_json(path.read_text(encoding="utf-8")))

    @classmethod
    def find(cls, config: Config, dataset, runs: Path | None = None) -> Self:
        """Returns the run of a configuration on a data set, whether it has been trained or not.

        Args:
            config: What to train.
            dataset: The data; it has a ``fingerprint``.
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
    def history(self) -> pd.DataFrame:
        """One row an epoch; row 0 is before any training.

        Columns: epoch, seconds (since the row before), learning_rate, ``quantities`` of the training split
        (running mean over the augmented batches of the epoch; row 0: without augmentation), and those of
        validation. Empty before the first row.
        """
        path = self.folder / "history.csv"
        return pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=self.history_columns())

    @classmethod
    def history_columns(cls) -> list[str]:
        """Columns of ``history``."""
        validation = [f"val_{name}" for name in cls.quantities]
        return ["epoch", "seconds", "learning_rate", *cls.quantities, *validation]

    @classmethod
    @abstractmethod
    def best(cls, rows: list[dict[str, float]]) -> dict[str, float]:
        """Returns the row of the history whose model is kept."""

    @property
    def metrics(self) -> dict[str, Any]:
        """Content of metrics.json: status, best epoch and what was measured of the best model; or {}."""
        path = self.folder / "metrics.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    @cached_property
    def model(self):
        """The Keras model of the best validation epoch, not compiled."""
        return load_file(self.model_path)

    def write_json(self, name: str, content: dict[str, Any]) -> None:
        """Writes a JSON file into the folder."""
        with atomic_write(self.folder / name) as temporary:
            temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_history(self, rows: list[dict[str, float]]) -> None:
        """Writes history.csv."""
        with atomic_write(self.folder / "history.csv") as temporary:
            pd.DataFrame(rows).to_csv(temporary, index=False)

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
