"""Gradient noise scale: the batch size at which noise and signal of the gradient are equally large."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import keras
import numpy as np
import pandas as pd

from fer import pipelines
from fer.datasets import FaceDataset
from fer.experiments.along_training import along_training
from fer.experiments.training_loss import TrainingLoss, flat_weights
from fer.training import TrainingConfig

RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class NoiseScale:
    """B_simple = tr(Σ) / |G|², measured.

    Attributes:
        value: The noise scale in images; infinite when the measured |G|² is not above 0: then the gradient
            cannot be seen for the noise, and more draws are needed.
        low: Lower end of the 95 % bootstrap interval over the draws.
        high: Upper end of it.
        draws: One row a draw: ``gradient_squared`` (estimate of |G|²) and ``variance`` (of tr(Σ)).
    """

    value: float
    low: float
    high: float
    draws: pd.DataFrame


def gradient_noise_scale(
    loss: TrainingLoss,
    dataset: FaceDataset,
    *,
    small: int = 32,
    large: int = 256,
    draws: int = 16,
    seed: int = 0,
) -> NoiseScale:
    """Measures the noise scale of a network at its present weights.

    G is the gradient of the loss over all images and Σ the covariance of the gradient of one image, so that
    the gradient g of B images has E|g|² = |G|² + tr(Σ) / B. From the gradients of a small and a large batch
    follow two estimates without bias,

        |G|² ≈ (B_large · |g_large|² - B_small · |g_small|²) / (B_large - B_small)
        tr(Σ) ≈ (|g_small|² - |g_large|²) / (1 / B_small - 1 / B_large)

    which are averaged over the draws before one is divided by the other. A large batch is the mean of several
    small ones, as on several devices, and |g_small|² the mean over these: then batch normalization always
    sees small batches, and both gradients are of the same loss. Images are drawn with replacement and not
    augmented.

    Source: McCandlish, Kaplan, Amodei et al. 2018, An Empirical Model of Large-Batch Training,
    arXiv:1812.06162, section 2.2 and appendix A.1.

    Args:
        loss: Of the network.
        dataset: Training images.
        small: Images in a small batch.
        large: Images in a large batch, a multiple of ``small``.
        draws: Number of large batches, at least two.
        seed: Seed of the draws and of the bootstrap.

    Raises:
        ValueError: ``large`` or ``draws`` is not as described.

    Example:
        >>> scale = gradient_noise_scale(TrainingLoss(run.model), faces.split("train"))
        >>> print(f"{scale.value:.0f} images ({scale.low:.0f} to {scale.high:.0f})")
    """
    if large <= small or large % small:
        raise ValueError(f"`large` must be a multiple of `small`, above it. Received: {large} and {small}")
    if draws < 2:
        raise ValueError(f"`draws` must be at least 2. Received: {draws}")
    random = np.random.default_rng(seed)
    weights = flat_weights(loss.model)
    image_size, channels = loss.model.input_shape[1], loss.model.input_shape[3]
    rows = []
    for _ in range(draws):
        images = dataset.take(random.integers(0, len(dataset), size=large))
        batches = pipelines.evaluation_batches(images, image_size, channels, batch_size=small)
        gradients = [np.float64(loss.gradient(weights, *batches[index])) for index in range(len(batches))]
        squared_small = np.mean([gradient @ gradient for gradient in gradients])
        mean = np.mean(gradients, axis=0)
        squared_large = mean @ mean
        rows.append(
            (
                (large * squared_large - small * squared_small) / (large - small),
                (squared_small - squared_large) / (1 / small - 1 / large),
            )
        )
    estimates = pd.DataFrame(rows, columns=["gradient_squared", "variance"])
    resampled = estimates.to_numpy()[random.integers(0, draws, size=(RESAMPLES, draws))].mean(axis=1)
    low, high = np.quantile(_ratio(resampled), [0.025, 0.975], method="inverted_cdf")
    value = _ratio(estimates.mean().to_numpy())
    return NoiseScale(float(value), float(low), float(high), estimates)


def noise_scale_over_training(
    config: TrainingConfig, dataset: FaceDataset, *, epochs: Sequence[int], **options
) -> pd.DataFrame:
    """Trains a network and measures its noise scale on the way: it grows as the gradient gets smaller.

    The training leaves no run behind.

    Args:
        config: What to train.
        dataset: The data, with training and validation split.
        epochs: After which epochs to measure; 0 is before any training.
        **options: Those of ``gradient_noise_scale``.

    Returns:
        One row a measurement: ``epoch``, ``noise_scale``, ``low``, ``high``, and of that epoch ``loss``,
        ``accuracy``, ``val_loss`` and ``val_accuracy`` as in ``Run.history``.
    """
    images = dataset.split("train")
    loss_of = cache(TrainingLoss)  # one for all measurements: it is compiled

    def measure(model: keras.Model) -> pd.DataFrame:
        scale = gradient_noise_scale(loss_of(model), images, **options)
        return pd.DataFrame([{"noise_scale": scale.value, "low": scale.low, "high": scale.high}])

    return along_training(config, dataset, epochs, measure)


def _ratio(estimates: np.ndarray) -> np.ndarray:
    """tr(Σ) / |G|² of estimates in the last axis; infinite where |G|² is not above 0."""
    squared, variance = estimates[..., 0], np.maximum(estimates[..., 1], 0)
    return np.where(squared > 0, variance / np.where(squared > 0, squared, 1), np.inf)
