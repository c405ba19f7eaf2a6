"""Learning rate schedules by name."""

import math
from collections.abc import Callable

import keras

from fer.training.config import TrainingConfig


def build(
    config: TrainingConfig, steps_per_epoch: int
) -> "float | keras.optimizers.schedules.LearningRateSchedule":
    """Returns what a Keras optimizer takes as ``learning_rate``.

    Args:
        config: Its ``learning_rate``, ``schedule``, ``schedule_options`` and ``epochs`` count.
        steps_per_epoch: Batches in an epoch; schedules are stated in epochs and run in steps.

    Raises:
        ValueError: No such schedule, or an option that it does not have.
    """
    if config.schedule not in SCHEDULES:
        raise ValueError(f"`schedule` must be one of {list(SCHEDULES)}. Received: {config.schedule!r}")
    try:
        return SCHEDULES[config.schedule](config, steps_per_epoch, **config.schedule_options)
    except TypeError as error:
        raise ValueError(f"`schedule_options` of {config.schedule!r}: {error}") from error


def constant(config: TrainingConfig, steps_per_epoch: int) -> float:
    """The learning rate never changes."""
    return config.learning_rate


def cosine(
    config: TrainingConfig, steps_per_epoch: int, warmup_epochs: float = 0.0
) -> keras.optimizers.schedules.CosineDecay:
    """Rises linearly from 0 over ``warmup_epochs``, then falls to 0 along half a cosine.

    Source: Loshchilov & Hutter 2017, SGDR: Stochastic Gradient Descent with Warm Restarts.
    """
    warmup_steps = math.ceil(warmup_epochs * steps_per_epoch)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup_steps else config.learning_rate,
        decay_steps=max(1, config.epochs * steps_per_epoch - warmup_steps),
        warmup_target=config.learning_rate if warmup_steps else None,
        warmup_steps=warmup_steps,
    )


SCHEDULES: dict[str, Callable] = {"constant": constant, "cosine": cosine}
