"""Faces and frames a second, beside the PyPI package fer, each with its default threads; and a long video.

One drawn face moves through frames of 640×480 pixels. Our network is ``emotion-small``, of 48×48 pixels,
theirs a quantized one of 64×64; our detector is the YOLO, theirs a Haar cascade. Their rows need the network
once, to install the package aside.
"""

import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from fer import inference, models, synthetic
from tests.benchmarks import pypi
from tests.benchmarks.timing import Result, in_turns, seconds

MODEL = "emotion-small"
FRAMES = 20


def measure(repeats: int) -> list[Result]:
    """Measures a face that is classified where it is known, frames from end to end, and a long video."""
    there_and_back = [*range(FRAMES // 2), *range(FRAMES // 2, 0, -1)]
    video = np.stack([frame((100 + 8 * step, 130)) for step in there_and_back])
    predictor = inference.Predictor(MODEL)
    found = predictor.detect(video[0])
    stream = inference.FaceStream(predictor, detect_every=5)
    cases = {
        "a face: Predictor": _rate(lambda: [predictor.classify_faces(video[0], found) for _ in video]),
        "a frame: Predictor": _rate(lambda: [predictor.predict(image) for image in video]),
        "a frame: FaceStream, detects in every fifth": _rate(
            lambda: [stream.update(image, 0) for image in video]
        ),
    }
    try:
        with _pypi(video, found[0].box) as theirs:
            rates = in_turns(cases | theirs, repeats)
    except RuntimeError as error:
        print(f"Without {pypi.NAME}: {error}", file=sys.stderr)
        rates = in_turns(cases, repeats)
    results = []
    for name, values in rates.items():
        kind, reference = name.split(":")[0], f"{name.split(':')[0]}: {pypi.NAME}"
        compared = reference if reference in rates and name != reference else None
        results.append(Result(name, values, f"{kind.removeprefix('a ')}s/s", compared))
    return [*results, *_sizes(), *soak()]


def soak(frames: int = 10_000) -> list[Result]:
    """Returns the resident memory of this process after a tenth and after all frames of one video.

    Faces move through it, appear and vanish.
    """
    video = [frame((5 * number, 20 * (number % 8))) for number in range(60)] + 15 * [frame()]
    video += [frame((90 + number, 130), (330, 200 - number)) for number in range(75)]
    stream = inference.FaceStream(inference.Predictor(MODEL))
    readings = {}
    for number in range(1, frames + 1):
        stream.update(video[number % len(video)], number / 30)
        if number in (frames // 10, frames):
            readings[f"after {number:,} frames of a video"] = _resident()
    first = next(iter(readings))
    return [
        Result(name, (value,), "MiB", None if name == first else first) for name, value in readings.items()
    ]


def frame(*places: tuple[int, int]) -> np.ndarray:
    """Returns a picture of 640×480 pixels, RGB, with a drawn face of 220 pixels at each place (x, y)."""
    noise = np.random.default_rng(0).integers(60, 200, (12, 16, 3), dtype=np.uint8)
    picture = cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC)
    for face, (x, y) in zip(_faces(), places, strict=False):
        picture[y : y + 220, x : x + 220] = face
    return picture


@cache
def _faces() -> np.ndarray:
    return synthetic.generate(2, image_size=220, color=True, difficulty="easy").images


def _sizes() -> list[Result]:
    """Returns the size of both networks; of theirs where the package is there."""
    theirs = pypi.folder() / pypi.WEIGHTS
    files = {f"the network: {MODEL}": models.shipped.folder(MODEL) / "model.tflite"}
    files |= {f"the network: {pypi.NAME}": theirs} if theirs.is_file() else {}
    reference = f"the network: {pypi.NAME}" if theirs.is_file() else None
    return [
        Result(name, (path.stat().st_size / 1000,), "KB", None if name == reference else reference)
        for name, path in files.items()
    ]


def _rate(function: Callable[[], object]) -> Callable[[], float]:
    return lambda: FRAMES / seconds(function)


def _resident() -> float:
    """Memory that this process occupies now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


@contextmanager
def _pypi(video: np.ndarray, box: tuple[int, int, int, int]) -> Iterator[dict[str, Callable[[], float]]]:
    """Gives the cases of the other package, which runs in a process of its own.

    Raises:
        RuntimeError: It cannot be installed, or does not run.
    """
    with tempfile.TemporaryDirectory() as folder:
        frames = Path(folder) / "video.npy"
        np.save(frames, video)
        with pypi.process("pypi_fer.py", str(frames), *map(str, box)) as worker:

            def ask(kind: str) -> float:
                print(kind, file=worker.stdin, flush=True)
                return 1 / float(worker.stdout.readline())

            yield {f"a {kind}: {pypi.NAME}": partial(ask, kind) for kind in ("face", "frame")}
