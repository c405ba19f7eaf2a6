"""FER-2013: 35,887 gray web photos of faces, 48×48 pixels, seven emotions.

Source: Goodfellow et al. 2013, Challenges in Representation Learning: A report on three machine learning
contests, arXiv:1307.0414.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from fer import labels
from fer.datasets import cache, fer2013_csv, folder
from fer.datasets.base import SPLITS, FaceDataset, MissingDataError, check_damage

FILES = (
    "fer2013.csv",
    "fer2013.csv.gz",
    "icml_face_data.csv",
    "fer2013.tar.gz",
    "fer2013.zip",
    "archive.zip",
    "challenges-in-representation-learning-facial-expression-recognition-challenge.zip",
)
"""Names under which the csv is distributed, the first found is read."""


def load(root: Path, validation_share: float = 0.1, seed: int = 0) -> FaceDataset:
    """Reads FER-2013 from its csv or from class folders.

    In the csv, Usage gives the split: Training is train, PublicTest validation and PrivateTest test. The
    copy in class folders has PublicTest and PrivateTest mixed in ``test/``, so it has no validation images
    of its own: a share of ``train/`` is held out, and results are not comparable to those of the csv.

    Args:
        root: The csv, also inside gz, tar.gz or zip, or a folder with one of these or with
            ``train/<class>/`` and ``test/<class>/``.
        validation_share: Class folders without ``validation/``: the share of train that is held out.
        seed: Seed of that draw.

    Returns:
        The data set, images uint8 (n, 48, 48). From a csv, ``table["line"]`` is the line of the file, as
        an editor counts (the header is line 1); ``skipped["source"]`` names the same lines.
    """
    place = find(root)
    if place.is_dir():
        share = {"validation_share": validation_share, "seed": seed}
        return replace(folder.load(place, emotions=labels.FER2013, **share), name="fer2013")
    arrays = cache.cached(place, fer2013_csv.VERSION, lambda: fer2013_csv.parse(place))
    skipped = pd.DataFrame(
        {"source": [f"line {line}" for line in arrays["skipped_line"]], "reason": arrays["skipped_reason"]},
        dtype=str,
    )
    check_damage(skipped, total=len(arrays["line"]) + len(skipped), place=place)
    table = pd.DataFrame(
        {
            "emotion": np.array(labels.FER2013)[arrays["emotion"]],
            "split": np.array(SPLITS)[arrays["split"]],
            "line": arrays["line"],
        }
    )
    return FaceDataset("fer2013", labels.FER2013, table, images=arrays["images"], skipped=skipped)


def find(root: Path) -> Path:
    """Returns the file of FER-2013 at ``root`` or in it, or the folder that holds ``train/``."""
    if root.is_file():
        return root
    for place in (root, root / "fer2013"):
        for name in FILES:
            if (place / name).is_file():
                return place / name
        if (place / "train").is_dir():
            return place
    raise MissingDataError(
        f"FER-2013 is not at {root}. Fetch it with `python -m fer.datasets download fer2013`, or from\n"
        "  https://www.kaggle.com/c/challenges-in-representation-learning-facial-expression-recognition-challenge"
        " (the csv, best)\n"
        "  https://www.kaggle.com/datasets/msambare/fer2013 (class folders, without a validation split)\n"
        f"and put there one of {', '.join(FILES[:4])}, or the folders train/<class>/ and test/<class>/."
    )
