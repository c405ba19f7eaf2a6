"""The Keras optimizer of a configuration."""

from collections.abc import Callable
from typing import Any

import keras

from fer.training import schedules
from fer.training.base_config import Config


def create_optimizer(
    config: Config, steps_per_epoch: int, variant: Callable[[type], type] = lambda kind: kind, **options: Any
) -> keras.optimizers.Optimizer:
    """Returns the optimizer, its learning rate following the schedule.

    Args:
        config: Its ``optimizer``, ``optimizer_options``, ``learning_rate``, ``schedule``,
            ``schedule_options`` and ``epochs`` count.
        steps_per_epoch: Batches in an epoch.
        variant: Makes of the optimizer's class the one to use.
        **options: What that one takes beside the optimizer's own.

    Raises:
        ValueError: An option or the schedule is not known.
    """
    learning_rate = schedules.build(config, steps_per_epoch)
    kind = {name.lower(): kind for name, kind in vars(keras.optimizers).items()}[config.optimizer]
    try:
        optimizer = variant(kind)(learning_rate=learning_rate, **config.optimizer_options, **options)
    except (TypeError, ValueError) as error:
        raise ValueError(f"`optimizer_options` of {config.optimizer!r}: {error}") from error
    if isinstance(learning_rate, schedules.Schedule):
        learning_rate.attach(optimizer)
    return optimizer
