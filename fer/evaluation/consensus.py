"""How well detectors agree on photos that nobody has marked."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.evaluation.average_precision import OVERLAPS, Detections
from fer.evaluation.detection import SAMPLES, Run, measure
from fer.faces import Detector
from fer.inference.association import associate


def compare(
    detectors: Mapping[str, Detector],
    pictures: Iterable[np.ndarray],
    *,
    min_size: float = 0.0,
    samples: int = SAMPLES,
    seed: int = 0,
) -> pd.DataFrame:
    """Measures each detector against those boxes on which the others agree: photos need no labels.

    It tells who differs rather than who is right: each is measured against other boxes (``merge``), a face
    that the others overlook is not seen, and who draws boxes otherwise than the others loses. The detectors
    take turns at every picture.

    Args:
        detectors: Name → detector made with a low threshold, as for ``evaluate``; at least three. Of the
            others the boxes count that reach their ``default_threshold``.
        pictures: uint8, (height, width) or (height, width, 3) RGB each.
        min_size: See ``measure``.
        samples: See ``measure``.
        seed: See ``measure``.

    Returns:
        One row a detector: ``detector``; ``ap50`` with its interval ``low``, ``high``; ``faces``, the number
        of boxes on which the others agree; ``milliseconds`` (median for a picture); ``agreement``, the F1 of
        its boxes at its ``default_threshold`` against those of the others.

    Raises:
        ValueError: There are fewer than three detectors, or no pictures.
    """
    if len(detectors) < 3:
        raise ValueError(f"`detectors` must be at least three. Received: {list(detectors)}")
    runs = {name: Run(detector) for name, detector in detectors.items()}
    answers: dict[str, list] = {name: [] for name in detectors}
    for picture in tqdm(pictures, unit="photo", disable=None):
        for name, run in runs.items():
            answers[name].append(run(picture))
    certain = {
        name: [boxes[scores >= detectors[name].default_threshold] for boxes, scores in found]
        for name, found in answers.items()
    }
    rows = []
    for name, found in answers.items():
        others = zip(*(boxes for other, boxes in certain.items() if other != name), strict=True)
        metrics = measure(
            [Detections(*answer, *merge(boxes)) for answer, boxes in zip(found, others, strict=True)],
            score_threshold=detectors[name].default_threshold,
            min_size=min_size,
            samples=samples,
            seed=seed,
        )
        low, high = metrics.ap50_interval
        rows.append(
            {
                "detector": name,
                "ap50": metrics.ap50,
                "low": low,
                "high": high,
                "faces": metrics.faces,
                "milliseconds": runs[name].milliseconds,
                "agreement": metrics.f1,
            }
        )
    return pd.DataFrame(rows)


def merge(found: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Merges what several detectors found in one picture.

    Args:
        found: Boxes of each detector, float, shape (k, 4).

    Returns:
        Means of the boxes that overlap by ``OVERLAPS[0]`` or more, at most one of each detector: float, shape
        (n, 4); and which of them to ignore, since only one detector found them: bool, shape (n,).
    """
    groups: list[list[np.ndarray]] = []
    for boxes in found:
        pairs = associate([np.mean(group, axis=0) for group in groups], boxes, OVERLAPS[0])
        for group, box in pairs.items():
            groups[group].append(boxes[box])
        groups += [[box] for number, box in enumerate(boxes) if number not in pairs.values()]
    merged = np.array([np.mean(group, axis=0) for group in groups]).reshape(-1, 4)
    return merged, np.array([len(group) < 2 for group in groups], dtype=bool)
