"""One training step of the custom ResNet50, of ``keras.applications.ResNet50``, and in two precisions."""

from functools import partial

import keras
import numpy as np

from fer import kernel, models
from tests.benchmarks.timing import Result, in_turns, rate

SETTINGS = {"cpu": {"image_size": 48, "batch_size": 32}, "gpu": {"image_size": 224, "batch_size": 256}}


def measure(repeats: int) -> list[Result]:
    """Trains on one batch of noise again and again. The precision is that of the same network."""
    settings = SETTINGS["gpu" if kernel.device_report().usable_gpus else "cpu"]
    work = {
        f"{name}, {precision}": partial(rate, _step(build, precision, **settings), least=2)
        for name, build in {"custom ResNet50": _custom, "keras.applications.ResNet50": _applications}.items()
        for precision in ("float32", "mixed_bfloat16")
    }
    references = {
        "custom ResNet50, float32": "keras.applications.ResNet50, float32",
        "custom ResNet50, mixed_bfloat16": "custom ResNet50, float32",
    }
    return [
        Result(case, values, "images/s", references.get(case))
        for case, values in in_turns(work, repeats).items()
    ]


def _custom(image_size: int) -> keras.Model:
    return models.build("resnet50", input_shape=(image_size, image_size, 3), num_classes=7, head="gap")


def _applications(image_size: int) -> keras.Model:
    return keras.applications.ResNet50(weights=None, classes=7, input_shape=(image_size, image_size, 3))


def _step(build, precision: str, image_size: int, batch_size: int):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        model = build(image_size)
    finally:
        keras.config.set_dtype_policy(before)
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    random = np.random.default_rng(0)
    images = random.random((batch_size, image_size, image_size, 3), np.float32)
    labels = np.eye(7, dtype=np.float32)[random.integers(7, size=batch_size)]

    def step() -> int:
        model.train_on_batch(images, labels)
        return batch_size

    return step
