"""Classifier: cropped face images in, probabilities out."""

from pathlib import Path

import numpy as np

from fer import images, kernel
from fer.inference import exporting
from fer.inference.pool import Pool
from fer.models.network import Network

_SCALE = np.float32(1 / 255)


class Classifier:
    """Tells what cropped face images show: emotions, or whatever its model tells.

    Loaded once here, so that the first image takes no longer than the next; serves any number of threads at
    the same time. Keras and TensorFlow are not loaded.

    Args:
        model: Name of a trained classifier (``fer.models.available("classifier")``), a folder that
            ``fer.inference.export`` wrote, or the folder of a finished training run. A run is exported into a
            folder inside it first, which takes some seconds, once.

    Attributes:
        classes: What it tells, such as "emotion", and its classes.
        image_size: Height and width in pixels of the images that the network takes.
        channels: 1 for gray, 3 for RGB.

    Raises:
        FileNotFoundError: The folder holds neither an exported model nor a finished run.
        ValueError: The exported model is damaged.

    Example:
        >>> classifier = Classifier("emotion-small")
        >>> classifier.split(classifier(crops))["emotion"].argmax(axis=1)
    """

    def __init__(self, model: Path | str):
        description, weights = exporting.load(exporting.find(model))
        self.classes = description.classes
        self.image_size, _, self.channels = description.input_shape
        self._networks = Pool(lambda: Network(weights), size=kernel.cores())
        with self._networks.lend() as network:  # the first call is the slowest
            network(np.zeros(description.input_shape, np.float32))

    def __call__(self, crops: np.ndarray | list[np.ndarray]) -> np.ndarray:
        """Returns the probabilities of face images.

        Args:
            crops: Images, uint8, each (height, width), (height, width, 1) or (height, width, 3) RGB of any
                size, range 0…255.

        Returns:
            float32, shape (images, number of all classes), in the order of ``classes``.

        Raises:
            ValueError: A crop has another shape or dtype, or there is one crop in place of several.
        """
        if isinstance(crops, np.ndarray) and (crops.ndim < 3 or crops.shape[2:] in ((1,), (3,))):
            raise ValueError(f"`crops` must be several images. Received: an array of shape {crops.shape}")
        probabilities = np.empty((len(crops), sum(map(len, self.classes.values()))), dtype=np.float32)
        with self._networks.lend() as network:
            # One face at a time: a batch of eight was 8 to 13 % faster a face, and each number of faces would
            # be planned anew.
            for crop, row in zip(crops, probabilities, strict=True):
                if isinstance(crop, np.ndarray) and crop.shape[2:] == (1,):
                    crop = crop[..., 0]
                images.check(crop, "crops")
                row[:] = network(images.convert(crop, self.image_size, self.channels) * _SCALE)
        return probabilities

    def split(self, probabilities: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the probabilities of each thing that it tells: float32, shape (images, its classes)."""
        ends = np.cumsum([len(classes) for classes in self.classes.values()])
        return dict(zip(self.classes, np.split(probabilities, ends[:-1], axis=1), strict=True))
