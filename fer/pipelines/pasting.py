"""Faces of some photos pasted into others, so that a detector sees more, and more of them small."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fer import images
from fer.boxes import area, intersection
from fer.pipelines.box_augmentation import Sample, move

PASTED = (1, 6)
"""Least and largest number of faces that are pasted."""

PASTED_SIZES = (12, 80)
"""Least and largest longest side of a pasted face in pixels."""

COVERED = 0.1
"""Largest share of a face that a pasted one may cover, and that may lie under it."""


class Crop(NamedTuple):
    """A face to be pasted: picture around it, uint8, (height, width, 3); its box therein, (4,); its class."""

    picture: np.ndarray
    box: np.ndarray
    label: int


def paste(sample: Sample, crops: Sequence[Crop | None], random: np.random.Generator) -> Sample:
    """Pastes some faces, most of them small, where they hide none: soft ellipses in the tone of the place.

    Args:
        sample: A photo; its picture is changed in place.
        crops: Faces to choose from, at least one; where there is None, none is pasted.
        random: Decides the result together with photo and faces.

    Returns:
        The picture and its faces, the pasted ones last.
    """
    picture, boxes, ignore, labels = sample
    limits = picture.shape[1::-1]
    for choice in random.integers(len(crops), size=random.integers(*PASTED, endpoint=True)):
        crop = crops[choice]
        if crop is None:
            continue
        side = np.exp(random.uniform(*np.log(PASTED_SIZES)))
        cut = images.resize(crop.picture, min(side / crop.box[2:].max(), 1))
        room = np.subtract(limits, cut.shape[1::-1])
        if room.min() < 0:
            continue
        corners = random.integers(room, size=(8, 2), endpoint=True)
        covered = np.hstack([corners, np.tile(cut.shape[1::-1], (8, 1))])
        shared = intersection(covered, boxes)
        clashes = (shared > COVERED * np.minimum(area(covered)[:, None], area(boxes))).any(axis=1)
        if clashes.all():
            continue
        left, top = corners[np.argmin(clashes)]
        _blend(cut, picture[top : top + cut.shape[0], left : left + cut.shape[1]])
        scale = np.divide(cut.shape[1::-1], crop.picture.shape[1::-1])
        boxes = np.vstack([boxes, move(crop.box, scale, (left, top))])
        ignore, labels = np.append(ignore, False), np.append(labels, crop.label)
    return Sample(picture, boxes, ignore, labels)


def cut_out(sample: Sample, row: int) -> Crop | None:
    """Cuts out a face to be pasted, in a margin that is the same on opposite sides.

    Returns:
        The face, shrunk to the largest size that is pasted; None where it is below the smallest or is not
        wholly in the photo.
    """
    box, limits = sample.boxes[row], sample.picture.shape[1::-1]
    margin = np.minimum(0.3 * box[2:], np.minimum(box[:2], limits - box[:2] - box[2:]))
    if box[2:].max() < PASTED_SIZES[0] or box[2:].min() <= 0 or margin.min() < 0:
        return None
    left, top = np.floor(box[:2] - margin).astype(int)
    right, bottom = np.ceil(box[:2] + box[2:] + margin).astype(int)
    cut = sample.picture[top:bottom, left:right]
    small = images.resize(cut, min(PASTED_SIZES[1] / box[2:].max(), 1)).copy()
    scale = np.divide(small.shape[1::-1], cut.shape[1::-1])
    return Crop(small, move(box - (left, top, 0, 0), scale, (0, 0)), sample.labels[row])


def _blend(cut: np.ndarray, place: np.ndarray) -> None:
    """Lays the ellipse in a picture over a place of the same shape, its edge soft and its tone between."""
    height, width = cut.shape[:2]
    rows = (2 * np.arange(height, dtype=np.float32)[:, None] + 1) / height - 1
    columns = (2 * np.arange(width, dtype=np.float32) + 1) / width - 1
    weight = np.clip((1 - np.hypot(rows, columns)) / 0.25, 0, 1)[..., None]
    tone = (place.mean(axis=(0, 1)) - cut.mean(axis=(0, 1))) / 2
    toned = np.clip(cut + tone.astype(np.float32), 0, 255)
    place[:] = np.rint(place + weight * (toned - place))
