"""Augmentation of face images by name, free of global random state."""

import threading
from collections.abc import Sequence
from functools import partial

import numpy as np

from fer.pipelines.fast_generator import FastImageDataGenerator, ImageDataGenerator
from fer.pipelines.noise import random_noise

PRESETS = {
    "none": {},
    "flip": {"horizontal_flip": True},
    "aligned": {
        "rotation_range": 12,
        "width_shift_range": 0.08,
        "height_shift_range": 0.08,
        "zoom_range": 0.12,
        "horizontal_flip": True,
        "fill_mode": "nearest",
    },
    "source": {
        "rotation_range": 40,
        "width_shift_range": 0.07,
        "height_shift_range": 0.07,
        "shear_range": 0.2,
        "zoom_range": 0.2,
        "horizontal_flip": True,
        "fill_mode": "nearest",
        "preprocessing_function": random_noise,
    },
}
"""Arguments of ImageDataGenerator by name: "aligned" varies what a face detector gets wrong, "source" is the
source's. Rotation and shear are in degrees: a shear of 0.2 hardly shows."""

ENGINES = ("fast", "keras", "graph")
"""What augments: FastImageDataGenerator, Keras's own ImageDataGenerator, or ``RandomAugmentation`` in the
training step."""

_global_random = threading.Lock()


def augment(
    images: np.ndarray, random: np.random.Generator, augmentation: str = "source", engine: str = "fast"
) -> np.ndarray:
    """Transforms every image by its own random parameters and scales it to 0…1.

    Args:
        images: uint8, shape (n, height, width, channels), range 0…255.
        random: Decides the result together with the images.
        augmentation: One of ``PRESETS``; "none" only scales.
        engine: "fast", or "keras" for the stock class, which takes ten times as long.

    Returns:
        float32, same shape, range 0…1.

    Raises:
        ValueError: ``augmentation`` or ``engine`` is unknown.

    Example:
        >>> eight_faces = augment(np.repeat(image[None], 8, axis=0), np.random.default_rng(0))
    """
    check_known(augmentation, engine, ("fast", "keras"))
    settings = PRESETS[augmentation]
    if engine == "fast":
        return FastImageDataGenerator(rescale=1 / 255, **settings).transform_batch(images, random)
    if "preprocessing_function" in settings:
        settings = settings | {"preprocessing_function": partial(random_noise, random=random)}
    generator = ImageDataGenerator(rescale=1 / 255, **settings)
    return np.stack([_transform(image, generator, random) for image in images.astype(np.float32)])


def check_known(augmentation: str, engine: str, engines: Sequence[str] = ENGINES) -> None:
    """Raises ValueError if there is no such augmentation or engine."""
    for argument, value, known in (("augmentation", augmentation, PRESETS), ("engine", engine, engines)):
        if value not in known:
            raise ValueError(f"`{argument}` must be one of {list(known)}. Received: {value!r}")


def _transform(image: np.ndarray, generator: ImageDataGenerator, random: np.random.Generator) -> np.ndarray:
    parameters = _draw_parameters(generator, image.shape, seed=int(random.integers(2**32)))
    return generator.standardize(generator.apply_transform(image, parameters))


def _draw_parameters(generator: ImageDataGenerator, shape: tuple[int, ...], seed: int) -> dict:
    """Draws by the seed alone, though the stock class seeds and uses NumPy's global state.

    The state is put back, so that the draw disturbs no one else's, and locked against the other threads
    that draw here.
    """
    with _global_random:
        state = np.random.get_state()  # noqa: NPY002
        try:
            return generator.get_random_transform(shape, seed=seed)
        finally:
            np.random.set_state(state)  # noqa: NPY002
