"""Collections of labelled photos → face crops that say whether glasses, sunglasses or a mask are worn."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from fer import images, synthetic
from fer.datasets import SPLITS, look_alikes, splits
from fer.faces.attribute_crops import SIZE, degraded, landmarks
from fer.faces.attribute_sources import LabelledFace, labelled_faces
from fer.faces.base import Detector
from fer.files import atomic_write
from fer.synthetic.worn import wear

FRACTIONS = {
    "masks": (0.65, 0.15, 0.20),
    "detection": (0.65, 0.15, 0.20),
    "lfw": (0.65, 0.15, 0.20),
    "selfies": (0.65, 0.15, 0.20),
    "olivetti": (0.4, 0.2, 0.4),
    "fer2013": (1.0, 0.0, 0.0),
}
"""Shares of train, validation and test of each collection. Of the Olivetti faces, few people but much unlike
the others, more are tested on."""

FER2013_FACES = 800
SYNTHETIC_FACES = 1400
ACCESSORIES = ("none", "glasses", "sunglasses", "mask")


def prepare_attributes(
    source: Path | str, destination: Path | str, detector: Detector, seed: int = 0
) -> dict:
    """Cuts labelled faces out of photos, draws further ones, and writes them with a table.

    ``faces.csv`` has the columns ``file``, ``set``, ``subject``, ``split``, ``glasses`` (none, glasses,
    sunglasses, or empty when unknown), ``mask`` (none, mask, or empty) and ``drawn`` (0 or 1). Only the
    training split has drawn faces, on photos of that split or wholly synthetic. No subject, and no photo that
    looks the same (mirrored or not), is in two splits.

    Args:
        source: A folder with any of ``masks/with_mask`` and ``masks/without_mask`` (photos of one person),
            ``detection/boxes.csv`` with ``detection/images``, ``glasses/labels.csv`` with
            ``glasses/photos``, ``glasses/olivetti_glasses.npz`` and ``fer2013`` (the csv).
        destination: The folder to write; it must not hold a ``faces.csv``.
        detector: A ``YuNet``: finds the faces of photos without boxes, and landmarks to draw by.
        seed: Seed of the splits and of all that is drawn.

    Returns:
        ``faces`` (number of rows), ``drawn`` (of these), ``copies`` (faces with a look-alike of another
        subject), ``seconds`` and ``table`` (path).

    Raises:
        FileNotFoundError: ``source`` has none of the collections.
        FileExistsError: ``destination`` holds a ``faces.csv``.
        ValueError: There is no face with a label, or a collection is damaged.
    """
    started = time.perf_counter()
    source, destination = Path(source), Path(destination)
    table = destination / "faces.csv"
    if table.exists():
        raise FileExistsError(f"{table} exists. Delete its folder, or choose another one.")
    faces = labelled_faces(source, detector, FER2013_FACES, seed)
    real = list(tqdm(faces, desc="Cut", unit="face", disable=None))
    if not real:
        raise ValueError(f"`source` must hold faces with a label. Received: {source}, in which there is none")
    groups, copies = together(real)
    real = _split(real, groups, seed)
    made = chain(real, _further(real, detector, seed), _synthetic(SYNTHETIC_FACES, seed))
    made = tqdm(made, desc="Write", unit="face", disable=None)
    rows = [_write(destination, number, face) for number, face in enumerate(made)]
    with atomic_write(table) as temporary:
        pd.DataFrame(rows).to_csv(temporary, index=False)
    return {
        "faces": len(rows),
        "drawn": sum(row["drawn"] for row in rows),
        "copies": copies,
        "seconds": round(time.perf_counter() - started, 1),
        "table": str(table),
    }


def together(faces: list[LabelledFace]) -> tuple[np.ndarray, int]:
    """Groups the faces of one subject, and of photos that look the same in any size, mirrored or not.

    Returns:
        The number of each face's group, int, shape (n,), and how many faces look like one of another subject.
    """
    small = np.stack([look_alikes.thumbnail(face.image) for face in faces])
    return look_alikes.group(small, np.array([face.subject for face in faces]))


def _split(faces: list[LabelledFace], groups: np.ndarray, seed: int) -> list[LabelledFace]:
    """Places every group in one split; the collection of most of its faces decides the shares."""
    sets = pd.Series([face.set for face in faces])
    if unknown := sorted(set(sets) - set(FRACTIONS)):
        raise ValueError(f"The column `set` must be one of {list(FRACTIONS)}. Received: {unknown}")
    owner = sets.groupby(groups).agg(lambda names: names.mode()[0]).to_numpy()[groups]
    labels = np.array([f"{face.set} {face.glasses} {face.mask}" for face in faces])
    parts = np.zeros(len(faces), dtype=np.int64)
    for name, fractions in FRACTIONS.items():
        rows = np.flatnonzero(owner == name)
        if len(rows):
            parts[rows] = splits.stratified_by_group(labels[rows], groups[rows], fractions, seed)
    return [replace(face, split=SPLITS[part]) for face, part in zip(faces, parts, strict=True)]


def _further(real: list[LabelledFace], detector: Detector, seed: int) -> Iterator[LabelledFace]:
    """Gives the further pictures of the faces of the training split."""
    training = [face for face in real if face.split == "train" and (face.glasses or face.mask == "none")]
    bases = [(face, landmarks(face.image, detector)) for face in training]
    randoms = np.random.default_rng(seed).spawn(len(bases))
    with ThreadPoolExecutor() as pool:
        for made in pool.map(_variants, *zip(*bases, strict=True), randoms):
            yield from made


def _variants(face: LabelledFace, points: dict | None, random: np.random.Generator) -> list[LabelledFace]:
    """Makes further pictures of a face: a worse one, and worse ones in which it wears something drawn.

    A bare face gets a mask as well as glasses, so that signs of drawing say nothing about glasses.
    """
    variants = [face] if face.glasses else []
    if points is not None:
        if face.mask == "none":
            variants.append(_with(face, points, "mask", random))
        if face.glasses == "none":
            variants += [_with(face, points, name, random) for name in ("glasses", "sunglasses")]
    return [replace(each, image=degraded(images.convert(each.image, SIZE, 3), random)) for each in variants]


def _with(face: LabelledFace, points: dict, accessory: str, random: np.random.Generator) -> LabelledFace:
    worn = {"mask": "mask"} if accessory == "mask" else {"glasses": accessory}
    return replace(face, image=wear(face.image, points, accessory, random), drawn=True, **worn)


def _synthetic(n: int, seed: int) -> Iterator[LabelledFace]:
    """Draws synthetic faces that wear each accessory equally often."""
    random = np.random.default_rng(seed)
    faces = synthetic.generate(n, seed, synthetic.MINIMUM_SIZE, difficulty="hard").table
    faces["accessory"] = np.resize(ACCESSORIES, n)
    for start in range(0, n, 100):
        part = synthetic.render(faces.iloc[start : start + 100], SIZE)
        for image, (worn, person) in zip(
            part.images, part.table[["accessory", "subject"]].to_numpy(), strict=True
        ):
            glasses, mask = ("none", "mask") if worn == "mask" else (worn, "none")
            image = degraded(image, random)
            yield LabelledFace("synthetic", f"synthetic/{person}", image, glasses, mask, drawn=True)


def _write(destination: Path, number: int, face: LabelledFace) -> dict:
    """Writes the picture of a face and returns its row of the table."""
    file = f"{face.split}/{number:05d}.png"
    with atomic_write(destination / file) as temporary:
        Image.fromarray(images.convert(face.image, SIZE, 3)).save(temporary, compress_level=1)
    return {
        "file": file,
        "set": face.set,
        "subject": face.subject,
        "split": face.split,
        "glasses": face.glasses,
        "mask": face.mask,
        "drawn": int(face.drawn),
    }
