"""Emotions in photos and videos: ``python -m fer.inference PHOTO… --model FOLDER``."""

import argparse
import csv
import json
import logging
import sys
from pathlib import Path

from fer import images
from fer.faces import DETECTORS, Face
from fer.faces.detectors import PREFERENCE
from fer.files import atomic_write
from fer.inference import video
from fer.inference.predictor import Predictor

DEFAULT_MODEL = "emotion-small"


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        print(f"Error: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted. The table of a video holds what was read until then.", file=sys.stderr)
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer.inference",
        description="Finds faces in photos and videos and tells their emotions. A video gets a csv with a "
        "row for each face in each frame, and a figure of its emotions over time.",
    )
    parser.add_argument("files", metavar="PHOTO", nargs="+", type=Path, help="photo or video")
    parser.add_argument(
        "--model",
        default=DEFAULT_MODEL,
        metavar="MODEL",
        help="a trained model by its name, or the folder of an exported model or of a finished training run "
        f"(default: {DEFAULT_MODEL})",
    )
    parser.add_argument(
        "--detector",
        choices=sorted(DETECTORS),
        help=f"default: the first of {', '.join(PREFERENCE)} that is on this machine; stderr says which",
    )
    parser.add_argument(
        "--threshold", type=float, help="least score of a face, 0 to 1 (default: the detector's own)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        default=Path("emotions"),
        help="where NAME.csv and NAME.png of a video go (default: emotions, in the working folder)",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _run(options: argparse.Namespace) -> int:
    names = [path.stem for path in options.files if path.suffix.lower() in video.SUFFIXES]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"Two videos would write {twice}.csv: give each a call and an --out of its own.")
    logging.basicConfig(format="%(message)s")
    logging.getLogger("fer").setLevel(logging.INFO)
    predictor = Predictor(options.model, options.detector, options.threshold)
    if options.detector is None:
        print(f"Detector: {predictor.detector}", file=sys.stderr)
    results, status = [], 0
    for path in options.files:
        try:
            if path.suffix.lower() in video.SUFFIXES:
                results.append(_video(path, predictor, options.out))
            else:
                results.append(_photo(path, predictor))
        except (OSError, ValueError) as error:
            print(f"Error: {error}", file=sys.stderr)
            status = 1
        else:
            if not options.json:
                print(_text(results[-1]), flush=True)
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
    return status


def _photo(path: Path, predictor: Predictor) -> dict:
    found = []
    for face in predictor.predict(images.read(path)):
        values = Face(face.box, face.score, face.landmarks).to_dict()
        values["emotions"] = {emotion: round(share, 4) for emotion, share in face.emotions.items()}
        found.append(values)
    return {"photo": str(path), "faces": found}


def _video(path: Path, predictor: Predictor, out: Path) -> dict:
    table, figure = (out / path.with_suffix(suffix).name for suffix in (".csv", ".png"))
    try:
        video.analyse(path, predictor, table)
    except video.Incomplete:
        _draw(table, predictor.emotions, figure)
        raise
    _draw(table, predictor.emotions, figure)
    with table.open(encoding="utf-8") as file:
        tracks = {row["track"] for row in csv.DictReader(file)}
    return {"video": str(path), "tracks": len(tracks), "table": str(table), "figure": str(figure)}


def _draw(table: Path, emotions: tuple[str, ...], path: Path) -> None:
    import matplotlib.pyplot as plt
    import pandas as pd

    from fer import plotting

    plotting.use_style()
    figure = plotting.emotions_over_time(pd.read_csv(table), emotions)
    with atomic_write(path) as temporary:
        figure.savefig(temporary)
    plt.close(figure)


def _text(result: dict) -> str:
    if "video" in result:
        found = {0: "no face", 1: "1 face"}.get(result["tracks"], f"{result['tracks']} tracks of faces")
        return f"{result['video']}: {found}; see {result['table']} and {result['figure']}"
    if not result["faces"]:
        return f"{result['photo']}: no face"
    lines = [f"{result['photo']}:"]
    for face in result["faces"]:
        x, y, width, height = face["box"]
        emotions = sorted(face["emotions"].items(), key=lambda item: item[1], reverse=True)
        shares = "  ".join(f"{emotion} {share:4.0%}" for emotion, share in emotions)
        lines.append(f"  {width:4} × {height:<4} at {x:4}, {y:<4}  score {face['score']:.2f}  {shares}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
