import subprocess
import sys
from importlib import import_module

import pytest

from fer import datasets


def test_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'synthetic', 'fer2013', 'ferplus', 'folder', 'aihub'.*'fer2031'"):
        datasets.load("fer2031")


def test_unknown_option_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"'fer2013' are \['validation_share', 'seed'\].*\['sead'\]"):
        datasets.load("fer2013", sead=1)


def test_options_reach_the_reader():
    assert len(datasets.load("synthetic", n=49)) == 49


def test_root_for_a_data_set_without_files_is_refused(tmp_path):
    with pytest.raises(ValueError, match="reads no files"):
        datasets.load("synthetic", root=tmp_path)


@pytest.mark.parametrize("name", datasets.available())
def test_every_reader_has_a_load_function_that_says_what_it_does(name):
    assert import_module(datasets.READERS[name]).load.__doc__


def test_reported_counts_are_those_of_the_owners_where_they_are_known():
    assert datasets.reported("jaffe")["fear"] == 32
    assert datasets.reported("synthetic") is None
    with pytest.raises(ValueError, match=r"'jaffe'.*Received: 'jaff'"):
        datasets.reported("jaff")


def test_import_is_light():
    script = "import sys, fer.datasets; print({'keras', 'tensorflow', 'fer.synthetic'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


def test_what_is_left_out_is_said_in_the_log(tmp_path, csv_lines, caplog):
    csv_lines[5] = csv_lines[6] = "0,1 2 3,Training"
    (tmp_path / "fer2013.csv").write_text("\n".join(csv_lines))
    datasets.load("fer2013", root=tmp_path)
    assert "left out 2 rows or files" in caplog.text and "wrong number of pixels (2)" in caplog.text
