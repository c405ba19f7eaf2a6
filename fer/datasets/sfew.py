"""SFEW 2.0, Static Facial Expressions in the Wild: faces from films, seven emotions.

Source: Dhall, Goecke, Lucey & Gedeon 2011, Static facial expression analysis in tough conditions, ICCV
Workshops 2011; Dhall, Ramana Murthy, Goecke, Joshi & Gedeon 2015, Video and image based emotion recognition
challenges in the wild: EmotiW 2015, ICMI 2015: 958 images to train, 436 to validate, 372 to test.
"""

import re
from pathlib import Path

import pandas as pd

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

HELP = (
    "Ask its owners for it (https://cs.anu.edu.au/few/AFEW.html) and unpack it there: class folders with the "
    "pictures under the owners' names, Train/Train_Aligned_Faces/Angry/Airheads_000519240_00000005.png, "
    "Val/Val_Aligned_Faces/Angry/… and, if at hand, Test/…; the folder whose name starts with Train, Val or "
    "Test may hold the class folders itself. Each of them must have one set of class folders: Angry, "
    "Disgust, Fear, Happy, Neutral, Sad and Surprise."
)

SPLITS = {"train": "train", "val": "validation", "test": "test"}
"""Our split of each of the owners'."""

_SPLIT = re.compile(r"(train|val|test)(_.*)?", re.IGNORECASE)
_NAME = re.compile(r"(?P<film>.+)_\d+_\d+")


def load(
    root: Path, validation_share: float = 0.2, seed: int = 0, in_memory: bool | None = None
) -> FaceDataset:
    """Reads SFEW as it is distributed.

    The owners keep the labels of their test images. Without these Val is the test split, so that a model is
    judged on images it was not selected on, and a share of Train is held out for validation; a film is then
    in one of the two only. With class folders in Test the owners' three splits are kept.

    Args:
        root: The folder.
        validation_share: Share of Train that is held out.
        seed: Seed of that draw.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set, emotions as in FER-2013, with the columns ``path`` and ``film`` (None where the name
        does not tell it). Test images without a label and those in no class folder are in ``skipped``, and
        are no damage.
    """
    images, others = scan.listing(root)
    unlabelled = {file for file in images if _split(file) == "test" and not _is_class(file)}
    labelled = [file for file in images if file not in unlabelled]
    rows, astray = assembling.by_name(root, labelled, _parse, "not in a class folder")
    if rows.empty or rows["film"].isna().all() or {"train", "validation"} - set(rows["split"]):
        raise MissingDataError(f"SFEW is not at {root}. {HELP}")
    places = rows["file"].map(lambda file: file.parent.parent).groupby(rows["split"]).unique()
    for found in places:
        if len(found) > 1:
            raise MissingDataError(f"SFEW at {root} has {' and '.join(sorted(map(str, found)))}. {HELP}")
    if "test" not in places:
        rows["split"] = rows["split"].replace("validation", "test")

    def split(table: pd.DataFrame) -> pd.Series:
        if "validation" in places and "test" in places:
            return table["split"]
        films = table["film"].fillna(table["source"])
        return assembling.hold_out(table, validation_share, seed, films)

    secret = scan.skips(root, sorted(unlabelled), "a test image, whose label the owners keep")
    left_out = pd.concat([secret, astray, others])
    return assembling.assemble("sfew", labels.FER2013, root, rows, split, in_memory, left_out=left_out)


def _parse(file: Path) -> dict[str, str | None] | None:
    split = _split(file)
    if split is None or not _is_class(file):
        return None
    match = _NAME.fullmatch(assembling.stem(file))
    return {
        "emotion": labels.canonical(file.parent.name),
        "split": split,
        "film": match and match["film"],
    }


def _split(file: Path) -> str | None:
    """Returns the split of the first folder that is named like one."""
    matches = filter(None, map(_SPLIT.fullmatch, file.parts[:-1]))
    return next((SPLITS[match[1].lower()] for match in matches), None)


def _is_class(file: Path) -> bool:
    return labels.canonical(file.parent.name) in labels.FER2013
