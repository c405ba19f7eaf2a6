"""Training: a configuration in, a run out; resumable, recorded, selected on validation data.

Keras is imported when a training is asked for, not before: a configuration is made in a moment.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from fer.training.config import TrainingConfig
from fer.training.detection_config import DetectionConfig

if TYPE_CHECKING:
    from fer.training.compiled import build_model
    from fer.training.detection import train_detector
    from fer.training.detection_run import DetectionRun
    from fer.training.run import Run, list_runs, seconds_an_epoch
    from fer.training.trainer import evaluate, load_data, train

__all__ = [
    "DetectionConfig",
    "DetectionRun",
    "Run",
    "TrainingConfig",
    "build_model",
    "evaluate",
    "list_runs",
    "load_data",
    "seconds_an_epoch",
    "train",
    "train_detector",
]

_MODULES = {
    "Run": "run",
    "list_runs": "run",
    "seconds_an_epoch": "run",
    "build_model": "compiled",
    "evaluate": "trainer",
    "load_data": "trainer",
    "train": "trainer",
    "DetectionRun": "detection_run",
    "train_detector": "detection",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(f"fer.training.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
