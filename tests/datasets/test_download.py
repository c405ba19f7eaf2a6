import sys
import types
from pathlib import Path

import pytest

from fer import datasets, paths
from fer.datasets.__main__ import main
from fer.datasets.base import MissingDataError
from fer.datasets.download import download


@pytest.fixture
def kaggle(monkeypatch):
    """Stands in for kagglehub: downloads what `content` holds, or raises it."""
    exceptions = types.ModuleType("kagglehub.exceptions")
    for name in (
        "BackendError",
        "CredentialError",
        "DataCorruptionError",
        "NotFoundError",
        "UnauthenticatedError",
    ):
        setattr(exceptions, name, type(name, (Exception,), {}))
    module = types.ModuleType("kagglehub")
    module.exceptions = exceptions

    def dataset_download(handle, path, output_dir):
        target = Path(output_dir, path)
        target.write_text("half of it")
        if not isinstance(module.content, str):
            raise module.content
        target.write_text(module.content)
        return str(target)

    module.dataset_download = dataset_download
    monkeypatch.setitem(sys.modules, "kagglehub", module)
    monkeypatch.setitem(sys.modules, "kagglehub.exceptions", exceptions)
    return module


def test_downloaded_csv_can_be_loaded(kaggle, csv_lines, capsys):
    kaggle.content = "\n".join(csv_lines)
    assert main(["download", "fer2013"]) == 0
    assert capsys.readouterr().out.strip() == str(paths.data() / "fer2013" / "fer2013.csv")
    assert len(datasets.load("fer2013")) == 40


def test_what_is_there_is_not_downloaded_again(kaggle):
    kaggle.content = "first"
    download("fer2013")
    kaggle.content = "second"
    assert download("fer2013").read_text() == "first"


@pytest.mark.parametrize("refusal", ["no network", "no credentials", "interrupted"])
def test_failed_download_leaves_nothing_half_written_and_says_what_to_do(kaggle, capsys, refusal):
    kaggle.content = {
        "no network": ConnectionError("cannot resolve kaggle.com"),
        "no credentials": kaggle.exceptions.UnauthenticatedError("who are you"),
        "interrupted": KeyboardInterrupt(),
    }[refusal]
    assert main(["download", "fer2013"]) == (130 if refusal == "interrupted" else 1)
    message = capsys.readouterr().err
    if refusal != "interrupted":
        for hint in (str(kaggle.content), "KAGGLE_API_TOKEN", "in a browser", str(paths.data() / "fer2013")):
            assert hint in message
    assert list((paths.data() / "fer2013").iterdir()) == []


def test_without_kagglehub_it_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    with pytest.raises(MissingDataError, match=r"pip install kagglehub.*in a browser"):
        download("fer2013")
