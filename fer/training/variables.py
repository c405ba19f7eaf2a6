"""Initial and current values of a model's variables."""

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import keras
import numpy as np


def values(variables: Sequence[keras.Variable]) -> list[np.ndarray]:
    """Returns a copy of the values of variables."""
    return [keras.ops.convert_to_numpy(variable).copy() for variable in variables]


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seeds what the initializers of Keras draw their seeds from, and nothing else.

    ``keras.utils.set_random_seed`` would also seed TensorFlow, which then forgets its prepared kernels: every
    compiled function pays for that at its next call, a deep network with seconds.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


@contextmanager
def dtype_policy(precision: str) -> Iterator[None]:
    """Layers keep the policy that they were built with; that of the process stays."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
