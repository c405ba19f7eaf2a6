"""Faces in photos on the command line: ``python -m fer.faces detect PHOTO…``, ``evaluate``, ``prepare`` …"""

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fer import images
from fer.faces.detectors import DETECTORS, PREFERENCE, available, best, detector
from fer.faces.preparing import ALIGNED_SIZE, SIZE, WITH_LANDMARKS, Settings, prepare

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
        goes_on = ". The same command goes on from here." if options.run is _prepare else "."
        print(f"Interrupted{goes_on}", file=sys.stderr)
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer.faces", description="Finds faces in photos, and makes face images of them."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_detection(commands)
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
    command.add_argument("--detector", choices=sorted(DETECTORS), default="ssd", help="default: ssd")
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
        "the time for a photo.",
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
        print(json.dumps(rows, ensure_ascii=False))
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


if __name__ == "__main__":
    sys.exit(main())
