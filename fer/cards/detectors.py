"""From the texts and stages of a card to the folder of a trained face detector."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from fer import faces, plotting
from fer.cards import detector_readme
from fer.cards.files import describe_machine, describe_run, read_texts, save_figure, write_card, write_page
from fer.datasets import box_joining, load_boxes
from fer.datasets.boxes import BoxDataset
from fer.evaluation.detection import LOWEST_SCORE, DetectionMetrics, evaluate
from fer.files import atomic_write
from fer.inference import exporting
from fer.models import finishing, shipped
from fer.training.detection import train_detector
from fer.training.detection_config import DetectionConfig
from fer.training.detection_run import DetectionRun

TEXTS = ("kind", "title", "purpose", "input", "data", "recipe", "failures", "not_for", "commands", "stages")
"""What a card must have before anything is measured."""

FILES = (shipped.WEIGHTS, exporting.WEIGHTS)

PRECISION = "float16"
"""Of the weights in both files. In eight bits the detector was slower."""

MIN_SIZE = 24
"""Faces of less pixels (root of the area of the box) do not count."""

SCENES = {"name": "scenes", "n": 200, "seed": 900, "fractions": (0, 0, 1)}
"""Drawn photos, which anybody can measure on."""


def build(folder: Path, root: Path, runs: Path | None = None) -> None:
    """Trains a detector where that has not been done, measures it, and writes its folder.

    ``card.json`` must be there, with all of ``TEXTS``; what is measured is added to it. Each of its
    ``stages`` has a ``config``, as ``DetectionConfig`` takes it, and ``data``, as ``box_joining.load`` takes
    it; it goes on from the weights of the one before. The test split of the last stage's data is opened here,
    once, with all detectors that are on this machine.

    Args:
        folder: The model's folder.
        root: Folder of the data.
        runs: Folder of all runs; ``fer.paths.runs()`` if None.

    Raises:
        FileNotFoundError: There is no card or no data.
        ValueError: The card or the data is not as described.
        RuntimeError: A training diverged.
    """
    card = read_texts(folder, TEXTS)
    trained: list[DetectionRun] = []
    described = []
    for stage in card["stages"]:
        dataset = box_joining.load(stage["data"], root)
        before = trained[-1].id if trained else None
        config = DetectionConfig(**stage["config"]).replace(pretrained=before)
        trained.append(train_detector(config, dataset, runs=runs))
        if trained[-1].status != "finished":
            raise RuntimeError(f"Run {trained[-1].id} is {trained[-1].status}.")
        described.append(_describe(trained[-1], dataset))
    _finish(folder, trained[-1])
    card["runs"] = described
    card["files"] = {name: shipped.describe(folder / name) for name in FILES}
    write_card(folder, card)
    found = {
        "test": _evaluate(dataset.split("test")),
        "scenes": _evaluate(load_boxes(**SCENES)),
    }
    card["measured"] = {
        data: {name: metrics.to_dict() for name, metrics in results.items()}
        for data, results in found.items()
    }
    card["measured"]["recall_by_label"] = _recall_by_label(card["stages"][-1]["data"], root)
    card["machine"] = describe_machine()
    card["min_size"] = MIN_SIZE
    _draw(folder, trained, found["test"])
    write_card(folder, card)
    write_page(folder, detector_readme.render(folder.name, card))


def _finish(folder: Path, run: DetectionRun) -> None:
    with atomic_write(folder / shipped.WEIGHTS) as temporary:
        finishing.save(run.model, temporary)
    with atomic_write(folder / exporting.WEIGHTS) as temporary:
        exporting.convert(folder / shipped.WEIGHTS, temporary, PRECISION)


def _describe(run: DetectionRun, dataset: BoxDataset) -> dict[str, Any]:
    return describe_run(run, float(run.history["seconds"].sum()) / 3600) | {
        "validation": float(run.history["val_average_precision"].max()),
        "anchors": [[round(float(side), 1) for side in anchor] for anchor in run.anchors],
        "data": dataset.counts().to_dict(orient="index"),
    }


def _evaluate(dataset: BoxDataset) -> dict[str, DetectionMetrics]:
    return {
        name: evaluate(faces.detector(name, LOWEST_SCORE), dataset, min_size=MIN_SIZE)
        for name in faces.available()
    }


def _recall_by_label(entries: list[dict], root: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Returns label → detector → share of the test faces that is found, for sets whose boxes have labels."""
    result = {}
    for entry in entries:
        if entry["name"] != "boxes_csv":
            continue
        dataset = box_joining.load([entry | {"classes": "labels"}], root).split("test")
        for label in dataset.classes if len(dataset.classes) > 1 else ():
            others = dataset.boxes["label"] != label
            only = replace(dataset, boxes=dataset.boxes.assign(ignore=dataset.boxes["ignore"] | others))
            found = _evaluate(only)
            result[label] = {
                name: {"recall": metrics.recall, "faces": metrics.faces} for name, metrics in found.items()
            }
    return result


def _draw(folder: Path, trained: list[DetectionRun], found: dict[str, DetectionMetrics]) -> None:
    plotting.use_style()
    for number, run in enumerate(trained, start=1):
        save_figure(plotting.detection_curves(run.history), folder / f"curves{number}.png")
    figure = Figure(figsize=(12.5, 5.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    plotting.precision_recall(found, ax=left)
    plotting.precision_by_size(found, ax=right)
    save_figure(figure, folder / "evaluation.png")
