"""The trained models that come with the repository, each in a folder of ``saved_models/`` with its card."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer import kernel, paths
from fer.models.loading import load_file

if TYPE_CHECKING:
    import keras

CARD = "card.json"
WEIGHTS = "model.keras"
CLASSIFIER = "classifier"  # what a card is of that does not say it


def available(kind: str | None = None) -> list[str]:
    """Returns the names of the trained models.

    Args:
        kind: "classifier" or "detector"; None for both.
    """
    kinds = {path.parent.name: _kind(path) for path in paths.saved_models().glob(f"*/{CARD}")}
    return sorted(name for name, own in kinds.items() if own and kind in (None, own))


def has(name: Path | str) -> bool:
    """Tells whether a name is that of a trained model, possibly a damaged one, and no other folder."""
    place = paths.saved_models() / name
    return place.name == str(name) and any((place / file).is_file() for file in (CARD, WEIGHTS))


def folder(name: str) -> Path:
    """Returns the folder of a trained model.

    Raises:
        ValueError: There is no such model, or it has lost its card.
    """
    place = paths.saved_models() / name
    if name not in available():
        if (place / WEIGHTS).is_file():
            raise ValueError(f"{place / CARD} is missing. {_remedy(place / CARD)}")
        raise ValueError(f"`name` must be one of {available()}. Received: {name!r}")
    return place


def load(name: str) -> "keras.Model":
    """Returns a trained model, not compiled.

    The file is checked against the card before Keras opens it, and opened in Keras's safe mode, which runs
    no code from it.

    Args:
        name: One of ``available()``. Its README.md says what it takes and gives, how well, and what it is
            not for.

    Raises:
        FileNotFoundError: The file is missing.
        ValueError: There is no such model, or the file is not the one that the card describes.

    Example:
        >>> model = load("emotion-small")
        >>> model(images)  # float32, shape (n, 48, 48, 1), range 0…1
    """
    place = folder(name)
    check(place, WEIGHTS)
    kernel.device_report()  # quiet start, before Keras is imported
    return load_file(place / WEIGHTS)


def card(place: Path) -> dict[str, Any]:
    """Returns the card of the model in a folder.

    Raises:
        ValueError: The card is damaged.
    """
    path = place / CARD
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["files"].items()
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is damaged ({error}). {_remedy(path)}") from error
    return content


def check(place: Path, *names: str) -> None:
    """Compares files of a model with its card.

    Args:
        place: The model's folder.
        names: The files.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A file is not the one that the card describes.
    """
    described = card(place)["files"]
    for name in names:
        path = place / name
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing. {_remedy(path)}")
        if describe(path) != described.get(name):
            raise ValueError(
                f"{path} is damaged, or not the file that its card describes, {described.get(name)}. "
                f"{_remedy(path)} Received: {describe(path)}"
            )


def describe(path: Path) -> dict[str, Any]:
    """Returns what a card says of a file: ``bytes`` and ``sha256``."""
    content = path.read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _remedy(path: Path) -> str:
    if path.is_relative_to(paths.ROOT):
        return f"Fetch it again: git -C {paths.ROOT} checkout {path.relative_to(paths.ROOT)}."
    return "Copy its folder again."


def _kind(path: Path) -> str | None:
    """Returns what a card is of; None when it is being made and has no files yet. A damaged one counts."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content.get("kind", CLASSIFIER) if "files" in content else None
    except (ValueError, TypeError, AttributeError):
        return CLASSIFIER
