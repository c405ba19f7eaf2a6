import ast
import json

import keras
import nbformat
import pandas as pd
import pytest

from fer import datasets, kernel, paths, training
from fer.experiments import studies
from fer.experiments.__main__ import main


@pytest.mark.parametrize("study", studies.STUDIES)
@pytest.mark.parametrize("dataset", ["synthetic", "fer2013"])
def test_the_configuration_is_the_one_that_the_notebook_makes(study, dataset):
    name = studies.STUDIES[study].notebook
    parameters = studies.settings(study, "quick") | {"dataset_name": dataset}
    notebook = nbformat.read(paths.notebooks() / f"{name}.ipynb", as_version=4)
    (assignment,) = [
        node
        for cell in notebook.cells
        if cell.cell_type == "code" and "training.TrainingConfig(" in cell.source
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.Assign) and "TrainingConfig" in ast.unparse(node.value)
    ]
    scope = parameters | {"training": training, "report": kernel.device_report()}
    theirs = eval(ast.unparse(assignment.value), scope)
    assert studies.configuration(study, parameters) == theirs


@pytest.mark.parametrize("name", ["sgd", "adam", "adagrad", "rmsprop", "adamax"])
def test_default_learning_rates_are_those_of_keras(name):
    optimizer = keras.optimizers.get(name)
    assert studies.default_learning_rate(name) == pytest.approx(float(optimizer.learning_rate.numpy()))


@pytest.mark.parametrize(
    "study, arms",
    [
        ("optimizers", {"SGD", "Momentum", "Adam"}),
        ("initializers", {"glorot_uniform", "he_normal"}),
    ],
)
def test_a_study_prints_its_table_as_json(study, arms, capsys):
    assert main([study, "--profile", "smoke", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["study"] == study
    assert {row["arm"] for row in result["table"]} == arms
    for row in result["table"]:
        assert 0 <= row["accuracy"] <= 1
        assert row["seeds"] == len(result["settings"]["seeds"])
    assert "told apart" in result["text"]


def test_the_study_of_activations_prints_a_row_a_data_set(capsys):
    assert main(["activations", "--profile", "smoke", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [row["dataset"] for row in result["table"]] == ["like CK+", "like MMI", "like KDEF", "average"]
    for row in result["table"]:
        assert row["difference"] == pytest.approx(row["leaky_relu"] - row["relu"])
        assert row["low"] <= row["difference"] <= row["high"]


def test_the_study_of_transfer_takes_a_folder_as_its_target(tmp_path, capsys):
    faces = datasets.load("synthetic", n=105, image_size=16, emotions=["happy", "sad", "angry"])
    for row in range(len(faces)):
        folder = tmp_path / "target" / faces.table["emotion"][row]
        folder.mkdir(parents=True, exist_ok=True)
        keras.utils.save_img(folder / f"{row}.png", faces.image(row)[..., None], scale=False)
    command = [
        "transfer",
        "--profile",
        "smoke",
        "--target",
        str(tmp_path / "target"),
        "--save",
        str(tmp_path),
    ]
    assert main([*command, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    strategies = {"target only", "one stage", "auxiliary only", "two stages", "joint"}
    assert {row["arm"] for row in result["table"]} == strategies
    sizes = pd.read_csv(tmp_path / "by_target_size.csv")
    assert sizes["training_images"].unique().tolist() == [14, 63]  # three fifths of 105
    assert main(["transfer", "--target", str(tmp_path / "nowhere")]) == 1
    assert "nowhere is not a folder. It must have a folder for each class" in capsys.readouterr().err


def test_the_study_of_batch_sizes_keeps_its_tables(tmp_path, capsys):
    assert main(["batch-sizes", "--profile", "smoke", "--save", str(tmp_path)]) == 0
    assert "batch_size" in capsys.readouterr().out
    kept = json.loads((tmp_path / "study.json").read_text())
    settings = studies.settings("batch-sizes", "smoke")
    assert {row["batch_size"] for row in kept["table"]} >= set(settings["batch_sizes"])
    assert kept["environment"]["keras"] == keras.__version__
    assert (tmp_path / "few_results.csv").is_file()


def test_an_estimate_counts_every_training(capsys):
    assert main(["optimizers", "--profile", "smoke", "--estimate"]) == 0
    settings = studies.settings("optimizers", "smoke")
    runs = 3 * (settings["grid_points"] + 2 * len(settings["seeds"]))
    assert (
        f"{runs} trainings of {settings['epochs']} epochs, 98 images each: {runs * 98:,}"
        in capsys.readouterr().out
    )


def test_missing_data_and_wrong_options_end_with_their_status(capsys):
    assert main(["optimizers", "--dataset", "fer2013"]) == 1
    assert "fer2013" in capsys.readouterr().err
    for arguments in (
        ["optimizers", "--data", "faces"],
        ["batch-sizes", "--estimate"],
        ["activations", "--target", "faces"],
        ["momentum"],
    ):
        with pytest.raises(SystemExit, match="2"):
            main(arguments)
