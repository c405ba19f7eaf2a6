"""Opens the model files of this package."""

from pathlib import Path
from typing import TYPE_CHECKING

from fer import kernel

if TYPE_CHECKING:
    import keras


def load_file(path: Path) -> "keras.Model":
    """Returns the network in a Keras file, not compiled; one that was stored in half precision in float32.

    It is opened in Keras's safe mode, which runs no code from it. Keras finds only layers that are
    registered, so that the file with this package's own is imported first.
    """
    import keras

    import fer.models.custom_layers  # noqa: F401
    from fer.models.finishing import in_float32

    with kernel.native_stderr():  # some processors cannot compute in half precision, and say so
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    is_half = any(str(weight.dtype) == "float16" for weight in model.weights)
    return in_float32(model) if is_half else model
