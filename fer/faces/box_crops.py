"""Photos with labelled boxes → the crops that a detector makes of them, and whom it missed."""

import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer.boxes import intersection_over_union
from fer.datasets.base import FaceDataset
from fer.datasets.boxes import BOX, BoxDataset
from fer.faces.base import Detector, Face
from fer.faces.cropping import crop

MISSED, NOBODY, IGNORED = "not found", "nobody there", "to be ignored"
"""Why a labelled face or a found box gives no image."""


def crop_boxes(
    photos: BoxDataset,
    detector: Detector,
    label: str = "label",
    classes: Sequence[str] | None = None,
    size: int = 128,
    overlap: float = 0.5,
    progress: bool = True,
) -> FaceDataset:
    """Finds the faces of photos and cuts them out; a face gets the label of the true box that it covers.

    The crops are what the detector will give at use, with all its errors of framing: what is learned from the
    true boxes is not. A true box belongs to one found box at most, the surest first.

    Args:
        photos: Photos with the true boxes.
        detector: Who finds the faces.
        label: Column of ``photos.boxes`` that is to be learned.
        classes: Its values, in the order of the labels; None takes ``photos.classes``.
        size: Height and width of the crops in pixels.
        overlap: Least intersection over union of a found box and the true one, 0…1.
        progress: Whether to show a progress bar.

    Returns:
        The data set: RGB images in memory, with the splits of their photos; its table also has ``photo``
        (row), ``score`` and ``overlap``. In ``skipped``, with ``split`` and, where there is one, ``emotion``
        (the class), are the faces that were not found, and the found boxes in which nobody is or somebody
        whose box is to be ignored.

    Raises:
        ValueError: There is no such column, or it has a value that is no class.

    Example:
        >>> scenes = datasets.load_boxes("scenes", n=50)
        >>> crop_boxes(scenes, faces.detector("yolo"), "accessory", ("none", "glasses", "sunglasses", "mask"))
    """
    classes = photos.classes if classes is None else tuple(classes)
    if label not in photos.boxes:
        raise ValueError(f"`label` must be one of {list(photos.boxes)}. Received: {label!r}")
    values = photos.boxes.loc[~photos.boxes["ignore"], label]
    if unknown := sorted(set(values) - set(classes)):
        raise ValueError(f"`classes` must have every value of {label!r}. Missing: {unknown}")
    rows, crops, skipped = [], [], []
    bar = tqdm(range(len(photos)), "Faces", unit="photo", file=sys.stdout, ncols=110, disable=not progress)
    for number in bar:
        photo, truth = photos.image(number), photos.truth(number)
        found = detector.detect(photo)
        owners, shares = _owners(found, truth, overlap)
        place = {"source": f"photo {number}", "split": photos.photos["split"].iloc[number]}
        for face, owner, share in zip(found, owners, shares, strict=True):
            if owner < 0 or truth["ignore"].iloc[owner]:
                skipped.append(place | {"reason": NOBODY if owner < 0 else IGNORED})
                continue
            crops.append(crop(photo, face, detector.framing, size, gray=False))
            known = {"photo": number, "score": face.score, "overlap": share}
            rows.append(known | {"emotion": truth[label].iloc[owner], "split": place["split"]})
        missed = ~truth["ignore"].to_numpy()
        missed[owners[owners >= 0]] = False
        skipped += [place | {"reason": MISSED, "emotion": name} for name in truth.loc[missed, label]]
    return FaceDataset(
        photos.name,
        classes,
        pd.DataFrame(rows, columns=["photo", "score", "overlap", "emotion", "split"]),
        np.array(crops, dtype=np.uint8).reshape(-1, size, size, 3),
        skipped=pd.DataFrame(skipped, columns=["source", "reason", "emotion", "split"]),
    )


def _owners(found: list[Face], truth: pd.DataFrame, overlap: float) -> tuple[np.ndarray, np.ndarray]:
    """Tells for each found box, the surest first, which true one it covers, -1 for none, and how far."""
    shared = intersection_over_union(np.array([face.box for face in found]), truth[BOX].to_numpy())
    owners, shares = np.full(len(found), -1), np.zeros(len(found))
    for number, row in enumerate(shared):
        if row.max(initial=0) > 0 and row.max() >= overlap:
            owners[number], shares[number] = row.argmax(), row.max()
            shared[:, owners[number]] = 0
    return owners, shares
