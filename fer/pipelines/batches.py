"""Batches of face images and labels."""

from collections.abc import Callable

import numpy as np

from fer import images as image_files
from fer.datasets.base import FaceDataset
from fer.pipelines.augmentation import augment, check_known
from fer.pipelines.epochs import EpochBatches
from fer.pipelines.erasing import random_erasing


def train_batches(
    dataset: FaceDataset,
    image_size: int,
    channels: int,
    batch_size: int,
    *,
    augmentation: str = "source",
    seed: int = 0,
    steps_per_epoch: int | None = None,
    engine: str = "fast",
    soft_labels: bool = False,
    erasing: float = 0.0,
    teacher: Callable[[np.ndarray], np.ndarray] | None = None,
    teacher_weight: float = 0.0,
) -> "FaceBatches":
    """Returns shuffled and augmented batches for ``fit``. Arguments are those of ``FaceBatches``.

    Example:
        >>> batches = train_batches(faces.split("train"), image_size=48, channels=1, batch_size=64)
        >>> model.fit(batches, epochs=5, shuffle=False)
    """
    return FaceBatches(
        dataset,
        image_size,
        channels,
        batch_size,
        shuffle=True,
        augmentation=augmentation,
        seed=seed,
        steps_per_epoch=steps_per_epoch,
        engine=engine,
        soft_labels=soft_labels,
        erasing=erasing,
        teacher=teacher,
        teacher_weight=teacher_weight,
    )


def evaluation_batches(
    dataset: FaceDataset, image_size: int, channels: int, batch_size: int
) -> "FaceBatches":
    """Returns batches in the order of the data set, so that predictions line up with ``dataset.labels``."""
    return FaceBatches(dataset, image_size, channels, batch_size)


class FaceBatches(EpochBatches):
    """Batches of a FaceDataset, read and converted as they are asked for; see ``EpochBatches``.

    Args:
        dataset: The images; at least one.
        image_size: Height and width in pixels.
        channels: 1 for gray, 3 for RGB.
        batch_size: Number of images; the last batch may have fewer.
        shuffle: Whether every epoch has an order of its own.
        augmentation: One of ``fer.pipelines.PRESETS``.
        seed: Decides order and augmentation.
        steps_per_epoch: Number of batches that count as an epoch: the images go on pass after pass, each in
            an order of its own, however many epochs a pass lasts. None for one pass an epoch.
        engine: "fast", or "keras" for the stock ImageDataGenerator; with "graph" the training step augments,
            and the batches do not.
        soft_labels: Whether to give the data set's soft labels in place of one-hot labels.
        erasing: Share of the images of which ``random_erasing`` fills a rectangle.
        teacher: Takes a batch of augmented images, before any is erased, and gives their probabilities.
        teacher_weight: Share of the teacher's probabilities in the labels, 0…1.

    Each batch is a tuple: images, float32, (batch_size, image_size, image_size, channels), range 0…1, and
    labels, float32, (batch_size, number of emotions), rows sum to 1.

    Raises:
        ValueError: The data set is empty, has no soft labels, or an argument is not as described.
    """

    def __init__(
        self,
        dataset: FaceDataset,
        image_size: int,
        channels: int,
        batch_size: int,
        *,
        shuffle: bool = False,
        augmentation: str = "none",
        seed: int = 0,
        steps_per_epoch: int | None = None,
        engine: str = "fast",
        soft_labels: bool = False,
        erasing: float = 0.0,
        teacher: Callable[[np.ndarray], np.ndarray] | None = None,
        teacher_weight: float = 0.0,
    ):
        # Two threads augment while the network trains. With one, Keras leaves the reading to tf.data and its
        # autotuning, which in TensorFlow 2.21 can hold the start of an epoch up for seconds. Without
        # augmentation a batch is ready at once, and two threads would only add 0.2 s of idling an epoch.
        augments_here = augmentation != "none" and engine != "graph"
        _check_arguments(dataset, image_size, channels, batch_size, soft_labels)
        check_known(augmentation, engine)
        super().__init__(
            len(dataset),
            batch_size,
            shuffle=shuffle,
            seed=seed,
            steps_per_epoch=steps_per_epoch,
            workers=2 if augments_here or erasing or teacher else 1,
        )
        self.dataset = dataset
        self.image_size = image_size
        self.channels = channels
        self.augmentation = augmentation if augments_here else "none"
        self.engine = engine
        self.erasing = erasing
        self.teacher = teacher
        self.teacher_weight = np.float32(teacher_weight)
        one_hot = np.eye(len(dataset.emotions), dtype=np.float32)
        self._labels = dataset.soft_labels if soft_labels else one_hot[dataset.labels]

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows, random = self.draw(index)
        images, labels = self._images(rows), self._labels[rows]
        if self.augmentation == "none":
            images = images * np.float32(1 / 255)
        else:
            images = augment(images, random, self.augmentation, self.engine)
        if self.teacher:
            labels = labels + self.teacher_weight * (self.teacher(images) - labels)
        if self.erasing:
            random_erasing(images, random, self.erasing)
        return images, labels

    def _images(self, rows: np.ndarray) -> np.ndarray:
        stored, size = self.dataset.images, self.image_size
        if stored is not None and stored.shape[1:] == (size, size) and self.channels == 1:
            return stored[rows, ..., None]
        images = (self.dataset.image(row) for row in rows)
        return np.stack([image_files.convert(image, size, self.channels) for image in images])


def _check_arguments(
    dataset: FaceDataset, image_size: int, channels: int, batch_size: int, soft_labels: bool
):
    if len(dataset) == 0:
        raise ValueError(
            f"`dataset` has no images: {dataset.name!r} has none in the split that was asked for. "
            f"Received: {dataset!r}"
        )
    if image_size < 1:
        raise ValueError(f"`image_size` must be a positive number of pixels. Received: {image_size!r}")
    if channels not in (1, 3):
        raise ValueError(f"`channels` must be 1 (gray) or 3 (RGB). Received: {channels!r}")
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be a positive integer. Received: {batch_size!r}")
    if soft_labels and dataset.soft_labels is None:
        raise ValueError(f"`soft_labels` asks for what the data set does not have. Received: {dataset!r}")
