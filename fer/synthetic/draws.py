"""Random numbers by name: the value of face i depends neither on n nor on what else is drawn."""

import zlib

import numpy as np
from scipy.special import ndtr, ndtri


class Draws:
    """Random columns for n faces, each from a stream of its own.

    Args:
        seed: Seed of all streams.
        n: Number of faces.
        stream: Number of an independent family of streams under the same seed.
    """

    def __init__(self, seed: int, n: int, stream: int = 0):
        self.seed, self.n, self.stream = seed, n, stream

    def generator(self, name: str) -> np.random.Generator:
        """Returns the generator of a column."""
        return np.random.default_rng([self.seed, self.stream, zlib.crc32(name.encode())])

    def uniform(self, name: str, low: float | np.ndarray = 0.0, high: float | np.ndarray = 1.0) -> np.ndarray:
        """Returns float64, shape (n,), uniform between ``low`` and ``high``."""
        return low + (high - low) * self.generator(name).random(self.n)

    def normal(self, name: str, mean: float, spread: float) -> np.ndarray:
        """Returns float64, shape (n,), normal within two standard deviations."""
        return mean + spread * ndtri(self.uniform(name, ndtr(-2), ndtr(2)))

    def integers(self, name: str, low: int, high: int) -> np.ndarray:
        """Returns int64, shape (n,), uniform in low…high - 1."""
        return np.floor(self.uniform(name, low, high)).astype(np.int64)

    def choice(self, name: str, shares: dict[str, float]) -> np.ndarray:
        """Returns keys of ``shares``, shape (n,), each as often as its share says."""
        edges = np.cumsum(list(shares.values()))
        rows = np.searchsorted(edges / edges[-1], self.uniform(name), side="right")
        return np.array(list(shares), dtype=object)[rows]
