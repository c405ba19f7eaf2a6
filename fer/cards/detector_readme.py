"""The card of a detector as a page to read: every number comes from card.json."""

from typing import Any

from fer.cards.readme import files_section, list_section, table


def render(name: str, card: dict[str, Any]) -> str:
    """Returns the README.md of a trained detector.

    Args:
        name: Name of its folder.
        card: Content of its card.json.
    """
    parts = [
        f"# {name}: {card['title']}",
        card["purpose"],
        _use(name, card),
        _comparison("Photos that no stage has seen, of the same collections", card["measured"]["test"], card),
        "![Precision over recall, and average precision by size](evaluation.png)",
        _recall(card),
        _comparison(_scenes_title(card), card["measured"]["scenes"], card),
        f"Measured on: {card['machine']}. The networks of this project compute on one core, the others on as "
        "many as their libraries take.",
        list_section("Data", card["data"]),
        _counts(card),
        list_section("Recipe", card["recipe"]),
        *(f"![Training, stage {n}](curves{n}.png)" for n in range(1, len(card["runs"]) + 1)),
        _training(card),
        list_section("Known failures", card["failures"]),
        list_section("Not for", card["not_for"]),
        files_section(card),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _use(name: str, card: dict) -> str:
    return f"""```python
from fer import faces, images, models

detector = faces.detector("yolo")  # the fast form, without Keras
for face in detector.detect(images.read("photo.jpg")):
    print(face.box, face.score)

model = models.load("{name}")  # the Keras model
```

`.venv/bin/python -m fer.faces detect PHOTO… --detector yolo` does the same. The Keras model takes
{card["input"]}; it gives a row for each prediction: x and y of the top left corner, width and height in
pixels of the input, and a score, 0…1. `fer.models.yolo_answers.best_boxes` keeps the best of those that
overlap."""


def _comparison(title: str, found: dict[str, dict], card: dict) -> str:
    first = next(iter(found.values()))
    rows = [
        (name, f"**{row['ap50']:.3f}** ({row['ap50_interval'][0]:.3f} to {row['ap50_interval'][1]:.3f})",
         f"{row['ap']:.3f}", *(_number(row["by_size"][size]["ap50"]) for size in row["by_size"]),
         f"{row['recall']:.3f}", f"{row['false_positives']:.2f}", f"{row['milliseconds']:.1f} ms")
        for name, row in sorted(found.items(), key=lambda item: -item[1]["ap50"])
    ]  # fmt: skip
    sizes = [f"{size}, n = {row['faces']:,}" for size, row in first["by_size"].items()]
    head = ("detector", "AP50 (95 % interval)", "AP50:95", *sizes, "recall", "false boxes a photo", "a photo")
    return f"""## {title}

{first["photos"]:,} photos with {first["faces"]:,} faces of {card["min_size"]} pixels and more (root of the
area); smaller ones and those marked so are ignored. Small is below 32 pixels, large above 96. Recall and
false boxes are those at each detector's own threshold.

{table(head, rows)}"""


def _recall(card: dict) -> str:
    found = card["measured"]["recall_by_label"]
    if not found:
        return ""
    detectors = list(next(iter(found.values())))
    rows = [
        (label, f"{row[detectors[0]]['faces']:,}", *(f"{row[name]['recall']:.3f}" for name in detectors))
        for label, row in found.items()
    ]
    return "Share of the faces found, by what is known of them:\n\n" + table(("", "faces", *detectors), rows)


def _scenes_title(card: dict) -> str:
    learned = any(entry["name"] == "scenes" for stage in card["stages"] for entry in stage["data"])
    return "Drawn scenes, of the kind it has learned from" if learned else "Drawn scenes"


def _counts(card: dict) -> str:
    rows = [
        (f"{number}, {split}", *(f"{count:,}" for count in counts.values()))
        for number, run in enumerate(card["runs"], start=1)
        for split, counts in run["data"].items()
    ]
    return table(("stage", "photos", "without a box", "boxes", "ignored"), rows)


def _training(card: dict) -> str:
    rows = [
        (number, run["id"], f"{stage['config']['image_size']}", run["seed"], f"{run['parameters']:,}",
         f"{run['best_epoch']} of {run['epochs']}", f"{run['validation']:.3f}", f"{run['hours']:.1f}")
        for number, (run, stage) in enumerate(zip(card["runs"], card["stages"], strict=True), start=1)
    ]  # fmt: skip
    head = ("stage", "run", "pixels", "seed", "parameters", "best epoch", "AP50 on validation", "hours")
    commands = "\n".join(f"    {command}" for command in card["commands"])
    return f"""## Commands

{commands}

{table(head, rows)}

Validation counts faces from 8 pixels on at the size of the network's input; each stage goes on from the best
epoch of the one before. Each network was trained once; what another seed gives was not measured."""


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
