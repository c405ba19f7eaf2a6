"""Surfaces of two weights, to watch optimizers at work: each has one difficulty, and its minimum is known."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from fer.experiments.optimizers import KERAS_OPTIMIZERS, OPTIMIZERS

LEARNING_RATES = tuple(10.0 ** np.arange(-4, 1.5, 0.5))
"""Half-decade grid that ``tuned_optimizers`` chooses from."""

FAR_AWAY = 1000.0
"""A path that leaves this distance from 0 in x or y has diverged; the surfaces are drawn within 10."""


@dataclass(frozen=True)
class Surface:
    """A loss of two weights x and y.

    Attributes:
        name: Name for titles.
        value: Function of x and y, arrays of one shape or numbers, that gives the value.
        gradient: Function of x and y that gives the derivatives by x and by y.
        minima: Places of the global minimum, each (x, y).
        start: Where paths begin, (x, y).
        x_limits: What a figure shows of x.
        y_limits: What a figure shows of y.
    """

    name: str
    value: Callable
    gradient: Callable
    minima: tuple[tuple[float, float], ...]
    start: tuple[float, float]
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]

    @property
    def minimum_value(self) -> float:
        """The lowest value of the surface."""
        return self.value(*self.minima[0])


def trajectories(
    surface: Surface,
    optimizers: Mapping[str, Mapping[str, float]],
    steps: int,
    start: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """Runs the optimizers of Keras on a surface, all from one start.

    Args:
        surface: One of ``SURFACES``, or your own.
        optimizers: Options of the Keras optimizer by a name of ``KERAS_OPTIMIZERS``; ``learning_rate`` is
            one of them.
        steps: Number of updates.
        start: (x, y); None for the start of the surface.

    Returns:
        A row an optimizer and step, step 0 being the start. Columns: optimizer, learning_rate, step, x, y and
        value. The last row of a path that diverged has NaN for x, y and value.

    Example:
        >>> frame = trajectories(SURFACES["ravine"], {"Adam": {"learning_rate": 0.1}}, steps=100)
        >>> plotting.optimizer_paths(frame, SURFACES["ravine"])
    """
    paths = []
    for name, options in optimizers.items():
        points = _keras_path(surface, name, options, steps, start or surface.start)
        path = pd.DataFrame(points, columns=["x", "y"])
        path["value"] = surface.value(path["x"], path["y"])
        path.insert(0, "step", range(len(path)))
        path.insert(0, "learning_rate", float(options["learning_rate"]))
        path.insert(0, "optimizer", name)
        paths.append(path)
    return pd.concat(paths, ignore_index=True)


def tuned_optimizers(
    surface: Surface, steps: int, names: Iterable[str] = tuple(OPTIMIZERS)
) -> dict[str, dict[str, float]]:
    """Returns for each optimizer the learning rate with the lowest mean value on its path.

    A comparison at one learning rate for all says more about that learning rate than about the optimizers.
    The search goes over ``LEARNING_RATES`` from the start of the surface, with the optimizers from scratch,
    which take all rates at once: each is a row of the weights.

    Args:
        surface: The surface.
        steps: Number of updates, over which the mean is taken.
        names: Names of ``OPTIMIZERS``.

    Returns:
        What ``trajectories`` takes as ``optimizers``.
    """
    rates = np.array(LEARNING_RATES)
    tuned = {}
    for name in names:
        step = OPTIMIZERS[name](learning_rate=rates[:, np.newaxis])
        weights = np.tile(surface.start, (len(rates), 1))
        values = []
        with np.errstate(over="ignore", invalid="ignore"):  # too large a learning rate diverges
            for _ in range(steps):
                weights = step(weights, np.stack(surface.gradient(*weights.T), axis=-1))
                values.append(surface.value(*weights.T))
            best = np.nanargmin(np.mean(values, axis=0))
        tuned[name] = {"learning_rate": float(rates[best])}
    return tuned


def _keras_path(
    surface: Surface, name: str, options: Mapping[str, float], steps: int, start: tuple[float, float]
) -> np.ndarray:
    """Returns the points that an optimizer of Keras visits, (steps + 1, 2); NaN ends a diverged path."""
    arm = KERAS_OPTIMIZERS[name]
    optimizer = keras.optimizers.deserialize(
        {"class_name": arm["optimizer"], "config": {**arm["optimizer_options"], **options}}
    )
    weights = keras.Variable(np.asarray(start, dtype=np.float32))
    points = [np.asarray(start, dtype=float)]
    for _ in range(steps):
        gradient = np.array(surface.gradient(*points[-1]), dtype=np.float32)
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [weights])
        points.append(keras.ops.convert_to_numpy(weights).astype(float))
        if not (np.abs(points[-1]) < FAR_AWAY).all():
            points[-1][:] = np.nan
            break
    return np.array(points)


def _ravine(x, y):
    return 0.05 * x**2 + 2.5 * y**2


def _ravine_gradient(x, y):
    return 0.1 * x, 5.0 * y


def _rosenbrock(x, y):
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def _rosenbrock_gradient(x, y):
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


def _beale(x, y):
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def _beale_gradient(x, y):
    first, second, third = 1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3
    by_x = 2 * (first * (y - 1) + second * (y**2 - 1) + third * (y**3 - 1))
    by_y = 2 * x * (first + 2 * second * y + 3 * third * y**2)
    return by_x, by_y


def _saddle(x, y):
    return 2 * x**2 + 0.1 * (y**4 / 2 - y**2)


def _saddle_gradient(x, y):
    return 4 * x, 0.2 * (y**3 - y)


SURFACES = {
    "ravine": Surface(
        "ravine", _ravine, _ravine_gradient, ((0.0, 0.0),), (-8.0, 1.5), (-9.0, 3.0), (-2.5, 2.5)
    ),
    "Rosenbrock": Surface(
        "Rosenbrock", _rosenbrock, _rosenbrock_gradient, ((1.0, 1.0),), (-0.5, 2.5), (-2.0, 2.0), (-1.0, 3.0)
    ),
    "Beale": Surface("Beale", _beale, _beale_gradient, ((3.0, 0.5),), (1.0, 1.2), (-0.5, 4.5), (-1.5, 2.0)),
    "saddle": Surface(
        "saddle", _saddle, _saddle_gradient, ((0.0, 1.0), (0.0, -1.0)), (-1.5, 0.01), (-2.0, 1.5), (-1.6, 1.6)
    ),
}
"""The surfaces of the lesson by name.

* ravine: 50 times as steep across as along (a quadratic, its axes those of the weights).
* Rosenbrock: a bent valley with a flat floor. Rosenbrock 1960, An Automatic Method for Finding the Greatest
  or Least Value of a Function.
* Beale: a plateau with steep walls. Beale 1958, On an Iterative Method for Finding a Local Minimum of a
  Function of More than One Variable.
* saddle: at (0, 0) the gradient is 0, and it goes down slowly on two sides; the start is next to the ridge.
  The term y⁴ gives it minima, which the plain x² − y² does not have.
"""
