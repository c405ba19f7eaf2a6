"""Parsed data sets on disk, so that the second load is fast. Every file here can be made again.

A cache is an npz archive with a digest before it, so that a damaged one is recognised whatever the damage.
"""

import hashlib
import io
import logging
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fer import paths
from fer.files import atomic_write

logger = logging.getLogger(__name__)

_DIGEST_SIZE = 32


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
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        logger.warning("Cannot read the cache %s (%s).", file, error)
        return {}
    if _digest(content[_DIGEST_SIZE:]) != content[:_DIGEST_SIZE]:
        logger.warning("The cache %s is damaged and made again.", file)
        return {}
    with np.load(io.BytesIO(content[_DIGEST_SIZE:])) as arrays:
        return dict(arrays)


def write(source: Path, arrays: dict[str, np.ndarray]) -> None:
    """Keeps arrays for a file or folder. Where that is not possible, it says so and goes on."""
    file = _file(source)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    content = buffer.getvalue()
    try:
        with atomic_write(file) as temporary:
            temporary.write_bytes(_digest(content) + content)
    except OSError as error:
        logger.warning("Cannot write the cache %s (%s): the next load parses again.", file, error)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest()


def _file(source: Path) -> Path:
    path = source.resolve()
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return paths.cache() / "datasets" / f"{path.stem}-{name}.cache"
