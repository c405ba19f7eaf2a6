"""Reading the texts of a card, and writing what belongs to it."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from fer import kernel
from fer.files import atomic_write
from fer.models import shipped
from fer.training.stored_run import StoredRun

RESOLUTION = 80
"""Of the figures, in dots an inch: they are read beside text."""


def read_texts(folder: Path, names: Sequence[str] | None = None) -> dict[str, Any]:
    """Returns what people wrote into a card, without what was measured of another model.

    Args:
        folder: That of the model.
        names: What is to be there; None for the whole card.

    Raises:
        FileNotFoundError: There is no card.
        ValueError: It lacks one of the names.
    """
    path = folder / shipped.CARD
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    card = json.loads(path.read_text(encoding="utf-8"))
    if missing := [name for name in names or () if name not in card]:
        raise ValueError(f"{path} must have {list(names)}. Missing: {missing}")
    return card if names is None else {name: card[name] for name in names}


def describe_machine() -> str:
    """Returns processor, cores and versions in a line."""
    report = kernel.device_report()
    return (
        f"{report.cpu}, {report.cores} cores ({', '.join(report.instructions)}), Python {report.python}, "
        f"Keras {report.keras}, {report.backend} {report.backend_version}"
    )


def describe_run(run: StoredRun, hours: float) -> dict[str, Any]:
    """Returns what a card says of every training.

    Args:
        run: A finished run.
        hours: How long it and what it needed were trained.
    """
    return {
        "id": run.id,
        "config_sha256": run.config.sha256,
        "seed": run.config.seed,
        "parameters": run.model.count_params(),
        "best_epoch": run.metrics["best_epoch"],
        "epochs": run.config.epochs,
        "hours": round(hours, 2),
        "environment": json.loads((run.folder / "environment.json").read_text(encoding="utf-8")),
    }


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a figure and closes it."""
    with atomic_write(path) as temporary:
        figure.savefig(temporary, dpi=RESOLUTION)
    plt.close(figure)


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Writes card.json."""
    with atomic_write(folder / shipped.CARD) as temporary:
        temporary.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_page(folder: Path, text: str) -> None:
    """Writes README.md."""
    with atomic_write(folder / "README.md") as temporary:
        temporary.write_text(text, encoding="utf-8")
