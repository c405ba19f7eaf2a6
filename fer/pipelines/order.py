"""Which images come when, and what is drawn for them: decided by a seed alone."""

import numpy as np


class SeededOrder:
    """The order of the rows in every pass over the data, and a random generator for every batch of it.

    Nothing here depends on what was asked for before, so any thread or process may ask for any batch.

    Args:
        n: Number of rows.
        seed: Decides everything.
        shuffle: Whether every pass has an order of its own; otherwise it is that of the rows.
    """

    def __init__(self, n: int, seed: int, shuffle: bool):
        self.n = n
        self.seed = seed
        self.shuffle = shuffle
        self._orders = {}

    def rows(self, number: int) -> np.ndarray:
        """Returns the rows in the order of a pass. Two are kept: a thread may be a batch ahead."""
        orders = self._orders
        if number not in orders:
            order = np.arange(self.n)
            if self.shuffle:
                self._random(number, 0).shuffle(order)
            self._orders = {**dict(list(orders.items())[-1:]), number: order}
            return order
        return orders[number]

    def random(self, number: int, position: int) -> np.random.Generator:
        """Returns the generator that serves the batch at a position of a pass."""
        return self._random(number, 1 + position)

    def _random(self, number: int, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, number, stream])
