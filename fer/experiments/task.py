"""Task: a training and its data, where an experiment has several."""

from dataclasses import dataclass

from fer.datasets import FaceDataset
from fer.training import TrainingConfig


@dataclass(frozen=True, eq=False)
class Task:
    """A training and its data.

    Attributes:
        config: What to train.
        dataset: The data.
    """

    config: TrainingConfig
    dataset: FaceDataset
