"""What all batches have in common: which rows, and which random numbers, belong to which of them."""

import math

import keras
import numpy as np

from fer.pipelines.order import SeededOrder


class EpochBatches(keras.utils.PyDataset):
    """Batches that are pure functions of ``seed``, ``epoch`` and their index.

    Neither what was drawn before nor the number of worker threads changes one. To continue a training, set
    ``epoch`` to the number of finished epochs; from there ``fit`` counts on, and ``evaluate`` or ``predict``
    on other batches has no part in it. Pass ``shuffle=False`` to ``fit``: by default Keras shuffles the
    finished batches once more, by a global random state that a continued training does not have.

    Args:
        n: Number of rows of the data set.
        batch_size: Number of rows of a batch; the last one of a pass may have fewer.
        shuffle: Whether every pass has an order of its own.
        seed: Decides order and random numbers.
        steps_per_epoch: Number of batches that count as an epoch: the rows go on pass after pass, each in an
            order of its own, however many epochs a pass lasts. None for one pass an epoch.
        workers: Number of threads that make batches.
    """

    def __init__(
        self, n: int, batch_size: int, *, shuffle: bool, seed: int, steps_per_epoch: int | None, workers: int
    ):
        super().__init__(workers=workers)
        self.batch_size = batch_size
        self.shuffle = shuffle
        self._batches_per_pass = math.ceil(n / batch_size)
        self._steps_per_epoch = steps_per_epoch or self._batches_per_pass
        self._order = SeededOrder(n, seed, shuffle)
        self.epoch = 0

    @property
    def epoch(self) -> int:
        """Number of the epoch, from 0, that the batches belong to."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._epoch = epoch
        self._epoch_has_begun = False

    def __len__(self) -> int:
        return self._steps_per_epoch

    def draw(self, index: int) -> tuple[np.ndarray, np.random.Generator]:
        """Returns the rows of a batch of this epoch, and the random generator that serves it."""
        number, position = divmod(self.epoch * len(self) + index, self._batches_per_pass)
        rows = self._order.rows(number)[position * self.batch_size : (position + 1) * self.batch_size]
        return rows, self._order.random(number, position)

    def on_epoch_begin(self) -> None:
        self._epoch_has_begun = True

    def on_epoch_end(self) -> None:
        # Keras calls this once more before the first epoch. The step to the next epoch is taken here and not
        # at its beginning, since Keras starts the worker threads before it announces an epoch.
        if self._epoch_has_begun:
            self.epoch += 1
