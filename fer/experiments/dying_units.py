"""Dead units on the way of a training: how many there are after each epoch, layer by layer."""

from collections.abc import Sequence

import pandas as pd

from fer import pipelines
from fer.datasets import FaceDataset
from fer.evaluation.activity import unit_activity
from fer.experiments.along_training import along_training
from fer.training import TrainingConfig


def activity_over_training(
    config: TrainingConfig, dataset: FaceDataset, *, epochs: Sequence[int], images: int = 256
) -> pd.DataFrame:
    """Trains a network and measures on the way which of its units work.

    The training leaves no run behind. One that diverges ends early, and so do the rows.

    Args:
        config: What to train.
        dataset: The data, with training and validation split.
        epochs: After which epochs to measure; 0 is before any training.
        images: Number of training images to measure on, not augmented, the same at every measurement.

    Returns:
        Rows epoch × activation layer: ``epoch``, the columns of ``unit_activity``, ``images`` (their number),
        and of that epoch ``loss``, ``accuracy``, ``val_loss`` and ``val_accuracy`` as in ``Run.history``.

    Example:
        >>> configs = {name: config.replace(activation=name) for name in ("relu", "elu")}
        >>> frames = [
        ...     activity_over_training(config, faces, epochs=range(11)).assign(activation=name)
        ...     for name, config in configs.items()
        ... ]
        >>> plotting.unit_deaths(pd.concat(frames))
    """
    sample = dataset.split("train").subset(images)
    batches = pipelines.evaluation_batches(sample, config.image_size, config.channels, len(sample))
    inputs = batches[0][0]
    return along_training(
        config, dataset, epochs, lambda model: unit_activity(model, inputs).assign(images=len(sample))
    )
