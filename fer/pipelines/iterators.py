"""The iterators of ImageDataGenerator, whose batches depend on seed, epoch and index alone."""

from pathlib import Path

import keras
import numpy as np
from keras.src.legacy.preprocessing import image as stock

from fer.pipelines.order import SeededOrder


class _ReproducibleBatches:
    """Replaces how the stock iterators choose and transform the images of a batch.

    ``fit`` asks for batches by index, from several threads; a loop ``for images, labels in iterator`` goes on
    for ever. A new epoch begins after ``len(iterator)`` steps of the loop, or when ``fit`` ends one.
    """

    def _prepare(self) -> None:
        seed = np.random.randint(2**31) if self.seed is None else self.seed  # noqa: NPY002
        self._order = SeededOrder(self.n, seed, self.shuffle)
        self.epoch = 0
        self.workers = 2

    def __getitem__(self, index: int):
        if not 0 <= index < len(self):
            raise ValueError(f"`index` must be one of {len(self)} batches. Received: {index!r}")
        return self._batch(self.epoch, index)

    def __next__(self):
        if self.n == 0:
            raise ValueError("There are no images to go through.")
        with self.lock:
            epoch, index = self.epoch, self.batch_index
            self.batch_index = (index + 1) % len(self)
            self.epoch += self.batch_index == 0
        return self._batch(epoch, index)

    def on_epoch_end(self) -> None:
        self.epoch += 1

    def _batch(self, epoch: int, index: int):
        rows = self._order.rows(epoch)[index * self.batch_size : (index + 1) * self.batch_size]
        random = self._order.random(epoch, index)
        images = self.image_data_generator.transform_batch(self._load(rows), random)
        if self.save_to_dir:
            self._save(images, rows, epoch)
        return self._with_targets(images, rows)

    def _save(self, images: np.ndarray, rows: np.ndarray, epoch: int) -> None:
        for image, row in zip(images, rows, strict=True):
            name = f"{self.save_prefix}_{row}_{epoch}.{self.save_format}"
            keras.utils.array_to_img(image, self.data_format, scale=True).save(Path(self.save_to_dir) / name)


class ArrayIterator(_ReproducibleBatches, stock.NumpyArrayIterator):
    """Batches of an array of images; uint8 stays uint8 until a batch is asked for."""

    def __init__(self, x, *args, dtype, **kwargs):
        images = x[0] if isinstance(x, list | tuple) else x
        kept = np.uint8 if getattr(images, "dtype", None) == np.uint8 else dtype
        super().__init__(x, *args, dtype=kept, **kwargs)
        self._prepare()

    def _load(self, rows: np.ndarray) -> np.ndarray:
        return self.x[rows]

    def _with_targets(self, images: np.ndarray, rows: np.ndarray):
        inputs = [images, *(values[rows] for values in self.x_misc)] if self.x_misc else images
        targets = [values[rows] for values in (self.y, self.sample_weight) if values is not None]
        return (inputs, *targets) if self.y is not None else inputs


class _FileBatches(_ReproducibleBatches):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._prepare()

    def _load(self, rows: np.ndarray) -> np.ndarray:
        paths, images = self.filepaths, []
        for row in rows:
            with keras.utils.load_img(
                paths[row],
                color_mode=self.color_mode,
                target_size=self.target_size,
                interpolation=self.interpolation,
                keep_aspect_ratio=self.keep_aspect_ratio,
            ) as picture:
                depth = np.float32 if picture.mode.startswith("I") else np.uint8  # 16 bits keep their values
                images.append(keras.utils.img_to_array(picture, self.data_format, depth))
        return np.stack(images)

    def _with_targets(self, images: np.ndarray, rows: np.ndarray):
        if self.class_mode is None:
            return images
        targets = self._labels_of(images, rows)
        return (
            (images, targets) if self.sample_weight is None else (images, targets, self.sample_weight[rows])
        )

    def _labels_of(self, images: np.ndarray, rows: np.ndarray):
        match self.class_mode:
            case "input":
                return images.copy()
            case "multi_output":
                return [output[rows] for output in self.labels]
            case "raw":
                return self.labels[rows]
        classes = [self.classes[row] for row in rows]
        if self.class_mode != "categorical":
            return np.array(classes, self.dtype)
        targets = np.zeros((len(rows), len(self.class_indices)), self.dtype)
        for target, positions in zip(targets, classes, strict=True):
            target[positions] = 1
        return targets


class DirectoryIterator(_FileBatches, stock.DirectoryIterator):
    """Batches of the images in class folders."""


class DataFrameIterator(_FileBatches, stock.DataFrameIterator):
    """Batches of the image files that a table names."""
