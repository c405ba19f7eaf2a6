"""Faces and frames a second, beside the PyPI package fer, each with its default threads; and a long video.

One drawn face moves through frames of 640×480 pixels. Our network is ``small_cnn`` on the CPU, theirs a
quantized one of 64×64 pixels; our detector is the SSD, theirs a Haar cascade. Their rows need the network
once, to install the package aside.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np

from fer import inference, labels, models, paths, synthetic
from tests.benchmarks.timing import Result, in_turns, seconds

FRAMES = 20
PYPI = "fer 25.10.3 of PyPI"
PYPI_PACKAGES = ("fer==25.10.3", "setuptools<81")
"""The package imports pkg_resources, which a later setuptools does not have."""


def measure(repeats: int) -> list[Result]:
    """Measures a face that is classified where it is known, frames from end to end, and a long video."""
    there_and_back = [*range(FRAMES // 2), *range(FRAMES // 2, 0, -1)]
    video = np.stack([frame((100 + 8 * step, 130)) for step in there_and_back])
    predictor = _predictor()
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
        print(f"Without {PYPI}: {error}", file=sys.stderr)
        rates = in_turns(cases, repeats)
    results = []
    for name, values in rates.items():
        kind, reference = name.split(":")[0], f"{name.split(':')[0]}: {PYPI}"
        compared = reference if reference in rates and name != reference else None
        results.append(Result(name, values, f"{kind.removeprefix('a ')}s/s", compared))
    return [*results, *soak()]


def soak(frames: int = 10_000) -> list[Result]:
    """Returns the resident memory of this process after a tenth and after all frames of one video.

    Faces move through it, appear and vanish.
    """
    video = [frame((5 * number, 20 * (number % 8))) for number in range(60)] + 15 * [frame()]
    video += [frame((90 + number, 130), (330, 200 - number)) for number in range(75)]
    stream = inference.FaceStream(_predictor())
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


def _predictor() -> inference.Predictor:
    """A network with random weights: they do not change the time that it takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        models.build("small_cnn", (48, 48, 1), len(labels.FER2013)).save(file)
        return inference.Predictor(inference.export(file, folder, {"emotion": labels.FER2013}))


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
    packages = paths.cache() / "pypi-fer"
    if not packages.is_dir():
        _install(packages)
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "video.npy", video)
        worker = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("pypi_fer.py"), "video.npy", *map(str, box)],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(packages)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

        def ask(kind: str) -> float:
            print(kind, file=worker.stdin, flush=True)
            return 1 / float(worker.stdout.readline())

        with worker:
            if worker.stdout.readline() != "ready\n":
                raise RuntimeError("it does not start, or does not find the face")
            yield {f"a {kind}: {PYPI}": partial(ask, kind) for kind in ("face", "frame")}
            worker.stdin.close()


def _install(folder: Path) -> None:
    print(f"Installing {PYPI} aside, into {folder}, once.", file=sys.stderr)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", temporary]
        if subprocess.run([*pip, *PYPI_PACKAGES], check=False).returncode:
            raise RuntimeError("it cannot be installed")
        shutil.copytree(temporary, folder)
