import json
import signal
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from fer import notebooks, paths

pytestmark = pytest.mark.usefixtures("registered_kernel")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Three small notebooks; the second one fails in its second cell."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    monkeypatch.setattr(paths, "notebooks", lambda: folder)
    sources = {
        "01_first": ["epochs = 3  # how long", "print('epochs', epochs)"],
        "02_broken": ["x = 1", "# The cell that fails\nraise KeyError('no such face')", "print('never')"],
        "03_last": ["epochs = 3", "import sys\nfor i in range(3):\n    sys.stdout.write(f'\\rstep {i}')"],
    }
    for name, cells in sources.items():
        code = [new_code_cell(cell) for cell in cells]
        code[0].metadata["tags"] = ["parameters"]
        notebook = new_notebook(cells=[new_markdown_cell(f"# Title of {name}"), *code])
        nbformat.write(notebook, folder / f"{name}.ipynb")
    (folder / "profiles.toml").write_text("[smoke.01_first]\nepochs = 1\n")
    return folder


def test_a_failed_notebook_is_named_with_its_cell_and_the_others_still_run(folder, capsys):
    assert notebooks.main(["run", "--profile", "smoke", "--out", str(folder / "executed")]) == 1
    output, errors = capsys.readouterr()
    assert "FAILED 02_broken, cell 2 of 3 ('# The cell that fails'): KeyError: 'no such face'" in errors
    executed = {path.stem for path in (folder / "executed").glob("*.ipynb")}
    assert executed == {"01_first", "02_broken", "03_last"}
    assert "[ 2/2]" in output
    index = (folder / "executed" / "index.html").read_text()
    assert 'href="01_first.html"' in index
    assert "Title of 03_last" in index
    assert "no such face" in index


def test_profile_and_overrides_reach_the_cells(folder):
    executed = notebooks.execute(
        "01_first", notebooks.profile_parameters("smoke", "01_first"), folder / "out"
    )
    outputs = [
        cell.outputs for cell in nbformat.read(executed, as_version=4).cells if cell.cell_type == "code"
    ]
    assert outputs[-1][0].text == "epochs 1\n"
    assert "epochs 1" in executed.with_suffix(".html").read_text()


def test_a_target_reaches_the_notebooks_that_have_one(folder, tmp_path):
    cell = new_code_cell("target_root = None\nepochs = 1", metadata={"tags": ["parameters"]})
    shown = new_code_cell("print(target_root)")
    nbformat.write(new_notebook(cells=[new_markdown_cell("# T"), cell, shown]), folder / "03_last.ipynb")
    command = ["run", "1", "3", "--target", str(tmp_path), "--out", str(folder / "out")]
    assert notebooks.main(command) == 0
    first, last = (
        nbformat.read(folder / "out" / f"{name}.ipynb", as_version=4) for name in ("01_first", "03_last")
    )
    assert first.metadata["fer"]["parameters"] == {}
    assert last.cells[-1].outputs[0].text == f"{tmp_path}\n"


def test_no_profile_opens_the_page_of_an_application(folder):
    cell = new_code_cell("open_page = True\nepochs = 1", metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[new_markdown_cell("# T"), cell]), folder / "03_last.ipynb")
    for profile in notebooks.PROFILES:
        assert notebooks.profile_parameters(profile, "03_last") == {"open_page": False}


def test_a_progress_line_leaves_only_its_last_state(folder):
    executed = notebooks.execute("03_last", destination=folder / "out")
    assert nbformat.read(executed, as_version=4).cells[-1].outputs[0].text == "step 2"


def test_notebooks_are_selected_by_number_or_name(folder):
    assert notebooks.select([]) == ["01_first", "02_broken", "03_last"]
    assert notebooks.select(["3", "01_first"]) == ["03_last", "01_first"]
    with pytest.raises(ValueError, match=r"no notebook '7'.*01_first"):
        notebooks.select(["7"])


def test_wrong_arguments_are_usage_errors(folder, tmp_path, capsys):
    wrong = [
        ["run", "9"],
        ["run", "--dataset", "nonsense"],
        ["run", "--data", str(tmp_path)],
        ["run", "--dataset", "folder", "--data", str(tmp_path / "nowhere")],
        ["run", "--target", str(tmp_path / "nowhere")],
    ]
    for arguments in wrong:
        with pytest.raises(SystemExit) as exit_:
            notebooks.main(arguments)
        assert exit_.value.code == 2
    assert "nowhere does not exist" in capsys.readouterr().err
    with pytest.raises(ValueError, match="`profile`"):
        notebooks.profile_parameters("slow", "01_first")


def test_the_executed_copy_records_how_it_was_made(folder):
    executed = notebooks.execute("01_first", {"epochs": 2}, folder / "out")
    record = json.loads(executed.read_text())["metadata"]["fer"]
    assert record["parameters"] == {"epochs": 2}
    assert record["finished"] is True
    assert record["seconds"] > 0


def test_ctrl_c_stops_at_once_and_keeps_what_was_executed(folder, tmp_path):
    slow = new_notebook(cells=[new_code_cell("print('begun')"), new_code_cell("import time; time.sleep(60)")])
    nbformat.write(slow, folder / "01_first.ipynb")
    script = (
        "import sys; from pathlib import Path; from fer import notebooks, paths\n"
        f"paths.notebooks = lambda: Path({str(folder)!r})\n"
        f"sys.exit(notebooks.main(['run', '--out', {str(tmp_path / 'out')!r}]))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    output = ""
    while "[ 2/2]" not in output:
        output += process.stdout.read(1)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Interrupted" in errors
    executed = nbformat.read(tmp_path / "out" / "01_first.ipynb", as_version=4)
    assert executed.cells[0].outputs[0].text == "begun\n"
    assert executed.metadata["fer"]["finished"] is False
    assert not (tmp_path / "out" / "03_last.ipynb").exists()
