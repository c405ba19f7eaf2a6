"""The AI Hub Korean data set of emotions in photos, 한국인 감정인식을 위한 복합 영상.

Source: https://aihub.or.kr, data set 82. The labels are in the names of the files,
``(title)_(gender)_(age)_(emotion)_(date).jpg``, in the public data with a place before the date.
"""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

VOCABULARIES = {"aihub": labels.AIHUB, "fer2013": labels.FER2013}
GENDERS = {"남": "male", "여": "female"}

_EMOTIONS = "|".join(labels.KOREAN[emotion] for emotion in labels.AIHUB)
_NAME = re.compile(rf"(?P<subject>.+)_(?P<gender>[남여])_(?P<age>\d+)_(?P<emotion>{_EMOTIONS})_.+")


def load(
    root: Path,
    emotions: str = "aihub",
    fractions: Sequence[float] = (0.7, 0.15, 0.15),
    seed: int = 0,
    in_memory: bool | None = None,
) -> FaceDataset:
    """Reads the photos as they are distributed, or the face crops made of them, which keep their names.

    The title stands for the person who took the photo. Where titles come more than once, all photos of a
    title are in the same split; the folders of the distribution do not matter.

    Args:
        root: A folder with the image files, in any folders below it.
        emotions: "aihub", its seven emotions, or "fer2013", where each becomes the nearest class of
            FER-2013 (``labels.AIHUB_TO_FER2013``); nothing becomes disgust.
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set with the columns ``path``, ``subject`` (the title), ``gender`` ("female", "male"),
        ``age`` (decade in years, int) and ``original_emotion``. Images that cannot be read and names that
        do not parse are in ``skipped`` and count as damage; other files are in it too, and do not.
    """
    if emotions not in VOCABULARIES:
        raise ValueError(f"`emotions` must be one of {list(VOCABULARIES)}. Received: {emotions!r}")
    images, others = scan.listing(root)
    rows, unnamed = assembling.by_name(
        root, images, lambda file: parse_name(file.stem), "the name has no gender, age and emotion"
    )
    if rows.empty:
        raise MissingDataError(
            f"The photos of AI Hub are not at {root}. Register at https://aihub.or.kr, download data set 82 "
            "(한국인 감정인식을 위한 복합 영상) and unpack it there; the images may lie in any folders below."
        )
    rows["emotion"] = rows["original_emotion"]
    if emotions == "fer2013":
        rows["emotion"] = rows["original_emotion"].map(labels.AIHUB_TO_FER2013)

    def split(table: pd.DataFrame) -> np.ndarray:
        return assembling.draw(table["original_emotion"], fractions, seed, table["subject"])

    return assembling.assemble(
        "aihub", VOCABULARIES[emotions], root, rows, split, in_memory, damaged=unnamed, left_out=others
    )


def parse_name(stem: str) -> dict[str, str | int] | None:
    """Reads what a file name says, from its end, since a title may hold underscores.

    Args:
        stem: Name without its ending; Korean may be decomposed, as macOS writes it.

    Returns:
        ``subject``, ``gender``, ``age`` and ``original_emotion``, or None for another name.

    Example:
        >>> parse_name("d1a2_여_20_기쁨_도심 환경_20201206121516-001-003")["original_emotion"]
        'happy'
    """
    match = _NAME.fullmatch(unicodedata.normalize("NFC", stem))
    if match is None:
        return None
    return {
        "subject": match["subject"],
        "gender": GENDERS[match["gender"]],
        "age": int(match["age"]),
        "original_emotion": labels.canonical(match["emotion"]),
    }
