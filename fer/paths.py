"""Where data, caches, saved models and runs live.

All paths are anchored at the repository that holds the package, so that a notebook finds them from any
working directory. Each can be moved with an environment variable, which is read at every call.
"""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The repository (the folder that holds ``fer/``)."""


def data() -> Path:
    """Raw data sets and clips, only read by the package, and the game's best times. Moved by ``FER_DATA``."""
    return _from_environment("FER_DATA", ROOT / "data")


def cache() -> Path:
    """Parsed data sets and other files that can be made again. Moved by ``FER_CACHE``."""
    return _from_environment("FER_CACHE", ROOT / "data" / ".cache")


def saved_models() -> Path:
    """Shipped weights with their model cards."""
    return ROOT / "saved_models"


def runs() -> Path:
    """One folder for each training run, named by the hash of its configuration. Moved by ``FER_RUNS``."""
    return _from_environment("FER_RUNS", saved_models() / "runs")


def notebooks() -> Path:
    """The numbered notebooks and ``profiles.toml``."""
    return ROOT / "notebooks"


def _from_environment(variable: str, default: Path) -> Path:
    value = os.environ.get(variable)
    return Path(value).expanduser().resolve() if value else default
