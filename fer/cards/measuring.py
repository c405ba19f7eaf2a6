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

PEOPLE_TO_FIND = 20
"""Synthetic people for the share of faces that a detector finds, by skin tone."""

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
        ``robustness`` and ``skin_tones`` (rows of the tables of ``fer.evaluation.robustness``); by detector
        ``frames`` (``fer.evaluation.frames.summarize``) and ``found_by_tone`` (shares, lightest first);
        ``backgrounds`` (number of photos; None where they were drawn).
    """
    classifier = Classifier(folder)
    validation = dataset.split("validation")
    train = dataset.split("train")
    known = {train.image(row).tobytes() for row in range(len(train))}
    copies = np.array([validation.image(row).tobytes() in known for row in range(len(validation))])
    result = fast.measure(folder, dataset, "validation")
    flipped = fast.measure(folder, dataset, "validation", flip=True)
    originals = fast.measure(folder, validation.take(~copies), "validation").metrics
    in_frames, by_tone = {}, {}
    for name in faces.available():
        predictions = frames.predict_scenes(Predictor(folder, name), validation, backgrounds)
        in_frames[name] = frames.summarize(predictions)
        by_tone[name] = frames.found_by_tone(faces.detector(name), PEOPLE_TO_FIND)["found"].tolist()
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
        "frames": in_frames,
        "found_by_tone": by_tone,
        "backgrounds": None if backgrounds is None else len(frames.photos(backgrounds)),
    }


def attributes(folder: Path, data: dict[str, FaceDataset]) -> dict[str, Any]:
    """Measures a model that tells several things, each on the real photos of its own data.

    Args:
        folder: The model's folder.
        data: The data of each output, all splits.

    Returns:
        ``outputs``: each with ``validation`` and ``test`` (as ``fast.Result.to_dict``, with the accuracy of
        each ``set`` of photos); ``beside``: by what is told and what is labelled, see ``told_beside``.
    """
    classifier = Classifier(folder)
    return {
        "beside": {
            told: {
                labelled: told_beside(classifier, told, data[told], data[labelled])
                for labelled in data
                if labelled != told
            }
            for told in data
        },
        "outputs": {
            name: {
                split: _report(fast.measure(folder, dataset, split, by="set"))
                for split in ("validation", "test")
            }
            for name, dataset in data.items()
        },
    }


def told_beside(
    classifier: Classifier, told: str, own: FaceDataset, other: FaceDataset
) -> dict[str, dict[str, int]]:
    """Counts what is told about validation photos that are labelled for something else.

    Args:
        classifier: The model.
        told: Which of its answers to count.
        own: The data of that answer. Collections that it has are left out: they are labelled.
        other: The data that is labelled for something else.

    Returns:
        True class of ``other`` → class of ``told`` → number of images.
    """
    validation = other.split("validation")
    validation = validation.take(~validation.table["set"].isin(own.table["set"]).to_numpy())
    if len(validation) == 0:
        return {}
    names = np.array(classifier.classes[told])
    answers = names[fast.predict(classifier, validation, told).argmax(axis=1)]
    true = validation.table["emotion"].to_numpy()
    return {
        label: {name: int(((true == label) & (answers == name)).sum()) for name in names.tolist()}
        for label in other.emotions
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
