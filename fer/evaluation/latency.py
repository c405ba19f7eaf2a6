"""How long networks take for a picture."""

import time
from collections.abc import Mapping

import keras
import numpy as np
import pandas as pd


def latencies(
    models: Mapping[str, keras.Model], *, batch_size: int = 1, repeats: int = 20, seed: int = 0
) -> pd.DataFrame:
    """Measures the compiled call of networks on a random batch in memory.

    The networks take turns, so that a change in the machine's speed meets all of them. The first call of
    each, which compiles it, is not counted.

    Args:
        models: Network by name; one input, of fixed size.
        batch_size: Pictures in a call.
        repeats: Number of calls of each network.
        seed: Of the pictures.

    Returns:
        One row a network, index its name: ``milliseconds`` for a picture (median), and the quartiles ``low``
        and ``high``.

    Example:
        >>> latencies({"small": small, "large": large})["milliseconds"]
    """
    random = np.random.default_rng(seed)
    batches = {
        name: random.random((batch_size, *model.input_shape[1:]), dtype=np.float32)
        for name, model in models.items()
    }
    for name, model in models.items():
        model.predict_on_batch(batches[name])
    seconds = {name: [] for name in models}
    for _ in range(repeats):
        for name, model in models.items():
            begin = time.perf_counter()
            model.predict_on_batch(batches[name])
            seconds[name].append(time.perf_counter() - begin)
    rows = {
        name: np.quantile(times, (0.5, 0.25, 0.75)) * 1000 / batch_size for name, times in seconds.items()
    }
    columns = ["milliseconds", "low", "high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("name")
