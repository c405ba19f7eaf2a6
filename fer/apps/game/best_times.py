"""The best times table: a csv on this machine, with names only if players give them and no pictures."""

import csv
import fcntl
import logging
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

from fer import paths
from fer.apps.game.levels import MODES
from fer.apps.game.state import State
from fer.files import atomic_write

logger = logging.getLogger(__name__)

LONGEST_NAME = 20
"""Characters of a name."""

_MARKUP = str.maketrans({"<": "", ">": "", "&": "", '"': "", "`": "", "'": "’"})
_FORMULA = "=+-@"


@dataclass(frozen=True)
class Entry:
    """One game.

    Attributes:
        date: When it ended: ISO 8601, local time with its zone.
        name: Of the player, or "".
        mode: A key of ``MODES``.
        start_level: The level it began with, the first being 1.
        levels_passed: Levels that were played to their end.
        seconds: How long clips played.
        score: 0…1000.
        won: Whether the last level was passed.
    """

    date: str
    name: str
    mode: str
    start_level: int
    levels_passed: int
    seconds: float
    score: int
    won: bool

    def to_dict(self) -> dict:
        """Returns the attributes, ready for JSON."""
        return asdict(self)


COLUMNS = tuple(field.name for field in fields(Entry))


def add(state: State, start_level: int, name: str = "") -> Entry:
    """Writes a game that has ended into the table.

    Args:
        state: The state at its end.
        start_level: The level it began with.
        name: Of the player; what is kept of it, ``clean_name`` says.

    Raises:
        ValueError: The game has not ended.
        OSError: The table cannot be written. The old one is kept.
    """
    if not state.over:
        raise ValueError(f"`state` must be that of a game that has ended. Received: {state.phase!r}")
    entry = Entry(
        date=datetime.now().astimezone().isoformat(timespec="seconds"),
        name=clean_name(name),
        mode=state.mode,
        start_level=start_level,
        levels_passed=state.levels_passed,
        seconds=round(state.survived, 1),
        score=state.score,
        won=state.phase == "won",
    )
    path = _path()
    with _locked(path):
        entries, damage = _read(path)
        if damage:
            aside = _copied_aside(path)
            logger.warning("%s is damaged (%s). It is kept as %s.", path, damage, aside.name)
        with atomic_write(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(other.to_dict() for other in [*entries, entry])
    return entry


def table(mode: str, n: int = 10) -> list[Entry]:
    """Returns the best n games of a mode: by score, then by time, then the earlier one.

    Raises:
        ValueError: There is no such mode.
        OSError: The table cannot be read.
    """
    if mode not in MODES:
        raise ValueError(f"`mode` must be one of {list(MODES)}. Received: {mode!r}")
    path = _path()
    entries, damage = _read(path)
    if damage:
        logger.warning("%s is damaged (%s). Only what can be read of it is shown.", path, damage)
    entries = [entry for entry in entries if entry.mode == mode]
    return sorted(entries, key=lambda entry: (-entry.score, -entry.seconds))[:n]


def clean_name(name: str) -> str:
    """Returns what is kept of a name: a line of at most 20 characters that is no html and no formula.

    Characters that control, format or mark up text are left out, and so are those that begin a formula, at
    the beginning. Compatibility characters become the usual ones (NFKC), Hangul is joined to syllables.
    """
    text = " ".join(unicodedata.normalize("NFKC", name).split())
    text = "".join(c for c in text if unicodedata.category(c)[0] != "C").translate(_MARKUP)
    return " ".join(text.split()).lstrip(_FORMULA + " ")[:LONGEST_NAME].strip()


def _path() -> Path:
    return paths.data() / "game" / "best_times.csv"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keeps other threads and processes from writing the table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> tuple[list[Entry], str]:
    """The rows that can be read, and what is wrong with the first other one, or ""."""
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except FileNotFoundError:
        return [], ""
    reader = csv.reader(text.splitlines())
    entries, damage = [], ""
    try:
        header = next(reader, [])
        if tuple(header) != COLUMNS:
            return [], f"its first line must be {','.join(COLUMNS)}"
        for row in reader:
            try:
                entries += [_entry(row)] if row else []
            except ValueError as error:
                damage = damage or f"line {reader.line_num}: {error}"
    except csv.Error as error:
        damage = damage or f"line {reader.line_num}: {error}"
    return entries, damage


def _entry(row: list[str]) -> Entry:
    """Reads a row, or raises a ValueError."""
    if len(row) != len(COLUMNS):
        raise ValueError(f"{len(row)} columns in the place of {len(COLUMNS)}")
    date, name, mode, start_level, levels_passed, seconds, score, won = row
    datetime.fromisoformat(date)
    if mode not in MODES or won not in ("True", "False") or "\N{REPLACEMENT CHARACTER}" in name:
        raise ValueError(f"cannot be read: {row}")
    numbers = int(start_level), int(levels_passed), float(seconds), int(score)
    if not (0 <= numbers[2] < float("inf") and 0 <= numbers[3] <= 1000):
        raise ValueError(f"numbers out of their range: {row}")
    return Entry(date, clean_name(name), mode, *numbers, won == "True")


def _copied_aside(path: Path) -> Path:
    """Copies a file to the first name of damaged files that is free."""
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    return Path(shutil.copy2(path, aside))
