"""DetectionRun: the training of a detector on disk, finished or on its way."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from fer.training.detection_config import DetectionConfig
from fer.training.stored_run import StoredRun


@dataclass(frozen=True)
class DetectionRun(StoredRun):
    """The training of a detector. ``metrics`` has its ``classes`` and ``anchors``.

    ``model`` gives boxes and scores, see ``fer.models.yolo.with_boxes``.
    """

    config: DetectionConfig
    config_type: ClassVar = DetectionConfig
    quantities: ClassVar = ("loss", "box", "objectness", "classes")

    @classmethod
    def history_columns(cls) -> list[str]:
        """Beside what is learned, the average precision on validation photos, at an overlap of 0.5."""
        return [*super().history_columns(), "val_average_precision"]

    @classmethod
    def best(cls, rows: list[dict[str, float]]) -> dict[str, float]:
        """The epoch with the highest average precision; among equals the one with the lowest loss."""
        return max(rows, key=lambda row: (row["val_average_precision"], -row["val_loss"]))

    @property
    def anchors(self) -> np.ndarray:
        """Widths and heights in pixels, float32, shape (9, 2)."""
        return np.array(self.metrics["anchors"], dtype="float32")
