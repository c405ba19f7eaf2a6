"""Augmentation of the source: rotation, shift, shear, zoom, flip and noise, images in a second."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import keras
import numpy as np

from fer import synthetic
from fer.pipelines import (
    PRESETS,
    FastImageDataGenerator,
    ImageDataGenerator,
    in_graph_augmentation,
    random_noise,
)
from tests.benchmarks.timing import Result, in_turns, rate

SOURCE = PRESETS["source"]
SIZES = {48: 256, 224: 64}
"""Image size → batch size. Gray images."""


def measure(repeats: int) -> list[Result]:
    """Compares the stock class with ours and with what runs in the graph, at both sizes."""
    results = []
    for size, batch_size in SIZES.items():
        images = synthetic.generate(batch_size, image_size=size).images[..., None]
        cases = {f"{size}×{size}: {name}": partial(rate, work) for name, work in _cases(images).items()}
        stock, *_ = cases
        for case, values in in_turns(cases, repeats).items():
            results.append(Result(case, values, "images/s", None if case == stock else stock))
    return results


def _cases(images: np.ndarray) -> dict[str, Callable[[], int]]:
    cases = {
        "stock ImageDataGenerator": _batches(_stock(images)),
        "FastImageDataGenerator, 1 thread": _batches(_fast(images)),
        "FastImageDataGenerator, 2 threads": _two_threads(_fast(images)),
    }
    if keras.backend.backend() == "tensorflow":
        cases["tf.data with Keras layers, all cores"] = _tf_data(images)
        cases["RandomAugmentation, compiled, all cores"] = _compiled(images)
    return cases


def _stock(images: np.ndarray):
    noise = partial(random_noise, random=np.random.default_rng(0))
    generator = ImageDataGenerator(**SOURCE | {"preprocessing_function": noise}, rescale=1 / 255)
    return generator.flow(images, batch_size=len(images), seed=0)


def _fast(images: np.ndarray):
    return FastImageDataGenerator(**SOURCE, rescale=1 / 255).flow(images, batch_size=len(images), seed=0)


def _batches(iterator) -> Callable[[], int]:
    return lambda: len(next(iterator))


def _two_threads(iterator) -> Callable[[], int]:
    threads = ThreadPoolExecutor(2)
    return lambda: sum(threads.map(lambda _: len(next(iterator)), range(8)))


def _tf_data(images: np.ndarray) -> Callable[[], int]:
    """Layers of the same strengths; their noise has one strength and does not stretch to the full range."""
    import tensorflow as tf

    shift, zoom = SOURCE["width_shift_range"], SOURCE["zoom_range"]
    layers = keras.Sequential(
        [
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomRotation(SOURCE["rotation_range"] / 360, fill_mode="nearest"),
            keras.layers.RandomTranslation(shift, shift, fill_mode="nearest"),
            keras.layers.RandomShear(0.01, 0.01, fill_mode="nearest"),
            keras.layers.RandomZoom(zoom, zoom, fill_mode="nearest"),
            keras.layers.GaussianNoise(3 / 255),
        ]
    )
    dataset = tf.data.Dataset.from_tensors(images).repeat()
    batches = iter(
        dataset.map(
            lambda batch: layers(tf.cast(batch, tf.float32) / 255, training=True),
            num_parallel_calls=tf.data.AUTOTUNE,
        ).prefetch(tf.data.AUTOTUNE)
    )
    return lambda: len(next(batches).numpy())


def _compiled(images: np.ndarray) -> Callable[[], int]:
    import tensorflow as tf

    layer = in_graph_augmentation("source", seed=0)
    step = tf.function(lambda batch: layer(batch, training=True))
    batch = tf.constant(images / np.float32(255))
    return lambda: len(step(batch).numpy())
