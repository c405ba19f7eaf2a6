"""The studies of the notebooks, one call each, so that the command line runs what the notebooks show."""

from collections.abc import Sequence

import keras

from fer.datasets import FaceDataset
from fer.experiments.comparison import Comparison, compare
from fer.experiments.optimizers import KERAS_OPTIMIZERS
from fer.experiments.sweeping import start
from fer.experiments.tuning import half_decades
from fer.training import TrainingConfig

CENTRES = {
    "SGD": 0.1,
    "Momentum": 0.01,
    "Nesterov": 0.01,
    "Adagrad": 0.01,
    "RMSProp": 0.001,
    "Adam": 0.001,
    "Adamax": 0.001,
}
"""Middle of the first grid of learning rates. It only saves trials: a grid whose best is at an edge grows."""


def optimizers(
    config: TrainingConfig,
    dataset: FaceDataset,
    names: Sequence[str] = tuple(CENTRES),
    *,
    points: int = 5,
    executor: str = "local",
    test: bool = True,
    **options,
) -> tuple[Comparison, Comparison]:
    """Races optimizers twice: each at its tuned learning rate, and each at the default of Keras.

    Args:
        config: What to train; its optimizer and learning rate are replaced.
        dataset: The data.
        names: Optimizers, named as in ``KERAS_OPTIMIZERS``.
        points: Learning rates that are tried at first for each, half a decade apart.
        executor: As in ``sweep``.
        test: Whether to open the test split for the tuned race.
        **options: Those of ``compare``.

    Returns:
        The comparison with tuned learning rates, and the one with defaults, which is on the validation split.
    """
    arms = {name: config.replace(**KERAS_OPTIMIZERS[name]) for name in names}
    grids = {name: half_decades(CENTRES[name], points) for name in names}
    defaults = {
        name: arm.replace(learning_rate=default_learning_rate(arm.optimizer)) for name, arm in arms.items()
    }
    with start(executor, dataset, options.get("runs")) as train:
        tuned = compare(arms, dataset, learning_rates=grids, executor=train, test=test, **options)
        default = compare(defaults, dataset, executor=train, test=False, **options)
    return tuned, default


def default_learning_rate(optimizer: str) -> float:
    """Returns the learning rate that a Keras optimizer has when none is given."""
    built = keras.optimizers.deserialize({"class_name": optimizer, "config": {}})
    return float(f"{float(keras.ops.convert_to_numpy(built.learning_rate)):.6g}")
