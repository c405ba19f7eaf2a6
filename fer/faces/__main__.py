"""Face crops from photos on the command line: ``python -m fer.faces prepare SRC DST`` and ``attributes``."""

import argparse
import json
import logging
import sys
from pathlib import Path

from fer.faces.detectors import DETECTORS
from fer.faces.preparing import ALIGNED_SIZE, SIZE, WITH_LANDMARKS, Settings, prepare


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
    parser = argparse.ArgumentParser(prog="python -m fer.faces", description="Face images from photos.")
    commands = parser.add_subparsers(required=True, metavar="command")
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
    from fer.faces.yunet import YuNet

    logging.basicConfig(level=logging.INFO, format="%(message)s")
    weights = options.yunet or Path(options.source) / "detector" / "face_detection_yunet_2023mar.onnx"
    summary = prepare_attributes(options.source, options.destination, YuNet(weights), options.seed)
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
