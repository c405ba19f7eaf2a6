"""python -m fer.training: trains a file, goes on, draws a summary."""

import json
import shlex

import pytest
from PIL import Image

from fer import datasets
from fer.evaluation.__main__ import main as evaluate
from fer.training import Run, TrainingConfig
from fer.training.__main__ import main
from fer.training.config import read_configs

CONFIG = {
    "dataset_options": {"n": 70, "image_size": 24, "difficulty": "easy"},
    "image_size": 24,
    "model": "small_cnn",
    "model_options": {"width_multiplier": 0.125, "blocks": [1]},
    "augmentation": "none",
    "epochs": 1,
}


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(CONFIG))
    return path


def call(config, tmp_path, *arguments):
    return main(["--config", str(config), "--runs", str(tmp_path / "runs"), *arguments])


def test_a_configuration_is_trained_once_and_summed_up(config, tmp_path, capsys):
    assert call(config, tmp_path) == 0
    shown = capsys.readouterr().out
    assert "mine: small_cnn on <FaceDataset synthetic" in shown
    assert "Validation accuracy" in shown
    (folder,) = (tmp_path / "runs").iterdir()
    run = Run.open(folder)
    assert run.config == TrainingConfig(**CONFIG)
    with Image.open(folder / "summary.png") as picture:
        assert picture.width > 2 * picture.height
    assert call(config, tmp_path, "--json") == 0
    printed = json.loads(capsys.readouterr().out)["mine"]
    assert (printed["run"], printed["status"]) == (str(folder), "finished")
    assert printed["validation"]["accuracy"] == run.evaluation("validation").accuracy
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_the_command_that_is_shown_tests_the_run_on_its_data(config, tmp_path, capsys):
    assert call(config, tmp_path) == 0
    command = capsys.readouterr().out.strip().splitlines()[-1].partition(": ")[2]
    python, m, module, *arguments = shlex.split(command)
    assert (python, m, module) == ("python", "-m", "fer.evaluation")
    assert evaluate([*arguments, "--json"]) == 0
    data = datasets.load("synthetic", **CONFIG["dataset_options"])
    assert json.loads(capsys.readouterr().out)["n"] == len(data.split("test"))


def test_a_card_trains_every_network_that_its_model_is_made_of(tmp_path):
    card = tmp_path / "card.json"
    card.write_text(json.dumps({"title": "A model", "configs": {"one": CONFIG, "two": CONFIG | {"seed": 1}}}))
    assert read_configs(card) == {"one": TrainingConfig(**CONFIG), "two": TrainingConfig(**CONFIG, seed=1)}


def test_a_run_that_diverges_is_an_error(config, tmp_path, capsys):
    config.write_text(json.dumps(CONFIG | {"learning_rate": 1e9, "optimizer": "sgd"}))
    assert call(config, tmp_path) == 1
    assert "The loss diverged in epoch 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such file"),
        ("{", "is no configuration"),
        ("[]", "is no configuration of a training: a list"),
        ('{"epoch": 3}', r"Received also: \['epoch'\]"),
        ('{"configs": {"one": {"epochs": 0}}}', "`epochs` must be a positive integer"),
        ('{"configs": 3}', "is no configuration"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, capsys, text, message):
    path = tmp_path / "config.json"
    if text is not None:
        path.write_text(text)
    assert call(path, tmp_path) == 1
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert str(path) in error
    with pytest.raises((ValueError, OSError), match=message):
        read_configs(path)
    assert not (tmp_path / "runs").exists()


def test_the_example_is_a_configuration_to_change(capsys):
    assert main(["--example"]) == 0
    assert TrainingConfig.from_json(capsys.readouterr().out) == TrainingConfig()
