"""How far training has moved the weights of each layer."""

import keras
import numpy as np
import pandas as pd
from keras import ops


def weight_distance(before: keras.Model, after: keras.Model) -> pd.DataFrame:
    """Compares the kernels of two networks of one architecture, such as before and after fine-tuning.

    Args:
        before: The network with the weights w0.
        after: The network with the weights w1. Layers are matched by name; those that only one of the two
            has, or whose kernels differ in shape, are left out.

    Returns:
        One row a layer with a kernel: ``layer`` (name), ``depth`` (0 is next to the images), ``distance``
        (‖w1 - w0‖ / ‖w0‖), ``norm_before``, ``norm_after`` (L2) and ``cosine`` of the angle between w0 and
        w1, -1…1. What would be divided by the norm of a kernel of zeros is NaN.

    Raises:
        ValueError: The two have no such layer in common.

    Example:
        >>> weight_distance(pretrained.model, fine_tuned.model).nlargest(3, "distance")["layer"]
    """
    old, new = _kernels(before), _kernels(after)
    shared = [layer for layer in old if layer in new and old[layer].shape == new[layer].shape]
    if not shared:
        raise ValueError(
            "`before` and `after` must have kernels of one name and shape. "
            f"Received: kernels of {list(old)} and of {list(new)}"
        )
    rows = [(layer, depth, *_compared(old[layer], new[layer])) for depth, layer in enumerate(shared)]
    columns = ["layer", "depth", "distance", "norm_before", "norm_after", "cosine"]
    return pd.DataFrame(rows, columns=columns)


def _kernels(model: keras.Model) -> dict[str, np.ndarray]:
    """Kernels by name of the layer, float64."""
    layers = [layer for layer in model.layers if getattr(layer, "kernel", None) is not None]
    return {layer.name: np.float64(ops.convert_to_numpy(layer.kernel)) for layer in layers}


def _compared(before: np.ndarray, after: np.ndarray) -> tuple[float, float, float, float]:
    norm_before, norm_after = np.linalg.norm(before), np.linalg.norm(after)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.vdot(before, after) / (norm_before * norm_after)
    distance = np.linalg.norm(after - before) / norm_before if norm_before else np.nan
    return distance, norm_before, norm_after, cosine
