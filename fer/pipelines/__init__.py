"""From a FaceDataset to the batches that ``fit``, ``evaluate`` and ``predict`` take."""

from fer.pipelines.augmentation import PRESETS, augment, augmenter, random_noise
from fer.pipelines.batches import FaceBatches, evaluation_batches, train_batches

__all__ = [
    "PRESETS",
    "FaceBatches",
    "augment",
    "augmenter",
    "evaluation_batches",
    "random_noise",
    "train_batches",
]
