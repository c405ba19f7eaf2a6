"""A folder of photos → a folder of face crops, made in parallel and safe to interrupt."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue

import cv2
import numpy as np
from PIL import Image
from tqdm import tqdm

from fer import images
from fer.faces import aligning, manifest
from fer.faces.base import Face
from fer.faces.cropping import crop
from fer.faces.detectors import DETECTORS, detector
from fer.faces.framing import Framing
from fer.files import atomic_write

WITH_LANDMARKS = tuple(sorted(name for name, kind in DETECTORS.items() if kind.gives_landmarks))
"""Detectors that find the eyes, by which faces are aligned."""

SIZE, ALIGNED_SIZE = 224, 256
"""Side of a crop and of an aligned face in pixels, unless another one is asked for."""


@dataclass(frozen=True)
class Settings:
    """What decides how a crop looks.

    Attributes:
        detector: Name of the face detector.
        threshold: Faces with a lower score are left out, 0…1. None is the detector's own default.
        size: Height and width of a crop in pixels; None is 224, or 256 for aligned faces.
        color: Whether crops are RGB instead of gray.
        all_faces: Whether every face of a photo is cropped instead of the one with the best score.
        align: Whether crops are made by ``align`` instead of ``crop``. Faces whose eyes coincide, seen from
            the side, then count as none.
    """

    detector: str = "yolo"
    threshold: float | None = None
    size: int | None = None
    color: bool = False
    all_faces: bool = False
    align: bool = False

    def __post_init__(self):
        if self.detector not in DETECTORS:
            raise ValueError(f"`detector` must be one of {sorted(DETECTORS)}. Received: {self.detector!r}")
        if self.size is None:
            object.__setattr__(self, "size", ALIGNED_SIZE if self.align else SIZE)
        if self.size < 1:
            raise ValueError(f"`size` must be a positive number of pixels. Received: {self.size!r}")
        if self.align and self.detector not in WITH_LANDMARKS:
            raise ValueError(
                f"`align` needs a detector that finds the eyes: {' or '.join(WITH_LANDMARKS)}. "
                f"Received: {self.detector!r}"
            )
        if self.align and self.color:
            raise ValueError("`align` gives gray crops. Received: `color` with it")
        if self.threshold is None:
            object.__setattr__(self, "threshold", DETECTORS[self.detector].default_threshold)

    def __str__(self) -> str:
        values = asdict(self)
        if values.pop("align"):  # not named where it is off: older manifests do not know it
            values |= {"align": True} | aligning.REACH
        else:
            values |= asdict(self.framing)
        return " ".join(f"{name}={value}" for name, value in values.items())

    @property
    def framing(self) -> Framing:
        """Where the square of a crop lies in the detector's boxes."""
        return DETECTORS[self.detector].framing


def prepare(source: Path | str, destination: Path | str, settings: Settings | None = None) -> dict:
    """Cuts the faces out of all photos of a folder and its sub-folders.

    ``happy/a.jpg`` becomes ``happy/a.jpg.png``, its second face ``happy/a.jpg-2.png``. What became of each
    file stands in ``manifest.csv`` in ``destination`` (columns: ``fer.faces.manifest``). Photos that are
    done already and have not changed since are not done again, so an interrupted run goes on where it was,
    also after a kill. Photos that vanished from ``source`` keep their crops.

    Args:
        source: The folder of photos. Hidden files are left out.
        destination: The folder of the crops; it may lie inside ``source``.
        settings: How to crop. None is the defaults.

    Returns:
        Numbers of files: ``photos``, of these ``found`` (with a face), ``no_face``, ``skipped`` (no image,
        damaged), and ``new`` (looked at in this call); ``crops``; ``seconds``; ``manifest`` (path).

    Raises:
        FileNotFoundError: ``source`` is missing or empty.
        ValueError: A setting is wrong, the folders contradict, or ``destination`` holds crops made with
            other settings.
        OSError: ``destination`` cannot be written. What is done so far is kept.
    """
    started = time.perf_counter()
    source, destination, settings = Path(source), Path(destination), settings or Settings()
    photos = _files(source, destination)
    path = destination / "manifest.csv"
    recorded = manifest.read(path)
    _check_settings(settings, recorded, destination)
    new = []
    for name in photos:
        if not _is_done(recorded.get(name, []), photos[name], destination, settings):
            for row in recorded.pop(name, []):
                if row["crop"]:
                    (destination / row["crop"]).unlink(missing_ok=True)
            new.append(name)
    if new:
        cropper = _Cropper(source, destination, settings)
        manifest.write(path, recorded)
        manifest.append(path, cropper.rows({name: photos[name] for name in new}))
        recorded = manifest.read(path)
        manifest.write(path, recorded)
    counts = Counter(recorded[name][0]["status"] for name in photos)
    return {
        "photos": len(photos),
        **{status: counts[status] for status in ("found", "no_face", "skipped")},
        "new": len(new),
        "crops": sum(bool(row["crop"]) for name in photos for row in recorded[name]),
        "seconds": round(time.perf_counter() - started, 2),
        "manifest": str(path),
    }


def _files(source: Path, destination: Path) -> dict[str, os.stat_result]:
    """Returns size and time of every file below ``source`` by its relative name."""
    if not source.is_dir():
        raise FileNotFoundError(f"There is no folder {source}. It should hold photos, in sub-folders or not.")
    inside, outside = source.resolve(), destination.resolve()
    if inside.is_relative_to(outside):
        raise ValueError(f"The crops need a folder of their own. Received: {destination} for {source}")
    skips_destination = outside.is_relative_to(inside)
    files = {}
    for path in sorted(inside.rglob("*")):
        name = path.relative_to(inside)
        hidden = any(part.startswith(".") for part in name.parts)
        if not hidden and not (skips_destination and path.is_relative_to(outside)) and path.is_file():
            files[name.as_posix()] = path.stat()
    if not files:
        raise FileNotFoundError(f"{source} holds no files. It should hold photos, in sub-folders or not.")
    return files


def _check_settings(settings: Settings, recorded: dict[str, list[manifest.Row]], destination: Path) -> None:
    for rows in recorded.values():
        if rows[0]["settings"] != str(settings):
            raise ValueError(
                f"{destination} holds crops made with other settings ({rows[0]['settings']}). Choose another "
                f"folder, delete that one, or use its settings. Received: {settings}"
            )


def _is_done(rows: list[manifest.Row], file: os.stat_result, destination: Path, settings: Settings) -> bool:
    if not rows or (rows[0]["bytes"], rows[0]["modified"]) != (str(file.st_size), str(file.st_mtime_ns)):
        return False
    expected = max(1, int(rows[0]["faces"])) if settings.all_faces else 1
    return len(rows) == expected and all((destination / row["crop"]).exists() for row in rows)


class _Cropper:
    """Detects and crops in several threads; OpenCV and Pillow work outside Python's global lock."""

    def __init__(self, source: Path, destination: Path, settings: Settings):
        self.source, self.destination, self.settings = source, destination, settings
        first = detector(settings.detector, settings.threshold)
        self.threads = (os.cpu_count() or 1) if first.parallel else 1
        self.detectors = SimpleQueue()
        self.detectors.put(first)
        for _ in range(self.threads - 1):
            self.detectors.put(detector(settings.detector, settings.threshold))

    def rows(self, files: dict[str, os.stat_result]) -> Iterator[list[manifest.Row]]:
        """Makes the crops and gives the manifest's rows of each file, in the order of the files."""
        # One photo a core is faster than all cores on one photo, and than processes that each start anew.
        opencv_threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        pool = ThreadPoolExecutor(self.threads)
        try:
            done = pool.map(self._file, files.keys(), files.values())
            yield from tqdm(done, total=len(files), desc="Faces", unit="photo", disable=None)
        finally:
            pool.shutdown(cancel_futures=True)
            cv2.setNumThreads(opencv_threads)

    def _file(self, name: str, file: os.stat_result) -> list[manifest.Row]:
        row = dict.fromkeys(manifest.COLUMNS, "") | {
            "source": name,
            "faces": 0,
            "bytes": file.st_size,
            "modified": file.st_mtime_ns,
            "settings": self.settings,
        }
        path = self.source / name
        if path.suffix.lower() not in images.SUFFIXES:
            return [row | {"status": "skipped", "reason": "not an image"}]
        try:
            image = images.read(path)
        except ValueError as error:
            return [row | {"status": "skipped", "reason": str(error).removeprefix(f"{path}: ")}]
        face_detector = self.detectors.get()
        try:
            faces = face_detector.detect(image)
        finally:
            self.detectors.put(face_detector)
        if self.settings.align:
            faces = [face for face in faces if aligning.has_eyes(face.landmarks)]
        if not faces:
            return [row | {"status": "no_face", "reason": "no face"}]
        rows = []
        for number, face in enumerate(faces if self.settings.all_faces else faces[:1], start=1):
            result = f"{name}.png" if number == 1 else f"{name}-{number}.png"
            with atomic_write(self.destination / result) as temporary:
                Image.fromarray(self._crop(image, face)).save(temporary)
            box = dict(zip(("x", "y", "width", "height"), face.box, strict=True))
            found = {"crop": result, "score": f"{face.score:.4f}", "faces": len(faces), "status": "found"}
            rows.append(row | box | found)
        return rows

    def _crop(self, image: np.ndarray, face: Face) -> np.ndarray:
        if self.settings.align:
            return aligning.align(image, face.landmarks, self.settings.size)
        return crop(image, face, self.settings.framing, self.settings.size, gray=not self.settings.color)
