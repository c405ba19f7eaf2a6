"""Training: TrainingConfig in, Run out; resumable, recorded, selected on validation data."""

from fer.training.config import TrainingConfig
from fer.training.run import Run, list_runs
from fer.training.trainer import build_model, evaluate, load_data, train

__all__ = ["Run", "TrainingConfig", "build_model", "evaluate", "list_runs", "load_data", "train"]
