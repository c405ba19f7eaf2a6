"""From the texts and configurations of a card to the folder of a trained model."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from fer import inference, plotting, training
from fer.cards import measuring, readme
from fer.cards.files import describe_machine, describe_run, read_texts, save_figure, write_card, write_page
from fer.datasets import FaceDataset
from fer.evaluation import fast
from fer.evaluation.calibration import fit_temperature
from fer.files import atomic_write
from fer.inference import exporting
from fer.models import finishing, shipped
from fer.training import Run
from fer.training.config import read_configs

FILES = (shipped.WEIGHTS, exporting.WEIGHTS, exporting.DESCRIPTION)
TEXTS = (
    "title",
    "purpose",
    "input",
    "precision",
    "data",
    "recipe",
    "failures",
    "not_for",
    "commands",
    "configs",
)
"""What a card must have before anything is measured."""


def build(folder: Path, root: Path | None, backgrounds: Path | None = None, runs: Path | None = None) -> None:
    """Trains a model where that has not been done, measures it, and writes its folder.

    ``card.json`` must be there, with all of ``TEXTS``; what is measured is added to it. Then
    there are ``model.keras``, stored in half precision and with its temperature, the fast form, the figures
    and README.md.

    Args:
        folder: The model's folder.
        root: Where the data is, see ``fer.training.load_data``.
        backgrounds: A folder of photos without faces, for the frames in which faces are looked for.
        runs: Folder of all runs; ``fer.paths.runs()`` if None.

    Raises:
        FileNotFoundError: There is no card or no data.
        ValueError: The card or the data is not as described.
        RuntimeError: A training diverged.
    """
    configs = read_configs(folder / shipped.CARD)
    card = read_texts(folder, TEXTS)
    datasets = {name: training.load_data(config, root) for name, config in configs.items()}
    trained = {name: training.train(config, datasets[name], runs=runs) for name, config in configs.items()}
    for run in trained.values():
        if run.status != "finished":
            raise RuntimeError(f"Run {run.id} is {run.status}.")
    temperatures = {name: fit_temperature(*run.predictions("validation")) for name, run in trained.items()}
    _finish(folder, card, trained, temperatures)
    card["runs"] = {name: _describe(run, datasets[name], temperatures[name]) for name, run in trained.items()}
    card["files"] = {name: shipped.describe(folder / name) for name in FILES}
    write_card(folder, card)
    classifier = inference.Classifier(folder)
    if "emotion" in configs:
        card["measured"] = measuring.emotion(folder, datasets["emotion"], backgrounds)
    else:
        card["measured"] = measuring.attributes(folder, datasets)
    for name, run in trained.items():
        card["measured"]["outputs"][name] |= measuring.calibration(run)
    card["measured"]["speed"] = measuring.speed(classifier)
    card["machine"] = describe_machine()
    _draw(folder, card, trained, datasets)
    write_card(folder, card)
    write_page(folder, readme.render(folder.name, card))


def record(run: Run, folder: Path) -> None:
    """Keeps what is small of a run whose model is too large to give away.

    Args:
        run: A finished run.
        folder: Gets ``config.json``, ``environment.json``, ``history.csv``, ``metrics.json``, ``curves.png``.

    Raises:
        ValueError: The run is not finished.
    """
    if run.status != "finished":
        raise ValueError(f"`run` must be finished. Received: {run.folder}, which is {run.status}")
    for name in ("config.json", "environment.json", "history.csv", "metrics.json"):
        with atomic_write(folder / name) as temporary:
            temporary.write_bytes((run.folder / name).read_bytes())
    save_figure(_curves({folder.name: run}), folder / "curves.png")


def hours(run: Run, dataset: FaceDataset) -> float:
    """Returns how long a run was trained, with all networks that were trained for it, each counted once."""
    return float(sum(needed.history["seconds"].sum() for needed in _needed(run, dataset).values())) / 3600


def trainings(name: str, run: Run) -> dict[str, Run]:
    """Returns, first to last, the runs that went on from each other's weights, by a name."""
    if run.config.pretrained is None:
        return {name: run}
    first = Run.open(run.folder.parent / run.config.pretrained)
    return trainings(f"{name}, before", first) | {name: run}


def _finish(folder: Path, card: dict, trained: dict[str, Run], temperatures: dict[str, float]) -> None:
    networks = {
        name: finishing.with_temperature(finishing.in_float32(run.model), temperatures[name])
        for name, run in trained.items()
    }
    model = finishing.join(networks, folder.name) if len(networks) > 1 else next(iter(networks.values()))
    classes = {name: run.metrics["emotions"] for name, run in trained.items()}
    with atomic_write(folder / shipped.WEIGHTS) as temporary:
        finishing.save(model, temporary)
    inference.export(folder / shipped.WEIGHTS, folder, classes, card["precision"])
    (folder / ".lock").unlink(missing_ok=True)


def _describe(run: Run, dataset: FaceDataset, temperature: float) -> dict[str, Any]:
    return describe_run(run, hours(run, dataset)) | {"temperature": round(temperature, 4)}


def _needed(run: Run, dataset: FaceDataset) -> dict[str, Run]:
    """Returns, by name, the run and those whose networks it was trained with: each once."""
    others = [Run.find(teacher, dataset, run.folder.parent) for teacher in run.config.teacher_configs]
    if run.config.pretrained is not None:
        others.append(Run.open(run.folder.parent / run.config.pretrained))
    runs = {run.id: run}
    for other in others:
        runs |= _needed(other, dataset)
    return runs


def _draw(folder: Path, card: dict, trained: dict[str, Run], data: dict[str, FaceDataset]) -> None:
    shown = {}
    for name, run in trained.items():
        shown |= trainings(name, run)
    save_figure(_curves(shown), folder / "curves.png")
    plotting.use_style()
    figure = Figure(figsize=(12.5, 5.6 * len(trained)), layout="constrained")
    rows = figure.subplots(len(trained), 2, squeeze=False)
    for name, (left, right) in zip(trained, rows, strict=True):
        split = "test" if "test" in card["measured"]["outputs"][name] else "validation"
        metrics = fast.measure(folder, data[name], split).metrics
        plotting.confusion_matrix(metrics, title=f"{name}: {split}", ax=left)
        plotting.reliability_diagram(metrics, ax=right)
    save_figure(figure, folder / "evaluation.png")
    if "robustness" in card["measured"]:
        save_figure(
            plotting.robustness(pd.DataFrame(card["measured"]["robustness"])), folder / "robustness.png"
        )


def _curves(trained: dict[str, Run]) -> Figure:
    plotting.use_style()
    figure = Figure(figsize=(12.5, 4.8), layout="constrained")
    histories = {name: run.history for name, run in trained.items()}
    for metric, ax in zip(("accuracy", "loss"), figure.subplots(1, 2), strict=True):
        plotting.training_curves(histories, metric, ax=ax)
    return figure
