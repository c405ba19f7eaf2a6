"""What an activation loses in few channels, and keeps in many: why MobileNetV2's bottlenecks are linear.

Source: Sandler et al. (2018), "MobileNetV2: inverted residuals and linear bottlenecks", arXiv:1801.04381,
section 3.2 and figure 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ACTIVATIONS = {"linear": lambda values: values, "relu": lambda values: np.maximum(values, 0)}
"""ReLU6 would be ReLU again: the points of a spiral of radius 1 stay below 6."""


@dataclass(frozen=True, eq=False)
class Recovery:
    """What of a spiral comes back from n dimensions.

    Attributes:
        activation: One of ``ACTIVATIONS``.
        points: The spiral, float64, shape (points, 2).
        outputs: What comes back of it by n, float64, shape (points, 2): with the matrix whose share is the
            median.
        shares: Shares of the variance that come back by n, 0…1, one a random matrix, shape (matrices,).
    """

    activation: str
    points: np.ndarray
    outputs: dict[int, np.ndarray]
    shares: dict[int, np.ndarray]


def spiral_recovery(
    generator: np.random.Generator,
    *,
    dimensions: Sequence[int] = (2, 3, 5, 15, 30),
    activation: str = "relu",
    matrices: int = 100,
) -> Recovery:
    """Sends a spiral into n dimensions by random matrices and through an activation, and takes it back.

    Args:
        generator: Source of the matrices, whose elements are standard normal.
        dimensions: The n, each at least 2.
        activation: One of ``ACTIVATIONS``.
        matrices: Number of random matrices for each n.

    Raises:
        ValueError: ``dimensions`` or ``activation`` is not as described.

    Example:
        >>> shares = spiral_recovery(np.random.default_rng(0)).shares
        >>> {n: round(float(values.mean()), 2) for n, values in shares.items()}
        {2: 0.62, 3: 0.71, 5: 0.82, 15: 0.94, 30: 0.96}
    """
    if not dimensions or min(dimensions) < 2:
        raise ValueError(f"`dimensions` must be numbers of at least 2. Received: {dimensions}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"`activation` must be one of {sorted(ACTIVATIONS)}. Received: {activation!r}")
    points = spiral()
    outputs, shares = {}, {}
    for n in dimensions:
        runs = [recover(points, generator.normal(size=(n, 2)), activation) for _ in range(matrices)]
        runs.sort(key=lambda run: run[1])
        outputs[n] = runs[len(runs) // 2][0]
        shares[n] = np.array([share for _, share in runs])
    return Recovery(activation, points, outputs, shares)


def spiral(points: int = 500, turns: float = 2.5) -> np.ndarray:
    """Returns an Archimedean spiral about the origin out to a radius of 1, float64, shape (points, 2)."""
    radius = np.sqrt(np.linspace(0, 1, points))  # points that are equally far from each other
    angle = 2 * np.pi * turns * radius
    return radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def recover(points: np.ndarray, matrix: np.ndarray, activation: str) -> tuple[np.ndarray, float]:
    """Computes T⁺ · f(T · x) for the points x, where T is a matrix, T⁺ its pseudo-inverse, f an activation.

    ReLU halves the numbers on average, which is no loss of information. The outputs are therefore given by
    the factor and the shift that bring them next to the points.

    Args:
        points: x, float64, shape (points, 2).
        matrix: T, float64, shape (n, 2).
        activation: f, one of ``ACTIVATIONS``.

    Returns:
        The outputs, float64, shape (points, 2), and the share of the variance of the points that they have:
        R² = 1 - Σ|x - output|² / Σ|x - mean|², 0…1.
    """
    outputs = ACTIVATIONS[activation](points @ matrix.T) @ np.linalg.pinv(matrix).T
    centred, target = outputs - outputs.mean(axis=0), points - points.mean(axis=0)
    fitted = centred * (np.sum(centred * target) / np.sum(centred**2))
    share = 1 - np.sum((target - fitted) ** 2) / np.sum(target**2)
    return fitted + points.mean(axis=0), float(share)
