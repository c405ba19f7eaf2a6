"""Peak memory of what this process computes on: the first GPU, or the main memory."""

import sys
from contextlib import suppress
from pathlib import Path

import keras

from fer import kernel

MEBIBYTE = 2**20


def reset_peak() -> None:
    """Starts the count anew. On JAX the peak of a GPU cannot be reset and stays that of the whole process."""
    match _device():
        case "tensorflow":
            import tensorflow as tf

            tf.config.experimental.reset_memory_stats("GPU:0")
        case "torch":
            import torch

            torch.cuda.reset_peak_memory_stats()
        case "cpu" if sys.platform == "linux":
            with suppress(OSError):  # where it is forbidden the peak stays that of the whole process
                Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """Returns the largest use since ``reset_peak`` in MiB; NaN where the system does not tell.

    On a GPU this counts what the backend's allocator gave out, on a CPU the resident memory of the process.
    """
    match _device():
        case "tensorflow":
            import tensorflow as tf

            return tf.config.experimental.get_memory_info("GPU:0")["peak"] / MEBIBYTE
        case "torch":
            import torch

            return torch.cuda.max_memory_allocated() / MEBIBYTE
        case "jax":
            import jax

            return jax.devices()[0].memory_stats()["peak_bytes_in_use"] / MEBIBYTE
    return _peak_resident()


def is_out_of_memory(error: Exception) -> bool:
    """Tells whether an error says that a device has no memory left."""
    text = f"{type(error).__name__} {error}".lower()
    signs = ("resourceexhausted", "resource_exhausted", "outofmemory", "out of memory")
    return isinstance(error, MemoryError) or any(sign in text for sign in signs)


def _device() -> str:
    """The backend if it has a GPU, else "cpu"."""
    backend = keras.backend.backend()
    return backend if kernel.count_usable_gpus(backend) else "cpu"


def _peak_resident() -> float:
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return float("nan")
    values = dict(line.split(":", 1) for line in lines)
    return float(values["VmHWM"].split()[0]) / 1024 if "VmHWM" in values else float("nan")
