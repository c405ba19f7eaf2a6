"""Whole frames with FER-2013's faces: where detectors draw their boxes, and what finding and framing cost.

    python -m tests.benchmarks.framing boxes --root FER2013 --backgrounds PHOTOS
    python -m tests.benchmarks.framing frames MODEL --root FER2013 --backgrounds PHOTOS [--pypi]

``boxes`` gives the two numbers of ``fer.faces.Framing`` for each detector, on faces of the training split.
``frames`` compares each detector's frames with the given crops, on the validation split; ``--pypi`` measures
the package ``fer`` of PyPI in the same way beside them and needs the network once, to install it aside.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from fer import datasets, faces, images, inference, kernel
from fer.datasets import FaceDataset
from fer.evaluation.frames import locate_faces, predict_scenes, summarize
from tests.benchmarks import pypi


class PyPI:
    """The other package, as ``fer.evaluation.frames.Recognizer``.

    Args:
        worker: A process of ``pypi_answers.py``.
        folder: Where pictures are put for it to read.
        emotions: Its emotions.
    """

    OFFSET = 10
    """Pixels that it adds on each side of a box."""

    def __init__(self, worker, folder: Path, emotions: tuple[str, ...]):
        self.emotions = emotions
        self._worker, self._picture = worker, folder / "picture.npy"

    def predict(self, image: np.ndarray) -> list[inference.FacePrediction]:
        return self._ask(image, None)

    def classify(self, crops: list[np.ndarray]) -> np.ndarray:
        probabilities = []
        for crop in crops:
            inner = len(crop) - 2 * self.OFFSET
            (face,) = self._ask(images.convert(crop, None, 3), (self.OFFSET, self.OFFSET, inner, inner))
            probabilities.append([face.emotions[emotion] for emotion in self.emotions])
        return np.array(probabilities)

    def _ask(self, image: np.ndarray, box: tuple | None) -> list[inference.FacePrediction]:
        np.save(self._picture, image)
        print(json.dumps([str(self._picture), box]), file=self._worker.stdin, flush=True)
        answers = json.loads(self._worker.stdout.readline())
        return [
            inference.FacePrediction(tuple(answer["box"]), 1.0, None, answer["emotions"])
            for answer in answers
        ]


def boxes(options: argparse.Namespace, data: FaceDataset) -> pd.DataFrame:
    """Returns medians, and standard deviations by median absolute deviations, one row a detector."""
    detectors = {name: faces.detector(name) for name in options.detectors}
    rows = {}
    for name, detector in detectors.items():
        places = locate_faces(detector, data, options.backgrounds, options.seed)
        middles = places.median()
        spreads = 1.4826 * (places - middles).abs().median()
        rows[name] = {"n": len(places), "found": places["side"].notna().mean()}
        rows[name] |= middles.to_dict() | spreads.add_suffix("_spread").to_dict()
    return pd.DataFrame(rows).T


def frames(options: argparse.Namespace, data: FaceDataset) -> pd.DataFrame:
    """Returns what whole frames cost, one row a detector."""
    where = {"backgrounds": options.backgrounds, "seed": options.seed}
    rows = {}
    for name in options.detectors:
        predictor = inference.Predictor(options.model, name)
        rows[name] = summarize(predict_scenes(predictor, data, **where))
    if options.pypi:
        with tempfile.TemporaryDirectory() as folder, pypi.process("pypi_answers.py") as worker:
            other = PyPI(worker, Path(folder), data.emotions)
            rows[pypi.NAME] = summarize(predict_scenes(other, data, **where))
    return pd.DataFrame(rows).T


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.framing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    for function, split in ((boxes, "train"), (frames, "validation")):
        command = commands.add_parser(function.__name__, help=function.__doc__)
        command.set_defaults(function=function, split=split)
        command.add_argument("--root", type=Path, help="of FER-2013 (default: its place under data/)")
        command.add_argument(
            "--backgrounds", type=Path, help="folder of photos without faces; else drawn ones"
        )
        command.add_argument(
            "--detectors", nargs="*", choices=sorted(faces.DETECTORS), default=["ssd", "mtcnn"]
        )
        command.add_argument("--n", type=int, help="faces, drawn at random (default: all of the split)")
        command.add_argument("--seed", type=int, default=0, help="default: 0")
        command.add_argument("--json", action="store_true", help="print JSON instead of a table")
        if function is frames:
            command.add_argument(
                "model", help="a trained model such as emotion-small, or the folder of a run"
            )
            command.add_argument("--pypi", action="store_true", help=f"also measure {pypi.NAME}")
    options = parser.parse_args()
    kernel.device_report()  # quiet start, before Keras is imported
    data = datasets.load("fer2013", options.root).split(options.split)
    if options.n is not None:
        data = data.take(np.random.default_rng(options.seed).permutation(len(data))[: options.n])
    result = options.function(options, data)
    print(json.dumps(result.T.to_dict(), indent=2) if options.json else result.T.to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
