"""The clips of the game: the user's own videos, and where there are none the project's animated ones.

``python -m fer.apps.game.clips`` makes the animated clips that are missing and lists all.
"""

import argparse
import fcntl
import json
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2

from fer import paths
from fer.apps.game import animation, funny, scary
from fer.apps.game.levels import MODES
from fer.files import atomic_write

logger = logging.getLogger(__name__)

SUFFIXES = (".mp4", ".webm", ".m4v", ".mov", ".ogv")
"""Endings of the user's videos, in lower case. Whether it plays what is inside is up to the browser."""

LEVELS = (1, 2, 3)

SCENES = {"funny": funny.SCENES, "scary": scary.SCENES}
"""The animated clips of each mode and level."""

_VERSION = 1
"""Of the scenes: with another one the clips are made again."""

_PROCESSES = 2
_LONGEST = 6 * 3600


@dataclass(frozen=True)
class Clip:
    """A video.

    Attributes:
        name: Level and name, such as "1/choir" or "2/cat.mp4": no other clip of its mode has it.
        path: The file.
        seconds: How long it is; 0 if the file does not tell.
        own: Whether it is one of the user's.
    """

    name: str
    path: Path
    seconds: float
    own: bool

    @property
    def ready(self) -> bool:
        """Whether the file is there; an animated clip may have to be made first, by ``ensure``."""
        return self.path.is_file()


@dataclass(frozen=True)
class Skipped:
    """A file or folder of the user's that cannot be used, and why."""

    path: Path
    reason: str


@dataclass(frozen=True)
class Catalogue:
    """All clips.

    Attributes:
        clips: Mode → level → clips, at least one.
        skipped: What was found beside them and cannot be used.
    """

    clips: dict[str, dict[int, list[Clip]]]
    skipped: list[Skipped]

    def to_dict(self) -> dict:
        """Returns everything ready for JSON."""
        clips = {
            mode: {
                str(level): [
                    {
                        "name": clip.name,
                        "path": _text(clip.path),
                        "seconds": round(clip.seconds, 2),
                        "own": clip.own,
                        "ready": clip.ready,
                    }
                    for clip in found
                ]
                for level, found in levels.items()
            }
            for mode, levels in self.clips.items()
        }
        skipped = [{"path": _text(item.path), "reason": item.reason} for item in self.skipped]
        return {"clips": clips, "skipped": skipped}


def catalogue() -> Catalogue:
    """Lists the clips of every mode and level. It makes none.

    The user's are in ``data/clips/{funny,scary}/{1,2,3}/``. Where there is one that can be read, the animated
    clips of that mode and level are not played.
    """
    clips: dict[str, dict[int, list[Clip]]] = {}
    skipped: list[Skipped] = []
    for mode in MODES:
        clips[mode] = {}
        for level in LEVELS:
            own, bad = _own(mode, level)
            clips[mode][level] = own or [_animated(mode, level, scene) for scene in SCENES[mode][level]]
            skipped += bad
    return Catalogue(clips, skipped)


def ensure(mode: str, level: int) -> list[Clip]:
    """Returns the clips of a mode and level, after making those that are missing, which takes some seconds.

    Threads and processes may do so at the same time: the second waits, and finds the work done.

    Raises:
        ValueError: There is no such mode or level.
        OSError: A clip cannot be written. What is there already is not touched.
    """
    if mode not in MODES:
        raise ValueError(f"`mode` must be one of {list(MODES)}. Received: {mode!r}")
    if level not in LEVELS:
        raise ValueError(f"`level` must be one of {list(LEVELS)}. Received: {level!r}")
    own, _ = _own(mode, level)
    if own:
        return own
    for scene in SCENES[mode][level]:
        _make(mode, level, scene)
    return [_animated(mode, level, scene) for scene in SCENES[mode][level]]


def make_all(report: Callable[[Clip, int, int], None] | None = None) -> None:
    """Makes all clips that are missing and that no video of the user's replaces, in two other processes.

    Args:
        report: Takes each clip that is ready, how many are, and how many there will be.

    Raises:
        OSError: A clip cannot be written; the others are made all the same.
    """
    missing = [
        (mode, level, scene)
        for level in LEVELS  # what a game needs first comes first
        for mode in MODES
        if not _own(mode, level)[0]
        for scene in SCENES[mode][level]
        if not _animated(mode, level, scene).ready
    ]
    total = len(missing)
    if not missing:
        return
    context, failed, done = multiprocessing.get_context("spawn"), None, 0
    jobs: dict[Future, tuple[str, int, str]] = {}
    with ProcessPoolExecutor(_PROCESSES, mp_context=context, initializer=_lower_priority) as pool:
        while missing or jobs:
            # Whoever stops the program waits for the clips that were asked for: so for no more than these.
            while missing and len(jobs) < _PROCESSES:
                job = missing.pop(0)
                jobs[pool.submit(_make, *job)] = job
            for future in wait(jobs, return_when=FIRST_COMPLETED).done:
                job, done = jobs.pop(future), done + 1
                try:
                    future.result()
                except OSError as error:
                    failed = error
                    continue
                if report:
                    report(_animated(*job), done, total)
    if failed:
        raise failed


def _lower_priority() -> None:
    """A game that is being played goes first."""
    os.nice(10)
    cv2.setNumThreads(1)


def _make(mode: str, level: int, scene: animation.Scene) -> None:
    path = _animated(mode, level, scene).path
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if path.is_file():
            return
        for left in path.parent.glob(f".{path.stem}.*.partial{path.suffix}"):
            left.unlink(missing_ok=True)  # of a process that was killed
        with atomic_write(path) as temporary:
            animation.write(temporary, scene.frames())


def _animated(mode: str, level: int, scene: animation.Scene) -> Clip:
    folder = paths.cache() / "clips" / mode / str(level)
    return Clip(f"{level}/{scene.name}", folder / f"{scene.name}-{_VERSION}.mp4", scene.seconds, own=False)


def _own(mode: str, level: int) -> tuple[list[Clip], list[Skipped]]:
    """The user's videos of a mode and level."""
    folder = paths.data() / "clips" / mode / str(level)
    clips, skipped = [], []
    try:
        files = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        return [], [Skipped(folder, f"cannot be opened ({error.strerror})")]
    for path in files:
        try:
            path.name.encode()
            status = path.stat()
            seconds = _duration(path, status.st_size, status.st_mtime_ns)
        except UnicodeError:
            skipped.append(Skipped(path, "its name is not UTF-8"))
        except (OSError, ValueError) as error:
            skipped.append(Skipped(path, getattr(error, "strerror", None) or str(error)))
        else:
            clips.append(Clip(f"{level}/{path.name}", path, seconds, own=True))
    return clips, skipped


@lru_cache(maxsize=1024)
def _duration(path: Path, size: int, changed: int) -> float:
    """Seconds of a video, 0 if it does not tell; a ValueError if it is none.

    Size and time of change are there for the cache: a file that changes is read anew.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"not one of {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise ValueError("not a file")
    if not size:
        raise ValueError("empty")
    capture = cv2.VideoCapture(str(path))
    try:
        if not capture.isOpened() or not capture.read()[0]:
            raise ValueError("cannot be read as a video")
        rate, count = capture.get(cv2.CAP_PROP_FPS), capture.get(cv2.CAP_PROP_FRAME_COUNT)
    finally:
        capture.release()
    seconds = count / rate if rate > 0 else 0.0
    return seconds if 0 < seconds < _LONGEST else 0.0


def _text(path: Path) -> str:
    """A path that can be printed, whatever its bytes are."""
    return os.fsencode(path).decode(errors="replace")


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m fer.apps.game.clips",
        description="Makes the animated clips of the laugh game that are missing and lists all clips, "
        "with the videos in data/clips/{funny,scary}/{1,2,3}/. The animated clips have no sound.",
    )
    parser.add_argument("--list", action="store_true", help="make nothing")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    status = 0
    try:
        if not options.list:
            make_all(
                lambda clip, n, total: print(f"{n} of {total}: {clip.path}", file=sys.stderr, flush=True)
            )
    except OSError as error:
        print(f"Error: {error}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("Interrupted. The clips that are ready are kept; the next call goes on.", file=sys.stderr)
        return 130
    found = catalogue()
    if options.json:
        print(json.dumps(found.to_dict(), ensure_ascii=False))
        return status
    for mode, levels in found.clips.items():
        for clips in levels.values():
            for clip in clips:
                state = "" if clip.ready else "  (not made yet)"
                print(f"{mode}  {clip.name:<24} {clip.seconds:5.1f} s  {_text(clip.path)}{state}")
    for item in found.skipped:
        print(f"Skipped {_text(item.path)}: {item.reason}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
