"""Files that are either written whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_write(path: Path | str) -> Iterator[Path]:
    """Gives a temporary path beside ``path`` that replaces it when the block ends without an error.

    On an error (a full disk, Ctrl-C) the temporary file is removed and ``path`` keeps its old content.
    The temporary name keeps the suffix, since Keras and NumPy choose the format by it.

    Args:
        path: The file to write. Its folder is made if it does not exist.

    Example:
        >>> with atomic_write("table.csv") as temporary:
        ...     table.to_csv(temporary)
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.partial{path.suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
