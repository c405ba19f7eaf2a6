"""Evaluation of a model in its fast form, without Keras."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.datasets import SPLITS, FaceDataset
from fer.evaluation.metrics import Metrics, evaluate
from fer.inference import Classifier

BATCH = 256


@dataclass(frozen=True, eq=False)
class Result:
    """What a model is worth on a split.

    Attributes:
        model: Its name or folder.
        dataset: Name of the data set.
        split: Name of the split.
        flip: Whether each image was averaged with its mirror image.
        metrics: Of the images whose class the model knows.
        left_out: Number of images of each class that the model does not know.
        groups: One row a value of the column that was asked for: ``n``, the number of images of each class,
            ``accuracy``, ``low``, ``high`` (95 % Wilson interval), ``balanced_accuracy``. None if no column
            was.
    """

    model: str
    dataset: str
    split: str
    flip: bool
    metrics: Metrics
    left_out: dict[str, int]
    groups: pd.DataFrame | None

    def to_dict(self) -> dict:
        """Returns plain numbers, lists and dicts, as JSON takes them."""
        values = {name: getattr(self, name) for name in ("model", "dataset", "split", "flip", "left_out")}
        if self.groups is not None:
            values["groups"] = {str(name): row for name, row in self.groups.to_dict("index").items()}
        classes = self.metrics.confusion.index.tolist()
        return values | {"classes": classes} | self.metrics.to_dict()

    def __str__(self) -> str:
        m = self.metrics
        low, high = m.accuracy_interval
        shares = m.per_class.drop(columns="support").where(m.per_class["support"] > 0).round(3)
        per_class = shares.assign(images=m.per_class["support"]).rename_axis(None)
        lines = [
            f"{self.model} on {self.dataset}, split {self.split}: n = {m.n:,}"
            + (", each image averaged with its mirror image" if self.flip else ""),
            "",
            f"accuracy                    {m.accuracy:.3f}   95 % interval {low:.3f} to {high:.3f}",
            f"balanced accuracy           {m.balanced_accuracy:.3f}",
            f"macro-F1                    {m.macro_f1:.3f}",
            f"expected calibration error  {m.expected_calibration_error:.3f}",
            "",
            per_class.to_string(na_rep="–"),
            "",
            "Confusion: a row is the true class, a column the predicted one",
            m.confusion.rename_axis(index=None, columns=None).to_string(),
        ]
        if self.left_out:
            counts = ", ".join(f"{name} ({n:,})" for name, n in self.left_out.items())
            lines += ["", f"Left out, since the model does not know them: {counts}"]
        if self.groups is not None:
            lines += ["", self.groups.round(3).to_string()]
        return "\n".join(lines)


def measure(
    model: Path | str, dataset: FaceDataset, split: str, *, flip: bool = False, by: str | None = None
) -> Result:
    """Evaluates a model in its fast form on a split of a data set.

    Classes are matched by name. A model that tells several things is measured on the one whose classes the
    data set has.

    Args:
        model: As ``fer.inference.Classifier`` takes it.
        dataset: The data.
        split: "train", "validation" or "test".
        flip: Whether to average the probabilities of each image and its mirror image.
        by: A column of the data set's table, for the accuracy of each of its values.

    Raises:
        ValueError: The split is empty, the model knows none of its classes, or there is no such column.
    """
    data = dataset.split(split)
    if len(data) == 0:
        others = [name for name in SPLITS if len(dataset.split(name))]
        raise ValueError(
            f"The {split} split of {dataset.name!r} has no images. Splits that have: {others}. "
            f"Received: {dataset!r}"
        )
    if by is not None and by not in data.table:
        columns = ", ".join(map(str, data.table.columns[:20])) + (" …" if data.table.shape[1] > 20 else "")
        raise ValueError(f"`by` must be a column of the data: {columns}. Received: {by!r}")
    classifier = Classifier(model)
    name, classes = max(classifier.classes.items(), key=lambda item: len({*item[1]} & {*dataset.emotions}))
    known = data.table["emotion"].isin(classes).to_numpy()
    if not known.any():
        raise ValueError(
            f"`model` tells {classifier.classes}, of which {dataset.name!r} has none. "
            f"Received: a data set of {dataset.emotions}"
        )
    left_out = data.table.loc[~known, "emotion"].astype(str).value_counts().to_dict()
    data = data.take(known)
    labels = np.array([classes.index(emotion) for emotion in data.table["emotion"]])
    probabilities = predict(classifier, data, name, flip=flip)
    return Result(
        model=str(model),
        dataset=dataset.name,
        split=split,
        flip=flip,
        metrics=evaluate(probabilities, labels, classes),
        left_out=left_out,
        groups=None if by is None else _by(data.table[by], probabilities, labels, classes),
    )


def predict(classifier: Classifier, data: FaceDataset, name: str, *, flip: bool = False) -> np.ndarray:
    """Returns what a classifier tells about the images of a data set.

    Args:
        classifier: The model.
        data: The images.
        name: Which of its ``classes`` to return.
        flip: Whether to average the probabilities of each image and its mirror image.

    Returns:
        float32, shape (images, classes).
    """
    parts = []
    for start in tqdm(range(0, len(data), BATCH), desc=data.name, unit="batch", disable=None, leave=False):
        images = [data.image(row) for row in range(start, min(start + BATCH, len(data)))]
        probabilities = classifier.split(classifier(images))[name]
        if flip:
            mirrored = classifier([np.ascontiguousarray(image[:, ::-1]) for image in images])
            probabilities = (probabilities + classifier.split(mirrored)[name]) / 2
        parts.append(probabilities)
    return np.concatenate(parts)


def _by(
    column: pd.Series, probabilities: np.ndarray, labels: np.ndarray, classes: tuple[str, ...]
) -> pd.DataFrame:
    rows = {}
    for value, positions in column.groupby(column, observed=True).indices.items():
        metrics = evaluate(probabilities[positions], labels[positions], classes)
        low, high = metrics.accuracy_interval
        rows[value] = {
            "n": metrics.n,
            **metrics.per_class["support"].to_dict(),
            "accuracy": metrics.accuracy,
            "low": low,
            "high": high,
            "balanced_accuracy": metrics.balanced_accuracy,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis(column.name)
