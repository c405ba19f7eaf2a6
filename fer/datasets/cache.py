"""Parsed data sets on disk, so that the second load is fast. Every file here can be made again."""

import hashlib
import logging
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fer import paths
from fer.files import atomic_write

logger = logging.getLogger(__name__)


def cached(source: Path, version: int, make: Callable[[], dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Returns ``make()``, or what it returned last time if the source file has not changed since.

    Args:
        source: The file that is parsed. Its path, size and times of change decide.
        version: Version of the parser; another one parses again.
        make: Parses the file into named arrays.
    """
    status = source.stat()
    stamp = np.array([version, status.st_size, status.st_mtime_ns, status.st_ctime_ns])
    arrays = read(source)
    if np.array_equal(arrays.pop("stamp", None), stamp):
        return arrays
    arrays = make()
    write(source, arrays | {"stamp": stamp})
    return arrays


def read(source: Path) -> dict[str, np.ndarray]:
    """Returns the arrays kept for a file or folder, none if there are none or they are damaged."""
    file = _file(source)
    if not file.is_file():
        return {}
    try:
        with np.load(file) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        logger.warning("The cache %s is damaged and made again (%s).", file, error)
        return {}


def write(source: Path, arrays: dict[str, np.ndarray]) -> None:
    """Keeps arrays for a file or folder. Where that is not possible, it says so and goes on."""
    file = _file(source)
    try:
        with atomic_write(file) as temporary:
            np.savez(temporary, **arrays)
    except OSError as error:
        logger.warning("Cannot write the cache %s (%s): the next load parses again.", file, error)


def _file(source: Path) -> Path:
    path = source.resolve()
    name = hashlib.sha256(str(path).encode()).hexdigest()[:16]
    return paths.cache() / "datasets" / f"{path.stem}-{name}.npz"
