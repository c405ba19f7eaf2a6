"""The loss around a solution and along the path to it, on a plane through the space of the weights."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from fer.experiments.training_loss import TrainingLoss, flat_weights


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in the space of the trainable weights: ``origin + x · directions[0] + y · directions[1]``.

    Attributes:
        origin: float32, shape (p,), the weights at (0, 0).
        directions: float32, shape (2, p), not parallel. A point is moved by 1 along the first where x grows
            by 1.
    """

    origin: np.ndarray
    directions: np.ndarray

    def weights(self, x: float, y: float) -> np.ndarray:
        """Returns the weights at a point of the plane, float32, shape (p,)."""
        return self.origin + np.float32(x) * self.directions[0] + np.float32(y) * self.directions[1]

    def coordinates(self, weights: np.ndarray) -> np.ndarray:
        """Returns x and y of the nearest points of the plane, float64, shape (n, 2).

        Args:
            weights: Shape (n, p).
        """
        directions = np.float64(self.directions)
        products = (np.atleast_2d(weights) - np.float64(self.origin)) @ directions.T
        return np.linalg.solve(directions @ directions.T, products.T).T

    def share(self, weights: np.ndarray) -> float:
        """Returns the share of the variance of some points that the plane holds, 0…1.

        That is Σ|P(w_t - w̄)|² / Σ|w_t - w̄|² with the orthogonal projection P and the mean w̄ of the points.

        Args:
            weights: Shape (n, p), at least two points that differ.
        """
        centred = weights - np.mean(weights, axis=0, dtype=np.float64)
        inside = self.coordinates(self.origin + centred) @ np.float64(self.directions)
        return float(np.sum(inside**2) / np.sum(centred**2))


class WeightPath(keras.callbacks.Callback):
    """Keeps the trainable weights as a training goes: at its start and after every epoch.

    A training that had been finished before, or that goes on from its last epoch, gives no path or the rest
    of it.

    Args:
        every: Number of steps between two points; None for one point an epoch.

    Attributes:
        weights: float32, shape (number of points, number of trainable weights).

    Example:
        >>> path = WeightPath()
        >>> model.fit(batches, epochs=5, callbacks=[path])
        >>> path.weights.shape[0]
        6
    """

    def __init__(self, every: int | None = None):
        super().__init__()
        self.every = every
        self._points = []
        self._step = 0

    @property
    def weights(self) -> np.ndarray:
        return np.array(self._points, dtype=np.float32)

    def on_train_begin(self, logs=None):
        self._points.append(flat_weights(self.model))

    def on_train_batch_end(self, batch, logs=None):
        self._step += 1
        if self.every and self._step % self.every == 0:
            self._points.append(flat_weights(self.model))

    def on_epoch_end(self, epoch, logs=None):
        if self.every is None:
            self._points.append(flat_weights(self.model))


def random_plane(model: keras.Model, *, seed: int = 0) -> Plane:
    """Returns the plane through a model's weights along two random directions, normalised filter by filter.

    Each filter of a random direction d gets the length of that filter of the weights w:
    d_ij ← d_ij / |d_ij| · |w_ij|. A step of 1 then changes every filter by its own size, so that networks
    whose weights are large and networks whose weights are small can be compared. A filter is what makes one
    output channel or unit, the last axis of a kernel. Biases and the parameters of batch normalization do not
    move.

    Source: Li, Xu, Taylor, Studer, Goldstein 2018, Visualizing the Loss Landscape of Neural Nets,
    arXiv:1712.09913, section 4.

    Args:
        model: Its weights are the origin.
        seed: Seed of the directions.
    """
    random = np.random.default_rng(seed)
    kernels = [np.float32(keras.ops.convert_to_numpy(variable)) for variable in model.trainable_variables]
    directions = [
        np.concatenate([_filter_normalised(random, kernel).ravel() for kernel in kernels]) for _ in range(2)
    ]
    return Plane(flat_weights(model), np.stack(directions))


def plane_through(start: np.ndarray, first: np.ndarray, second: np.ndarray) -> Plane:
    """Returns the plane through the initial weights of two trainings and their two solutions.

    These three points lie in it exactly, so that the loss drawn there is their own. (Directions found by
    principal components hold more of the paths, and none of the points. They also bend any long random walk
    into the same curve: Antognini & Sohl-Dickstein 2018, arXiv:1806.08805.)

    Args:
        start: Weights that both trainings began with, shape (p,). They are the point (0, 0).
        first: Weights where one ended. x grows from these to the second; both have the same y.
        second: Weights where the other ended.

    Returns:
        A plane with orthogonal directions of length 1: a unit of x and y is one of the distance of weights.

    Raises:
        ValueError: The three points lie on a line.
    """
    start, first, second = (np.float64(point) for point in (start, first, second))
    across = second - first
    upward = (first + second) / 2 - start
    size = np.linalg.norm(across) * np.linalg.norm(upward)
    if size > 0:
        across = across / np.linalg.norm(across)
        upward = upward - (upward @ across) * across
    if size == 0 or np.linalg.norm(upward) < 1e-9 * size:
        raise ValueError("`start`, `first` and `second` must not lie on a line.")
    return Plane(np.float32(start), np.float32([across, upward / np.linalg.norm(upward)]))


def loss_surface(
    model: keras.Model,
    plane: Plane,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    x: np.ndarray,
    y: np.ndarray,
) -> pd.DataFrame:
    """Measures the training loss on a grid of a plane.

    All images form one batch, and batch normalization takes its statistics from it, as in training. The
    moving statistics would fit the weights of the solution alone. The model is not changed.

    Args:
        model: A network whose weights lie in the space of the plane.
        plane: From ``random_plane`` or ``plane_through``.
        images: A fixed part of the training images, float32, shape (n, height, width, channels), range 0…1.
        labels: float32, shape (n, number of classes), rows sum to 1.
        x: Places along the first direction.
        y: Places along the second direction.

    Returns:
        One row a point: ``x``, ``y``, ``loss``.

    Example:
        >>> steps = np.linspace(-1, 1, 11)
        >>> surface = loss_surface(model, random_plane(model), *batches[0], x=steps, y=steps)
    """
    loss = TrainingLoss(model)
    rows = [(a, b, loss.value(plane.weights(a, b), images, labels)) for b in y for a in x]
    return pd.DataFrame(rows, columns=["x", "y", "loss"])


def project(plane: Plane, paths: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Projects the paths of trainings onto a plane.

    Args:
        plane: Where to.
        paths: ``WeightPath.weights`` by name of the training.

    Returns:
        One row a point: ``name``, ``point`` (from 0), ``x``, ``y``, and ``share``, the part of the path's
        variance that the plane holds.
    """
    frames = [
        pd.DataFrame(plane.coordinates(weights), columns=["x", "y"]).assign(
            name=name, point=range(len(weights)), share=plane.share(weights)
        )
        for name, weights in paths.items()
    ]
    return pd.concat(frames, ignore_index=True)[["name", "point", "x", "y", "share"]]


def grid_around(points: pd.DataFrame, *, steps: int = 15, margin: float = 0.2) -> dict[str, np.ndarray]:
    """Returns ``x`` and ``y`` of a grid around projected paths, as ``loss_surface`` takes them.

    Args:
        points: Columns ``x`` and ``y``.
        steps: Points along each side.
        margin: What is added at each side, as a share of the extent of the points.
    """
    grid = {}
    for axis in ("x", "y"):
        low, high = points[axis].min(), points[axis].max()
        border = margin * (high - low)
        grid[axis] = np.linspace(low - border, high + border, steps)
    return grid


def _filter_normalised(random: np.random.Generator, kernel: np.ndarray) -> np.ndarray:
    if kernel.ndim < 2:
        return np.zeros_like(kernel)
    direction = random.standard_normal(kernel.shape, dtype=np.float32)
    rest = tuple(range(kernel.ndim - 1))
    lengths = np.sqrt(np.sum(direction**2, axis=rest, keepdims=True))
    return direction * np.sqrt(np.sum(kernel**2, axis=rest, keepdims=True)) / lengths
