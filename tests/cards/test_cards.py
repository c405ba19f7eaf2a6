"""A card says what was measured, and the folder holds what the card says."""

import json
import shutil
from dataclasses import asdict

import pandas as pd
import pytest

from fer import inference, models, paths, training
from fer.cards import building, measuring
from fer.cards.__main__ import main
from fer.evaluation import fast
from fer.training import Run, TrainingConfig

CONFIG = {
    "dataset_options": {"n": 140, "image_size": 48, "difficulty": "easy"},
    "model": "small_cnn",
    "model_options": {"width_multiplier": 0.25, "blocks": [1, 1]},
    "augmentation": "none",
    "epochs": 2,
    "learning_rate": 3e-3,
    "precision": "mixed_bfloat16",
}
TEXTS = {
    "title": "a small test",
    "purpose": "Shows how a card is made.",
    "input": "float32, shape (n, 48, 48, 1), range 0…1",
    "data": ["Synthetic faces."],
    "recipe": ["Two epochs."],
    "failures": ["All kinds."],
    "not_for": ["Anything."],
    "commands": ["python -m fer.cards build tiny"],
    "precision": "int8",
}


@pytest.fixture(scope="module")
def saved_models(tmp_path_factory):
    """A folder of trained models in which "tiny" was built."""
    place = tmp_path_factory.mktemp("saved_models")
    (place / "tiny").mkdir()
    card = json.dumps(TEXTS | {"configs": {"emotion": CONFIG}})
    (place / "tiny" / "card.json").write_text(card, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "saved_models", lambda: place)
        patch.setattr(measuring, "PEOPLE", 4)
        patch.setattr(measuring, "PEOPLE_TO_FIND", 1)
        assert main(["build", "tiny", "--runs", str(place / "runs")]) == 0
    return place


@pytest.fixture
def card(saved_models, monkeypatch):
    monkeypatch.setattr(paths, "saved_models", lambda: saved_models)
    return json.loads((saved_models / "tiny" / "card.json").read_text(encoding="utf-8"))


def test_the_card_keeps_its_texts_and_gets_what_was_measured(card):
    assert TEXTS.items() <= card.items()
    data = training.load_data(TrainingConfig(**CONFIG))
    measured = card["measured"]["outputs"]["emotion"]["validation"]
    assert measured["accuracy"] == fast.measure("tiny", data, "validation").metrics.accuracy
    assert measured["n"] == len(data.split("validation"))
    assert set(card["measured"]["frames"]) == {"mtcnn", "ssd"}
    assert len(card["measured"]["skin_tones"]) == 10
    assert [len(shares) for shares in card["measured"]["found_by_tone"].values()] == [10, 10]
    assert card["measured"]["speed"]["median_ms"] > 0


def test_the_card_does_not_say_where_it_was_made(card, saved_models):
    assert str(saved_models) not in json.dumps(card)
    assert card["measured"]["outputs"]["emotion"]["validation"]["model"] == "tiny"


def test_the_models_are_those_of_the_card(card, saved_models):
    assert models.available() == ["tiny"]
    assert models.load("tiny").count_params() == card["runs"]["emotion"]["parameters"]
    assert {layer.compute_dtype for layer in models.load("tiny").layers} == {"float32"}
    assert inference.Classifier("tiny").classes == {
        "emotion": tuple(card["measured"]["outputs"]["emotion"]["validation"]["classes"])
    }
    assert not (saved_models / "tiny" / ".lock").exists()


def test_the_page_shows_the_numbers_of_the_card(card, saved_models):
    page = (saved_models / "tiny" / "README.md").read_text(encoding="utf-8")
    measured = card["measured"]["outputs"]["emotion"]["validation"]
    assert page.startswith("# tiny: a small test\n")
    assert f"**{measured['accuracy']:.3f}**" in page
    for name, file in card["files"].items():
        assert f"| {name} | {file['bytes']:,} | `{file['sha256']}` |" in page
    for picture in ("curves.png", "evaluation.png", "robustness.png"):
        assert f"({picture})" in page
        assert (saved_models / "tiny" / picture).stat().st_size > 10_000


def test_the_command_of_the_card_trains_the_run_of_the_card(card, saved_models):
    (config,) = training.config.read_configs(saved_models / "tiny" / "card.json").values()
    run = Run.find(config, training.load_data(config), saved_models / "runs")
    assert run.id == card["runs"]["emotion"]["id"]
    assert run.status == "finished"


def test_a_card_counts_the_hours_of_every_network_once_and_draws_what_was_trained_on(tmp_path):
    data = training.load_data(TrainingConfig(**CONFIG))
    first = Run.find(TrainingConfig(), data, tmp_path)
    teacher = TrainingConfig(seed=1, teachers=[asdict(first.config)], teacher_weight=0.5)
    student = TrainingConfig(seed=2, pretrained=first.id, teachers=[asdict(teacher)], teacher_weight=0.5)
    runs = [first, *(Run.find(config, data, tmp_path) for config in (teacher, student))]
    for run in runs:
        run.write_json("config.json", asdict(run.config))
        history = pd.DataFrame([dict.fromkeys(Run.history_columns(), 0.0) | {"seconds": 900.0}] * 2)
        history.to_csv(run.folder / "history.csv", index=False)
    assert [building.hours(run, data) for run in runs] == [0.5, 1.0, 1.5]
    assert list(building.trainings("x", runs[1]).values()) == [runs[1]]
    assert list(building.trainings("x", runs[2]).values()) == [runs[0], runs[2]]


def test_a_run_is_recorded_without_its_model(card, saved_models):
    run = saved_models / "runs" / card["runs"]["emotion"]["id"]
    assert main(["record", str(run), "long"]) == 0
    kept = sorted(path.name for path in (saved_models / "results" / "long").iterdir())
    assert kept == ["config.json", "curves.png", "environment.json", "history.csv", "metrics.json"]


def test_only_a_finished_run_is_recorded(card, saved_models, capsys):
    run = saved_models / "runs" / card["runs"]["emotion"]["id"]
    copy = shutil.copytree(run, saved_models / "runs" / "stopped")
    metrics = json.loads((copy / "metrics.json").read_text()) | {"status": "diverged"}
    (copy / "metrics.json").write_text(json.dumps(metrics))
    assert main(["record", str(copy), "stopped"]) == 1
    assert "which is diverged" in capsys.readouterr().err
    assert not (saved_models / "results" / "stopped").exists()


def test_an_unfinished_card_is_no_model_and_a_missing_text_is_named_before_training(
    card, saved_models, capsys
):
    (saved_models / "draft").mkdir()
    (saved_models / "draft" / "card.json").write_text(
        json.dumps({"title": "?", "configs": {"emotion": CONFIG}})
    )
    assert models.available() == ["tiny"]
    assert main(["build", "draft"]) == 1
    assert "Missing: ['purpose', 'input'" in capsys.readouterr().err


def test_a_model_without_a_card_is_refused(card, capsys):
    assert main(["build", "other"]) == 1
    assert "card.json: no such file" in capsys.readouterr().err
