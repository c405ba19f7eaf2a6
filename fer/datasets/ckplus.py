"""CK+, the Extended Cohn-Kanade data set: sequences of posed faces from neutral to the peak, eight emotions.

Source: Lucey, Cohn, Kanade, Saragih, Ambadar & Matthews 2010, The Extended Cohn-Kanade Dataset (CK+), CVPR
Workshops 2010. It counts 327 labelled sequences: 45 anger, 18 contempt, 59 disgust, 25 fear, 69 happy, 28
sadness and 83 surprise; three frames of each, and its first as neutral, make the images.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

CODES = dict(enumerate(("neutral", "angry", "contempt", "disgust", "fear", "happy", "sad", "surprise")))
"""The emotion of each number in ``Emotion/…_emotion.txt``."""

EXPRESSIONS = tuple(emotion for emotion in labels.FERPLUS if emotion != "neutral")

REPORTED = {
    "neutral": 327,
    "happy": 3 * 69,
    "surprise": 3 * 83,
    "sad": 3 * 28,
    "angry": 3 * 45,
    "disgust": 3 * 59,
    "fear": 3 * 25,
    "contempt": 3 * 18,
}

HELP = (
    "Ask for it at https://www.jeffcohn.net/Resources/ and unpack cohn-kanade-images.zip and "
    "Emotion_labels.zip there, so that it has cohn-kanade-images/S005/001/S005_001_00000001.png … and "
    "Emotion/S005/001/S005_001_00000011_emotion.txt. Or put there, but not beside these, the class folders "
    "of the copy at 48×48, anger/S010_004_00000017.png, with the folders anger, contempt, disgust, fear, "
    "happy, sadness and surprise, or the folder CK+48 that holds them."
)

_IMAGES, _LABELS, _COPY = "cohn-kanade-images", "Emotion", "CK+48"
_NAME = re.compile(r"(?P<subject>S\d{3})_(?P<sequence>\d{3})_(?P<frame>\d{8})")


def load(
    root: Path,
    last_frames: int = 3,
    neutral: bool = True,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    in_memory: bool | None = None,
) -> FaceDataset:
    """Reads the sequences as they are distributed, or the copy in class folders at 48×48 pixels.

    The last frames of a labelled sequence have its label, and the first is neutral. The copy has the three
    last frames in class folders, and none that is neutral. A person is in one split only.

    Args:
        root: The folder with ``cohn-kanade-images/`` and ``Emotion/``, or with the copy.
        last_frames: Number of frames at the end of a sequence that take its label, never its first frame.
            The copy takes no other number than 3.
        neutral: Reads the first frame of labelled sequences, too. The copy has none.
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set with the columns ``path``, ``subject`` ("S005"), ``sequence`` ("001") and ``frame``
        (int). Sequences without a label are in ``skipped``, and are no damage; the frames of those whose
        label cannot be read, or is of another frame than the last, count as damage.
    """
    if last_frames < 1:
        raise ValueError(f"`last_frames` must be a positive integer. Received: {last_frames!r}")
    has_sequences = (root / _IMAGES).is_dir() and (root / _LABELS).is_dir()
    copy = next((place for place in (root, root / _COPY) if (place / "anger").is_dir()), None)
    if has_sequences == (copy is not None):
        raise MissingDataError(f"{root} has {'both forms' if has_sequences else 'no form'} of CK+. {HELP}")
    if has_sequences:
        rows, damaged, left_out = _read_sequences(root, last_frames, neutral)
    else:
        if last_frames != 3:
            raise ValueError(f"`last_frames` must be 3: {copy} is the copy. Received: {last_frames!r}")
        neutral = False
        images, left_out = scan.listing(copy)
        files = [copy.relative_to(root) / file for file in images]
        rows, damaged = assembling.by_name(root, files, _parse_copy, "not a frame in a class folder")
    if rows.empty:
        raise MissingDataError(f"{root} has no frame of CK+ with a label. {HELP}")
    return assembling.assemble(
        "ckplus",
        labels.FERPLUS if neutral else EXPRESSIONS,
        root,
        rows,
        lambda table: assembling.draw(table["emotion"], fractions, seed, table["subject"]),
        in_memory,
        damaged,
        left_out,
    )


def _read_sequences(
    root: Path, last_frames: int, neutral: bool
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Returns the frames that have an emotion, damage and what else is left out."""
    images, others = scan.listing(root / _IMAGES)
    files = [Path(_IMAGES) / file for file in images]
    frames, unnamed = assembling.by_name(root, files, _parse_frame, "the name is not of a frame of CK+")
    if frames.empty:
        return frames, unnamed, others
    rows, damaged, left_out = [], [unnamed], [others]
    for folder, sequence in frames.groupby(frames["file"].map(lambda file: file.parent)):
        sequence = sequence.sort_values("frame")
        peak = sequence.iloc[1:].tail(last_frames)
        chosen = pd.concat([sequence.head(int(neutral)), peak])
        emotion, fault = _label(root, sequence["file"].iloc[-1])
        if emotion:
            emotions = ["neutral"] * (len(chosen) - len(peak)) + [emotion] * len(peak)
            rows.append(chosen.assign(emotion=emotions))
        elif fault:
            damaged.append(scan.skips(root, chosen["file"], fault))
        else:
            left_out.append(scan.skips(root, [folder], "a sequence without an emotion label"))
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    return table, pd.concat(damaged), pd.concat(left_out)


def _label(root: Path, last: Path) -> tuple[str, str]:
    """Returns the emotion of a sequence and what is wrong with its label, both empty where it has none.

    Args:
        root: The folder.
        last: The last frame of the sequence, relative to it.
    """
    folder = root / _LABELS / last.parent.relative_to(_IMAGES)
    files = [file for file in folder.glob("*.txt") if not file.name.startswith(".")]
    if not files:
        return "", ""
    if [file.name for file in files] != [f"{assembling.stem(last)}_emotion.txt"]:
        return "", "the emotion label is not of the last frame"
    try:
        return CODES[float(files[0].read_text(encoding="ascii"))], ""
    except (KeyError, ValueError):
        return "", "the emotion label is not 0 to 7"


def _parse_frame(file: Path) -> dict[str, str | int] | None:
    match = _NAME.fullmatch(assembling.stem(file))
    if match is None or file.parts[1:-1] != (match["subject"], match["sequence"]):
        return None
    return match.groupdict() | {"frame": int(match["frame"])}


def _parse_copy(file: Path) -> dict[str, str | int] | None:
    emotion, match = labels.canonical(file.parent.name), _NAME.fullmatch(assembling.stem(file))
    if match is None or emotion not in EXPRESSIONS:
        return None
    return {"emotion": emotion} | match.groupdict() | {"frame": int(match["frame"])}
