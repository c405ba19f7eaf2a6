"""The laugh game: ``python -m fer.apps.game`` opens the page."""

import argparse
import sys

from fer.apps.options import add_options


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _open(options)
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        print(f"Error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer.apps.game",
        description="Opens the laugh game in a page of this computer. Videos of your own in "
        "data/clips/{funny,scary}/{1,2,3}/ are played in the place of the project's own clips of that mode "
        "and level.",
    )
    add_options(parser)
    return parser


def _open(options: argparse.Namespace) -> int:
    from fer.apps.game import clips
    from fer.apps.game.page import launch
    from fer.inference import Predictor

    for skipped in clips.catalogue().to_dict()["skipped"]:
        print(f"Skipped {skipped['path']}: {skipped['reason']}", file=sys.stderr)
    predictor = Predictor(options.model, detector=options.detector)
    launch(predictor, options.port, options.share, wait=True, live_users=options.live_users)
    return 0


if __name__ == "__main__":
    sys.exit(main())
