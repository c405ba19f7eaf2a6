"""Makes the folder of a trained model: ``python -m fer.cards build emotion-small --root DATA``."""

import argparse
import sys
from pathlib import Path

from fer import kernel, paths


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    options = _parser().parse_args(arguments)
    kernel.device_report()  # quiet start, before Keras is imported
    from fer.cards import building, detectors
    from fer.cards.files import read_texts
    from fer.training import Run

    try:
        if options.command == "build":
            folder = paths.saved_models() / options.name
            if "stages" in read_texts(folder):
                detectors.build(folder, options.root or paths.data(), options.runs)
            else:
                building.build(folder, options.root, options.backgrounds, options.runs)
        else:
            folder = paths.saved_models() / "results" / options.name
            building.record(Run.open(options.run), folder)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. A training goes on after its last epoch.", file=sys.stderr)
        return 130
    print(folder)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fer.cards", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser(
        "build",
        help="train, finish, measure and describe a model of saved_models that has a card.json",
        description="Trains what card.json says, unless that was done, and writes the model's folder anew: "
        "weights, fast form, figures, measured numbers, page. Without the training it takes a quarter of an "
        "hour.",
    )
    build.add_argument("name", metavar="NAME", help="the model, a folder in saved_models")
    build.add_argument(
        "--root", type=Path, help="folder of the data (default: data/ and the data set's name)"
    )
    build.add_argument("--backgrounds", type=Path, help="folder of photos without faces (default: drawn)")
    build.add_argument("--runs", type=Path, help="folder of all runs (default: saved_models/runs)")
    record = commands.add_parser("record", help="keep history and metrics of a run in saved_models/results")
    record.add_argument("run", metavar="RUN", type=Path, help="folder of a finished run")
    record.add_argument("name", metavar="NAME", help="folder in saved_models/results")
    return parser


if __name__ == "__main__":
    sys.exit(main())
