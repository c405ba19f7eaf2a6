"""RAF-DB, the Real-world Affective Faces Database: 15,339 web photos with one of seven basic emotions.

Source: Li, Deng & Du 2017, Reliable crowdsourcing and deep locality-preserving learning for expression
recognition in the wild, CVPR 2017; http://www.whdeng.cn/RAF/model1.html. The owners' list has 12,271 images
to train and 3,068 to test: 1,290 + 329 surprise, 281 + 74 fear, 717 + 160 disgust, 4,772 + 1,185 happy,
1,982 + 478 sad, 705 + 162 angry, 2,524 + 680 neutral.
"""

import re
from pathlib import Path

import pandas as pd

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import DamagedDataError, FaceDataset, MissingDataError

EMOTIONS = ("surprise", "fear", "disgust", "happy", "sad", "angry", "neutral")
"""The emotion of each number in the list of labels: 1 is surprise."""

REPORTED = {
    "angry": 867,
    "disgust": 877,
    "fear": 355,
    "happy": 5957,
    "sad": 2460,
    "surprise": 1619,
    "neutral": 3204,
}

PICTURES = {"aligned": "_aligned.jpg", "original": ".jpg"}
"""The end of a picture's name in each folder of ``Image/``."""

LIST = Path("EmoLabel", "list_patition_label.txt")

HELP = (
    "Ask its owners for it (http://www.whdeng.cn/RAF/model1.html) and unpack the part basic there, so that "
    f"it has {LIST} (its spelling) with lines like train_00001.jpg 5, and the pictures "
    "Image/aligned/train_00001_aligned.jpg or Image/original/train_00001.jpg; or the folder basic with these."
)

_LINE = re.compile(r"((train|test)_\d+)\.jpg (\d+)")


def load(
    root: Path,
    pictures: str = "aligned",
    validation_share: float = 0.1,
    seed: int = 0,
    in_memory: bool | None = None,
) -> FaceDataset:
    """Reads the basic emotions of RAF-DB. The owners' test images are the test split.

    Args:
        root: The folder with ``EmoLabel/`` and ``Image/``, or with ``basic/`` that holds them.
        pictures: "aligned", the faces at 100×100 pixels, or "original", the photos.
        validation_share: Share of the owners' training images that is held out for validation.
        seed: Seed of that draw.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set, emotions as in FER-2013, with the column ``path``. Images of the list that are not
        there count as damage; images that are not in the list are in ``skipped`` and do not.
    """
    if pictures not in PICTURES:
        raise ValueError(f"`pictures` must be one of {list(PICTURES)}. Received: {pictures!r}")
    place = root if (root / LIST).is_file() else root / "basic"
    if not (place / LIST).is_file():
        raise MissingDataError(f"RAF-DB is not at {root}: there is no {LIST}. {HELP}")
    rows = _read_list(place / LIST)
    folder = Path("Image", pictures)
    rows["file"] = [folder / f"{name}{PICTURES[pictures]}" for name in rows.pop("name")]
    found, others = scan.listing(place / folder)
    found = {folder / file for file in found}
    if not found & set(rows["file"]):
        raise MissingDataError(f"RAF-DB at {root} has none of the pictures of its list in {folder}. {HELP}")
    unlisted = scan.skips(place, sorted(found - set(rows["file"])), "not in the list of labels")
    left_out = pd.concat([unlisted, others])
    return assembling.assemble(
        "rafdb",
        labels.FER2013,
        place,
        rows,
        lambda table: assembling.hold_out(table, validation_share, seed),
        in_memory,
        left_out=left_out,
    )


def _read_list(path: Path) -> pd.DataFrame:
    """Returns ``name``, ``split`` and ``emotion`` of each line."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), start=1):
        match = _LINE.fullmatch(line.strip())
        if match is None or not 1 <= int(match[3]) <= len(EMOTIONS):
            raise DamagedDataError(
                f"{path} is not the list of the basic emotions: line {number} is {line!r}. {HELP}"
            )
        rows.append({"name": match[1], "split": match[2], "emotion": EMOTIONS[int(match[3]) - 1]})
    return pd.DataFrame(rows, columns=["name", "split", "emotion"])
