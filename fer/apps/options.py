"""The options of the command line that all web applications have."""

import argparse

from fer.faces import DETECTORS


def add_options(parser: argparse.ArgumentParser) -> None:
    """Adds the options of a page and of who looks at the faces."""
    parser.add_argument(
        "--port", type=_port, help="port of the page (default: the first free one from 7860 on)"
    )
    parser.add_argument(
        "--share", action="store_true", help="also makes a public address, through Gradio's servers"
    )
    parser.add_argument(
        "--live-users",
        type=int,
        default=4,
        metavar="N",
        help="cameras at the same time; the next one waits (default: 4)",
    )
    parser.add_argument(
        "--model",
        default="emotion-small",
        help="a trained model of emotions, or a run (default: emotion-small)",
    )
    parser.add_argument("--detector", choices=sorted(DETECTORS), help="default: the best one on this machine")


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"must be in 1…65535. Received: {text!r}")
    return int(text)
