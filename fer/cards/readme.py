"""A card as a page to read: every number comes from card.json."""

from collections.abc import Iterable, Sequence
from typing import Any

WORST = 5
"""Confusions that are named."""


def render(name: str, card: dict[str, Any]) -> str:
    """Returns the README.md of a trained model.

    Args:
        name: Name of its folder.
        card: Content of its card.json.
    """
    parts = [f"# {name}: {card['title']}", card["purpose"], _use(name, card), _figures_of_merit(card)]
    parts += [_output(output, values) for output, values in card["measured"]["outputs"].items()]
    parts += ["![Confusion and calibration](evaluation.png)"]
    if "frames" in card["measured"]:
        parts += [_frames(card), _robustness(card), _skin_tones(card)]
    parts += [
        _list("Data", card["data"]),
        _list("Recipe", card["recipe"]),
        "![Training curves](curves.png)",
        _training(name, card),
        _list("Known failures", card["failures"]),
        _list("Not for", card["not_for"]),
        _files(card),
    ]
    return "\n\n".join(parts) + "\n"


def _use(name: str, card: dict) -> str:
    return f"""```python
from fer import images, inference, models

model = models.load("{name}")  # the Keras model

classifier = inference.Classifier("{name}")  # its fast form, without Keras
crops = [images.read("face.jpg")]  # cropped faces, of any size
print(classifier.split(classifier(crops)))
```

Input of the Keras model: {card["input"]}."""


def _figures_of_merit(card: dict) -> str:
    speed, files = card["measured"]["speed"], card["files"]
    rows = []
    for output, values in card["measured"]["outputs"].items():
        for split in ("validation", "test"):
            if split in values:
                found = values[split]
                rows += [
                    (f"{output}: accuracy, {split}, n = {found['n']:,}", _interval(found)),
                    (f"{output}: balanced accuracy, {split}", f"{found['balanced_accuracy']:.3f}"),
                    (f"{output}: macro-F1, {split}", f"{found['macro_f1']:.3f}"),
                    (
                        f"{output}: expected calibration error, {split}",
                        f"{found['expected_calibration_error']:.3f}",
                    ),
                ]
        if flip := values["validation"].get("flip"):
            rows.append((f"{output}: accuracy, averaged with the mirror image", f"{flip['accuracy']:.3f}"))
        if originals := values["validation"].get("without_copies"):
            rows.append(
                (
                    f"{output}: accuracy without copies of training images, n = {originals['n']:,}",
                    _interval(originals),
                )
            )
        before, after = (values["calibration"][when] for when in ("before", "after"))
        rows += [
            (
                f"{output}: accuracy of the Keras model, validation",
                f"{values['keras_accuracy']:.3f}",
            ),
            (
                f"{output}: its calibration error before and after temperature scaling (cross-fitted)",
                f"{before:.3f}, {after:.3f}",
            ),
        ]
    rows += [
        (
            "a face on one core, median and 95th percentile",
            f"{speed['median_ms']:.2f} ms, {speed['p95_ms']:.2f} ms",
        ),
        ("fast form", f"{files['model.tflite']['bytes'] / 1e6:.2f} MB, weights of {card['precision']}"),
        ("Keras file", f"{files['model.keras']['bytes'] / 1e6:.2f} MB, float32"),
    ]
    return f"{_table(('measured on the fast form', ''), rows)}\n\nMeasured on: {card['machine']}."


def _output(output: str, values: dict) -> str:
    split = "test" if "test" in values else "validation"
    found = values[split]
    classes = found["classes"]
    shares = [
        (count / max(1, sum(row)), true, predicted, count)
        for true, row in zip(classes, found["confusion"], strict=True)
        for predicted, count in zip(classes, row, strict=True)
        if predicted != true and count
    ]
    worst = [
        f"{true} called {predicted}: {share:.0%} ({count:,})"
        for share, true, predicted, count in sorted(shares, reverse=True)[:WORST]
    ]
    recall = [
        (name, f"{row['precision']:.3f}", f"{row['recall']:.3f}", f"{row['f1']:.3f}", f"{row['support']:,}")
        for name, row in found["per_class"].items()
    ]
    text = f"## {output.capitalize()}: {split}\n\n"
    text += _table(("class", "precision", "recall", "F1", "images"), recall)
    text += f"\n\nMost often confused: {'; '.join(worst)}."
    if "groups" in found:
        groups = [
            (name, f"{row['n']:,}", f"{row['accuracy']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}",
             f"{row['balanced_accuracy']:.3f}")
            for name, row in found["groups"].items()
        ]  # fmt: skip
        text += "\n\n" + _table(("photos", "n", "accuracy", "95 % interval", "balanced"), groups)
    return text


def _frames(card: dict) -> str:
    rows = [
        (detector, f"{row['found']:.1%}", f"{row['accuracy_crops']:.3f}",
         f"{row['accuracy_frames']:.3f} ({row['accuracy_frames_interval'][0]:.3f} to "
         f"{row['accuracy_frames_interval'][1]:.3f})",
         f"{100 * row['loss']:.1f}", f"{100 * row['loss_missed']:.1f}", f"{100 * row['loss_framing']:.1f}")
        for detector, row in card["measured"]["frames"].items()
    ]  # fmt: skip
    head = ("detector", "found", "on given crops", "in whole frames", "loss, points", "not found", "framing")
    n = next(iter(card["measured"]["frames"].values()))["n"]
    return f"""## From whole frames

The {n:,} validation faces, enlarged to 144 to 288 pixels and pasted into pictures of 640×480, found by each
detector and classified. A face that is not found counts as wrong.

{_table(head, rows)}"""


def _robustness(card: dict) -> str:
    return "## Robustness\n\n![Accuracy on distorted images](robustness.png)"


def _skin_tones(card: dict) -> str:
    rows = [
        (row["tone"], f"{row['accuracy']:.3f}", f"{100 * row['difference']:+.1f} ({100 * row['low']:+.1f} to "
         f"{100 * row['high']:+.1f})", f"{row['probability']:.3f}")
        for row in card["measured"]["skin_tones"]
    ]  # fmt: skip
    n = card["measured"]["skin_tones"][0]["n"]
    head = (
        "tone",
        "accuracy",
        "points from the mean of all tones (95 % interval)",
        "probability of the truth",
    )
    return f"""## Skin tone

Synthetic faces, {n:,} in each of the ten tones of the Monk scale, equal in everything else. They are drawn,
so the accuracy says little; the differences between tones say whether the tone alone changes an answer.

{_table(head, rows)}"""


def _training(name: str, card: dict) -> str:
    rows = [
        (output, run["id"], run["config_sha256"][:12], run["seed"], f"{run['parameters']:,}",
         f"{run['best_epoch']} of {run['epochs']}", f"{run['hours']:.1f}", f"{run['temperature']:.3f}")
        for output, run in card["runs"].items()
    ]  # fmt: skip
    head = ("", "run", "config", "seed", "parameters", "best epoch", "hours in all", "temperature")
    commands = "\n".join(f"    {command}" for command in card["commands"])
    return f"## Commands\n\n{commands}\n\n{_table(head, rows)}"


def _files(card: dict) -> str:
    rows = [(name, f"{file['bytes']:,}", f"`{file['sha256']}`") for name, file in card["files"].items()]
    return "## Files\n\nChecked whenever they are loaded.\n\n" + _table(("file", "bytes", "sha256"), rows)


def _list(title: str, texts: Iterable[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"* {text}" for text in texts)])


def _interval(found: dict) -> str:
    low, high = found["accuracy_interval"]
    return f"**{found['accuracy']:.3f}** (95 % interval {low:.3f} to {high:.3f})"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
