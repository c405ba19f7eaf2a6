"""Every notebook: runs top to bottom in the smoke profile, and keeps the form of a lesson."""

import ast

import nbformat
import pytest

from fer import notebooks, paths

NAMES = notebooks.available()


def read(name):
    return nbformat.read(paths.notebooks() / f"{name}.ipynb", as_version=4)


def code_cells(name):
    return [cell for cell in read(name).cells if cell.cell_type == "code"]


@pytest.mark.usefixtures("registered_kernel")
@pytest.mark.parametrize("name", NAMES)
def test_runs_top_to_bottom_in_the_smoke_profile(name, tmp_path):
    executed = notebooks.execute(name, notebooks.profile_parameters("smoke", name), tmp_path)
    notebook = nbformat.read(executed, as_version=4)
    assert notebook.metadata["fer"]["finished"]
    complaints = [
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert not complaints


@pytest.mark.parametrize("name", NAMES)
def test_outputs_are_stripped_and_the_kernel_is_ours(name):
    assert read(name).metadata["kernelspec"] == {
        "display_name": "FER (GPU)",
        "language": "python",
        "name": "fer",
    }
    kept = [cell.source for cell in code_cells(name) if cell.outputs or cell.execution_count]
    assert not kept, f"strip the outputs: .venv/bin/nbstripout --keep-id notebooks/{name}.ipynb"


@pytest.mark.parametrize("name", NAMES)
def test_the_first_code_cell_prints_the_device_report(name):
    assert "kernel.configure(" in code_cells(name)[0].source


@pytest.mark.parametrize("name", NAMES)
def test_cells_stay_short_and_define_no_functions_of_their_own(name):
    for cell in code_cells(name):
        assert len(cell.source.splitlines()) <= 30
        assert not [node for node in ast.parse(cell.source).body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("profile", ["smoke", "full"])
def test_every_name_in_a_profile_is_a_parameter(name, profile):
    assert set(notebooks.profile_parameters(profile, name)) <= set(notebooks.default_parameters(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_has_a_comment(name):
    (cell,) = [cell for cell in code_cells(name) if "parameters" in cell.metadata.get("tags", [])]
    assert all("#" in line for line in cell.source.splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_the_data_set_is_one_parameter(name):
    values = notebooks.default_parameters(name)
    assert values["dataset_name"] == "synthetic"
    assert values["data_root"] is None
