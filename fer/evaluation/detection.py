"""How well and how fast detectors find faces that somebody marked."""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.datasets.boxes import BOX, BoxDataset
from fer.evaluation.average_precision import Detections, match
from fer.faces import Detector

SIZES = {"small": (0, 32), "medium": (32, 96), "large": (96, np.inf)}
"""Least size of a face and that from which on it is of the next kind, COCO's: root of the area in pixels."""

LOWEST_SCORE = 0.02
"""Threshold of a detector whose whole precision-recall curve is asked for."""

SAMPLES = 1000
"""Draws of photos for an interval."""


@dataclass(frozen=True, eq=False)
class DetectionMetrics:
    """How well the boxes of a detector fit the faces of some photos.

    Attributes:
        photos: Number of photos.
        skipped: Number of photos that could not be read.
        faces: Number of faces that count.
        ignored: Number of those that do not: marked so, or too small.
        ap50: Average precision at an intersection over union of 0.5; NaN where no face counts.
        ap50_interval: Its 95 % bootstrap interval over photos, (low, high).
        ap: Mean of the average precisions at 0.5, 0.55, … 0.95.
        by_size: One row a kind of ``SIZES``: ``faces``, ``ap50``, ``ap``.
        score_threshold: Score from which on a detection counts in the next three.
        recall: Share of the faces that are found.
        precision: Share of the detections that are faces.
        false_positives: Number a photo.
        curve: Precision and recall over the score, see ``average_precision.Matches.curve``.
        milliseconds: Median time for a photo in memory; None where none was measured.
    """

    photos: int
    skipped: int
    faces: int
    ignored: int
    ap50: float
    ap50_interval: tuple[float, float]
    ap: float
    by_size: pd.DataFrame
    score_threshold: float
    recall: float
    precision: float
    false_positives: float
    curve: pd.DataFrame
    milliseconds: float | None = None

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2 · right / (found + true)."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def to_dict(self) -> dict:
        """Returns plain numbers, lists and dicts, as JSON takes them, without the curve; NaN is None."""
        values = {name: value for name, value in vars(self).items() if name not in ("by_size", "curve")}
        values["ap50_interval"] = [_plain(end) for end in self.ap50_interval]
        values["by_size"] = {
            kind: {name: _plain(value) for name, value in row.items()}
            for kind, row in self.by_size.to_dict("index").items()
        }
        return {name: _plain(value) for name, value in values.items()}


def measure(
    photos: Sequence[Detections],
    *,
    score_threshold: float = 0.5,
    min_size: float = 0.0,
    samples: int = SAMPLES,
    seed: int = 0,
) -> DetectionMetrics:
    """Measures found boxes against true ones; ``average_precision.match`` says how they are paired.

    Args:
        photos: What was found in each photo and what is there, at least one.
        score_threshold: For recall, precision and false positives.
        min_size: Faces of a smaller size (root of the area in pixels) are ignored.
        samples: Draws for the interval.
        seed: Of the draws.

    Raises:
        ValueError: There are no photos.
    """
    if not photos:
        raise ValueError("`photos` must hold at least one photo that can be read. Received: none")
    matches = match(photos, min_size)
    precisions = matches.average_precision()
    rows = {}
    for kind, (smallest, largest) in SIZES.items():
        part = match(photos, max(smallest, min_size), largest)
        values = part.average_precision()
        rows[kind] = {"faces": int(part.faces.sum()), "ap50": float(values[0]), "ap": float(values.mean())}
    certain = matches.scores >= score_threshold
    hits, misses = (int(of[0, certain].sum()) for of in (matches.hits, matches.misses))
    faces = int(matches.faces.sum())
    return DetectionMetrics(
        photos=len(photos),
        skipped=0,
        faces=faces,
        ignored=sum(len(photo.truth) for photo in photos) - faces,
        ap50=float(precisions[0]),
        ap50_interval=matches.interval(samples, seed),
        ap=float(precisions.mean()),
        by_size=pd.DataFrame.from_dict(rows, orient="index").rename_axis("size"),
        score_threshold=score_threshold,
        recall=hits / max(faces, 1),
        precision=hits / max(hits + misses, 1),
        false_positives=misses / len(photos),
        curve=matches.curve(),
    )


def evaluate(
    detector: Detector,
    dataset: BoxDataset,
    *,
    score_threshold: float | None = None,
    min_size: float = 0.0,
    samples: int = SAMPLES,
    seed: int = 0,
) -> DetectionMetrics:
    """Looks for the faces of all photos of a data set.

    Args:
        detector: Made with a low threshold, ``faces.detector(name, LOWEST_SCORE)``: faces that it leaves out
            are missing in the curve.
        dataset: Photos with the boxes of their faces.
        score_threshold: See ``measure``; None is the detector's ``default_threshold``.
        min_size: See ``measure``.
        samples: See ``measure``.
        seed: See ``measure``.

    Raises:
        ValueError: No photo can be read.

    Example:
        >>> metrics = evaluate(faces.detector("yolo", LOWEST_SCORE), load_boxes("wider_face").split("test"))
        >>> metrics.ap50, metrics.milliseconds
    """
    run, photos = Run(detector), []
    for row in tqdm(range(len(dataset)), desc=dataset.name, unit="photo", disable=None):
        try:
            image = dataset.image(row)
        except ValueError:
            continue
        truth = dataset.truth(row)
        boxes, ignore = truth[BOX].to_numpy(dtype=float), truth["ignore"].to_numpy(dtype=bool)
        photos.append(Detections(*run(image), boxes, ignore))
    threshold = detector.default_threshold if score_threshold is None else score_threshold
    metrics = measure(photos, score_threshold=threshold, min_size=min_size, samples=samples, seed=seed)
    return replace(metrics, skipped=len(dataset) - len(photos), milliseconds=run.milliseconds)


def table(metrics: Mapping[str, DetectionMetrics]) -> pd.DataFrame:
    """Returns the numbers of several detectors beside each other.

    Args:
        metrics: Name → metrics.

    Returns:
        One row a detector: ``detector``, ``ap50`` with its interval ``low``, ``high``, ``ap``, by size
        ``ap50_small``, ``ap50_medium``, ``ap50_large``, ``score_threshold``, ``recall``, ``precision``,
        ``false_positives``, ``milliseconds``; see ``DetectionMetrics``.
    """
    rows = []
    for name, values in metrics.items():
        low, high = values.ap50_interval
        rows.append(
            {
                "detector": name,
                "ap50": values.ap50,
                "low": low,
                "high": high,
                "ap": values.ap,
                **values.by_size["ap50"].add_prefix("ap50_").to_dict(),
                "score_threshold": values.score_threshold,
                "recall": values.recall,
                "precision": values.precision,
                "false_positives": values.false_positives,
                "milliseconds": values.milliseconds,
            }
        )
    return pd.DataFrame(rows)


class Run:
    """A detector at work, with the time it takes.

    Args:
        detector: The detector.
    """

    def __init__(self, detector: Detector):
        self._detector = detector
        self._seconds: list[float] = []

    def __call__(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns boxes, float, shape (k, 4), and scores, shape (k,)."""
        if not self._seconds:
            self._detector.detect(image)  # the first picture takes longer
        begin = time.perf_counter()
        faces = self._detector.detect(image)
        self._seconds.append(time.perf_counter() - begin)
        boxes = np.array([face.box for face in faces], dtype=float).reshape(-1, 4)
        return boxes, np.array([face.score for face in faces], dtype=float)

    @property
    def milliseconds(self) -> float:
        """Median time for a picture."""
        return 1000 * statistics.median(self._seconds)


def _plain(value):
    return None if isinstance(value, float) and np.isnan(value) else value
