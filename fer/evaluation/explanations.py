"""Where in the image a network finds what speaks for a class."""

from collections.abc import Sequence

import cv2
import keras
import numpy as np

from fer.evaluation.gradients import score_gradients


def grad_cam(
    model: keras.Model,
    images: np.ndarray,
    class_index: int | Sequence[int] | None = None,
    layer: str | None = None,
) -> np.ndarray:
    """Returns heatmaps of the evidence for a class (Grad-CAM).

    L = ReLU(Σₖ αₖ Aᵏ), where Aᵏ is channel k of a feature map and αₖ the mean over its places of ∂y/∂Aᵏ; y is
    the score of the class before the softmax (Selvaraju et al. 2017, eq. 1, 2).

    Args:
        model: A functional or sequential model of images.
        images: float32, shape (n, height, width, channels), range 0…1.
        class_index: A class for all images, one for each, or None for the most probable of each.
        layer: Name of the layer whose feature map is looked at. None is the last one before the head. For
            small images an earlier one shows more: at 48×48 the last map of ResNet50 has 2×2 places.

    Returns:
        float32, shape (n, height, width). The strongest place of each image is 1; all 0 where nothing speaks
        for the class.

    Raises:
        ValueError: ``layer`` or ``class_index`` is not as described.

    Example:
        >>> heatmaps = grad_cam(model, images, layer="stage3_block6_output")
    """
    maps, gradients = score_gradients(model, images, class_index, layer)
    weights = gradients.mean(axis=(1, 2), keepdims=True)
    evidence = np.maximum((weights * maps).sum(axis=-1), 0)
    height, width = images.shape[1:3]
    heatmaps = np.stack(
        [cv2.resize(one, (width, height), interpolation=cv2.INTER_LINEAR) for one in evidence]
    )
    peaks = heatmaps.max(axis=(1, 2), keepdims=True)
    return np.divide(heatmaps, peaks, out=np.zeros_like(heatmaps), where=peaks > 0)
