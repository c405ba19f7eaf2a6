"""Throughput and memory of the training step against the batch size."""

import logging
import math
import time
from collections.abc import Sequence

import keras
import numpy as np
import pandas as pd

from fer.experiments import memory
from fer.training import TrainingConfig
from fer.training.compiled import borrow

logger = logging.getLogger(__name__)

WARM_UP_STEPS = 3


def measure_throughput(
    config: TrainingConfig,
    batch_sizes: Sequence[int],
    *,
    num_classes: int = 7,
    repeats: int = 5,
    seconds: float = 0.15,
) -> pd.DataFrame:
    """Measures how many images a second the training step takes in, and how much memory it needs.

    The batch is in memory and the same in every step: reading and augmenting images is not part of it,
    bringing them to the device is. The sizes take turns, repeat after repeat, so that a change in the
    machine's speed meets all of them. On TensorFlow one compiled step serves all sizes.

    A batch that does not fit into the memory of a GPU ends the list and is reported. A CPU gives no such
    error: the system ends a process that wants more memory than there is.

    Args:
        config: Its model, image size, optimizer and precision count; ``batch_size`` does not.
        batch_sizes: Numbers of images.
        num_classes: Number of emotions.
        repeats: Number of measurements of each size.
        seconds: Length of one measurement in seconds; at least one step is made.

    Returns:
        One row a batch size, ascending: ``batch_size``, ``fits``, ``images_per_second`` (median of the
        repeats), ``low`` and ``high`` (the slowest and fastest repeat), ``milliseconds`` (of a step, median),
        ``memory`` (peak in MiB as ``fer.experiments.memory.peak`` counts it). The last row may be a size that
        did not fit, with ``fits`` False and no values.

    Raises:
        ValueError: ``batch_sizes`` is empty or holds other than positive integers.

    Example:
        >>> frame = measure_throughput(config, [1, 8, 64, 512])
        >>> knee(frame)
        64
    """
    if not batch_sizes or min(batch_sizes) < 1:
        raise ValueError(f"`batch_sizes` must be positive integers, at least one. Received: {batch_sizes}")
    with borrow(config, num_classes, steps_per_epoch=1) as compiled:
        return _measure(compiled.model, sorted(batch_sizes), repeats, seconds)


def knee(throughput: pd.DataFrame, *, share: float = 0.9) -> int:
    """Returns the smallest batch size that reaches a share of the best throughput.

    Args:
        throughput: Result of ``measure_throughput``.
        share: Of the highest ``images_per_second``, 0…1.
    """
    rates = throughput.set_index("batch_size")["images_per_second"]
    return int(rates.index[rates >= share * rates.max()].min())


def _measure(model: keras.Model, sizes: Sequence[int], repeats: int, seconds: float) -> pd.DataFrame:
    rows, steps = [], {}
    for size in sizes:
        memory.reset_peak()
        try:
            _time(model, size, WARM_UP_STEPS)  # traces the step
            steps[size] = max(1, math.ceil(seconds / _time(model, size, 1)))
        except Exception as error:
            if not memory.is_out_of_memory(error):
                raise
            logger.info("A batch of %d images does not fit into the memory: %s", size, error)
            rows.append({"batch_size": size, "fits": False})
            break
        rows.append({"batch_size": size, "fits": True, "memory": memory.peak()})
    measured = {size: [] for size in steps}
    for _ in range(repeats):
        for size, count in steps.items():
            measured[size].append(_time(model, size, count))
    for row in rows:
        if row["fits"]:
            rates = row["batch_size"] / np.array(measured[row["batch_size"]])
            row |= {"images_per_second": np.median(rates), "low": rates.min(), "high": rates.max()}
            row["milliseconds"] = 1000 * row["batch_size"] / np.median(rates)
    columns = ["batch_size", "fits", "images_per_second", "low", "high", "milliseconds", "memory"]
    return pd.DataFrame(rows, columns=columns)


def _time(model: keras.Model, size: int, steps: int) -> float:
    """Returns the seconds that a step takes. The loss, which each step hands over, waits for its end."""
    random = np.random.default_rng(0)
    images = random.random((size, *model.input_shape[1:]), dtype=np.float32)
    labels = np.eye(model.output_shape[1], dtype=np.float32)[
        random.integers(model.output_shape[1], size=size)
    ]
    begin = time.perf_counter()
    for _ in range(steps):
        model.train_on_batch(images, labels)
    return (time.perf_counter() - begin) / steps
