"""Which detections are right, and the average precision that follows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer.boxes import area, intersection, intersection_over_union

OVERLAPS = np.linspace(0.5, 0.95, 10)
"""Least intersection over union of a right detection, COCO's: AP50 is at the first, AP the mean over all."""


@dataclass(frozen=True, eq=False)
class Detections:
    """What was found in a photo, and what is in it.

    Attributes:
        boxes: Found boxes, float, shape (k, 4): x, y, width and height in pixels.
        scores: float, shape (k,); of any scale, higher is surer.
        truth: Boxes of the faces, float, shape (n, 4).
        ignore: bool, shape (n,): true for a face that neither a missing nor an additional detection of is to
            count.
    """

    boxes: np.ndarray
    scores: np.ndarray
    truth: np.ndarray
    ignore: np.ndarray

    def __post_init__(self):
        for name, columns, length in (
            ("boxes", (4,), len(self.scores)),
            ("scores", (), len(self.scores)),
            ("truth", (4,), len(self.ignore)),
            ("ignore", (), len(self.ignore)),
        ):
            if np.shape(getattr(self, name)) != (length, *columns):
                raise ValueError(
                    f"`{name}` must have shape {(length, *columns)}: one row a box. "
                    f"Received: {np.shape(getattr(self, name))}"
                )
        if np.isnan(self.scores).any():
            raise ValueError("`scores` must be numbers. Received: NaN")


@dataclass(frozen=True, eq=False)
class Matches:
    """Which detections of all photos are right, in the order of falling scores.

    Attributes:
        scores: float, shape (detections,).
        photo: Number of the photo of each detection, int, shape (detections,).
        hits: Right ones, bool, shape (overlaps, detections).
        misses: False ones, alike. What is neither is left out of the score.
        faces: Number of faces that count in each photo, int, shape (photos,).
    """

    scores: np.ndarray
    photo: np.ndarray
    hits: np.ndarray
    misses: np.ndarray
    faces: np.ndarray

    def average_precision(self) -> np.ndarray:
        """Returns the average precision at each overlap: float, shape (overlaps,); NaN without a face.

        The area under the precision-recall curve after every precision has been raised to the best one at an
        equal or higher recall: AP = Σ (rᵢ - rᵢ₋₁) · max over j ≥ i of pⱼ (PASCAL VOC since 2010, WIDER FACE).
        COCO reads the same curve at 101 recalls only, which differs in the third digit. A threshold cannot
        tell equal scores apart, so that they make one point of the curve together.
        """
        return _area(self.hits, self.misses, self._ends, self.faces.sum())

    def interval(self, samples: int, seed: int, confidence: float = 0.95) -> tuple[float, float]:
        """Returns the bootstrap interval of the average precision at the first overlap.

        Photos are drawn with replacement, since the faces of one photo are alike (Efron 1979).

        Args:
            samples: Number of draws.
            seed: Seed of the draws.
            confidence: Share between the two percentiles.
        """
        photos = len(self.faces)
        draws = np.random.default_rng(seed).multinomial(photos, np.full(photos, 1 / photos), size=samples)
        values = np.concatenate(
            [
                _area(times[self.photo] * self.hits[:1], times[self.photo] * self.misses[:1], self._ends, n)
                for times, n in zip(draws, draws @ self.faces, strict=True)
                if n
            ]
            or [[np.nan]]
        )
        low, high = np.quantile(values, ((1 - confidence) / 2, (1 + confidence) / 2))
        return float(low), float(high)

    def curve(self) -> pd.DataFrame:
        """Returns the precision-recall curve at the first overlap, one row a score.

        Returns:
            ``score``, falling, and what holds if it is the threshold: ``recall``, ``precision`` (as it is,
            not raised) and ``false_positives`` a photo.
        """
        hits, misses = (np.cumsum(of[0])[self._ends] for of in (self.hits, self.misses))
        return pd.DataFrame(
            {
                "score": self.scores[self._ends],
                "recall": hits / max(self.faces.sum(), 1),
                "precision": _share(hits, hits + misses),
                "false_positives": misses / len(self.faces),
            }
        )

    @property
    def _ends(self) -> np.ndarray:
        """Positions of the last detection of each score."""
        return np.flatnonzero(np.diff(self.scores, append=np.nan) != 0)


def match(photos: Sequence[Detections], smallest: float = 0.0, largest: float = np.inf) -> Matches:
    """Tells right detections from false ones at each of ``OVERLAPS``.

    As COCO does it: in the order of falling scores each detection takes, of the faces of its photo that no
    other has taken, the one it overlaps most, if that is enough. What then took none is false, unless it
    overlaps as much with a face outside the sizes, has itself a size outside, or lies, with as large a share
    of its area, in a face that is to be ignored: then it is left out. Unlike in COCO, several detections may
    be left out for one face. WIDER FACE leaves out by the overlap alone and does not look at sizes.

    Args:
        photos: What was found, at least one photo.
        smallest: Least size of a face that counts: the root of the area of its box, in pixels.
        largest: Size from which on a face does not count.
    """
    verdicts = [_match(photo, smallest, largest) for photo in photos]
    scores = np.concatenate([photo.scores for photo in photos])
    order = np.argsort(-scores, kind="stable")
    hits, misses = (np.concatenate([verdict[side] for verdict in verdicts], axis=1) for side in (0, 1))
    counts = np.array([len(photo.scores) for photo in photos])
    return Matches(
        scores[order],
        np.repeat(np.arange(len(photos)), counts)[order],
        hits[:, order],
        misses[:, order],
        np.array([verdict[2] for verdict in verdicts]),
    )


def _match(photo: Detections, smallest: float, largest: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Returns hits and misses, bool, (overlaps, detections), and the number of faces that count."""
    inside = _has_size(photo.truth, smallest, largest)
    counted = inside & ~photo.ignore
    overlaps = intersection_over_union(photo.boxes, photo.truth)
    enough = OVERLAPS[:, None] - 1e-9  # an overlap of exactly 0.7 may come out slightly lower
    hits = np.zeros((len(OVERLAPS), len(photo.scores)), dtype=bool)
    free = np.repeat(counted[None], len(OVERLAPS), axis=0)
    for row in np.argsort(-photo.scores, kind="stable"):
        fits = free & (overlaps[row] >= enough)
        if fits.any():
            best = np.where(fits, overlaps[row], -1).argmax(axis=1)
            hits[:, row] = fits.any(axis=1)
            free[hits[:, row], best[hits[:, row]]] = False
    covered = (
        intersection(photo.boxes, photo.truth[photo.ignore]) / np.maximum(area(photo.boxes), 1e-9)[:, None]
    )
    left_out = (
        ~_has_size(photo.boxes, smallest, largest)
        | (overlaps[:, ~inside].max(axis=1, initial=0) >= enough)
        | (covered.max(axis=1, initial=0) >= enough)
    )
    return hits, ~hits & ~left_out, int(counted.sum())


def _has_size(boxes: np.ndarray, smallest: float, largest: float) -> np.ndarray:
    sizes = np.sqrt(area(boxes))
    return (smallest <= sizes) & (sizes < largest)


def _area(hits: np.ndarray, misses: np.ndarray, ends: np.ndarray, faces: int) -> np.ndarray:
    if faces == 0:
        return np.full(len(hits), np.nan)
    hits, misses = (np.cumsum(of, axis=1)[:, ends] for of in (hits, misses))
    precision = _share(hits, hits + misses)
    raised = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return (np.diff(hits, axis=1, prepend=0) * raised).sum(axis=1) / faces


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(np.shape(part)), where=whole > 0)
