"""From a video to a table of its faces."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from fer.files import atomic_write
from fer.inference.predictor import Predictor
from fer.inference.stream import FaceStream

SUFFIXES = frozenset({".avi", ".mkv", ".mov", ".mp4", ".webm"})
"""Endings of the files that count as videos, in lower case."""

COLUMNS = ("time", "track", "x", "y", "width", "height", "score")
"""Columns of the table before one for each emotion: seconds, number of the face, pixels, score."""

_COMPLETE = 0.95
"""Share of the announced frames that make a video whole: some formats only estimate how many they have."""


class Incomplete(ValueError):
    """A video ends before it should."""


def analyse(path: Path, predictor: Predictor, table: Path) -> None:
    """Writes a csv with a row for each face in each frame of a video.

    Args:
        path: The video.
        predictor: Detects and classifies.
        table: The csv file; columns: ``COLUMNS`` and the emotions (probabilities, smoothed over time).

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file cannot be read as a video.
        Incomplete: The video ends early. The table holds what was read, as it does after Ctrl-C.
    """
    stopped = None
    stream = FaceStream(predictor)
    frames = read(path)
    first = next(frames)  # a file that is no video leaves no table
    with atomic_write(table) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, *predictor.emotions])
        try:
            for time, frame in itertools.chain([first], frames):
                for face in stream.update(frame, time):
                    shares = (round(share, 4) for share in (face.score, *face.emotions.values()))
                    writer.writerow([round(time, 3), face.track, *face.box, *shares])
        except (Incomplete, KeyboardInterrupt) as error:
            stopped = error
    if stopped:
        raise stopped


def read(path: Path) -> Iterator[tuple[float, np.ndarray]]:
    """Gives the frames of a video: seconds from its beginning and the RGB picture, with a progress bar.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file cannot be read as a video.
        Incomplete: The video ends early.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    capture = cv2.VideoCapture(str(path))
    try:
        announced = max(int(capture.get(cv2.CAP_PROP_FRAME_COUNT)), 0)
        rate = capture.get(cv2.CAP_PROP_FPS)
        count = 0
        with tqdm(total=announced or None, desc=path.name, unit="frame", disable=None) as progress:
            while (picture := capture.read()[1]) is not None:
                time = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000 or count / (rate or 30)
                yield time, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
                count += 1
                progress.update()
    finally:
        capture.release()
    if not count:
        raise ValueError(f"{path}: cannot be read as a video")
    if count < _COMPLETE * announced:
        raise Incomplete(f"{path}: ends after {count:,} of {announced:,} frames; what was read is kept")
