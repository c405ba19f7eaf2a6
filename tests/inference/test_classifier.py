"""Probabilities of face images in the fast form."""

import json

import keras
import numpy as np
import pytest

from fer import inference, labels, paths
from fer.inference import Classifier
from fer.models import shipped


def test_images_of_any_size_and_color_are_brought_to_the_network(exported, network):
    generator = np.random.default_rng(0)
    gray = generator.integers(256, size=(48, 48), dtype=np.uint8)
    given = Classifier(exported)([gray, gray[..., None], np.repeat(gray[..., None], 3, axis=2)])
    wanted = network.predict(gray[None, ..., None] / np.float32(255), verbose=0)
    np.testing.assert_allclose(given, np.repeat(wanted, 3, axis=0), atol=1e-5)
    larger = np.kron(gray, np.ones((2, 2), dtype=np.uint8))  # shrinking averages areas
    np.testing.assert_allclose(Classifier(exported)([larger])[0], wanted[0], atol=1e-5)


def test_several_things_that_a_model_tells_are_split_in_order(tmp_path):
    image = keras.Input((16, 16, 3))
    flat = keras.layers.GlobalAveragePooling2D()(image)
    outputs = {
        name: keras.layers.Dense(n, activation="softmax", name=name)(flat) for name, n in (("b", 2), ("a", 3))
    }
    model = keras.Model(image, outputs)
    model.save(tmp_path / "model.keras")
    classes = {"a": ("x", "y", "z"), "b": ("yes", "no")}
    classifier = Classifier(inference.export(tmp_path / "model.keras", tmp_path / "fast", classes))
    assert classifier.classes == classes
    crops = np.random.default_rng(0).integers(256, size=(3, 16, 16, 3), dtype=np.uint8)
    wanted = model.predict(crops / np.float32(255), verbose=0)
    given = classifier.split(classifier(crops))
    assert list(given) == ["a", "b"]
    for name in classes:
        np.testing.assert_allclose(given[name], wanted[name], atol=1e-5)


@pytest.mark.parametrize("shape", [(48, 48), (48, 48, 1), (48, 48, 3)])
def test_one_image_in_place_of_several_is_refused(exported, shape):
    with pytest.raises(ValueError, match=r"`crops` must be several images"):
        Classifier(exported)(np.zeros(shape, dtype=np.uint8))


def test_a_trained_model_is_found_by_its_name_and_checked_against_its_card(exported, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "saved_models", lambda: tmp_path)
    place = tmp_path / "mine"
    place.mkdir()
    names = ("model.tflite", "model.json")
    for name in names:
        (place / name).write_bytes((exported / name).read_bytes())
    card = {"files": {name: shipped.describe(place / name) for name in names}}
    (place / "card.json").write_text(json.dumps(card))
    assert Classifier("mine").classes == {"emotion": labels.FER2013}
    # A model that is swapped together with its description fits the description, but not the card.
    description = json.loads((place / "model.json").read_text())
    (place / "model.json").write_text(json.dumps(description | {"source_sha256": "0" * 64}))
    with pytest.raises(ValueError, match=r"model\.json is damaged, or not the file that its card describes"):
        Classifier("mine")
    with pytest.raises(FileNotFoundError, match=r"must be one of \['mine'\], or the folder"):
        Classifier("other")
