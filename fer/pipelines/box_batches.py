"""Batches of photos and the boxes of their faces, for a detector."""

from collections.abc import Sequence

import numpy as np

from fer import images as image_files
from fer.datasets.boxes import BOX, BoxDataset
from fer.pipelines.box_augmentation import (
    MOSAIC_SIDES,
    Sample,
    flip,
    mosaic,
    move,
    random_color,
    random_damage,
    random_placement,
    shrink,
    visible,
)
from fer.pipelines.epochs import EpochBatches
from fer.pipelines.pasting import Crop, cut_out, paste

BOX_PRESETS = ("none", "mosaic")
"""Augmentations: none; or random placement or mosaic, mirroring, colour, damage, and pasted faces."""

CACHE_BYTES = 1536 * 2**20
"""Photos are kept in memory until they have this many bytes."""

FACE, IGNORED, PADDING = 1, -1, 0
"""States of a box; the last where there is none."""

LEAST_CROP = 32
"""Least longest side in pixels of the faces that are cut out to be pasted."""


class BoxBatches(EpochBatches):
    """Batches of a BoxDataset, read and augmented as they are asked for; see ``EpochBatches``.

    Args:
        dataset: The photos; at least one.
        image_size: Height and width in pixels; or several, of which each batch takes one at random.
        batch_size: Number of photos; the last batch may have fewer.
        shuffle: Whether every epoch has an order of its own.
        augmentation: One of ``BOX_PRESETS``; with "none", a photo is fitted into the square.
        seed: Decides order and augmentation.
        steps_per_epoch: Number of batches that count as an epoch; None for one pass an epoch.
        max_boxes: Largest number of boxes of an image: small faces are left out first, ignored ones before.
        mosaic: Share of the images that are mosaics of four or nine photos, where augmentation is "mosaic".
        paste: Share of those images that other faces are pasted into.
        cache: Whether to keep photos in memory, as many as ``CACHE_BYTES`` hold.

    Each batch is a tuple: images, float32, (batch_size, image_size, image_size, 3), range 0…1; and truth,
    float32, (batch_size, max_boxes, 6): x, y, width, height in pixels of the image, class number, and state,
    1 for a face, -1 for one to be ignored, and 0 in rows that are padding, all zero.

    Raises:
        ValueError: The data set is empty, an argument is not as described, or, when a batch is asked for, a
            photo has become unreadable.
    """

    def __init__(
        self,
        dataset: BoxDataset,
        image_size: int | tuple[int, ...],
        batch_size: int,
        *,
        shuffle: bool = False,
        augmentation: str = "none",
        seed: int = 0,
        steps_per_epoch: int | None = None,
        max_boxes: int = 64,
        mosaic: float = 0.5,
        paste: float = 0.0,
        cache: bool = True,
    ):
        _check_arguments(dataset, image_size, batch_size, augmentation, max_boxes, mosaic, paste)
        super().__init__(
            len(dataset),
            batch_size,
            shuffle=shuffle,
            seed=seed,
            steps_per_epoch=steps_per_epoch,
            workers=1 if augmentation == "none" else 2,
        )
        self.dataset = dataset
        self.image_sizes = tuple(np.ravel(image_size).tolist())
        self.augmentation = augmentation
        self.max_boxes = max_boxes
        self.mosaic = mosaic
        self.paste = paste
        self._photos = _Photos(dataset, max(self.image_sizes) * 3 // 2, CACHE_BYTES if cache else 0)
        self._crops = _Crops(self._photos)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows, random = self.draw(index)
        size = self.image_sizes[random.integers(len(self.image_sizes))]
        images = np.empty((len(rows), size, size, 3), dtype=np.float32)
        truth = np.zeros((len(rows), self.max_boxes, 6), dtype=np.float32)
        for row, image, boxes in zip(rows, images, truth, strict=True):
            sample = self._sample(row, size, random)
            np.multiply(sample.picture, np.float32(1 / 255), out=image)
            self._fill(boxes, sample)
        return images, truth

    def _sample(self, row: int, size: int, random: np.random.Generator) -> Sample:
        sample = self._photos[row]
        if self.augmentation == "none":
            picture, scale, offset = image_files.letterbox(sample.picture, size)
            boxes = move(sample.boxes, scale, offset)
            return visible(sample._replace(picture=picture, boxes=boxes))
        if random.random() < self.mosaic:
            count = random.choice(MOSAIC_SIDES) ** 2
            others = [self._photos[other] for other in random.integers(len(self.dataset), size=count - 1)]
            sample = mosaic([sample, *others], size, random)
        else:
            sample = random_placement(sample, size, random)
        if random.random() < 0.5:
            sample = flip(sample)
        if random.random() < self.paste and len(self._crops):
            sample = paste(sample, self._crops, random)
        picture = random_color(sample.picture, random)
        return sample._replace(picture=random_damage(picture, random))

    def _fill(self, truth: np.ndarray, sample: Sample) -> None:
        sizes = sample.boxes[:, 2:].prod(axis=1)
        kept = np.lexsort((-sizes, sample.ignore))[: self.max_boxes]
        truth[: len(kept), :4] = sample.boxes[kept]
        truth[: len(kept), 4] = sample.labels[kept]
        truth[: len(kept), 5] = np.where(sample.ignore[kept], IGNORED, FACE)


class _Photos(Sequence):
    """The photos and boxes of a data set, none with a side above ``longest`` pixels."""

    def __init__(self, dataset: BoxDataset, longest: int, cache_bytes: int):
        self.dataset = dataset
        self.longest = longest
        self.free = cache_bytes
        self._kept = {}

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, row: int) -> Sample:
        if row in self._kept:
            return self._kept[row]
        truth = self.dataset.truth(row)
        labels = np.array([self.dataset.classes.index(label) for label in truth["label"]], dtype=int)
        boxes, ignore = truth[BOX].to_numpy(dtype=float), truth["ignore"].to_numpy(dtype=bool)
        sample = shrink(Sample(self.dataset.image(row), boxes, ignore, labels), self.longest)
        if sample.picture.nbytes <= self.free:
            self.free -= sample.picture.nbytes
            self._kept[row] = sample
        return sample


class _Crops(Sequence):
    """Faces to be pasted, cut out of the photos when they are first asked for."""

    def __init__(self, photos: _Photos):
        self.photos = photos
        boxes = photos.dataset.boxes
        first = boxes["photo"].searchsorted(boxes["photo"])
        large = boxes[["width", "height"]].max(axis=1) >= LEAST_CROP
        chosen = np.flatnonzero(large & ~boxes["ignore"].astype(bool))
        self.places = list(zip(boxes["photo"].to_numpy()[chosen], chosen - first[chosen], strict=True))
        self._kept = {}

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> Crop | None:
        if number not in self._kept:
            photo, row = self.places[number]
            self._kept[number] = cut_out(self.photos[photo], row)
        return self._kept[number]


def _check_arguments(
    dataset: BoxDataset,
    image_size: int | tuple[int, ...],
    batch_size: int,
    augmentation: str,
    max_boxes: int,
    mosaic: float,
    paste: float,
):
    if len(dataset) == 0:
        raise ValueError(
            f"`dataset` has no photos: {dataset.name!r} has none in the split that was asked for. "
            f"Received: {dataset!r}"
        )
    if not np.size(image_size) or np.min(image_size) < 1:
        raise ValueError(
            f"`image_size` must be a positive number of pixels, or several. Received: {image_size!r}"
        )
    if augmentation not in BOX_PRESETS:
        raise ValueError(f"`augmentation` must be one of {list(BOX_PRESETS)}. Received: {augmentation!r}")
    for argument, value in (("batch_size", batch_size), ("max_boxes", max_boxes)):
        if value < 1:
            raise ValueError(f"`{argument}` must be a positive integer. Received: {value!r}")
    for argument, value in (("mosaic", mosaic), ("paste", paste)):
        if not 0 <= value <= 1:
            raise ValueError(f"`{argument}` must be a share of the images, 0…1. Received: {value!r}")
