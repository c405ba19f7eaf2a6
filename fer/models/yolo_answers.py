"""From all that a detector answers to the faces of a picture, without Keras."""

import numpy as np

from fer.boxes import non_maximum_suppression

CANDIDATES = 400
"""Boxes that are looked at, best first: suppression compares each with each."""

LEAST_SCORE = 0.01
"""Of a box that is a candidate. Average precision asks for unsure ones too."""


def best_boxes(
    answer: np.ndarray, threshold: float = LEAST_SCORE, overlap: float = 0.5
) -> tuple[np.ndarray, np.ndarray]:
    """Keeps of boxes that cover each other the one with the best score, whatever its class.

    Args:
        answer: As a model of ``yolo.with_boxes`` gives it for one picture: float, shape (predictions, 4 +
            classes).
        threshold: Boxes with a lower score are left out, 0…1.
        overlap: Largest intersection over union of two boxes that are both kept, 0…1.

    Returns:
        Boxes, float32, shape (n, 4), and scores, shape (n,), of the best class; best score first.
    """
    scores = answer[:, 4:].max(axis=1)
    candidates = np.flatnonzero(scores >= threshold)
    if len(candidates) > CANDIDATES:
        candidates = candidates[np.argpartition(-scores[candidates], CANDIDATES)[:CANDIDATES]]
    boxes, scores = answer[candidates, :4], scores[candidates]
    kept = non_maximum_suppression(boxes, scores, overlap)
    return boxes[kept], scores[kept]
