"""Networks by name: a face image in, emotion probabilities out.

``build`` makes a new network of one of the ``architectures``; ``load`` gives a trained model of those that
are ``available``.

Every builder takes ``input_shape`` and ``num_classes``, ``kernel_initializer`` and ``activation``, then
options of plain types, and returns a functional Keras model. Its input is float32 in 0…1, as the pipelines
give it: scaling is theirs, so that no network hides a step that the data went through. Only one whose weights
come from elsewhere begins with the layer ``pixel_range``, which gives these the pixels that they know. The
last two layers, ``logits`` and ``predictions`` (softmax of the logits), stay float32 under mixed precision.

Keras is imported when a network is built, not before.
"""

from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING

from fer.models.shipped import available, load

if TYPE_CHECKING:
    import keras

__all__ = ["architectures", "available", "build", "load"]

_MODULES = {
    "alexnet": "fer.models.alexnet",
    "application": "fer.models.application",
    "conv_pool": "fer.models.conv_pool",
    "mobilenet_v2": "fer.models.mobilenet",
    "resnet50": "fer.models.resnet",
    "small_cnn": "fer.models.small_cnn",
    "small_resnet": "fer.models.small_resnet",
    "vgg_cnn": "fer.models.vgg_cnn",
}


def architectures() -> list[str]:
    """Returns the names that ``build`` knows."""
    return sorted(_MODULES)


def build(name: str, input_shape: tuple[int, int, int], num_classes: int, **options) -> "keras.Model":
    """Builds a network with new random weights.

    Args:
        name: One of ``architectures()``; the module of that network lists its options.
        input_shape: Height, width (pixels) and channels (1 gray, 3 RGB).
        num_classes: Number of emotions.
        **options: The network's own, such as ``kernel_initializer`` and ``activation``.

    Raises:
        ValueError: ``name`` is unknown, or the network refuses an option.

    Example:
        >>> model = build("resnet50", (48, 48, 1), num_classes=7, kernel_initializer="he_normal")
    """
    if name not in _MODULES:
        raise ValueError(f"`name` must be one of {architectures()}. Received: {name!r}")
    builder = getattr(import_module(_MODULES[name]), name)
    known = list(signature(builder).parameters)[2:]
    if unknown := sorted(set(options) - set(known)):
        raise ValueError(f"The options of {name!r} are {known}. Received: {unknown}")
    return builder(input_shape, num_classes, **options)
