"""WIDER FACE: 32,203 photos with 393,703 boxes of faces of all sizes, in 61 kinds of events.

Source: Yang, Luo, Loy & Tang 2016, WIDER FACE: a face detection benchmark, CVPR 2016, arXiv:1511.06523;
http://shuoyang1213.me/WIDERFACE. The boxes of its test photos are not public.
"""

from pathlib import Path

import pandas as pd

from fer import images as image_files
from fer.datasets import box_assembling, splits
from fer.datasets.base import DamagedDataError, MissingDataError
from fer.datasets.boxes import BOX, BoxDataset

PARTS = {
    "train": ("wider_face_split/wider_face_train_bbx_gt.txt", "WIDER_train/images"),
    "test": ("wider_face_split/wider_face_val_bbx_gt.txt", "WIDER_val/images"),
}
"""The label file and the folder of the photos of each split that there are boxes of."""

ATTRIBUTES = ["blur", "expression", "illumination", "invalid", "occlusion", "pose"]
"""What a line says after the box, 0 being the usual. Faces that are invalid are to be ignored."""

HELP = (
    "Download WIDER_train.zip, WIDER_val.zip and wider_face_split.zip from http://shuoyang1213.me/WIDERFACE "
    f"and unpack them there: {'; '.join(f'{file} with {folder}' for file, folder in PARTS.values())}."
)


def load(
    root: Path,
    images: Path | str | None = None,
    smallest: float = 0,
    validation_share: float = 0.1,
    seed: int = 0,
) -> BoxDataset:
    """Reads WIDER FACE, or another label file that is written as its are.

    Its validation photos become the test split, and a share of its training photos, of each event, the
    validation split. If one of the two parts is not there, the other one is read alone.

    Args:
        root: The folder with ``wider_face_split/``, ``WIDER_train/`` and ``WIDER_val/``; or a label file,
            whose photos are all of the test split.
        images: Folder of the photos, for a label file only.
        smallest: Faces with a shorter side below this many pixels are to be ignored.
        validation_share: Share of the training photos, 0…1.
        seed: Seed of this draw.

    Returns:
        The data set, of the class "face", whose boxes also have ``ATTRIBUTES`` (int; -1 where the file says
        nothing). Boxes without a size and photos that cannot be read are in ``skipped``.

    Raises:
        ValueError: The share is out of its range, or a label file and ``images`` do not come together.
        MissingDataError: There is no such file or folder.
        DamagedDataError: More than 5 % of the boxes or photos cannot be used.
    """
    splits.check_fractions((1 - validation_share, validation_share))
    photos, boxes = [], []
    for split, path, folder in _parts(root, images):
        for photo in _photos(path):
            place = {"file": photo["file"], "split": split, "folder": folder}
            boxes += [{"photo": len(photos)} | box for box in photo["boxes"]]
            photos.append(place | {"source": f"{path}, line {photo['line']}", "whole": photo["whole"]})
    photos = pd.DataFrame(photos)
    boxes = pd.DataFrame(boxes, columns=["photo", "source", *BOX, *ATTRIBUTES])
    sized = (boxes[["width", "height"]] > 0).all(axis=1)
    damaged = pd.concat(
        [
            boxes.loc[~sized, ["source"]].assign(reason="the box has no size"),
            photos.loc[~photos["whole"], ["source"]].assign(reason="not as many boxes as are announced"),
        ],
        ignore_index=True,
    )
    small = boxes[["width", "height"]].min(axis=1) < smallest
    boxes = boxes.assign(label="face", ignore=(boxes["invalid"] == 1) | small)
    return box_assembling.assemble(
        "wider_face",
        ("face",),
        root,
        photos,
        boxes[sized].reset_index(drop=True),
        damaged,
        len(boxes) + len(photos),
        lambda table: _held_out(table, validation_share, seed),
    )


def _parts(root: Path, images: Path | str | None) -> list[tuple[str, Path, Path]]:
    """Finds the split, label file and folder of photos of each part that is there."""
    if root.is_file() != (images is not None):
        raise ValueError(
            f"A label file needs `images`, the folder of its photos, and a folder takes none. "
            f"Received: images={images!r} for {root}"
        )
    if images is not None:
        found = [("test", root, Path(images).expanduser().absolute())]
    else:
        found = [(split, root / file, root / folder) for split, (file, folder) in PARTS.items()]
    found = [part for part in found if part[1].is_file() and part[2].is_dir()]
    if not found:
        raise MissingDataError(f"WIDER FACE is not at {root if images is None else images}. {HELP}")
    return found


def _photos(path: Path) -> list[dict]:
    """Reads a label file: ``file``, ``line``, ``boxes`` and ``whole``, if all are there, of each photo."""
    photos, announced = [], None
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        fields = line.split()
        if Path(line.strip()).suffix.lower() in image_files.SUFFIXES:
            photos.append({"file": line.strip(), "line": number, "boxes": [], "whole": False})
            announced = None
            continue
        try:
            values = [float(field) for field in fields]
        except ValueError:
            values = []
        if photos and announced is None and len(values) == 1:
            announced = values[0]
            photos[-1]["whole"] = announced == 0
        elif photos and announced and len(values) >= 4:
            known = dict.fromkeys(ATTRIBUTES, -1) | dict(zip(ATTRIBUTES, map(int, values[4:]), strict=False))
            box = dict(zip(BOX, values, strict=False)) | known | {"source": f"{path}, line {number}"}
            photos[-1]["boxes"].append(box)
            photos[-1]["whole"] = len(photos[-1]["boxes"]) == announced
        elif fields and announced != 0:  # a photo without faces has one line of zeros
            raise DamagedDataError(
                f"{path} is not a label file of WIDER FACE: line {number} is {line[:80]!r}"
            )
    if not photos:
        raise DamagedDataError(f"{path} names no photo, so it is not a label file of WIDER FACE.")
    return photos


def _held_out(photos: pd.DataFrame, share: float, seed: int) -> pd.Series:
    """Makes a share of the training photos of each event the validation split."""
    result = photos["split"].copy()
    training = photos.index[result == "train"]
    events = photos["file"][training].str.split("/").str[0].to_numpy()
    parts = splits.stratified(events, (1 - share, share), seed)
    result[training[parts == 1]] = "validation"
    return result
