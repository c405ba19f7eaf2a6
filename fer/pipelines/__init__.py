"""From a FaceDataset to the batches that ``fit``, ``evaluate`` and ``predict`` take."""

from fer.pipelines.augmentation import PRESETS, augment
from fer.pipelines.batches import FaceBatches, evaluation_batches, train_batches
from fer.pipelines.fast_generator import FastImageDataGenerator, ImageDataGenerator
from fer.pipelines.in_graph import RandomAugmentation, in_graph_augmentation
from fer.pipelines.noise import random_noise

__all__ = [
    "PRESETS",
    "FaceBatches",
    "FastImageDataGenerator",
    "ImageDataGenerator",
    "RandomAugmentation",
    "augment",
    "evaluation_batches",
    "in_graph_augmentation",
    "random_noise",
    "train_batches",
]
