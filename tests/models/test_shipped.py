"""Trained models: named by their folder, checked against their card, opened in safe mode."""

import json

import keras
import pytest

from fer import inference, models, paths
from fer.models import shipped


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of trained models with one in it, "tiny"."""
    monkeypatch.setattr(paths, "saved_models", lambda: tmp_path)
    place = tmp_path / "tiny"
    place.mkdir()
    models.build("small_cnn", (16, 16, 1), 3, width_multiplier=0.1).save(place / "model.keras")
    write_card(place)
    return place


def write_card(place):
    card = {"files": {"model.keras": shipped.describe(place / "model.keras")}}
    (place / "card.json").write_text(json.dumps(card))


def test_a_model_is_available_when_it_has_a_card(folder):
    (folder.parent / "runs").mkdir()
    assert models.available() == ["tiny"]
    assert models.load("tiny").input_shape == (None, 16, 16, 1)


def test_an_unknown_name_is_refused_and_the_known_ones_are_listed(folder):
    with pytest.raises(ValueError, match=r"`name` must be one of \['tiny'\]. Received: '../tiny'"):
        models.load("../tiny")


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: content[:-1] + b"\1"])
def test_a_damaged_file_is_refused_before_it_is_opened(folder, damage, monkeypatch):
    file = folder / "model.keras"
    file.write_bytes(damage(file.read_bytes()))
    monkeypatch.setattr(keras.saving, "load_model", lambda *args, **options: pytest.fail("opened"))
    with pytest.raises(ValueError, match=r"model\.keras is damaged, or not the file.*Copy its folder again"):
        models.load("tiny")


def test_a_swapped_file_is_refused(folder):
    models.build("small_cnn", (16, 16, 1), 3, width_multiplier=0.1).save(folder / "model.keras")
    with pytest.raises(ValueError, match="not the file that its card describes"):
        models.load("tiny")


def test_a_missing_file_and_a_damaged_card_are_named(folder):
    (folder / "model.keras").unlink()
    with pytest.raises(FileNotFoundError, match=r"model\.keras is missing"):
        models.load("tiny")
    for text in ("", '["files"]', '{"files": 3}'):
        (folder / "card.json").write_text(text)
        with pytest.raises(ValueError, match=r"card\.json is damaged"):
            models.load("tiny")


def test_the_remedy_is_a_command_that_works_anywhere_and_a_missing_card_has_one_too(folder, monkeypatch):
    monkeypatch.setattr(paths, "ROOT", folder.parent)
    (folder / "card.json").unlink()
    for load in (models.load, inference.Classifier):
        with pytest.raises(
            ValueError, match=rf"is missing.* git -C {folder.parent} checkout tiny/card\.json"
        ):
            load("tiny")


def test_a_folder_is_not_taken_for_a_name(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    assert shipped.has("tiny")
    for place in ("./tiny/", str(folder), folder, folder.parent, "other", ""):
        assert not shipped.has(place)


def test_code_inside_a_model_is_not_run(folder):
    image = keras.Input((4,))
    model = keras.Model(image, keras.layers.Lambda(lambda x: x + 1)(image))
    model.save(folder / "model.keras")
    write_card(folder)
    with pytest.raises(ValueError, match="unsafe"):
        models.load("tiny")
