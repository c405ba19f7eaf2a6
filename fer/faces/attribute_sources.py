"""Labelled faces in photos, as collections of glasses and mask photos are laid out."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import cv2
import numpy as np
import pandas as pd

from fer import datasets, images
from fer.datasets.base import MAX_DAMAGED_SHARE, DamagedDataError
from fer.faces.attribute_crops import cut, reduced
from fer.faces.base import Detector

logger = logging.getLogger(__name__)

UNREADABLE = "unreadable"

SMALLEST_FACE = 24
"""Faces with a box narrower or lower than this many pixels show neither glasses nor a mask reliably."""

_GLASSES = {"none": "none", "eyeglasses": "glasses", "sunglasses": "sunglasses"}
_MASKS = {"without_mask": "none", "with_mask": "mask"}


@dataclass(frozen=True, eq=False)
class LabelledFace:
    """A face of a photo and what is known about it.

    Attributes:
        set: Name of the collection.
        subject: The person where known, otherwise the photo: what must not be on both sides of a split.
        image: uint8, (side, side, 3) RGB, in the framing of FER-2013: see ``attribute_crops.cut``.
        glasses: "none", "glasses", "sunglasses", or "" when unknown.
        mask: "none", "mask", or "" when unknown.
        split: "train", "validation" or "test".
        drawn: Whether something in the picture was drawn: what is worn, or all of it.
    """

    set: str
    subject: str
    image: np.ndarray
    glasses: str
    mask: str
    split: str = "train"
    drawn: bool = False


def labelled_faces(source: Path, detector: Detector, fer2013: int, seed: int) -> Iterator[LabelledFace]:
    """Gives the faces of every collection that is there, and says in the log which one is not.

    Args:
        source: The folder of the collections; see ``attributes.prepare_attributes``.
        detector: Finds the faces of photos that come without boxes.
        fer2013: Number of faces to draw from the training rows of FER-2013.
        seed: Seed of that draw.

    Raises:
        FileNotFoundError: There is not one of the collections.
        DamagedDataError: A table lacks a column, or more than 5 % of a collection's photos cannot be read.
    """
    readers: dict[str, Callable[[Path], Iterator[LabelledFace]]] = {
        "masks": partial(_masks, detector=detector),
        "detection/boxes.csv": _detection,
        "glasses/labels.csv": _glasses,
        "glasses/olivetti_glasses.npz": partial(_olivetti, detector=detector),
        "fer2013": partial(_fer2013, n=fer2013, seed=seed),
    }
    there = [name for name in readers if (source / name).exists()]
    if not there:
        raise FileNotFoundError(f"{source} holds none of {', '.join(readers)}.")
    for name in readers:
        if name in there:
            yield from readers[name](source / name)
        else:
            logger.warning("%s has no %s: it is left out.", source, name)


def _masks(folder: Path, detector: Detector) -> Iterator[LabelledFace]:
    """Photos of one person each, labelled as a whole. Those with several faces or none are left out."""
    for name, label in _MASKS.items():
        left_out = Counter()
        photos = _photos(folder / name)
        for path in photos:
            if (photo := _read(path, left_out)) is None:
                continue
            photo = _with_margin(photo)  # many photos are no larger than the face
            found = detector.detect(photo)
            if not found:
                photo = cv2.resize(photo, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
                found = detector.detect(photo)
            if len(found) == 1:
                yield LabelledFace("masks", f"masks/{name}/{path.name}", cut(photo, found[0].box), "", label)
            else:
                left_out["no face" if not found else "several faces"] += 1
        _say_left_out(f"masks/{name}", left_out, len(photos))


def _detection(table: Path) -> Iterator[LabelledFace]:
    """Faces with boxes in photos of one or many people."""
    left_out = Counter()
    photos = _table(table, "file", "x", "y", "width", "height", "label", "ignore").groupby("file")
    for file, faces in photos:
        if (photo := _read(table.parent / "images" / file, left_out)) is None:
            continue
        for face in faces.itertuples():
            if face.ignore:
                left_out["without a label"] += 1
            elif face.label not in _MASKS:
                left_out[face.label] += 1
            elif min(face.width, face.height) < SMALLEST_FACE:
                left_out[f"below {SMALLEST_FACE} pixels"] += 1
            else:
                box = (face.x, face.y, face.width, face.height)
                yield LabelledFace("detection", f"detection/{file}", cut(photo, box), "", _MASKS[face.label])
    _say_left_out("detection", left_out, len(photos))


def _glasses(table: Path) -> Iterator[LabelledFace]:
    """Faces with boxes and people. The photos of LFW were taken when nobody wore a mask."""
    left_out = Counter()
    rows = _table(table, "file", "label", "set", "person", "x", "y", "width", "height")
    for row in rows.itertuples():
        if row.label not in _GLASSES:
            left_out[row.label] += 1
        elif (photo := _read(table.parent / "photos" / row.file, left_out)) is not None:
            yield LabelledFace(
                row.set,
                f"{row.set}/{row.person}",
                cut(photo, (row.x, row.y, row.width, row.height)),
                _GLASSES[row.label],
                "none" if row.set == "lfw" else "",
            )
    _say_left_out("glasses", left_out, len(rows))


def _olivetti(file: Path, detector: Detector) -> Iterator[LabelledFace]:
    """Gray portraits of 64×64 pixels, several a person."""
    left_out = Counter()
    try:
        with np.load(file) as arrays:
            pictures, *known = (arrays[name] for name in ("images", "glasses", "subject"))
    except (BadZipFile, KeyError, ValueError) as error:
        raise DamagedDataError(f"{file} must have arrays images, glasses and subject ({error}).") from error
    for image, glasses, subject in zip(pictures, *known, strict=True):
        photo = cv2.resize(_with_margin(image), None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        found = detector.detect(photo)
        if found:
            label = "glasses" if glasses else "none"
            yield LabelledFace("olivetti", f"olivetti/{subject}", cut(photo, found[0].box), label, "none")
        else:
            left_out["no face"] += 1
    _say_left_out("olivetti", left_out, len(pictures))


def _fer2013(folder: Path, n: int, seed: int) -> Iterator[LabelledFace]:
    """Faces of the training rows of FER-2013, which are crops already. Hardly anyone in them wears a mask."""
    faces = datasets.load("fer2013", root=folder).split("train")
    for row in np.sort(np.random.default_rng(seed).permutation(len(faces))[:n]):
        yield LabelledFace("fer2013", f"fer2013/{row}", reduced(faces.image(row)), "", "none")


def _photos(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in images.SUFFIXES)


def _with_margin(photo: np.ndarray) -> np.ndarray:
    return cv2.copyMakeBorder(photo, *[max(photo.shape[:2]) // 2] * 4, cv2.BORDER_REPLICATE)


def _read(path: Path, left_out: Counter) -> np.ndarray | None:
    try:
        return images.read(path)
    except ValueError as error:
        logger.warning("%s", error)
        left_out[UNREADABLE] += 1
        return None


def _table(path: Path, *columns: str) -> pd.DataFrame:
    table = pd.read_csv(path, dtype={"person": str})
    if missing := [column for column in columns if column not in table]:
        raise DamagedDataError(f"{path} must have the columns {list(columns)}. Missing: {missing}")
    return table


def _say_left_out(name: str, left_out: Counter, total: int) -> None:
    if left_out[UNREADABLE] > MAX_DAMAGED_SHARE * total:
        raise DamagedDataError(
            f"{left_out[UNREADABLE]:,} of {total:,} photos of {name} cannot be read, more than "
            f"{MAX_DAMAGED_SHARE:.0%}. The log names them."
        )
    left_out = +left_out
    if left_out:
        logger.info("%s: left out %s.", name, ", ".join(f"{n:,} {reason}" for reason, n in left_out.items()))
