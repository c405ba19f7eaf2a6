"""JAFFE, the Japanese Female Facial Expression data set: 213 gray pictures of ten women, seven emotions.

Source: Lyons, Akamatsu, Kamachi & Gyoba 1998, Coding facial expressions with Gabor wavelets, FG 1998;
https://www.kasrl.org/jaffe.html. The names of its files count 30 angry, 29 disgust, 32 fear, 31 happy,
31 sad, 30 surprise and 30 neutral.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

EMOTIONS = {
    "AN": "angry",
    "DI": "disgust",
    "FE": "fear",
    "HA": "happy",
    "NE": "neutral",
    "SA": "sad",
    "SU": "surprise",
}

REPORTED = {
    "angry": 30,
    "disgust": 29,
    "fear": 32,
    "happy": 31,
    "sad": 31,
    "surprise": 30,
    "neutral": 30,
}

HELP = (
    "Ask for it at https://zenodo.org/record/3451524 and unpack it there: pictures under the owners' names, "
    f"KA.AN1.39.tiff (person, emotion {', '.join(EMOTIONS)} and its number, number of the picture), "
    "in any folders."
)

_NAME = re.compile(rf"(?P<subject>[A-Z]{{2}})\.(?P<emotion>{'|'.join(EMOTIONS)})\d\.\d{{1,3}}")


def load(
    root: Path,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    in_memory: bool | None = None,
) -> FaceDataset:
    """Reads JAFFE by the names of its pictures; a person is in one split only.

    Args:
        root: The folder with the pictures, in any folders below it.
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set, emotions as in FER-2013, with the columns ``path`` and ``subject`` ("KA"). Images with
        other names are in ``skipped`` and count as damage.
    """
    images, others = scan.listing(root)
    rows, unnamed = assembling.by_name(root, images, _parse, "the name is not of JAFFE")
    if rows.empty:
        raise MissingDataError(f"JAFFE is not at {root}. {HELP}")
    return assembling.assemble(
        "jaffe",
        labels.FER2013,
        root,
        rows,
        lambda table: assembling.draw(table["emotion"], fractions, seed, table["subject"]),
        in_memory,
        damaged=unnamed,
        left_out=others,
    )


def _parse(file: Path) -> dict[str, str] | None:
    match = _NAME.fullmatch(assembling.stem(file))
    return match and {"emotion": EMOTIONS[match["emotion"]], "subject": match["subject"]}
