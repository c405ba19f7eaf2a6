"""Compiled models that serve again: on small networks tracing a training step costs more than training."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np

from fer import models
from fer.pipelines import in_graph_augmentation
from fer.training import distribution
from fer.training.config import TrainingConfig
from fer.training.layerwise import layerwise, value_of
from fer.training.optimizers import create_optimizer
from fer.training.run import Run
from fer.training.variables import dtype_policy, seeded, values

POOL_BYTES = 2**30
"""Variables of idle models that are kept, in bytes; the longest idle ones go first."""

KEPT_INITIAL_WEIGHTS = 4

_pool: dict[tuple, "CompiledModel"] = {}
_initial_weights: dict[tuple, list[np.ndarray]] = {}
_pool_lock = threading.Lock()


def build_model(config: TrainingConfig, num_classes: int, steps_per_epoch: int) -> keras.Model:
    """Returns the compiled model of a configuration, with the initial weights of its seed.

    With the engine "graph" it begins with the augmentation, and its last layer is the network.

    Args:
        config: What to train.
        num_classes: Number of emotions.
        steps_per_epoch: Batches in an epoch, for the learning rate schedule.

    Raises:
        ValueError: The configuration names something that does not exist.
    """
    with seeded(config.seed), dtype_policy(config.precision):
        model = models.build(
            config.model,
            input_shape=(config.image_size, config.image_size, config.channels),
            num_classes=num_classes,
            kernel_initializer=config.kernel_initializer,
            activation=config.activation,
            **config.model_options,
        )
        _check_layer_names(config, model)
        for layer in model.layers:
            layer.trainable = value_of(layer.name, config.learning_rate_multipliers, 1.0) > 0
        if _augmentation_in_graph(config):
            inputs = keras.Input(model.input_shape[1:])
            images = in_graph_augmentation(config.augmentation, config.seed)(inputs)
            model = keras.Model(inputs, model(images), name=model.name)
        optimizer = _build_optimizer(config, steps_per_epoch)
        model.compile(optimizer=optimizer, loss="categorical_crossentropy", metrics=["accuracy"])
    return model


def _check_layer_names(config: TrainingConfig, model: keras.Model) -> None:
    names = [layer.name for layer in model.layers if layer.weights]
    for field in ("learning_rate_multipliers", "frozen_epochs"):
        for beginning in getattr(config, field):
            if not any(name.startswith(beginning) for name in names):
                raise ValueError(
                    f"`{field}` must have beginnings of layer names of {model.name}: {', '.join(names)}. "
                    f"Received: {beginning!r}"
                )


def _build_optimizer(config: TrainingConfig, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    if not (config.weight_decay or config.learning_rate_multipliers or config.frozen_epochs):
        return create_optimizer(config, steps_per_epoch)
    return create_optimizer(
        config,
        steps_per_epoch,
        variant=layerwise,
        l2=config.weight_decay,
        multipliers=config.learning_rate_multipliers,
        frozen_steps={name: round(epochs * steps_per_epoch) for name, epochs in config.frozen_epochs.items()},
    )


class CompiledModel:
    """A model with its traced training step, which can start again as another run of the same shape.

    Args:
        config: The first run.
        num_classes: Number of emotions.
        steps_per_epoch: Batches in an epoch.
        devices: As in ``train``.

    Attributes:
        model: Trains.
        inference: Shares the weights and has neither optimizer nor augmentation: what is saved, and predicts.
    """

    def __init__(
        self,
        config: TrainingConfig,
        num_classes: int,
        steps_per_epoch: int,
        devices: Sequence[str] | None = None,
    ):
        self._arguments = (num_classes, steps_per_epoch)
        with distribution.scope(devices):
            self.model = build_model(config, *self._arguments)
            network = self.model.layers[-1] if _augmentation_in_graph(config) else self.model
            self.inference = keras.Model(network.input, network.output, name=network.name)
            self.model.optimizer.build(self.model.trainable_variables)
            if distribution.is_distributed():
                self._build_metrics(num_classes)
        names = ("learning_rate", "peak_learning_rate")  # without a schedule and with one
        (self._learning_rate,) = (v for v in self.model.optimizer.variables if v.name in names)
        _remember(_origin(config, num_classes), self.model)
        self._optimizer_state = values(self.model.optimizer.variables)

    def _build_metrics(self, num_classes: int) -> None:
        """Keras would build them from the mean over the devices' shares of the first batch of each call.

        That fails where the shares differ in size, and is in vain once everything is built.
        """
        self.model.test_on_batch(np.zeros((1, *self.model.input_shape[1:])), np.zeros((1, num_classes)))
        for model in (self.model, self.inference):
            model._maybe_symbolic_build = lambda **batch: None

    @property
    def variables(self) -> list[keras.Variable]:
        """Every variable of model and optimizer, the generators of dropout and augmentation included."""
        return [*self.model.variables, *self.model.optimizer.variables]

    @property
    def nbytes(self) -> int:
        """Size of the variables in bytes."""
        weights = 4 * sum(int(np.prod(variable.shape)) for variable in self.model.variables)
        return weights + sum(value.nbytes for value in self._optimizer_state)

    def restart(self, config: TrainingConfig) -> None:
        """Puts every variable where a newly built model of this configuration has it."""
        origin = _origin(config, self._arguments[0])
        weights = _initial_weights.get(origin) or _remember(origin, build_model(config, *self._arguments))
        for variable, value in zip(self.variables, [*weights, *self._optimizer_state], strict=True):
            variable.assign(value)
        self._learning_rate.assign(config.learning_rate)

    def load(self, run: Run) -> None:
        """Takes the weights of the best epoch of a run."""
        self.inference.load_weights(run.model_path)


@contextmanager
def borrow(
    config: TrainingConfig, num_classes: int, steps_per_epoch: int, devices: Sequence[str] | None = None
) -> Iterator[CompiledModel]:
    """Gives the compiled model for a run: one that served before and is idle, or a new one.

    Its variables are those of a new model of this configuration. Runs that differ only in learning rate,
    seed, initializer, batch size or data share the model and its traced steps.
    """
    key = shape(config, num_classes, steps_per_epoch, devices)
    with _pool_lock:
        compiled = _pool.pop(key, None)
    if compiled is None:
        compiled = CompiledModel(config, num_classes, steps_per_epoch, devices)
    compiled.restart(config)
    try:
        yield compiled
    finally:
        with _pool_lock:
            _pool[key] = compiled
            while len(_pool) > 1 and sum(idle.nbytes for idle in _pool.values()) > POOL_BYTES:
                del _pool[next(iter(_pool))]


def forget() -> None:
    """Lets go of all idle models and the memory they hold."""
    with _pool_lock:
        _pool.clear()
        _initial_weights.clear()


def shape(
    config: TrainingConfig,
    num_classes: int = 0,
    steps_per_epoch: int = 0,
    devices: Sequence[str] | None = None,
) -> tuple:
    """Returns what decides the traced training step: runs for which it is equal share one."""
    scheduled = config.schedule != "constant"
    parts = (
        config.model,
        config.model_options,
        (config.image_size, config.channels, num_classes),
        config.activation,
        config.optimizer,
        config.optimizer_options,
        (config.schedule, config.schedule_options, config.epochs, steps_per_epoch) if scheduled else None,
        (config.weight_decay, config.learning_rate_multipliers),
        (config.frozen_epochs, steps_per_epoch) if config.frozen_epochs else None,
        config.class_weight is not None,
        config.precision,
        _augmentation_in_graph(config),
        devices,
    )
    return tuple(repr(part) for part in parts)


def _augmentation_in_graph(config: TrainingConfig) -> str | None:
    """The augmentation that belongs to the model, if one does."""
    return config.augmentation if config.engine == "graph" and config.augmentation != "none" else None


def _origin(config: TrainingConfig, num_classes: int) -> tuple:
    """What decides the initial weights."""
    parts = (
        config.model,
        config.model_options,
        (config.image_size, config.channels, num_classes),
        config.activation,
        config.kernel_initializer,
        config.seed,
        _augmentation_in_graph(config),
    )
    return tuple(repr(part) for part in parts)


def _remember(origin: tuple, model: keras.Model) -> list[np.ndarray]:
    """Keeps the weights of a new model, since the arms of a comparison start with the same."""
    weights = values(model.variables)
    with _pool_lock:
        _initial_weights[origin] = weights
        while len(_initial_weights) > KEPT_INITIAL_WEIGHTS:
            del _initial_weights[next(iter(_initial_weights))]
    return weights
