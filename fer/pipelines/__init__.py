"""From a FaceDataset to the batches that ``fit``, ``evaluate`` and ``predict`` take."""

from fer.pipelines.augmentation import PRESETS, augment
from fer.pipelines.batches import FaceBatches, evaluation_batches, train_batches
from fer.pipelines.fast_generator import FastImageDataGenerator
from fer.pipelines.noise import random_noise

__all__ = [
    "PRESETS",
    "FaceBatches",
    "FastImageDataGenerator",
    "augment",
    "evaluation_batches",
    "random_noise",
    "train_batches",
]
