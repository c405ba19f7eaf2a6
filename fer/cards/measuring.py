"""What a card says of a model in numbers."""

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from fer import faces
from fer.datasets import FaceDataset
from fer.evaluation import fast, frames, robustness
from fer.evaluation.calibration import cross_fitted_error
from fer.inference import Classifier, Predictor
from fer.training import Run

PEOPLE = 60
"""Synthetic people for the accuracy by skin tone."""

CALLS = 500
"""Of a classifier, for its latency."""


def emotion(folder: Path, dataset: FaceDataset, backgrounds: Path | None = None) -> dict[str, Any]:
    """Measures a model of emotions on the validation split of the data that it was selected on.

    Args:
        folder: The model's folder.
        dataset: The data, all splits, images in FER-2013's framing.
        backgrounds: See ``fer.evaluation.frames.scenes``.

    Returns:
        ``outputs``: ``emotion``: ``validation`` (as ``fast.Result.to_dict``), with ``flip`` and
        ``without_copies`` (images that do not stand in the training split too; n, accuracy, interval);
        ``robustness`` and ``skin_tones`` (rows of the tables of ``fer.evaluation.robustness``); ``frames``
        by detector (``fer.evaluation.frames.summarize``).
    """
    classifier = Classifier(folder)
    validation = dataset.split("validation")
    train = dataset.split("train")
    known = {train.image(row).tobytes() for row in range(len(train))}
    copies = np.array([validation.image(row).tobytes() in known for row in range(len(validation))])
    result = fast.measure(folder, dataset, "validation")
    flipped = fast.measure(folder, dataset, "validation", flip=True)
    originals = fast.measure(folder, validation.take(~copies), "validation").metrics
    predictor_frames = {}
    for detector in sorted(faces.DETECTORS):
        predictions = frames.predict_scenes(Predictor(folder, detector), validation, backgrounds)
        predictor_frames[detector] = frames.summarize(predictions)
    return {
        "outputs": {
            "emotion": {
                "validation": _report(result)
                | {
                    "flip": {"accuracy": flipped.metrics.accuracy, "macro_f1": flipped.metrics.macro_f1},
                    "without_copies": {
                        "n": originals.n,
                        "accuracy": originals.accuracy,
                        "accuracy_interval": list(originals.accuracy_interval),
                    },
                }
            }
        },
        "robustness": robustness.measure(classifier, validation).to_dict("records"),
        "skin_tones": robustness.skin_tones(classifier, classifier.classes["emotion"], PEOPLE).to_dict(
            "records"
        ),
        "frames": predictor_frames,
    }


def attributes(folder: Path, data: dict[str, FaceDataset]) -> dict[str, Any]:
    """Measures a model that tells several things, each on the real photos of its own data.

    Args:
        folder: The model's folder.
        data: The data of each output, all splits.

    Returns:
        ``outputs``: each with ``validation`` and ``test`` (as ``fast.Result.to_dict``, with the accuracy of
        each ``set`` of photos).
    """
    return {
        "outputs": {
            name: {
                split: _report(fast.measure(folder, dataset, split, by="set"))
                for split in ("validation", "test")
            }
            for name, dataset in data.items()
        }
    }


def calibration(run: Run) -> dict[str, Any]:
    """Returns the expected calibration error on validation data before and after temperature scaling."""
    probabilities, labels = run.predictions("validation")
    return {
        "keras_accuracy": run.evaluation("validation").accuracy,
        "calibration": {
            "before": run.evaluation("validation").expected_calibration_error,
            "after": cross_fitted_error(probabilities, labels),
        },
    }


def speed(classifier: Classifier) -> dict[str, float]:
    """Returns the median and the 95th percentile of the milliseconds for a face, on one core."""
    shape = (classifier.image_size, classifier.image_size, 3)[: 3 if classifier.channels == 3 else 2]
    face = [np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)]
    times = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        classifier(face)
        times.append(1000 * (time.perf_counter() - begin))
    return {"median_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[-1]}


def _report(result: fast.Result) -> dict[str, Any]:
    """Returns a result without the place where the model lay."""
    return result.to_dict() | {"model": Path(result.model).name}
