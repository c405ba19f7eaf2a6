"""Draws a sheet of synthetic faces: one row an emotion, one column a person."""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from fer import files, labels, synthetic
from fer.synthetic.parameters import DIFFICULTIES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m fer.synthetic", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="image file to write, e.g. sheet.png")
    parser.add_argument("--size", type=int, default=96, help="pixels of a face (default 96)")
    parser.add_argument("--columns", type=int, default=10, help="number of people (default 10)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--difficulty", choices=DIFFICULTIES, default="standard")
    parser.add_argument("--gray", action="store_true", help="gray instead of colour")
    arguments = parser.parse_args()
    try:
        picture = sheet(
            arguments.columns, arguments.size, arguments.seed, arguments.difficulty, not arguments.gray
        )
    except ValueError as error:
        parser.error(str(error))
    try:
        with files.atomic_write(arguments.out) as temporary:
            Image.fromarray(picture).save(temporary)
    except (OSError, ValueError) as error:
        sys.exit(f"{arguments.out}: cannot be written ({error})")


def sheet(columns: int, size: int, seed: int, difficulty: str, color: bool) -> np.ndarray:
    """Returns a picture of all emotions, in the order of ``labels.FER2013``, on ``columns`` people."""
    emotions = labels.FER2013
    faces = synthetic.generate(columns * len(emotions), seed, size, color, difficulty)
    order = [np.flatnonzero(faces.table["emotion"] == emotion) for emotion in emotions]
    return np.concatenate([np.concatenate(faces.images[row], axis=1) for row in order])


if __name__ == "__main__":
    main()
