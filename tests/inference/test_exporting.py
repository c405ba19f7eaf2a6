"""The fast form of a model: equal to Keras, made once, refused when damaged."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest

from fer import inference, labels
from fer.inference import exporting
from fer.models.network import Network


@pytest.fixture
def copied(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "copied")


@pytest.fixture
def conversions(exported, monkeypatch):
    """Takes the place of the conversion; the models that were to be converted."""
    asked = []

    def convert(model, weights, precision, outputs):
        asked.append(model)
        shutil.copy(exported / "model.tflite", weights)

    monkeypatch.setattr(exporting, "convert", convert)
    return asked


def check_equal(folder, model):
    """Checks the fast form against Keras on random images; the emotions differ from image to image."""
    description, weights = exporting.load(folder)
    assert description.input_shape == model.input_shape[1:]
    images = np.random.default_rng(5).random((6, *model.input_shape[1:]), dtype=np.float32)
    images *= np.linspace(0.1, 1, 6, dtype=np.float32)[:, None, None, None]
    network = Network(weights)
    wanted = model.predict(images, verbose=0)
    assert np.ptp(wanted, axis=0).max() > 0.1
    np.testing.assert_allclose([network(image) for image in images], wanted, atol=1e-3)


def test_probabilities_are_those_of_keras(exported, network):
    check_equal(exported, network)


def test_a_color_network_trained_in_mixed_precision_is_exported_in_float32(tmp_path, random_network):
    try:
        keras.config.set_dtype_policy("mixed_bfloat16")
        mixed = random_network((32, 32, 3))
    finally:
        keras.config.set_dtype_policy("float32")
    assert mixed.get_layer("stage1_conv1").compute_dtype == "bfloat16"
    full = random_network((32, 32, 3))
    full.set_weights(mixed.get_weights())
    mixed.save(tmp_path / "model.keras")
    check_equal(
        inference.export(tmp_path / "model.keras", tmp_path / "fast", {"emotion": labels.FER2013}), full
    )


def test_the_description_says_what_is_in_the_folder(exported, keras_file):
    description = json.loads((exported / "model.json").read_text(encoding="utf-8"))
    assert description["classes"] == {"emotion": list(labels.FER2013)}
    assert description["input_shape"] == [48, 48, 1]
    assert description["size"] == (exported / "model.tflite").stat().st_size
    assert description["precision"] == "float32"
    assert description["version"] == 2
    assert len(description["sha256"]) == len(description["source_sha256"]) == 64


def test_the_same_model_is_exported_once(copied, keras_file, conversions):
    inference.export(keras_file, copied, {"emotion": labels.FER2013})
    assert conversions == []


def test_a_changed_model_or_other_emotions_are_exported_anew(copied, keras_file, tmp_path, conversions):
    changed = tmp_path / "changed.keras"
    changed.write_bytes(keras_file.read_bytes() + b" ")
    inference.export(changed, copied, {"emotion": labels.FER2013})
    inference.export(changed, copied, {"emotion": labels.AIHUB})
    inference.export(changed, copied, {"emotion": labels.AIHUB})
    assert conversions == [changed, changed]
    assert exporting.load(copied)[0].classes == {"emotion": labels.AIHUB}


def test_threads_that_export_at_the_same_time_convert_once(keras_file, tmp_path, conversions):
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda _: inference.export(keras_file, tmp_path, {"emotion": labels.FER2013}), range(8))
        )
    assert len(conversions) == 1


@pytest.mark.parametrize("damage", [lambda content: content[:-1], lambda content: b"\0" + content[1:]])
def test_damaged_weights_are_refused_and_exported_anew(copied, keras_file, conversions, damage):
    weights = copied / "model.tflite"
    whole = weights.read_bytes()
    weights.write_bytes(damage(whole))
    with pytest.raises(ValueError, match=r"model\.tflite is damaged"):
        inference.Predictor(copied)
    inference.export(keras_file, copied, {"emotion": labels.FER2013})
    assert weights.read_bytes() == whole


@pytest.mark.parametrize("text", ["", "[]", '{"version": 2}', '{"version": 2, "classes": 3}', "{"])
def test_a_damaged_description_is_refused(copied, text):
    (copied / "model.json").write_text(text)
    with pytest.raises(ValueError, match=r"model\.json is damaged"):
        inference.Predictor(copied)


def test_another_version_is_refused(copied):
    path = copied / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": 3, "new": 0}))
    with pytest.raises(ValueError, match=r"version 2.*Received: 3"):
        inference.Predictor(copied)


def test_a_run_is_exported_into_itself(keras_file, tmp_path, conversions):
    shutil.copy(keras_file, tmp_path / "model.keras")
    (tmp_path / "metrics.json").write_text(json.dumps({"emotions": labels.AIHUB}))
    predictor = inference.Predictor(tmp_path)
    assert predictor.emotions == labels.AIHUB
    assert exporting.load(tmp_path / "exported")[0].classes == {"emotion": labels.AIHUB}
    inference.Predictor(tmp_path)
    assert len(conversions) == 1


@pytest.mark.parametrize("there", [[], ["model.keras"], ["metrics.json"]])
def test_a_folder_without_a_model_is_refused(tmp_path, there):
    for name in there:
        (tmp_path / name).touch()
    with pytest.raises(FileNotFoundError, match=r"exported model .* or of a finished training run"):
        inference.Predictor(tmp_path)


def test_classes_must_be_as_many_as_the_model_gives(keras_file, tmp_path, conversions):
    with pytest.raises(ValueError, match=r"`classes` must name the outputs.*'emotion': \('happy', 'sad'\)"):
        inference.export(keras_file, tmp_path / "fast", {"emotion": ["happy", "sad"]})
    assert not list((tmp_path / "fast").glob("*.*.*")) and not (tmp_path / "fast" / "model.tflite").exists()


def test_weights_of_8_bits_take_a_quarter_of_the_space_and_give_nearly_the_same(
    keras_file, exported, tmp_path, network
):
    folder = inference.export(keras_file, tmp_path / "int8", {"emotion": labels.FER2013}, precision="int8")
    description, weights = exporting.load(folder)
    assert description.precision == "int8"
    assert len(weights) < 0.4 * (exported / "model.tflite").stat().st_size
    images = np.random.default_rng(5).random((6, 48, 48, 1), dtype=np.float32)
    given = [Network(weights)(image) for image in images]
    np.testing.assert_allclose(given, network.predict(images, verbose=0), atol=0.1)
    assert inference.export(keras_file, folder, {"emotion": labels.FER2013}, precision="int8") == folder


def test_an_unknown_precision_is_refused(keras_file, tmp_path):
    with pytest.raises(ValueError, match=r"`precision` .*int8.* Received: 'int4'"):
        inference.export(keras_file, tmp_path, {"emotion": labels.FER2013}, precision="int4")


def test_several_outputs_become_one_vector_in_the_order_of_the_classes(tmp_path):
    image = keras.Input((16, 16, 3))
    features = keras.layers.GlobalAveragePooling2D()(image)
    outputs = {
        name: keras.layers.Dense(units, activation="softmax", name=name)(features)
        for name, units in (("mask", 2), ("glasses", 3))
    }
    model = keras.Model(image, outputs)
    model.save(tmp_path / "model.keras")
    classes = {"glasses": ("none", "glasses", "sunglasses"), "mask": ("none", "mask")}
    folder = inference.export(tmp_path / "model.keras", tmp_path / "fast", classes)
    description, weights = exporting.load(folder)
    assert description.classes == classes
    picture = np.random.default_rng(0).random((16, 16, 3), dtype=np.float32)
    wanted = model.predict(picture[None], verbose=0)
    np.testing.assert_allclose(
        Network(weights)(picture), np.concatenate([wanted["glasses"][0], wanted["mask"][0]]), atol=1e-5
    )


def test_a_file_that_is_no_model_says_why(tmp_path):
    (tmp_path / "model.keras").write_text("not a model")
    with pytest.raises(RuntimeError, match=r"model\.keras could not be exported: ValueError: .*zip file"):
        inference.export(tmp_path / "model.keras", tmp_path / "fast", {"emotion": labels.FER2013})
    with pytest.raises(FileNotFoundError):
        inference.export(tmp_path / "missing.keras", tmp_path / "fast", {"emotion": labels.FER2013})
