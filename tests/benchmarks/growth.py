"""Time and memory of an augmented epoch over more and more pictures, which lie in class folders.

``python -m tests.benchmarks.growth FOLDER`` reads one folder and prints its readings as JSON.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

from fer import labels, synthetic
from tests.benchmarks.timing import Result

NUMBERS = (1_000, 10_000, 100_000, 1_000_000)
IMAGE_SIZE = 48
BLOCK = 4096
"""What a picture takes on the disk, in bytes."""

UNITS = {"first load": "ms", "second load": "ms", "epoch": "ms", "peak memory": "MiB"}
"""Times are for 1,000 pictures, so that linear growth shows as equal numbers."""


def measure(repeats: int, numbers: tuple[int, ...] = NUMBERS) -> list[Result]:
    """Takes the readings in a process of its own for each number of pictures; ``repeats`` is not used.

    Pictures that would fill the disk are left out.
    """
    readings = {}
    for number in numbers:
        with tempfile.TemporaryDirectory() as folder:
            if shutil.disk_usage(folder).free < 2 * BLOCK * number:
                break
            draw(Path(folder) / "faces", number)
            readings[number] = _in_own_process(Path(folder) / "faces")
    results = []
    for name, unit in UNITS.items():
        for number, reading in readings.items():
            reference = None if number == numbers[0] else f"{numbers[0]:,} pictures: {name}"
            results.append(Result(f"{number:,} pictures: {name}", (reading[name],), unit, reference))
    return results


def draw(folder: Path, number: int) -> None:
    """Fills class folders with synthetic faces: 2,000 different ones again and again, a file each."""
    faces = synthetic.generate(min(number, 2000), image_size=IMAGE_SIZE)
    files = [cv2.imencode(".png", image)[1].tobytes() for image in faces.images]
    for emotion in labels.FER2013:
        (folder / emotion).mkdir(parents=True)
    for row in range(number):
        place = folder / faces.table["emotion"][row % len(files)] / f"{row:07}.png"
        place.write_bytes(files[row % len(files)])


def read(folder: Path) -> dict[str, float]:
    """Loads a folder twice and takes an epoch of its batches, as a training does."""
    from fer import datasets, pipelines
    from fer.experiments import memory

    readings = {}
    for name in ("first load", "second load"):
        begin = time.perf_counter()
        faces = datasets.load("folder", root=folder)
        readings[name] = 1e6 * (time.perf_counter() - begin) / len(faces)
    begin = time.perf_counter()
    batches = pipelines.train_batches(faces, IMAGE_SIZE, 1, batch_size=128)
    for index in range(len(batches)):
        batches[index]
    readings["epoch"] = 1e6 * (time.perf_counter() - begin) / len(faces)
    return readings | {"peak memory": memory.peak()}


def _in_own_process(folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.growth", str(folder)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]))))
