"""The csv of FER-2013: columns emotion (0…6), pixels (2,304 gray values) and Usage, in any order."""

import csv
import gzip
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
from tqdm.auto import tqdm

from fer import labels
from fer.datasets.base import DamagedDataError

VERSION = 1
IMAGE_SIZE = 48
COLUMNS = ("emotion", "pixels", "usage")
USAGES = ("Training", "PublicTest", "PrivateTest")
"""The usages in the order of ``base.SPLITS``: PublicTest is the validation set."""

_LABELS = {str(label): label for label in range(len(labels.FER2013))}
_ARCHIVED = ("fer2013.csv", "icml_face_data.csv", "fer2013.csv.gz", "fer2013.tar.gz")
_ENDS_EARLY = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, tarfile.ReadError)


def parse(path: Path) -> dict[str, np.ndarray]:
    """Parses the csv, also inside gz, tar.gz or zip, with a progress bar.

    A row that cannot be used is left out and listed with its line and the reason. Empty lines count as
    lines, but are no rows.

    Returns:
        ``images`` uint8 (n, 48, 48), ``emotion`` and ``split`` int64 (n,), positions in ``labels.FER2013``
        and ``base.SPLITS``, ``line`` int64 (n,), counted from 1 with the header, and ``skipped_line`` int64
        (m,) with ``skipped_reason`` str (m,).

    Raises:
        DamagedDataError: The file is no such csv: empty, a web page, a column missing.
    """
    pixels = bytearray()
    rows: list[tuple[int, int, int]] = []
    skipped: list[tuple[int, str]] = []
    with (
        _open(path) as (file, stream),
        tqdm(total=path.stat().st_size, desc=path.name, unit="B", unit_scale=True) as progress,
        _strict_numbers(),
    ):
        number = 1
        try:
            header = _header(stream.readline(4096), path)
            for number, line in enumerate(stream, start=2):
                if line := line.strip():
                    try:
                        emotion, split, image = _parse_row(line, header)
                    except ValueError as error:
                        skipped.append((number, str(error)))
                    else:
                        rows.append((emotion, split, number))
                        pixels += image.astype(np.uint8).tobytes()
                progress.update(file.tell() - progress.n)
        except _ENDS_EARLY:
            skipped.append((number + 1, "the compressed file is damaged or ends here, the rest is lost"))
    if not rows and not skipped:
        raise DamagedDataError(f"{path} has a header, but no rows.")
    emotion, split, line = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return {
        "images": np.frombuffer(pixels, dtype=np.uint8).reshape(-1, IMAGE_SIZE, IMAGE_SIZE),
        "emotion": emotion,
        "split": split,
        "line": line,
        "skipped_line": np.array([number for number, _ in skipped], dtype=np.int64),
        "skipped_reason": np.array([reason for _, reason in skipped], dtype=str),
    }


@contextmanager
def _open(path: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Gives the file and, in it or itself, the csv."""
    try:
        with path.open("rb") as file, _decompressed(file, path.name) as stream:
            yield file, stream
    except _ENDS_EARLY as error:
        raise DamagedDataError(
            f"{path} is damaged or half downloaded ({error}). Download it again."
        ) from error


@contextmanager
def _decompressed(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    start = file.read(4)
    file.seek(0)
    if name.endswith((".tar.gz", ".tgz")):
        with tarfile.open(fileobj=file, mode="r|gz") as archive:
            for member in archive:
                if PurePosixPath(member.name).name in _ARCHIVED:
                    yield archive.extractfile(member)
                    return
        raise DamagedDataError(f"{name} holds none of {', '.join(_ARCHIVED)}.")
    if start == b"PK\x03\x04":
        with zipfile.ZipFile(file) as archive:
            by_name = {PurePosixPath(member).name: member for member in archive.namelist()}
            found = next((by_name[wanted] for wanted in _ARCHIVED if wanted in by_name), None)
            if found is None:
                raise DamagedDataError(
                    f"{name} holds none of {', '.join(_ARCHIVED)}. If it holds class folders, unpack it."
                )
            with archive.open(found) as inner, _decompressed(inner, found) as stream:
                yield stream
    elif start.startswith(b"\x1f\x8b"):
        with gzip.open(file) as stream:
            yield stream
    else:
        yield file


@contextmanager
def _strict_numbers() -> Iterator[None]:
    """Makes ``np.fromstring`` refuse a text that is not all numbers; it warns where it should fail."""
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "string or file could not be read", DeprecationWarning)
        yield


def _header(line: bytes, path: Path) -> list[str]:
    text = line.decode("utf-8-sig", errors="replace").strip()
    if not text:
        raise DamagedDataError(f"{path} is empty.")
    if text.startswith("<"):
        raise DamagedDataError(f"{path} is a web page, not the csv. Download it again while signed in.")
    if text.startswith("version https://git-lfs"):
        raise DamagedDataError(
            f"{path} is a Git LFS pointer, not the csv. Run `git lfs pull` where it is from."
        )
    header = [name.strip(' "').lower() for name in text.split(",")]
    if missing := [name for name in COLUMNS if name not in header]:
        raise DamagedDataError(
            f"{path} has no column {', '.join(missing)}. It must have emotion, pixels and Usage. "
            f"Its first line is: {text[:80]!r}"
        )
    return header


def _parse_row(line: bytes, header: list[str]) -> tuple[int, int, np.ndarray]:
    try:
        fields = next(csv.reader([line.decode()]))
    except UnicodeDecodeError:
        raise ValueError("bytes that are not text") from None
    except csv.Error:
        raise ValueError("not a row of a csv") from None
    if len(fields) != len(header):
        raise ValueError("wrong number of fields")
    emotion, pixels, usage = (fields[header.index(name)].strip() for name in COLUMNS)
    if emotion not in _LABELS:
        raise ValueError("emotion is missing or not 0 to 6")
    if usage not in USAGES:
        raise ValueError(f"usage is none of {', '.join(USAGES)}")
    try:
        image = np.fromstring(pixels, dtype=np.int64, sep=" ")
    except (DeprecationWarning, ValueError):
        raise ValueError("a pixel is not a whole number") from None
    if len(image) != IMAGE_SIZE**2:
        raise ValueError("wrong number of pixels")
    if image.min() < 0 or image.max() > 255:
        raise ValueError("a pixel is not from 0 to 255")
    return _LABELS[emotion], USAGES.index(usage), image
