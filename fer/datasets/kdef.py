"""KDEF, the Karolinska Directed Emotional Faces: 70 people, seven emotions, five angles, two sessions.

Source: Lundqvist, Flykt & Öhman 1998, The Karolinska Directed Emotional Faces, CD-ROM, Karolinska
Institutet; https://kdef.se. Its page counts 4,900 pictures: 70 people × 7 emotions × 5 angles × 2 sessions.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

EMOTIONS = {
    "AF": "fear",
    "AN": "angry",
    "DI": "disgust",
    "HA": "happy",
    "NE": "neutral",
    "SA": "sad",
    "SU": "surprise",
}
ANGLES = ("FL", "HL", "S", "HR", "FR")
"""Full left profile, half left, straight, half right, full right."""

REPORTED = dict.fromkeys(labels.FER2013, 700)

BLACK = frozenset(
    {
        *("AF01SUFR", "AF10AFFR", "AF11NEHL", "AF20DIHL", "AM25DIFL"),
        *("AM34DIFR", "BF13NEHR", "BM21DIFL", "BM22DIHL", "BM24DIFL"),
    }
)
"""Pictures of the distribution that show nothing."""

MISNAMED = frozenset({"AF31V", "AM31H"})
"""Pictures of the distribution whose names have no emotion and angle."""

HELP = (
    "Ask for it at https://kdef.se and unpack it there: a folder for each person and session with the "
    "pictures under the owners' names, AF01/AF01ANS.JPG (session A or B, sex F or M, person 01 to 35, "
    f"emotion {', '.join(EMOTIONS)}, angle {', '.join(ANGLES)}), in any folders."
)

_NAME = re.compile(
    rf"(?P<session>[AB])(?P<person>[FM](0[1-9]|[12]\d|3[0-5]))"
    rf"(?P<emotion>{'|'.join(EMOTIONS)})(?P<angle>{'|'.join(ANGLES)})"
)
_AVERAGED = re.compile(rf"[FM]({'|'.join(EMOTIONS)})({'|'.join(ANGLES)})")


def load(
    root: Path,
    angles: Sequence[str] = ANGLES,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    in_memory: bool | None = None,
) -> FaceDataset:
    """Reads KDEF by the names of its pictures.

    A person ("F01") comes in both sessions, and in one split only.

    Args:
        root: The folder with the pictures, in any folders below it.
        angles: The angles that are read, of "FL", "HL", "S", "HR" and "FR".
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set, emotions as in FER-2013, with the columns ``path``, ``subject``, ``session`` ("A",
        "B"), ``gender`` ("female", "male") and ``angle``. Pictures known to be black or misnamed and the
        averaged faces of AKDEF are in ``skipped`` and are no damage; other names are.
    """
    if not angles or set(angles) - set(ANGLES):
        raise ValueError(f"`angles` must be some of {list(ANGLES)}. Received: {angles!r}")
    images, others = scan.listing(root)
    known = {file: reason for file in images if (reason := _known_fault(assembling.stem(file).upper()))}
    rows, unnamed = assembling.by_name(
        root,
        [file for file in images if file not in known],
        lambda file: parse_name(assembling.stem(file)),
        "the name is not of KDEF",
    )
    if rows.empty or not rows["angle"].isin(angles).any():
        raise MissingDataError(f"KDEF, at the angles {list(angles)}, is not at {root}. {HELP}")
    faults = pd.DataFrame(
        {"source": [str(root / file) for file in known], "reason": list(known.values())}, dtype=str
    )
    return assembling.assemble(
        "kdef",
        labels.FER2013,
        root,
        rows[rows["angle"].isin(angles)],
        lambda table: assembling.draw(table["emotion"], fractions, seed, table["subject"]),
        in_memory,
        damaged=unnamed,
        left_out=pd.concat([faults, others]),
    )


def parse_name(stem: str) -> dict[str, str] | None:
    """Reads what a file name says.

    Args:
        stem: Name without its ending, in capitals or not.

    Returns:
        ``emotion``, ``subject``, ``session``, ``gender`` and ``angle``, or None for another name.

    Example:
        >>> parse_name("AF01ANS")["emotion"]
        'angry'
    """
    match = _NAME.fullmatch(stem.upper())
    if match is None:
        return None
    return {
        "emotion": EMOTIONS[match["emotion"]],
        "subject": match["person"],
        "session": match["session"],
        "gender": "female" if match["person"].startswith("F") else "male",
        "angle": match["angle"],
    }


def _known_fault(stem: str) -> str | None:
    if stem in BLACK:
        return "known to be black"
    if stem in MISNAMED:
        return "known to have no emotion and angle in its name"
    return "an averaged face of AKDEF" if _AVERAGED.fullmatch(stem) else None
