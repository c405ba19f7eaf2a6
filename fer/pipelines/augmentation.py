"""Augmentation of face images with ImageDataGenerator, free of global random state."""

import threading
from functools import partial

import numpy as np

# The class that tensorflow.keras.preprocessing.image exports. Keras 3 has no public name for it.
from keras.src.legacy.preprocessing.image import ImageDataGenerator


def random_noise(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Adds normal noise of a random strength and stretches the result to the full range.

    x' = x + σ·n with n from N(0, 1) and σ from U(1, 5); result = 255 · (x' - min x') / (max x' - min x').

    Args:
        image: float32, any shape, range 0…255.
        random: Where the noise and its strength are drawn from.

    Returns:
        float32, same shape, minimum 0 and maximum 255; all 0 when no pixel differs from another.
    """
    noise = random.standard_normal(image.shape, dtype=np.float32)
    noisy = image + np.float32(random.uniform(1, 5)) * noise
    noisy -= noisy.min()
    maximum = noisy.max()
    return 255 * (noisy / maximum) if maximum > 0 else noisy


PRESETS = {
    "none": {},
    "flip": {"horizontal_flip": True},
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
"""Arguments of ImageDataGenerator by name. Rotation and shear are in degrees: a shear of 0.2 hardly shows."""

ENGINES = {"keras": ImageDataGenerator}
"""Classes with the methods ``get_random_transform``, ``apply_transform`` and ``standardize``."""

_global_random = threading.Lock()


def augmenter(augmentation: str, random: np.random.Generator, engine: str = "keras") -> ImageDataGenerator:
    """Returns the generator of a preset, which scales its result by 1/255.

    Args:
        augmentation: One of ``PRESETS``.
        random: Where ``random_noise`` draws from.
        engine: One of ``ENGINES``.

    Raises:
        ValueError: ``augmentation`` or ``engine`` is unknown.
    """
    for argument, value, known in (("augmentation", augmentation, PRESETS), ("engine", engine, ENGINES)):
        if value not in known:
            raise ValueError(f"`{argument}` must be one of {list(known)}. Received: {value!r}")
    settings = dict(PRESETS[augmentation])
    if "preprocessing_function" in settings:
        settings["preprocessing_function"] = partial(settings["preprocessing_function"], random=random)
    return ENGINES[engine](rescale=1 / 255, **settings)


def augment(
    images: np.ndarray, random: np.random.Generator, augmentation: str = "source", engine: str = "keras"
) -> np.ndarray:
    """Transforms every image by its own random parameters and scales it to 0…1.

    Args:
        images: uint8, shape (n, height, width, channels), range 0…255.
        random: Decides the result together with the images.
        augmentation: One of ``PRESETS``; "none" only scales.
        engine: One of ``ENGINES``.

    Returns:
        float32, same shape, range 0…1.

    Example:
        >>> eight_faces = augment(np.repeat(image[None], 8, axis=0), np.random.default_rng(0))
    """
    generator = augmenter(augmentation, random, engine)
    images = images.astype(np.float32)
    if augmentation == "none":
        return generator.standardize(images)
    return np.stack([_augment_image(image, generator, random) for image in images])


def _augment_image(image: np.ndarray, generator, random: np.random.Generator) -> np.ndarray:
    parameters = _draw_parameters(generator, image.shape, seed=int(random.integers(2**32)))
    return generator.standardize(generator.apply_transform(image, parameters))


def _draw_parameters(generator, shape: tuple[int, ...], seed: int) -> dict:
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
