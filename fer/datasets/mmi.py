"""MMI: frames of the clips of the MMI Facial Expression Database, sorted into five class folders.

Source: Pantic, Valstar, Rademaker & Maat 2005, Web-based database for facial expression analysis, ICME 2005;
https://mmifacedb.eu. Its owners give out clips with coded action units, not pictures of these five classes,
and report no number of images for them.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from fer import labels
from fer.datasets import assembling, scan
from fer.datasets.base import FaceDataset, MissingDataError

HELP = (
    "Ask for it at https://mmifacedb.eu. Clips are not read, since they begin and end neutral and nothing "
    "beside all of them tells which frames show the expression: save these frames as images, in the folder "
    f"of their class ({', '.join(labels.MMI)}) and under the clip's name and the number of the frame, "
    "smile/S001-106_00042.jpg; S001 is the person."
)

_NAME = re.compile(r"(?P<clip>(?P<subject>S\d{3})-\d{3,4})_(?P<frame>\d+)")


def load(
    root: Path,
    fractions: Sequence[float] = (0.6, 0.2, 0.2),
    seed: int = 0,
    in_memory: bool | None = None,
) -> FaceDataset:
    """Reads frames from class folders; a person is in one split only.

    Args:
        root: The folder with the class folders ``angry/``, ``frown/``, ``sad/``, ``smile/`` and
            ``surprise/``, also spelt as in ``labels.canonical``, with frames ``S001-106_00042.jpg``.
        fractions: Shares of train, validation and test.
        seed: Seed of the draw.
        in_memory: As for class folders, see ``folder.load``.

    Returns:
        The data set with the columns ``path``, ``subject`` ("S001"), ``clip`` ("S001-106") and ``frame``
        (int). Other images are in ``skipped`` and count as damage.
    """
    images, others = scan.listing(root)
    rows, unnamed = assembling.by_name(root, images, _parse, "not a frame in a class folder")
    if rows.empty:
        raise MissingDataError(f"Frames of MMI are not at {root}. {HELP}")
    return assembling.assemble(
        "mmi",
        labels.MMI,
        root,
        rows,
        lambda table: assembling.draw(table["emotion"], fractions, seed, table["subject"]),
        in_memory,
        damaged=unnamed,
        left_out=others,
    )


def _parse(file: Path) -> dict[str, str | int] | None:
    emotion, match = labels.canonical(file.parent.name), _NAME.fullmatch(assembling.stem(file))
    if match is None or len(file.parts) != 2 or emotion not in labels.MMI:
        return None
    return {"emotion": emotion} | match.groupdict() | {"frame": int(match["frame"])}
