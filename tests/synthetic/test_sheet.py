import sys

import numpy as np
import pytest
from PIL import Image

from fer.synthetic import __main__ as program


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["fer.synthetic", *map(str, arguments)])
    program.main()


def test_the_sheet_has_a_row_for_each_emotion(monkeypatch, tmp_path):
    run(monkeypatch, "--out", tmp_path / "sheet.png", "--size", 32, "--columns", 3)
    assert np.asarray(Image.open(tmp_path / "sheet.png")).shape == (7 * 32, 3 * 32, 3)


def test_a_size_that_is_too_small_is_a_usage_error(monkeypatch, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        run(monkeypatch, "--out", tmp_path / "sheet.png", "--size", 8)
    assert stopped.value.code == 2
    assert "image_size" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_an_unknown_kind_of_file_is_one_clear_line(monkeypatch, tmp_path):
    with pytest.raises(SystemExit, match=r"sheet\.docx: cannot be written"):
        run(monkeypatch, "--out", tmp_path / "sheet.docx", "--size", 16, "--columns", 1)
    assert not list(tmp_path.iterdir())
