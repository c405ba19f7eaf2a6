"""The csv that says which crop came from which photo, and lets an interrupted run go on."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from fer.files import atomic_write

COLUMNS = (
    "source",
    "crop",
    "x",
    "y",
    "width",
    "height",
    "score",
    "faces",
    "status",
    "reason",
    "bytes",
    "modified",
    "settings",
)
"""One row a crop, or one row for a photo without crops.

``source`` and ``crop`` are relative to the two folders; x, y, width and height are the box in pixels;
``faces`` counts the faces found in the photo; ``status`` is found, no_face or skipped, and ``reason`` says
why; ``bytes`` and ``modified`` (nanoseconds) are the photo's size and time of change.
"""

Row = dict[str, str]
_ENCODING = {"encoding": "utf-8", "errors": "surrogateescape", "newline": ""}


def read(path: Path) -> dict[str, list[Row]]:
    """Returns the rows of each source. A last line that was cut off while being written is left out.

    Raises:
        ValueError: The file is something else than a manifest.
    """
    if not path.exists():
        return {}
    with path.open(**_ENCODING) as file:
        text = file.read()
    lines = csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1], newline=""))
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise ValueError(f"{path} is not a manifest of face crops. Move it away or choose another folder.")
    sources: dict[str, list[Row]] = {}
    for row in lines:
        if None not in row and None not in row.values():
            sources.setdefault(row["source"], []).append(row)
    return sources


def write(path: Path, sources: dict[str, list[Row]]) -> None:
    """Writes a whole manifest, sorted by source."""
    with atomic_write(path) as temporary, temporary.open("w", **_ENCODING) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for source in sorted(sources):
            writer.writerows(sources[source])


def append(path: Path, groups: Iterable[list[Row]]) -> None:
    """Adds rows group by group, each handed to the operating system at once: a killed run keeps them."""
    with path.open("a", **_ENCODING) as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        for rows in groups:
            writer.writerows(rows)
            file.flush()
