"""Settings for all tests: quiet start-up, and no test touches the user's data, caches or runs."""

import os
import sys

import pytest

from fer import kernel

for name, value in kernel.ENVIRONMENT.items():
    os.environ.setdefault(name, value)
os.environ.setdefault("MPLBACKEND", "agg")


FOLDERS = ("FER_DATA", "FER_CACHE", "FER_RUNS")


@pytest.fixture(scope="session", autouse=True)
def shared_folders(tmp_path_factory):
    """What a whole module sets up has its own data, cache and runs too."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in FOLDERS:
            patch.setenv(variable, str(tmp_path_factory.mktemp(variable.lower())))
        yield


@pytest.fixture(autouse=True)
def own_folders(shared_folders, tmp_path, monkeypatch):
    """Each test has its own data, cache and runs."""
    for variable in FOLDERS:
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))


@pytest.fixture(scope="session")
def registered_kernel(tmp_path_factory):
    """The Jupyter kernel "fer" of this Python, found for the time of the tests."""
    prefix = tmp_path_factory.mktemp("prefix")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "prefix", str(prefix))
        kernel.install()
        patch.setenv("JUPYTER_PATH", str(prefix / "share/jupyter"))
        yield
