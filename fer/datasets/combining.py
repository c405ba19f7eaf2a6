"""Data sets made of others: other splits, two joined, labels spoilt on purpose."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from fer.datasets import duplicates
from fer.datasets.base import FaceDataset


def with_splits(dataset: FaceDataset, splits: Mapping[str, str]) -> FaceDataset:
    """Returns a data set whose images go to other splits.

    Args:
        dataset: The data.
        splits: New split by old one; a split that is not named is kept.

    Example:
        >>> fer32 = with_splits(fer2013, {"validation": "train", "test": "validation"})
    """
    return replace(
        dataset, table=dataset.table.assign(split=dataset.table["split"].astype(str).replace(splits))
    )


def join(auxiliary: FaceDataset, target: FaceDataset, image_size: int, channels: int) -> FaceDataset:
    """Adds the training images of one data set to those of another.

    Args:
        auxiliary: Its train split is added, as far as the target has the emotion; the rest is in ``skipped``.
        target: Its emotions and its other splits are those of the result.
        image_size: Height and width of the images of the result in pixels.
        channels: 1 for gray, 3 for RGB.

    Returns:
        The joined data set, in memory. The column ``dataset`` of its table says where an image is from.
    """
    training = auxiliary.split("train")
    known = training.table["emotion"].isin(target.emotions).to_numpy()
    others = pd.DataFrame(
        {"source": np.flatnonzero(~known).astype(str), "reason": f"no emotion of {target.name}"}
    )
    parts = [training.take(known), target]
    images = np.concatenate([part.arrays(image_size, channels)[0] for part in parts])
    table = pd.concat([part.table.assign(dataset=part.name) for part in parts], ignore_index=True)
    return FaceDataset(
        f"{auxiliary.name} and {target.name}",
        target.emotions,
        table.astype({"emotion": str, "split": str}).drop(columns="path", errors="ignore"),
        images[..., 0] if channels == 1 else images,
        skipped=pd.concat([target.skipped, others], ignore_index=True),
    )


def without_copies(dataset: FaceDataset, other: FaceDataset) -> FaceDataset:
    """Leaves out the images that are, pixel for pixel, in another data set; they are in ``skipped``.

    What is trained on the one and judged on the other would otherwise have seen what it is judged on.
    """
    theirs = {duplicates.digest(other.image(row)) for row in range(len(other))}
    copies = np.array(
        [duplicates.digest(dataset.image(row)) in theirs for row in range(len(dataset))], dtype=bool
    )
    if not copies.any():
        return dataset
    skipped = pd.DataFrame({"source": np.flatnonzero(copies).astype(str), "reason": f"also in {other.name}"})
    return replace(dataset.take(~copies), skipped=pd.concat([dataset.skipped, skipped], ignore_index=True))


def mislabel(dataset: FaceDataset, share: float, seed: int = 0) -> FaceDataset:
    """Gives a share of the training images a wrong label, drawn from the other emotions.

    Args:
        dataset: The data; its other splits are left as they are.
        share: Share of the training images, 0…1.
        seed: Seed of the draw.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"`share` must be in 0…1. Received: {share!r}")
    random = np.random.default_rng(seed)
    training = np.flatnonzero(dataset.table["split"] == "train")
    wrong = random.permutation(training)[: round(share * len(training))]
    labels = dataset.labels
    labels[wrong] += random.integers(1, len(dataset.emotions), size=len(wrong))
    emotions = np.array(dataset.emotions, dtype=object)[labels % len(dataset.emotions)]
    return replace(dataset, table=dataset.table.assign(emotion=emotions))
