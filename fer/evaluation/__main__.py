"""How good is a model on your faces? ``python -m fer.evaluation MODEL --dataset NAME --root PATH``."""

import argparse
import json
import sys
from pathlib import Path

from fer import datasets
from fer.evaluation.fast import measure


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        dataset = datasets.load(options.dataset, root=options.root, **options.options)
        result = measure(options.model, dataset, options.split, flip=options.tta == "flip", by=options.by)
        print(json.dumps(result.to_dict(), ensure_ascii=False) if options.json else result)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer.evaluation",
        description="Evaluates a model on the face images of a data set: accuracy with its 95 % interval, "
        "balanced accuracy, macro-F1, recall of each class, confusion matrix and calibration. The fast form "
        "is measured, which is what runs on photos and videos.",
    )
    parser.add_argument(
        "model", metavar="MODEL", help="a trained model such as emotion-small, or the folder of a run"
    )
    parser.add_argument("--dataset", choices=datasets.available(), required=True)
    parser.add_argument("--root", type=Path, help="folder or file of the data set (default: data/NAME)")
    parser.add_argument("--split", choices=datasets.SPLITS, default="test", help="default: test")
    parser.add_argument(
        "--tta",
        choices=["none", "flip"],
        default="none",
        help="test-time augmentation: flip averages each image with its mirror image (default: none)",
    )
    parser.add_argument("--by", metavar="COLUMN", help="also the accuracy by a column of the data's table")
    parser.add_argument(
        "--options", type=_options, default={}, metavar="JSON", help="options of the reader, as a JSON object"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _options(text: str) -> dict:
    try:
        options = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"not JSON: {error}") from error
    if not isinstance(options, dict) or options.keys() & {"name", "root"}:
        raise argparse.ArgumentTypeError(f"not a JSON object of the reader's own options: {text}")
    return options


if __name__ == "__main__":
    sys.exit(main())
