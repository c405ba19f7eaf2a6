"""Faces in photos on the command line: ``python -m fer.faces detect PHOTO…``, ``evaluate``, ``prepare`` …"""

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fer import images
from fer.faces import making
from fer.faces.detectors import DETECTORS, PREFERENCE, available, best, detector

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        print(f"Error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        goes_on = ". The same command goes on from here." if options.run in making.RESUMABLE else "."
        print(f"Interrupted{goes_on}", file=sys.stderr)
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer.faces", description="Finds faces in photos, and makes face images of them."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_detection(commands)
    making.add_commands(commands)
    return parser


def _add_detection(commands: argparse._SubParsersAction) -> None:
    """Adds the commands that find faces and say how well they are found."""
    photos = {"metavar": "PHOTO", "nargs": "+", "type": Path, "help": "photo, or folder of photos"}
    command = commands.add_parser(
        "detect",
        help="find the faces of photos",
        description="Finds the faces of photos. A box is x and y of the top left corner, width and height in "
        "pixels of the photo, which is turned as its EXIF orientation says. Photos that cannot be read are "
        "named on stderr, and the exit status is 1 then.",
    )
    command.set_defaults(run=_detect)
    command.add_argument("photos", **photos)
    command.add_argument(
        "--detector",
        choices=sorted(DETECTORS),
        help=f"default: the first of {', '.join(PREFERENCE)} that is on this machine; stderr says which",
    )
    command.add_argument(
        "--threshold", type=float, help="least score of a face, 0 to 1 (default: the detector's own)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command = commands.add_parser(
        "evaluate",
        help="how well detectors find the faces that somebody marked",
        description="Measures detectors on photos with the boxes of their faces: average precision at an "
        "overlap of 0.5 (AP50, with its 95 % interval) and over 0.5 to 0.95 (AP), by size of the face, and "
        "the time for a photo. With --json, one detector gives an object, several give a list.",
    )
    command.set_defaults(run=_evaluate)
    command.add_argument(
        "--boxes",
        required=True,
        type=Path,
        metavar="FILE",
        help="a .csv with file, x, y, width and height, or a label file of WIDER FACE; see data/README.md",
    )
    command.add_argument("--images", required=True, type=Path, metavar="DIR", help="folder of the photos")
    command.add_argument(
        "--threshold",
        type=float,
        help="score from which on a face counts in recall and false positives (default: the detector's own)",
    )
    _add_measuring(command)
    command = commands.add_parser(
        "compare",
        help="how well detectors agree, on photos that nobody marked",
        description="Measures three or more detectors on photos without labels: each against those boxes "
        "that at least two of the others found. It tells who differs, not who is right.",
    )
    command.set_defaults(run=_compare)
    command.add_argument("photos", **photos)
    _add_measuring(command)


def _add_measuring(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--detector",
        dest="detectors",
        type=_names,
        default="all",
        metavar="NAME,…",
        help=f"one or several of {', '.join(sorted(DETECTORS))}, or all that are on this machine (default)",
    )
    command.add_argument(
        "--min-size",
        type=float,
        default=0,
        metavar="PX",
        help="ignore smaller faces: root of the area of the box, in pixels (default: 0)",
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def _names(text: str) -> list[str]:
    names = available() if text == "all" else text.split(",")
    if unknown := [name for name in names if name not in DETECTORS]:
        raise argparse.ArgumentTypeError(
            f"must be of {sorted(DETECTORS)}, or all. Received: {', '.join(unknown)}"
        )
    return names


def _detect(options: argparse.Namespace) -> int:
    name = options.detector or best()
    if options.detector is None:
        print(f"Detector: {name}", file=sys.stderr)
    chosen, photos, results = detector(name, options.threshold), _Photos(options.photos), []
    for path, image in photos:
        results.append({"photo": str(path), "faces": [face.to_dict() for face in chosen.detect(image)]})
        if not options.json:
            print(_text(results[-1]), flush=True)
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
    return photos.status


def _evaluate(options: argparse.Namespace) -> int:
    from fer.datasets import load_boxes
    from fer.evaluation import detection

    logging.basicConfig(format="%(message)s")
    reader = "boxes_csv" if options.boxes.suffix.lower() == ".csv" else "wider_face"
    dataset = load_boxes(reader, options.boxes, images=options.images)
    results = {
        name: detection.evaluate(
            detector(name, detection.LOWEST_SCORE),
            dataset,
            score_threshold=options.threshold,
            min_size=options.min_size,
        )
        for name in options.detectors
    }
    if options.json:
        rows = [{"detector": name} | metrics.to_dict() for name, metrics in results.items()]
        print(json.dumps(rows if len(rows) > 1 else rows[0], ensure_ascii=False))
        return 0
    metrics = results[options.detectors[0]]
    print(
        f"photos: {metrics.photos:,}; faces: {metrics.faces:,}, ignored: {metrics.ignored:,}; "
        f"photos or boxes skipped: {metrics.skipped + len(dataset.skipped):,}"
    )
    _print(detection.table(results))
    return 0


def _compare(options: argparse.Namespace) -> int:
    from fer.evaluation import consensus
    from fer.evaluation.detection import LOWEST_SCORE

    photos = _Photos(options.photos)
    table = consensus.compare(
        {name: detector(name, LOWEST_SCORE) for name in options.detectors},
        (image for _, image in photos),
        min_size=options.min_size,
    )
    if options.json:
        print(table.to_json(orient="records"))
    else:
        _print(table)
    return photos.status


class _Photos:
    """Reads photos and the photos of folders; those that cannot be read are named on stderr.

    Attributes:
        status: 1 if something could not be read, else 0.
    """

    def __init__(self, places: list[Path]):
        self._places = places
        self.status = 0

    def __iter__(self) -> Iterator[tuple[Path, "np.ndarray"]]:
        for place in self._places:
            paths = [place]
            if place.is_dir():
                paths = sorted(path for path in place.iterdir() if path.suffix.lower() in images.SUFFIXES)
                if not paths:
                    self._fail(f"{place}: no photos in this folder")
            for path in paths:
                try:
                    yield path, images.read(path)
                except ValueError as error:
                    self._fail(error)

    def _fail(self, reason: object) -> None:
        print(f"Error: {reason}", file=sys.stderr)
        self.status = 1


def _print(table: "pd.DataFrame") -> None:
    print(table.to_string(index=False, float_format="{:.3f}".format, na_rep="-"))


def _text(result: dict) -> str:
    lines = [f"{result['photo']}: {'' if result['faces'] else 'no face'}".rstrip()]
    for face in result["faces"]:
        x, y, width, height = face["box"]
        lines.append(f"  {width:4} × {height:<4} at {x:4}, {y:<4}  score {face['score']:.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
