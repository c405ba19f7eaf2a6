"""A card as a page to read: every number comes from card.json."""

from collections.abc import Iterable, Sequence
from typing import Any

WORST = 5
"""Confusions that are named."""

CURVES = """![Training curves](curves.png)

Dashed lines are of augmented images and of the labels that are learned, mixed or a teacher's where the recipe
says so; solid lines are of validation images as they are and of their own labels."""


def render(name: str, card: dict[str, Any]) -> str:
    """Returns the README.md of a trained model.

    Args:
        name: Name of its folder.
        card: Content of its card.json.
    """
    parts = [f"# {name}: {card['title']}", card["purpose"], _use(name, card), _figures_of_merit(card)]
    parts += [_output(output, values) for output, values in card["measured"]["outputs"].items()]
    parts += ["![Confusion and calibration](evaluation.png)"]
    parts += [
        _beside(told, labelled, counts)
        for told, others in card["measured"].get("beside", {}).items()
        for labelled, counts in others.items()
        if counts
    ]
    if "frames" in card["measured"]:
        parts += [_frames(card), _robustness(card), _skin_tones(card)]
    parts += [
        list_section("Data", card["data"]),
        list_section("Recipe", card["recipe"]),
        CURVES,
        _training(name, card),
        list_section("Known failures", card["failures"]),
        list_section("Not for", card["not_for"]),
        files_section(card),
    ]
    return "\n\n".join(parts) + "\n"


def _use(name: str, card: dict) -> str:
    outputs = card["measured"]["outputs"]
    classes = {output: ", ".join(values["validation"]["classes"]) for output, values in outputs.items()}
    gives = "; ".join(f"{output}: {names}" for output, names in classes.items())
    form = "a dict of arrays of probabilities" if len(classes) > 1 else "probabilities, shape (n, classes)"
    return f"""```python
from fer import faces, images, inference, models

photo = images.read("photo.jpg")
detector = faces.detector("yolo")
crops = [detector.framing.cut(photo, face.box) for face in detector.detect(photo)]

classifier = inference.Classifier("{name}")  # the fast form, without Keras
probabilities = classifier.split(classifier(crops))  # crops may have any size
for output, classes in classifier.classes.items():
    print(output, [classes[row.argmax()] for row in probabilities[output]])

model = models.load("{name}")  # the Keras model
```

The Keras model takes {card["input"]}. It gives {form}, calibrated, in this order: {gives}."""


def _figures_of_merit(card: dict) -> str:
    speed, files = card["measured"]["speed"], card["files"]
    rows = []
    for output, values in card["measured"]["outputs"].items():
        for split in ("validation", "test"):
            if split in values:
                found = values[split]
                support = [row["support"] for row in found["per_class"].values()]
                rows += [
                    (f"{output}: accuracy, {split}, n = {found['n']:,}", _interval(found)),
                    (
                        f"{output}: always saying the most frequent class, {split}",
                        f"{max(support) / sum(support):.3f}",
                    ),
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
                f"{output}: calibration error of the Keras model before and after temperature scaling, "
                "fitted on one half and measured on the other",
                f"{before:.3f}, {after:.3f}",
            ),
        ]
    rows += [
        (
            "a face on one core, median and 95th percentile",
            f"{speed['median_ms']:.2f} ms, {speed['p95_ms']:.2f} ms",
        ),
        ("fast form", f"{files['model.tflite']['bytes'] / 1e6:.2f} MB, weights of {card['precision']}"),
        (
            "Keras file",
            f"{files['model.keras']['bytes'] / 1e6:.2f} MB, weights of float16, opened in float32",
        ),
    ]
    return (
        f"{table(('measured on the fast form', ''), rows)}\n\nMeasured on: {card['machine']}.\n\n"
        "The expected calibration error is the mean distance between confidence and accuracy over fifteen "
        "bins. Each network was trained once; another seed gives other figures, by how much was not measured."
    )


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
    text += table(("class", "precision", "recall", "F1", "images"), recall)
    text += f"\n\nMost often confused: {'; '.join(worst)}."
    if "groups" in found:
        groups = [
            (name, *(f"{row[label]:,}" for label in classes), f"{row['accuracy']:.3f}",
             f"{row['low']:.3f} to {row['high']:.3f}", f"{row['balanced_accuracy']:.3f}")
            for name, row in found["groups"].items()
        ]  # fmt: skip
        text += "\n\n" + table(("photos", *classes, "accuracy", "95 % interval", "balanced"), groups)
    return text


def _frames(card: dict) -> str:
    rows = [
        (detector, f"{row['found']:.1%}", f"{row['strays']:.3f}", f"{row['accuracy_crops']:.3f}",
         f"{row['accuracy_frames']:.3f} ({row['accuracy_frames_interval'][0]:.3f} to "
         f"{row['accuracy_frames_interval'][1]:.3f})",
         f"{100 * row['loss']:.1f}", f"{100 * row['loss_missed']:.1f}", f"{100 * row['loss_framing']:.1f}")
        for detector, row in card["measured"]["frames"].items()
    ]  # fmt: skip
    head = ("detector", "found", "false boxes a frame", "accuracy on given crops", "in whole frames",
            "loss in points", "of it: not found", "of it: cut otherwise")  # fmt: skip
    backgrounds = card["measured"]["backgrounds"]
    pictures = f"{backgrounds} photos without faces" if backgrounds else "drawn backgrounds"
    n = next(iter(card["measured"]["frames"].values()))["n"]
    return f"""## From whole frames

The {n:,} validation faces, enlarged to 144 to 288 pixels and pasted into {pictures} of 640×480, found
by each detector and classified. A face that is not found counts as wrong.

{table(head, rows)}"""


def _robustness(card: dict) -> str:
    return "## Robustness\n\n![Accuracy on distorted images](robustness.png)"


def _beside(told: str, labelled: str, counts: dict) -> str:
    rows = [(label, sum(found.values()), *found.values()) for label, found in counts.items()]
    head = (labelled, "images", *(f"told {name}" for name in next(iter(counts.values()))))
    return f"""### {told.capitalize()} told where only {labelled} is labelled: validation

No label says which of these answers are right; compare the rows.

{table(head, rows)}"""


def _skin_tones(card: dict) -> str:
    found = card["measured"]["found_by_tone"]
    rows = [
        (row["tone"], f"{row['accuracy']:.3f}", f"{100 * row['difference']:+.1f} ({100 * row['low']:+.1f} to "
         f"{100 * row['high']:+.1f})", f"{row['probability']:.3f}",
         *(f"{shares[index]:.0%}" for shares in found.values()))
        for index, row in enumerate(card["measured"]["skin_tones"])
    ]  # fmt: skip
    n = card["measured"]["skin_tones"][0]["n"]
    head = (
        "tone",
        "accuracy",
        "points from the mean of all tones (95 % interval)",
        "probability of the truth",
        *(f"found by {detector}" for detector in found),
    )
    return f"""## Skin tone

Synthetic faces, {n:,} in each of the ten tones of the Monk scale, equal in everything else. They are drawn,
so the accuracy says little; the differences between tones say whether the tone alone changes an answer. The
last columns, of fewer faces in frames with drawn backgrounds, say whether it hides a face from a detector.

{table(head, rows)}"""


def _training(name: str, card: dict) -> str:
    rows = [
        (output, run["id"], run["config_sha256"][:12], run["seed"], f"{run['parameters']:,}",
         f"{run['best_epoch']} of {run['epochs']}", f"{run['hours']:.1f}", f"{run['temperature']:.3f}")
        for output, run in card["runs"].items()
    ]  # fmt: skip
    head = ("", "run", "config", "seed", "parameters", "best epoch", "hours in all", "temperature")
    commands = "\n".join(f"    {command}" for command in card["commands"])
    return f"""## Commands

{commands}

{table(head, rows)}

A run is named by its configuration, of which `config` is the hash, and its data. Hours are those on the
machine above, with all networks that were trained for this one."""


def files_section(card: dict) -> str:
    rows = [(name, f"{file['bytes']:,}", f"`{file['sha256']}`") for name, file in card["files"].items()]
    return "## Files\n\nChecked whenever they are loaded.\n\n" + table(("file", "bytes", "sha256"), rows)


def list_section(title: str, texts: Iterable[str]) -> str:
    return "\n".join([f"## {title}", "", *(f"* {text}" for text in texts)])


def _interval(found: dict) -> str:
    low, high = found["accuracy_interval"]
    return f"**{found['accuracy']:.3f}** (95 % interval {low:.3f} to {high:.3f})"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
