"""Settings for all tests: quiet start-up, and no test touches the user's data, caches or runs."""

import os

import pytest

from fer import kernel

for name, value in kernel.ENVIRONMENT.items():
    os.environ.setdefault(name, value)
os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """Each test has its own data, cache and runs."""
    for variable in ("FER_DATA", "FER_CACHE", "FER_RUNS"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
