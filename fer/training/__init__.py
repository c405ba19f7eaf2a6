"""Training: TrainingConfig in, Run out; resumable, recorded, selected on validation data."""

from fer.training.compiled import build_model
from fer.training.config import TrainingConfig
from fer.training.run import Run, list_runs, seconds_an_epoch
from fer.training.trainer import evaluate, load_data, train

__all__ = [
    "Run",
    "TrainingConfig",
    "build_model",
    "evaluate",
    "list_runs",
    "load_data",
    "seconds_an_epoch",
    "train",
]
