"""An augmented epoch over more and more pictures in class folders: times for 1,000 pictures, and peak memory.

``python -m tests.benchmarks.growth FOLDER memory|disk`` reads one folder and prints its readings as JSON.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2

from fer import labels, synthetic
from tests.benchmarks.timing import Result

NUMBERS = {"memory": (1_000, 10_000, 100_000), "disk": (1_000, 10_000, 100_000, 1_000_000)}
"""Numbers of pictures that are held in memory, and that are read batch by batch."""

IMAGE_SIZE = 48
BLOCK = 4096
"""What a picture takes on the disk, in bytes."""


def measure(repeats: int) -> list[Result]:
    """Takes the readings once, in a process for each number of pictures; ``repeats`` is not used.

    Pictures that would fill the disk are left out.
    """
    readings = {}
    for number in NUMBERS["disk"]:
        with tempfile.TemporaryDirectory() as folder:
            if shutil.disk_usage(folder).free < 2 * BLOCK * number:
                break
            draw(Path(folder) / "faces", number)
            for source in NUMBERS:
                if number in NUMBERS[source]:
                    readings[source, number] = _in_own_process(Path(folder) / "faces", source)
    results = []
    for name in ("load", "load again", "epoch", "peak memory"):
        unit = "MiB" if name == "peak memory" else "ms"
        for (source, number), reading in readings.items():
            case = f"{name}, {source}, {number:,} pictures"
            first = f"{name}, {source}, {NUMBERS[source][0]:,} pictures"
            results.append(Result(case, (reading[name],), unit, None if case == first else first))
    return sorted(results, key=lambda result: result.case.split(", ")[:2])


def draw(folder: Path, number: int) -> None:
    """Fills class folders with synthetic faces: 2,000 different ones again and again, a file each."""
    faces = synthetic.generate(min(number, 2000), image_size=IMAGE_SIZE)
    files = [cv2.imencode(".png", image)[1].tobytes() for image in faces.images]
    for emotion in labels.FER2013:
        (folder / emotion).mkdir(parents=True)
    for row in range(number):
        place = folder / faces.table["emotion"][row % len(files)] / f"{row:07}.png"
        place.write_bytes(files[row % len(files)])


def read(folder: Path, in_memory: bool) -> dict[str, float]:
    """Loads a folder twice and takes an epoch of its batches, as a training does."""
    from fer import datasets, pipelines
    from fer.experiments import memory

    readings = {}
    for name in ("load", "load again"):
        begin = time.perf_counter()
        faces = datasets.load("folder", root=folder, in_memory=in_memory)
        readings[name] = 1e6 * (time.perf_counter() - begin) / len(faces)
    begin = time.perf_counter()
    batches = pipelines.train_batches(faces, IMAGE_SIZE, 1, batch_size=128)
    for index in range(len(batches)):
        batches[index]
    readings["epoch"] = 1e6 * (time.perf_counter() - begin) / len(faces)
    return readings | {"peak memory": memory.peak()}


def _in_own_process(folder: Path, source: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.growth", folder, source]
    environment = os.environ | {"FER_CACHE": str(folder.parent / source)}  # or one would know the other's
    answer = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(answer.stdout.splitlines()[-1])


if __name__ == "__main__":
    print(json.dumps(read(Path(sys.argv[1]), in_memory=sys.argv[2] == "memory")))
