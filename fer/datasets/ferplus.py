"""FER+: the faces of FER-2013, each labelled again by ten taggers.

Source: Barsoum, Zhang, Canton Ferrer and Zhang 2016, Training deep networks for facial expression
recognition with crowd-sourced label distribution, arXiv:1608.01041, and its code, microsoft/FERPlus.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from fer import labels
from fer.datasets import fer2013
from fer.datasets.base import DamagedDataError, FaceDataset, MissingDataError
from fer.datasets.fer2013_csv import USAGES

VOTES_FILE = "fer2013new.csv"
CHOICES = (
    "neutral",
    "happiness",
    "surprise",
    "sadness",
    "anger",
    "disgust",
    "fear",
    "contempt",
    "unknown",
    "NF",
)
"""What a tagger could choose, as the csv writes it: the eight emotions, unknown, and NF for no face."""

UNCLEAR = "FER+: unknown or no face has the most votes"

VOCABULARIES = {"ferplus": labels.FERPLUS, "fer2013": labels.FER2013}


def load(
    root: Path,
    votes: Path | str | None = None,
    mode: str = "majority",
    emotions: str = "ferplus",
    weight: float = 0.3,
) -> FaceDataset:
    """Reads the csv of FER-2013 with the labels of FER+.

    The two files have no common key: row n of one belongs to row n of the other. A csv of FER-2013 that
    holds only some of the splits is joined with the rows of FER+ of these splits; rows of it that are
    damaged keep their place. Wherever the Usage of the two differs, the join is refused.

    Args:
        root: A folder with the csv of FER-2013 (as ``fer2013.load`` takes it) and fer2013new.csv, or with
            the folders ``fer2013/`` and ``ferplus/``, or one of these two.
        votes: Path of fer2013new.csv where it is elsewhere.
        mode: "majority", "soft" or "translate", see the functions of this name. With "translate" the
            emotions are FER-2013's own, and ``soft_labels`` mix what the taggers' votes mean into them.
        emotions: "ferplus", the eight emotions, or "fer2013", its seven: then contempt is left out and
            the others are scaled to sum 1.
        weight: With "translate", share of the taggers in the soft labels of the train split, 0…1; the label
            of FER-2013 has the rest. Images of this split that most taggers call unknown or no face are left
            out; validation and test stay whole, with FER-2013's labels alone.

    Returns:
        The images on whose label the taggers agree as `mode` asks; the others are in ``skipped``. The
        emotion is the most probable one, the first of the vocabulary among equals; with "translate" it is
        that of FER-2013. The table keeps all ten votes (``votes_neutral`` … ``votes_contempt``,
        ``votes_unknown``, ``votes_nf``) and the label of FER-2013 as ``original_emotion``.
    """
    if mode not in (*MODES, "translate"):
        raise ValueError(f"`mode` must be one of {[*MODES, 'translate']}. Received: {mode!r}")
    if emotions not in VOCABULARIES:
        raise ValueError(f"`emotions` must be one of {list(VOCABULARIES)}. Received: {emotions!r}")
    faces = fer2013.load(_find_faces(root))
    counts = _join(faces, _find_votes(root) if votes is None else Path(votes).expanduser())
    columns = {f"votes_{name}": counts[:, k] for k, name in enumerate((*labels.FERPLUS, "unknown", "nf"))}
    table = faces.table.assign(original_emotion=faces.table["emotion"], **columns)
    faces = replace(faces, name="ferplus", table=table)
    unclear = counts[:, 8:].max(axis=1) > counts[:, :8].max(axis=1)
    if mode == "translate":
        if emotions != "fer2013" or not 0 <= weight <= 1:
            raise ValueError(
                "`mode` 'translate' needs `emotions` 'fer2013' and a `weight` in 0…1. "
                f"Received: {emotions!r} and {weight!r}"
            )
        return _translated(faces, counts, unclear, weight)

    vocabulary = VOCABULARIES[emotions]
    soft_labels = MODES[mode](counts)
    agreed = soft_labels.any(axis=1)
    soft_labels = soft_labels[:, [labels.FERPLUS.index(emotion) for emotion in vocabulary]]
    kept = soft_labels.any(axis=1)
    reasons = np.select(
        [unclear, ~agreed],
        [UNCLEAR, "FER+: the taggers disagree"],
        "FER+: contempt is none of the seven emotions",
    )
    soft_labels = soft_labels[kept] / soft_labels[kept].sum(axis=1, keepdims=True)
    table = faces.table[kept].assign(emotion=np.array(vocabulary)[soft_labels.argmax(axis=1)])
    return FaceDataset(
        "ferplus",
        vocabulary,
        table,
        images=faces.images[kept],
        soft_labels=soft_labels.astype(np.float32) if mode == "soft" else None,
        skipped=_skipped(faces, ~kept, reasons),
    )


def majority(votes: np.ndarray) -> np.ndarray:
    """Gives all weight to the emotion that has more than half of the votes.

    As in the code of Barsoum et al.: a choice with a single vote counts as an outlier and loses it first,
    and unknown and no face take part, so that an image for which they win, or nothing does, has no label.

    Args:
        votes: int, shape (n, 10), in the order of ``CHOICES``.

    Returns:
        float64, shape (n, 8), one 1 a row, or all 0 for an image without a label.
    """
    votes = _without_outliers(votes)
    return (votes[:, :8] > 0.5 * votes.sum(axis=1, keepdims=True)).astype(np.float64)


def soft(votes: np.ndarray) -> np.ndarray:
    """Gives the emotions that were chosen most often their shares of the votes.

    As in the code of Barsoum et al. (there "crossentropy"): single votes are removed; then emotions are
    taken from the most chosen down, equals together, until they have three quarters of the votes, there
    are three of them, or unknown or no face come next. An image has no label if more than three emotions
    were taken or they have no more than half of the votes.

    Args:
        votes: int, shape (n, 10), in the order of ``CHOICES``.

    Returns:
        float64, shape (n, 8), each row with sum 1, or all 0 for an image without a label.
    """
    votes = _without_outliers(votes)
    total = votes.sum(axis=1, keepdims=True)
    emotions, unclear = votes[:, :8], votes[:, 8:].max(axis=1, keepdims=True)
    above = votes[:, None, :] > emotions[:, :, None]  # (n, emotion, choice): the choice has more votes
    votes_above = (above * votes[:, None, :]).sum(axis=2)
    taken = (emotions > 0) & (emotions >= unclear) & (votes_above < 0.75 * total) & (above.sum(axis=2) < 3)
    weights = np.where(taken, emotions, 0)
    weight = weights.sum(axis=1, keepdims=True)
    labelled = (weight > 0.5 * total) & (taken.sum(axis=1, keepdims=True) <= 3)
    return np.divide(weights, weight, out=np.zeros(weights.shape), where=labelled)


MODES = {"majority": majority, "soft": soft}


def translate(votes: np.ndarray, emotions: np.ndarray) -> np.ndarray:
    """Gives the probabilities of FER-2013's labels for images with such votes.

    The two disagree in a regular way: what the taggers call neutral is sad in FER-2013 for one image in
    four, and of what FER-2013 calls fear they see a quarter so. A logistic regression on the square roots of
    the shares of all ten choices learns from the images what each vote means.

    Args:
        votes: int, shape (n, 10), in the order of ``CHOICES``.
        emotions: int, shape (n,), the labels of FER-2013, at least two different ones.

    Returns:
        float64, shape (n, 7), each row with sum 1.
    """
    shares = np.sqrt(votes / np.maximum(votes.sum(axis=1, keepdims=True), 1))
    model = LogisticRegression(max_iter=1000).fit(shares, emotions)
    probabilities = np.zeros((len(votes), len(labels.FER2013)))
    probabilities[:, model.classes_] = model.predict_proba(shares)
    return probabilities


def _translated(faces: FaceDataset, counts: np.ndarray, unclear: np.ndarray, weight: float) -> FaceDataset:
    is_train = (faces.table["split"] == "train").to_numpy()
    learned = is_train & ~unclear
    soft_labels = np.eye(len(labels.FER2013))[faces.labels]
    if learned.any():
        meant = translate(counts[learned], faces.labels[learned])
        soft_labels[learned] += weight * (meant - soft_labels[learned])
    kept = learned | ~is_train
    return FaceDataset(
        "ferplus",
        faces.emotions,
        faces.table[kept],
        images=faces.images[kept],
        soft_labels=soft_labels[kept].astype(np.float32),
        skipped=_skipped(faces, ~kept, np.full(len(faces), UNCLEAR)),
    )


def _skipped(faces: FaceDataset, dropped: np.ndarray, reasons: np.ndarray) -> pd.DataFrame:
    """Adds the dropped rows to those that the csv itself has lost."""
    sources = [f"line {line}" for line in faces.table["line"][dropped]]
    return pd.concat(
        [faces.skipped, pd.DataFrame({"source": sources, "reason": reasons[dropped]}, dtype=str)],
        ignore_index=True,
    )


def _without_outliers(votes: np.ndarray) -> np.ndarray:
    return np.where(votes > 1, votes, 0)


def _find_faces(root: Path) -> Path:
    try:
        return fer2013.find(root)
    except MissingDataError as error:
        try:
            return fer2013.find(root.parent / "fer2013")
        except MissingDataError:
            raise error from None


def _find_votes(root: Path) -> Path:
    folder = root.parent if root.is_file() else root
    places = [folder / VOTES_FILE, folder / "ferplus" / VOTES_FILE, folder.parent / "ferplus" / VOTES_FILE]
    for place in places:
        if place.is_file():
            return place
    raise MissingDataError(
        f"{VOTES_FILE} of FER+ is not at {', '.join(map(str, places))}. Fetch it from "
        "https://github.com/microsoft/FERPlus and put it at one of these places."
    )


def _join(faces: FaceDataset, path: Path) -> np.ndarray:
    """Returns the votes for each row of the faces, int64, shape (n, 10)."""
    if "line" not in faces.table:
        raise ValueError(
            "FER+ belongs to the rows of the FER-2013 csv. Received: class folders, which have none"
        )
    votes = _read_votes(path)
    usages = np.array(USAGES)[faces.table["split"].cat.codes]
    votes = votes[votes["Usage"].isin(usages)]
    position = faces.table["line"].to_numpy() - 2  # the header is line 1
    rows = len(faces) + len(faces.skipped)
    if rows != len(votes) or position[-1] >= rows or (votes["Usage"].to_numpy()[position] != usages).any():
        expected = votes["Usage"].value_counts().to_dict()
        found = pd.Series(usages).value_counts().to_dict()
        raise DamagedDataError(
            f"{path} does not fit the FER-2013 csv row by row: it has {expected}, the csv {found} and "
            f"{len(faces.skipped)} rows that cannot be used. Both must be as distributed, in the same order."
        )
    return votes[list(CHOICES)].to_numpy()[position]


def _read_votes(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, usecols=["Usage", *CHOICES], dtype=dict.fromkeys(CHOICES, np.int64))
    except FileNotFoundError as error:
        raise MissingDataError(f"{VOTES_FILE} of FER+ is not at {path}.") from error
    except ValueError as error:
        raise DamagedDataError(f"{path} is not the csv of FER+ as distributed: {error}") from error
