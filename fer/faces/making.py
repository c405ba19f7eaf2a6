"""The commands of ``python -m fer.faces`` that make data: ``prepare``, ``label``, ``attributes``."""

import argparse
import json
import logging
from pathlib import Path

from fer.faces.detectors import DETECTORS, PREFERENCE, best, detector
from fer.faces.preparing import ALIGNED_SIZE, SIZE, WITH_LANDMARKS, Settings, prepare


def add_commands(commands: argparse._SubParsersAction) -> None:
    """Adds the commands to a parser's; each sets ``run``, which takes the options and returns the status."""
    command = commands.add_parser(
        "prepare",
        help="cut the faces out of a folder of photos",
        description="Cuts the faces out of a folder of photos: detect, crop, resize, gray. Sub-folders are "
        "kept; manifest.csv in DST says what became of each file. The same command goes on after an "
        "interruption and does only what is new.",
    )
    command.set_defaults(run=_prepare)
    command.add_argument("source", metavar="SRC", help="folder of photos, in sub-folders or not")
    command.add_argument("destination", metavar="DST", help="folder for the crops and manifest.csv")
    command.add_argument("--detector", choices=sorted(DETECTORS), default="yolo", help="default: yolo")
    command.add_argument(
        "--size", type=int, help=f"side of a crop in pixels (default: {SIZE}, aligned {ALIGNED_SIZE})"
    )
    command.add_argument(
        "--threshold",
        type=float,
        help="least score of a face, 0 to 1 (default: "
        + ", ".join(f"{kind.default_threshold} for {name}" for name, kind in sorted(DETECTORS.items()))
        + ")",
    )
    command.add_argument("--color", action="store_true", help="RGB crops instead of gray ones")
    command.add_argument("--all-faces", action="store_true", help="every face of a photo, not only the best")
    command.add_argument(
        "--align",
        action="store_true",
        help="turn the eyes level, crop by their distance, stretch the grays to 0…255 "
        f"(--detector {' or '.join(WITH_LANDMARKS)})",
    )
    command.add_argument("--json", action="store_true", help="print the summary as JSON")
    command = commands.add_parser(
        "label",
        help="let a detector mark the faces of a folder of photos",
        description="Finds the faces of all photos of a folder and writes their boxes as a csv, for a "
        "detector to learn from: fer.datasets reads it as 'boxes_csv'. Photos in which no face is sure are "
        "left out. The same command goes on after an interruption and looks only at what is new; a csv that "
        "it wrote earlier is replaced, any other is refused.",
    )
    command.set_defaults(run=_label)
    command.add_argument("photos", metavar="PHOTOS", help="folder of photos, in sub-folders or not")
    command.add_argument(
        "csv", metavar="CSV", help="gets file, x, y, width, height, label, ignore, score, split"
    )
    command.add_argument(
        "--detector",
        choices=sorted(DETECTORS),
        help=f"default: the first of {', '.join(PREFERENCE)} that is on this machine",
    )
    command.add_argument(
        "--threshold", type=float, help="least score of a face, 0 to 1 (default: the detector's own)"
    )
    command.add_argument(
        "--sure", type=float, default=0, help="faces of a lower score are to be ignored, 0 to 1 (default: 0)"
    )
    command.add_argument(
        "--train", action="store_true", help="all photos are for training (default: 80 %% of them)"
    )
    command = commands.add_parser(
        "attributes",
        help="make a data set of glasses and masks",
        description="Cuts faces labelled with glasses or masks out of collections of photos, draws further "
        "ones, and writes them into DST with faces.csv, which fer.datasets reads as 'attributes'. "
        "data/README.md says how SRC must look.",
    )
    command.set_defaults(run=_attributes)
    command.add_argument("source", metavar="SRC", help="folder of the collections")
    command.add_argument("destination", metavar="DST", help="folder for the crops and faces.csv")
    command.add_argument(
        "--yunet",
        metavar="FILE",
        help="weights of OpenCV's YuNet (default: SRC/detector/face_detection_yunet_2023mar.onnx)",
    )
    command.add_argument("--seed", type=int, default=0, help="of splits and drawing (default: 0)")
    command.add_argument("--json", action="store_true", help="print the summary as JSON")


def _prepare(options: argparse.Namespace) -> int:
    settings = Settings(
        options.detector,
        options.threshold,
        options.size,
        options.color,
        options.all_faces,
        options.align,
    )
    summary = prepare(options.source, options.destination, settings)
    if options.json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        print(
            "{photos:,} files: {found:,} with a face, {no_face:,} without, {skipped:,} skipped; "
            "{crops:,} crops, {new:,} files looked at in {seconds} s. See {manifest}".format(**summary)
        )
    return 0


def _label(options: argparse.Namespace) -> int:
    from fer.datasets import boxes_csv
    from fer.faces.labelling import check_destination, label

    check_destination(options.csv)
    name = options.detector or best()
    fractions = (1.0, 0.0, 0.0) if options.train else (0.8, 0.1, 0.1)
    dataset = label(
        options.photos, detector(name, options.threshold), name, sure=options.sure, fractions=fractions
    )
    boxes_csv.write(dataset, options.csv)
    ignored = int(dataset.boxes["ignore"].sum())
    print(
        f"{len(dataset):,} photos with a face by {name}, {len(dataset.boxes):,} faces, {ignored:,} of them "
        f"to ignore; {len(dataset.skipped):,} photos could not be read.\n"
        f"To read it: load_boxes('boxes_csv', {options.csv!r}, images={options.photos!r})"
    )
    return 0


def _attributes(options: argparse.Namespace) -> int:
    from fer.faces.attributes import prepare_attributes
    from fer.faces.yunet import WEIGHTS, YuNet

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    weights = options.yunet or Path(options.source) / "detector" / WEIGHTS
    summary = prepare_attributes(options.source, options.destination, YuNet(weights=weights), options.seed)
    if options.json:
        print(json.dumps(summary, ensure_ascii=False))
    else:
        print(
            "{faces:,} faces, of these {drawn:,} drawn, in {seconds} s; {copies:,} look like a face of "
            "another photo and stay on its side of the split. See {table}".format(**summary)
        )
    return 0


RESUMABLE = (_prepare, _label)
"""Commands that go on where they were when they are called again."""
