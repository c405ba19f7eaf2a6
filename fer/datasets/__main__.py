"""Lists the data sets, says what is in one, and downloads it where its owners allow that."""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

import pandas as pd

from fer import datasets
from fer.datasets import download, duplicates
from fer.datasets.base import FaceDataset
from fer.datasets.boxes import BoxDataset

SHOWN_SKIPS = 10

SIDES = ("height", "width")

SIZE_PERCENTILES = (5, 50, 95)
"""Of the sizes of boxes."""


def describe(dataset: FaceDataset) -> dict:
    """Returns what there is to know about a data set before training on it, as JSON types.

    Returns:
        ``name``, ``images``, ``emotions``, ``soft_labels``, ``counts`` by split and emotion, ``reported`` by
        emotion (what the owners count, or None), the smallest and largest ``height``, ``width`` and
        ``channels``, the number of ``constant_images`` (one gray value everywhere) and their
        ``constant_rows``, ``duplicates`` as ``duplicates.summarize`` counts them, ``skipped`` by ``reasons``
        and as ``entries``.
    """
    survey = duplicates.survey(dataset)
    return {
        "name": dataset.name,
        "images": len(dataset),
        "emotions": list(dataset.emotions),
        "soft_labels": dataset.soft_labels is not None,
        "counts": dataset.counts().to_dict(orient="index"),
        "reported": datasets.reported(dataset.name),
        **{side: [int(survey[side].min()), int(survey[side].max())] for side in (*SIDES, "channels")},
        "constant_images": int(survey["constant"].sum()),
        "constant_rows": survey.index[survey["constant"]].tolist(),
        "duplicates": duplicates.summarize(duplicates.find(dataset, survey["digest"])),
        "skipped": _describe_skips(dataset.skipped),
    }


def describe_boxes(dataset: BoxDataset) -> dict:
    """Returns what there is to know about photos with boxes before training on them, as JSON types.

    Returns:
        ``name``, ``photos``, ``classes``, ``counts`` by split (``photos``, ``without_box``, ``boxes`` and
        ``ignored`` of these), the smallest and largest ``height`` and ``width`` of the photos,
        ``box_sizes`` (root of the area in pixels, of those not to be ignored, by percentile) and ``skipped``
        by ``reasons`` and as ``entries``.
    """
    boxes = dataset.boxes[~dataset.boxes["ignore"]]
    sizes = (boxes["width"] * boxes["height"]) ** 0.5
    return {
        "name": dataset.name,
        "photos": len(dataset),
        "classes": list(dataset.classes),
        "counts": dataset.counts().to_dict(orient="index"),
        **{side: [int(dataset.photos[side].min()), int(dataset.photos[side].max())] for side in SIDES},
        "box_sizes": {str(part): float(sizes.quantile(part / 100)) for part in SIZE_PERCENTILES}
        if len(sizes)
        else {},
        "skipped": _describe_skips(dataset.skipped),
    }


def _describe_skips(skipped: pd.DataFrame) -> dict:
    return {
        "count": len(skipped),
        "reasons": skipped["reason"].value_counts().to_dict(),
        "entries": skipped.to_dict(orient="records"),
    }


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m fer.datasets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="the data sets that can be read")
    info = commands.add_parser("info", help="counts, sizes, duplicates and what was skipped")
    info.add_argument("name", choices=[*datasets.available(), *datasets.BOX_READERS])
    info.add_argument("--root", type=Path, help="folder or file of the data set, default: data/NAME")
    info.add_argument("--images", type=Path, help="folder of the photos, for boxes_csv and wider_face")
    for command in (listing, info):
        command.add_argument("--json", action="store_true", help="print JSON")
    fetch = commands.add_parser("download", help="download a data set into data/NAME")
    fetch.add_argument("name", choices=list(download.KAGGLE))
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    if options.command == "download":
        print(download.download(options.name))
    elif options.command == "list":
        titles = {
            name: import_module(module).__doc__.splitlines()[0]
            for name, module in (datasets.READERS | datasets.BOX_READERS).items()
        }
        print(json.dumps(titles) if options.json else _columns(titles))
    elif options.name in datasets.BOX_READERS:
        where = {} if options.images is None else {"images": options.images}
        dataset = datasets.load_boxes(options.name, root=options.root, **where)
        description = describe_boxes(dataset)
        print(json.dumps(description) if options.json else _text_of_boxes(dataset, description))
    else:
        dataset = datasets.load(options.name, root=options.root)
        description = describe(dataset)
        print(json.dumps(description) if options.json else _text(dataset, description))
    return 0


def _text(dataset: FaceDataset, description: dict) -> str:
    ranges = {
        side: "–".join(str(size) for size in sorted(set(description[side]))) for side in (*SIDES, "channels")
    }
    copies = description["duplicates"]
    facts = {
        "images": f"{description['images']:,}",
        "height × width": f"{ranges['height']} × {ranges['width']}, channels {ranges['channels']}",
        "constant images": f"{description['constant_images']:,}",
        "duplicates": f"{copies['images']:,} images in {copies['groups']:,} groups: "
        f"{copies['groups_within_a_split']:,} within a split, {copies['groups_across_splits']:,} across, "
        f"{copies['groups_with_different_emotions']:,} with different emotions",
        "copies of train": ", ".join(
            f"{count:,} in {split}" for split, count in copies["also_in_train"].items()
        ),
    }
    lines = [str(dataset), "", _counts(dataset, description["reported"]), ""]
    return "\n".join([*lines, *_closing(facts, description["skipped"])])


def _text_of_boxes(dataset: BoxDataset, description: dict) -> str:
    ranges = ("–".join(str(size) for size in sorted(set(description[side]))) for side in SIDES)
    facts = {"height × width": " × ".join(ranges)}
    facts |= {
        f"{part} % of the boxes": f"below {size:.0f} pixels (root of the area)"
        for part, size in description["box_sizes"].items()
    }
    return "\n".join(
        [str(dataset), "", dataset.counts().to_string(), "", *_closing(facts, description["skipped"])]
    )


def _closing(facts: dict[str, str], skipped: dict) -> list[str]:
    """The lines of the facts, and of what was skipped."""
    lines = [_columns(facts | {"skipped": f"{skipped['count']:,}"})]
    lines += [f"  {count:,} × {reason}" for reason, count in skipped["reasons"].items()]
    lines += [f"  {entry['source']}: {entry['reason']}" for entry in skipped["entries"][:SHOWN_SKIPS]]
    if skipped["count"] > SHOWN_SKIPS:
        lines.append(f"  … and {skipped['count'] - SHOWN_SKIPS:,} more, all in --json")
    return lines


def _counts(dataset: FaceDataset, reported: dict[str, int] | None) -> str:
    """The images by split and emotion, and where they are known those that the owners report."""
    counts = dataset.counts()
    if reported is None:
        return counts.to_string()
    emotions = [*dataset.emotions, *(emotion for emotion in reported if emotion not in dataset.emotions)]
    totals = pd.DataFrame({"found": counts.sum(), "reported": pd.Series(reported)}).T
    return pd.concat([counts, totals]).reindex(columns=emotions).fillna(0).astype(int).to_string()


def _columns(facts: dict[str, str]) -> str:
    width = max(len(name) for name in facts) + 2
    return "\n".join(f"{name:<{width}}{text}" for name, text in facts.items())


if __name__ == "__main__":
    sys.exit(main())
