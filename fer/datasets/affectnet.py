"""AffectNet: 291,651 web photos with one of eight emotions, valence and arousal, labelled by hand.

Source: Mollahosseini, Hasani & Mahoor 2017, AffectNet: A database for facial expression, valence, and arousal
computing in the wild, IEEE Transactions on Affective Computing, arXiv:1708.03985. The owners' lists have
287,651 such images to train (74,874 neutral, 134,415 happy, 25,459 sad, 14,090 surprise, 6,378 fear, 3,803
disgust, 24,882 anger, 3,750 contempt) and 500 of each to validate; the paper's own table has their test
images, too, which are not given out.
"""

from pathlib import Path

import pandas as pd

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

EMOTIONS = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "angry", "contempt")
"""The emotion of each number in the lists: 0 is neutral."""

NO_EMOTION = {8: "labelled none", 9: "labelled uncertain", 10: "labelled no face"}

REPORTED = {
    "neutral": 75374,
    "happy": 134915,
    "surprise": 14590,
    "sad": 25959,
    "angry": 25382,
    "disgust": 4303,
    "fear": 6878,
    "contempt": 4250,
}

COLUMNS = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)

LISTS = {"training.csv": "train", "validation.csv": "test"}
"""Our split of each list of the owners."""

IMAGES = "Manually_Annotated_Images"

HELP = (
    "Ask its owners for it (https://mohammadmahoor.com/pages/databases/affectnet/) and unpack the manually "
    f"annotated part there: {' and '.join(LISTS)}, with the columns {', '.join(COLUMNS)}, and the folder "
    f"{IMAGES} with the pictures, 689/….jpg; each of the three there or in one folder below, such as "
    "Manually_Annotated_file_lists, and once."
)


def load(root: Path, validation_share: float = 0.1, seed: int = 0, verify: bool = False) -> FaceDataset:
    """Reads the manually annotated part of AffectNet. The owners' validation images are the test split.

    The images stay on disk, and are read when they are asked for.

    Args:
        root: The folder.
        validation_share: Share of the owners' training images that is held out for validation.
        seed: Seed of that draw.
        verify: Decodes every image once, which takes long, to leave out those that cannot be read.
            False only looks whether they are there.

    Returns:
        The data set, emotions as in FER+, with the columns ``path``, ``face_x``, ``face_y``, ``face_width``
        and ``face_height`` (the face in pixels), ``valence`` and ``arousal`` (-1…1). Rows without an emotion
        (none, uncertain, no face) are in ``skipped``, and are no damage; missing images and rows whose
        expression is not 0 to 10 count as damage.
    """
    images = _find(root, IMAGES)
    table = pd.concat(
        [_read(_find(root, name)).assign(split=split) for name, split in LISTS.items()], ignore_index=True
    )
    table["file"] = [images.relative_to(root) / name for name in table.pop(COLUMNS[0])]
    codes = pd.to_numeric(table.pop("expression"), errors="coerce")
    table["emotion"] = codes.map(dict(enumerate(EMOTIONS)))
    reasons = codes.map(NO_EMOTION)
    damaged = table["emotion"].isna() & reasons.isna()
    left_out = [scan.skips(root, table["file"][reasons == reason], reason) for reason in NO_EMOTION.values()]
    rows = table[table["emotion"].notna()]
    if not any((root / file).is_file() for file in rows["file"]):
        raise MissingDataError(f"AffectNet at {root} has none of the pictures of its lists. {HELP}")
    return assembling.assemble(
        "affectnet",
        labels.FERPLUS,
        root,
        rows,
        lambda table: assembling.hold_out(table, validation_share, seed),
        in_memory=False,
        damaged=scan.skips(root, table["file"][damaged], "expression is not 0 to 10"),
        left_out=pd.concat(left_out),
        decode=verify,
    )


def _find(root: Path, name: str) -> Path:
    """Returns the one file or folder of this name in a folder, or in a folder below it."""
    found = [path for path in (root / name, *sorted(root.glob(f"*/{name}"))) if path.exists()]
    if len(found) != 1:
        places = " and ".join(map(str, found)) or f"no {name}"
        raise MissingDataError(f"AffectNet is not at {root}: it has {places}. {HELP}")
    return found[0]


def _read(path: Path) -> pd.DataFrame:
    """Reads one list; validation.csv has been given out with and without a header."""
    with path.open(encoding="utf-8") as file:
        first = file.readline().strip().split(",")
    if len(first) != len(COLUMNS) or ("/" not in first[0] and tuple(first) != COLUMNS):
        raise MissingDataError(f"{path} is not a list of AffectNet. {HELP}")
    table = pd.read_csv(
        path,
        header=0 if tuple(first) == COLUMNS else None,
        names=list(COLUMNS),
        usecols=[name for name in COLUMNS if name != "facial_landmarks"],
        dtype={COLUMNS[0]: str},
    )
    for column in ("face_x", "face_y", "face_width", "face_height", "valence", "arousal"):
        table[column] = pd.to_numeric(table[column], errors="coerce")
    return table
