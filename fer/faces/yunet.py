"""OpenCV's YuNet face detector, whose weights are downloaded when they are first needed."""

import hashlib
import http.client
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fer import paths
from fer.faces.base import LANDMARKS, Candidate, Detector
from fer.faces.framing import Framing
from fer.files import atomic_write

WEIGHTS = "face_detection_yunet_2023mar.onnx"
"""The file of weights, MIT licence, of https://github.com/opencv/opencv_zoo."""

BYTES = 232_589
SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"

URL = (
    "https://media.githubusercontent.com/media/opencv/opencv_zoo/f12e12798e8314f7c074a6656816c048dcc95b7a/"
    f"models/face_detection_yunet/{WEIGHTS}"
)
"""Of a fixed commit. The repository keeps its weights in Git LFS; other addresses may give a pointer only."""

TIMEOUT = 30
"""Seconds without an answer after which a download is given up."""

OVERLAP = 0.3
"""Of two boxes that overlap more (intersection over union), the one with the lower score is left out."""


class YuNet(Detector):
    """A small network with boxes and five landmarks (Wu, Peng and Yu 2023, doi:10.1007/s11633-023-1423-y).

    Args:
        threshold: Faces with a lower score are left out, 0…1. None is 0.45: masked faces score low.
        weights: The file ``WEIGHTS``. None is the one in the cache, downloaded on first use.

    Raises:
        FileNotFoundError: There is no such file, and it could not be downloaded.
        ValueError: ``weights`` is another file.
    """

    default_threshold = 0.45
    gives_landmarks = True
    framing = Framing(middle=0.489, side=0.970)
    longest_side = 1280  # at 4000 pixels it takes 1 GB, and it knows no face above some 300 pixels

    def __init__(self, threshold: float | None = None, weights: Path | str | None = None):
        super().__init__(threshold)
        content = _cached() if weights is None else _read(Path(weights))
        self._network = cv2.FaceDetectorYN.create(
            "onnx",
            np.frombuffer(content, dtype=np.uint8),
            np.empty(0, dtype=np.uint8),
            (320, 320),
            self.threshold,
            OVERLAP,
        )

    @classmethod
    def is_available(cls) -> bool:
        return _is_right(_in_cache())

    def _candidates(self, image: np.ndarray) -> Iterator[Candidate]:
        self._network.setInputSize(image.shape[1::-1])
        found = self._network.detect(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1]
        for left, top, width, height, *points, score in () if found is None else found.tolist():
            landmarks = dict(zip(LANDMARKS, zip(points[::2], points[1::2], strict=True), strict=True))
            yield (left, top, left + width, top + height), score, landmarks


def _in_cache() -> Path:
    return paths.cache() / "detectors" / WEIGHTS


def _is_right(path: Path) -> bool:
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == SHA256


def _read(path: Path) -> bytes:
    if not path.is_file():
        raise FileNotFoundError(f"There is no file {path}. {WEIGHTS} is at {URL}.")
    if not _is_right(path):
        raise ValueError(
            f"`weights` must be {WEIGHTS}, {BYTES:,} bytes, sha256 {SHA256}, from {URL}. "
            f"Received: {path}, {path.stat().st_size:,} bytes"
        )
    return path.read_bytes()


def _cached() -> bytes:
    """Returns the weights from the cache, downloaded if they are not there or damaged."""
    path = _in_cache()
    if not _is_right(path):
        content = _download(path)
        with atomic_write(path) as temporary:
            temporary.write_bytes(content)
    return path.read_bytes()


def _download(path: Path) -> bytes:
    by_hand = f"Download {URL} in a browser and put it at {path}, or use another detector, such as yolo."
    try:
        with urllib.request.urlopen(URL, timeout=TIMEOUT) as answer:
            content = answer.read(BYTES + 1)  # a wrong file may be large
    except (OSError, http.client.HTTPException) as error:
        raise FileNotFoundError(
            f"The yunet detector needs {WEIGHTS}, which could not be downloaded ({error}). {by_hand}"
        ) from error
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise FileNotFoundError(
            f"The yunet detector needs {WEIGHTS}, {BYTES:,} bytes, but its address gave another file, "
            f"which was not kept. {by_hand}"
        )
    return content
