"""Learning rate schedules by name: the peak learning rate times a shape over the steps."""

import math
from collections.abc import Callable
from functools import partial

import keras
from keras import ops

from fer.training.base_config import Config


class Schedule(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of a step: ``peak * shape(step)``.

    Args:
        shape: Takes the step, a float32 scalar tensor from 0, and returns a multiplier in 0…1.
        peak: Learning rate where the shape is 1.
    """

    def __init__(self, shape: Callable, peak: float):
        self.shape = shape
        self.peak = peak

    def attach(self, optimizer: keras.optimizers.Optimizer) -> None:
        """Makes the peak a variable of the optimizer, so that another one needs no new training step."""
        initializer = keras.initializers.Constant(self.peak)
        self.peak = optimizer.add_variable(
            (), initializer, aggregation="only_first_replica", name="peak_learning_rate"
        )

    def __call__(self, step):
        return self.peak * self.shape(ops.cast(step, "float32"))


def build(config: Config, steps_per_epoch: int) -> float | Schedule:
    """Returns what a Keras optimizer takes as ``learning_rate``.

    Args:
        config: Its ``learning_rate``, ``schedule``, ``schedule_options`` and ``epochs`` count.
        steps_per_epoch: Batches in an epoch; schedules are stated in epochs and run in steps.

    Raises:
        ValueError: No such schedule, or an option that it does not have.
    """
    if config.schedule not in SCHEDULES:
        raise ValueError(f"`schedule` must be one of {list(SCHEDULES)}. Received: {config.schedule!r}")
    total_steps = config.epochs * steps_per_epoch
    try:
        shape = SCHEDULES[config.schedule](steps_per_epoch, total_steps, **config.schedule_options)
    except TypeError as error:
        raise ValueError(f"`schedule_options` of {config.schedule!r}: {error}") from error
    return config.learning_rate if shape is None else Schedule(shape, config.learning_rate)


def constant(steps_per_epoch: int, total_steps: int) -> None:
    """The learning rate never changes."""


def warmup(steps_per_epoch: int, total_steps: int, warmup_epochs: float = 1.0) -> Callable:
    """Rises linearly over ``warmup_epochs`` and stays.

    Source: Goyal et al. 2017, Accurate, Large Minibatch SGD (arXiv:1706.02677), section 2.2.
    """
    return partial(_rise, warmup_steps=math.ceil(warmup_epochs * steps_per_epoch))


def cosine(steps_per_epoch: int, total_steps: int, warmup_epochs: float = 0.0) -> Callable:
    """Rises linearly over ``warmup_epochs``, then falls to 0 along half a cosine.

    Source: Loshchilov & Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts.
    """
    warmup_steps = math.ceil(warmup_epochs * steps_per_epoch)

    def shape(step):
        progress = (step - warmup_steps) / max(1, total_steps - warmup_steps)
        falling = 0.5 * (1 + ops.cos(math.pi * ops.clip(progress, 0.0, 1.0)))
        return ops.where(step < warmup_steps, _rise(step, warmup_steps), falling)

    return shape


def step(steps_per_epoch: int, total_steps: int, every_epochs: float = 10.0, factor: float = 0.1) -> Callable:
    """Is multiplied by ``factor`` after every ``every_epochs``, as Caffe's policy "step" does."""
    period = max(1, round(every_epochs * steps_per_epoch))
    return lambda step: factor ** ops.floor(step / period)


SCHEDULES: dict[str, Callable] = {"constant": constant, "warmup": warmup, "cosine": cosine, "step": step}


def _rise(step, warmup_steps: int):
    """The first step has a share of the peak, not none of it: a learning rate of 0 would waste it."""
    return ops.minimum(1.0, (step + 1) / max(1, warmup_steps))
