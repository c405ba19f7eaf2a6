"""The emoticon generator: ``python -m fer.apps.emoticon`` opens the page, ``--photo`` writes files."""

import argparse
import json
import sys
from pathlib import Path

from fer import images
from fer.apps.options import add_options
from fer.files import atomic_write


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if bool(options.photo) != bool(options.out):
        parser.error("--photo and --out go together")
    try:
        return _write(options) if options.photo else _open(options)
    except (OSError, ValueError, ImportError, RuntimeError) as error:
        cause = f"{error.filename}: {error.strerror}" if getattr(error, "filename", None) else error
        print(f"Error: {cause}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fer.apps.emoticon",
        description="Opens the emoticon generator in a page of this computer, for a photo or a camera. With "
        "--photo it writes an SVG file for every face, and manifest.json, instead.",
    )
    add_options(parser)
    parser.add_argument(
        "--photo", nargs="+", type=Path, metavar="PHOTO", help="photos to draw, without a page"
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where the files go")
    parser.add_argument("--json", action="store_true", help="also print the manifest")
    return parser


def _open(options: argparse.Namespace) -> int:
    from fer.apps.emoticon.page import launch
    from fer.inference.describing import Describer

    describer = Describer(options.model, detector=options.detector)
    launch(describer, options.port, options.share, wait=True, live_users=options.live_users)
    return 0


def _write(options: argparse.Namespace) -> int:
    from fer.apps.emoticon.drawing import draw
    from fer.apps.emoticon.service import from_description
    from fer.apps.emoticon.wording import describe
    from fer.inference.describing import Describer

    describer = Describer(options.model, detector=options.detector)
    manifest, taken, status = [], set(), 0
    for path in options.photo:
        try:
            found = sorted(describer.describe(images.read(path)), key=lambda face: face.box[0])
        except (OSError, ValueError) as error:
            print(f"Error: {error}", file=sys.stderr)
            status = 1
            continue
        faces = []
        for number, face in enumerate(found, start=1):
            name = _free(f"{path.stem}_{number}", taken)
            emoticon = from_description(face)
            with atomic_write(options.out / f"{name}.svg") as temporary:
                temporary.write_text(draw(emoticon, describe(emoticon)), encoding="utf-8")
            faces.append(face.to_dict() | {"svg": f"{name}.svg"})
        manifest.append({"photo": str(path), "faces": faces})
        if not options.json:
            print(f"{path}: {', '.join(str(options.out / face['svg']) for face in faces) or 'no face'}")
    if manifest:  # where no photo could be read, an earlier manifest stays
        with atomic_write(options.out / "manifest.json") as temporary:
            temporary.write_text(json.dumps(manifest, ensure_ascii=False, indent=1), encoding="utf-8")
    if options.json:
        print(json.dumps(manifest, ensure_ascii=False))
    return status


def _free(name: str, taken: set[str]) -> str:
    """Returns a name that no photo of this call has: two folders may hold photos of the same name."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free)
    return free


if __name__ == "__main__":
    sys.exit(main())
