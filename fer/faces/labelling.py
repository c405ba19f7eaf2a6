"""A teacher: a folder of photos whose faces another detector has found, for a detector to learn from."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer import images, paths
from fer.datasets import box_assembling, boxes_csv, look_alikes, scan, splits
from fer.datasets.base import MissingDataError, no_skips
from fer.datasets.boxes import BOX, BoxDataset
from fer.faces import manifest
from fer.faces.base import Detector


def label(
    photos: Path | str,
    detector: Detector,
    name: str,
    sure: float = 0,
    fractions: Sequence[float] = (0.8, 0.1, 0.1),
    seed: int = 0,
) -> BoxDataset:
    """Finds the faces of all photos of a folder and its sub-folders.

    What is found is kept in ``paths.cache()``, one file a folder and detector, photo by photo: an interrupted
    call goes on where it was, and only photos that are new, have changed, or were looked at with a higher
    threshold are looked at again.

    Photos in which nothing sure is found are left out: that a detector is silent does not mean that there is
    no face.

    Args:
        photos: The folder. Hidden files are left out.
        detector: Who finds the faces: all with a score of at least its threshold.
        name: Name of the detector, under which its answers are kept; other weights need another one.
        sure: Faces with a lower score are to be ignored, 0…1: they are neither to be found nor to be missed.
        fractions: Shares of train, validation and test. Photos that look alike stay together.
        seed: Seed of the draw.

    Returns:
        The data set, of the class "face", whose boxes also have their ``score``. Photos that cannot be read
        are in ``skipped``. ``fer.datasets.boxes_csv.write`` makes a csv of it.

    Raises:
        ValueError: An argument is out of its range.
        MissingDataError: There is no photo, or no face in any.

    Example:
        >>> dataset = label("photos", faces.detector("yunet"), "yunet", sure=0.8)
    """
    if not 0 <= sure <= 1:
        raise ValueError(f"`sure` must be in 0…1. Received: {sure!r}")
    splits.check_fractions(fractions)
    folder = Path(photos).expanduser().absolute()
    files = [file.as_posix() for file in scan.listing(folder)[0]]
    if not files:
        raise MissingDataError(f"There are no photos in {folder}. It must hold some, in sub-folders or not.")
    found = _found(folder, files, detector, name)
    rows = [row | {"photo": number} for number, file in enumerate(files) for row in found[file]]
    boxes = pd.DataFrame([row for row in rows if row["status"] == "found"], columns=["photo", *BOX, "score"])
    boxes = boxes.astype(dict.fromkeys([*BOX, "score"], float))
    boxes = boxes[boxes["score"] >= detector.threshold].reset_index(drop=True)
    photos = pd.DataFrame({"file": files, "folder": folder})
    silent = ~photos.index.isin(boxes.loc[boxes["score"] >= sure, "photo"])
    if silent.all():
        raise MissingDataError(f"{name} finds no sure face in any of the {len(files)} photos of {folder}.")
    kept = photos[~silent]
    unreadable = [(folder / file, row["reason"]) for file in files if (row := found[file][0])["reason"]]
    boxes = boxes[boxes["photo"].isin(kept.index)]
    boxes["photo"] = kept.index.get_indexer(boxes["photo"])
    dataset = box_assembling.assemble(
        f"{folder.name} by {name}",
        ("face",),
        folder,
        kept.reset_index(drop=True),
        boxes.assign(source="", label="face", ignore=boxes["score"] < sure),
        no_skips(),
        len(files),
        lambda table: look_alikes.split(table["path"], np.ones(len(table)), fractions, seed),
    )
    skipped = pd.DataFrame(unreadable, columns=["source", "reason"]).astype(str)
    return replace(dataset, skipped=pd.concat([dataset.skipped, skipped], ignore_index=True))


def check_destination(path: Path | str) -> None:
    """Makes sure that a csv of labels can be written and that none made by hand is lost.

    Raises:
        ValueError: It is a folder, or a file that ``label`` and ``boxes_csv.write`` have not made.
    """
    path = Path(path)
    if path.is_dir():
        raise ValueError(f"`csv` must be a file. Received the folder {path}")
    if path.is_file():
        with path.open(encoding="utf-8", errors="replace") as file:
            header = file.readline().strip()
        if header != ",".join(boxes_csv.columns(scored=True)):
            raise ValueError(f"{path} exists, and this command has not made it: name another file.")


def _found(folder: Path, files: list[str], detector: Detector, name: str) -> dict[str, list[manifest.Row]]:
    """Returns the manifest's rows of each photo, and looks at those that are not in it as they are now."""
    place = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    path = paths.cache() / "labels" / f"{folder.name}-{place}-{name}.csv"
    recorded = manifest.read(path)
    kept = {
        file: recorded[file]
        for file in files
        if file in recorded and _holds(recorded[file], folder / file, detector)
    }
    new = [file for file in files if file not in kept]
    if new:
        manifest.write(path, kept)
        manifest.append(path, _look(folder, new, detector))
        kept = manifest.read(path)
        manifest.write(path, kept)
    return kept


def _holds(rows: list[manifest.Row], photo: Path, detector: Detector) -> bool:
    status = photo.stat()
    return (
        (rows[0]["bytes"], rows[0]["modified"]) == (str(status.st_size), str(status.st_mtime_ns))
        and len(rows) == max(1, int(rows[0]["faces"]))
        and float(rows[0]["settings"]) <= detector.threshold
    )


def _look(folder: Path, files: list[str], detector: Detector) -> Iterator[list[manifest.Row]]:
    """Gives the manifest's rows of each photo; its ``settings`` are the detector's threshold."""
    for file in tqdm(files, desc=folder.name, unit=" photos", disable=None):
        status = (folder / file).stat()
        row = dict.fromkeys(manifest.COLUMNS, "") | {
            "source": file,
            "faces": 0,
            "bytes": status.st_size,
            "modified": status.st_mtime_ns,
            "settings": detector.threshold,
        }
        try:
            faces = detector.detect(images.read(folder / file))
        except ValueError as error:
            reason = str(error).removeprefix(f"{folder / file}: ")
            yield [row | {"status": "skipped", "reason": reason}]
            continue
        row |= {"faces": len(faces), "status": "found" if faces else "no_face"}
        boxes = [dict(zip(BOX, face.box, strict=True)) | {"score": f"{face.score:.4f}"} for face in faces]
        yield [row | box for box in boxes] or [row]
