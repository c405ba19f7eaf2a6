"""Metrics of predicted probabilities: accuracy, precision, recall, F1, confusion and calibration."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

CALIBRATION_BINS = 15


@dataclass(frozen=True, eq=False)
class Metrics:
    """How well the probabilities of one model fit the labels of one split.

    A share of nothing counts as 0: the precision of a class that is never predicted, the recall of a class
    without images (scikit-learn's ``zero_division=0``).

    Attributes:
        n: Number of images.
        accuracy: Share of the images whose most probable class is the label.
        accuracy_interval: 95 % Wilson interval of the accuracy, (low, high).
        balanced_accuracy: Mean recall of the classes that have images.
        macro_f1: Mean F1 of the classes that have images.
        expected_calibration_error: Mean distance of confidence and accuracy over the bins of ``reliability``,
            weighted by their images (Guo et al. 2017, eq. 3).
        per_class: One row an emotion: ``precision``, ``recall``, ``f1``, ``support`` (number of images).
        confusion: Number of images: one row a true emotion, one column a predicted one.
        reliability: One row a bin of confidence that has images: ``bin`` (0…14; bin i holds the confidences
            in (i/15, (i+1)/15]), mean ``confidence``, ``accuracy`` and ``n``.
    """

    n: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    balanced_accuracy: float
    macro_f1: float
    expected_calibration_error: float
    per_class: pd.DataFrame
    confusion: pd.DataFrame
    reliability: pd.DataFrame

    @property
    def normalized_confusion(self) -> pd.DataFrame:
        """Share of the images of each true emotion that were predicted as each emotion; rows sum to 1."""
        counts = self.confusion.to_numpy()
        shares = _share(counts, counts.sum(axis=1, keepdims=True))
        return pd.DataFrame(shares, index=self.confusion.index, columns=self.confusion.columns)

    def to_dict(self) -> dict:
        """Returns plain numbers, lists and dicts, as JSON takes them."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "accuracy_interval": list(self.accuracy_interval),
            "balanced_accuracy": self.balanced_accuracy,
            "macro_f1": self.macro_f1,
            "expected_calibration_error": self.expected_calibration_error,
            "per_class": self.per_class.to_dict("index"),
            "confusion": self.confusion.to_numpy().tolist(),
            "reliability": self.reliability.to_dict("records"),
        }


def evaluate(probabilities: np.ndarray, labels: np.ndarray, emotions: Sequence[str]) -> Metrics:
    """Measures predicted probabilities against labels.

    Args:
        probabilities: Float, shape (n, len(emotions)), range 0…1, rows sum to 1.
        labels: Integer, shape (n,), range 0…len(emotions) - 1.
        emotions: Names of the classes.

    Raises:
        ValueError: There are no images, or the arrays are not as described.

    Example:
        >>> evaluate(predict(model, batches), faces.labels, faces.emotions).accuracy
    """
    probabilities, labels = np.asarray(probabilities, dtype=np.float64), np.asarray(labels)
    _check_arguments(probabilities, labels, len(emotions))
    predicted = probabilities.argmax(axis=1)
    correct = predicted == labels
    counts = np.zeros((len(emotions), len(emotions)), dtype=np.int64)
    np.add.at(counts, (labels, predicted), 1)
    per_class = _per_class(counts, emotions)
    seen = per_class[per_class["support"] > 0]
    reliability = _reliability(probabilities.max(axis=1), correct)
    return Metrics(
        n=len(labels),
        accuracy=float(correct.mean()),
        accuracy_interval=wilson_interval(int(correct.sum()), len(labels)),
        balanced_accuracy=float(seen["recall"].mean()),
        macro_f1=float(seen["f1"].mean()),
        expected_calibration_error=_calibration_error(reliability),
        per_class=per_class,
        confusion=pd.DataFrame(
            counts, index=pd.Index(emotions, name="true"), columns=pd.Index(emotions, name="predicted")
        ),
        reliability=reliability,
    )


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns the error of ``Metrics``: probabilities, shape (n, classes), and labels, shape (n,)."""
    correct = probabilities.argmax(axis=1) == labels
    return _calibration_error(_reliability(probabilities.max(axis=1), correct))


def wilson_interval(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Returns the interval in which the true share lies, as far as ``n`` independent trials tell.

    (p + z²/2n ± z·√(p(1 - p)/n + z²/4n²)) / (1 + z²/n), with p = successes / n and z the normal quantile
    (Wilson 1927). Unlike p ± z·√(p(1 - p)/n) it stays inside 0…1 and holds for small n.

    Args:
        successes: Number of successes, 0…n.
        n: Number of trials, at least 1.
        confidence: Share of such intervals that hold the true value, in (0, 1).

    Raises:
        ValueError: The numbers are outside their ranges.
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"`successes` must be in 0…n with `n` at least 1. Received: {successes} and {n}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = successes / n
    centre = share + z**2 / (2 * n)
    spread = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5
    return max(0.0, (centre - spread) / (1 + z**2 / n)), min(1.0, (centre + spread) / (1 + z**2 / n))


def _per_class(counts: np.ndarray, emotions: Sequence[str]) -> pd.DataFrame:
    hits, support, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    return pd.DataFrame(
        {
            "precision": _share(hits, predicted),
            "recall": _share(hits, support),
            "f1": _share(2 * hits, support + predicted),
            "support": support,
        },
        index=pd.Index(emotions, name="emotion"),
    )


def _reliability(confidence: np.ndarray, correct: np.ndarray) -> pd.DataFrame:
    inner_edges = np.linspace(0, 1, CALIBRATION_BINS + 1)[1:-1]
    images = pd.DataFrame({"confidence": confidence, "accuracy": correct.astype(float)})
    bins = images.groupby(np.digitize(confidence, inner_edges, right=True))
    return bins.mean().assign(n=bins.size()).rename_axis("bin").reset_index()


def _calibration_error(reliability: pd.DataFrame) -> float:
    gaps = (reliability["accuracy"] - reliability["confidence"]).abs()
    return float((gaps * reliability["n"]).sum() / reliability["n"].sum())


def _share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)


def _check_arguments(probabilities: np.ndarray, labels: np.ndarray, num_classes: int) -> None:
    if labels.ndim != 1 or len(labels) == 0 or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(
            "`labels` must be integers, shape (n,), at least one. "
            f"Received: {labels.dtype}, shape {labels.shape}"
        )
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"`labels` must be in 0…{num_classes - 1}. Received: {labels.min()} to {labels.max()}"
        )
    if probabilities.shape != (len(labels), num_classes):
        raise ValueError(
            f"`probabilities` must have shape {(len(labels), num_classes)}: one row a label, one column an "
            f"emotion. Received: {probabilities.shape}"
        )
    sums = probabilities.sum(axis=1)
    if not np.allclose(sums, 1, atol=1e-3) or probabilities.min() < 0:
        raise ValueError(
            "`probabilities` must be at least 0 and sum to 1 in every row. "
            f"Received: a minimum of {probabilities.min()}, sums from {sums.min()} to {sums.max()}"
        )
