"""One training on several devices of one machine."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import keras


def scope(devices: Sequence[str] | None = None) -> AbstractContextManager:
    """Returns the context in which a model is built that all devices train together.

    Each batch is divided among the devices, which add up their gradients
    (``tf.distribute.MirroredStrategy``). Batch normalization sees the share of its own device.

    Args:
        devices: Names such as "GPU:0"; None for all GPUs. With fewer than two the context does nothing.

    Raises:
        NotImplementedError: Several devices are named and the Keras backend is not TensorFlow.
    """
    if keras.backend.backend() != "tensorflow":
        if devices is not None and len(devices) > 1:
            raise NotImplementedError(
                f"Several devices train together on the TensorFlow backend only. Received: {devices} on "
                f"{keras.backend.backend()!r}"
            )
        return nullcontext()
    import tensorflow as tf

    if devices is None:
        devices = [device.name.removeprefix("/device:") for device in tf.config.list_logical_devices("GPU")]
    return tf.distribute.MirroredStrategy(list(devices)).scope() if len(devices) > 1 else nullcontext()


def is_distributed() -> bool:
    """Returns whether this is the scope of several devices."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return tf.distribute.get_strategy().num_replicas_in_sync > 1
