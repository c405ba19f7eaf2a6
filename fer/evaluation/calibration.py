"""Temperature scaling: probabilities that mean what they say."""

import numpy as np
from scipy.optimize import minimize_scalar

from fer.evaluation.metrics import expected_calibration_error

LARGEST = 20.0
"""Temperatures are looked for from 1/20 to 20."""

_SMALLEST_PROBABILITY = 1e-12


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns the temperature that makes the labels most likely.

    p' = softmax(log p / T). A T above 1 makes a model less sure. The most probable class stays the same, so
    accuracy does not change.

    Source: Guo, Pleiss, Sun and Weinberger (2017), On calibration of modern neural networks,
    arXiv:1706.04599, section 4.2.

    Args:
        probabilities: Float, shape (n, classes), rows sum to 1.
        labels: Integer, shape (n,).
    """

    def negative_log_likelihood(log_temperature: float) -> float:
        scaled = scale(probabilities, np.exp(log_temperature))
        return -np.log(scaled[np.arange(len(labels)), labels] + _SMALLEST_PROBABILITY).mean()

    bound = np.log(LARGEST)
    return float(np.exp(minimize_scalar(negative_log_likelihood, bounds=(-bound, bound)).x))


def scale(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Returns softmax(log p / T): float64, shape (n, classes)."""
    logits = np.log(np.maximum(probabilities, _SMALLEST_PROBABILITY, dtype=np.float64)) / temperature
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def cross_fitted_error(probabilities: np.ndarray, labels: np.ndarray, seed: int = 0) -> float:
    """Returns the expected calibration error after temperature scaling, measured where it was not fitted.

    A temperature is fitted on each half of the images and used on the other.

    Args:
        probabilities: Float, shape (n, classes), rows sum to 1; n at least 2.
        labels: Integer, shape (n,).
        seed: Decides the halves.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    scaled = np.empty(probabilities.shape)
    halves = np.array_split(order, 2)
    for fitted, used in (halves, halves[::-1]):
        scaled[used] = scale(probabilities[used], fit_temperature(probabilities[fitted], labels[fitted]))
    return expected_calibration_error(scaled, labels)
