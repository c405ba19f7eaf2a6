import keras
import numpy as np
import pytest

from fer import models
from fer.models import finishing
from fer.models.loading import load_file


def network(classes=3, seed=0, size=16):
    keras.utils.set_random_seed(seed)
    return models.build("small_cnn", (size, size, 1), classes, blocks=(1,), width_multiplier=0.1)


@pytest.fixture
def images():
    return np.random.default_rng(0).random((4, 16, 16, 1), dtype=np.float32)


def test_without_mixed_precision_it_is_the_network_of_the_same_weights(images):
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        mixed = network()
    finally:
        keras.config.set_dtype_policy("float32")
    plain = network()
    plain.set_weights(mixed.get_weights())
    full = finishing.in_float32(mixed)
    assert {layer.compute_dtype for layer in full.layers} == {"float32"}
    np.testing.assert_allclose(full(images), plain(images), atol=1e-6)


def test_a_temperature_divides_the_logits_of_a_copy(images):
    model = network()
    before = np.asarray(model(images))
    cooled = np.asarray(finishing.with_temperature(model, 0.5)(images))
    expected = before**2 / (before**2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(cooled, expected, rtol=1e-4)
    np.testing.assert_array_equal(model(images), before)


def test_joined_networks_give_what_each_gives_and_survive_saving(images, tmp_path):
    parts = {"glasses": network(3), "mask": network(2, seed=1)}
    joined = finishing.join(parts, "attributes")
    joined.save(tmp_path / "model.keras")
    outputs = keras.saving.load_model(tmp_path / "model.keras")(images)
    assert set(outputs) == {"glasses", "mask"}
    for name, part in parts.items():
        np.testing.assert_allclose(outputs[name], part(images), atol=1e-6)


def test_networks_of_different_images_are_not_joined():
    with pytest.raises(ValueError, match="`models` must take images of one shape"):
        finishing.join({"a": network(), "b": network(size=24)}, "both")


def test_a_network_stored_in_half_precision_opens_in_float32_with_nearly_the_same_answer(tmp_path):
    model = models.build("mobilenet_v2", (32, 32, 3), num_classes=3, width_multiplier=0.35)
    images = np.random.default_rng(0).random((4, 32, 32, 3), dtype=np.float32)
    model.save(tmp_path / "whole.keras")
    finishing.save(model, tmp_path / "half.keras")
    loaded = load_file(tmp_path / "half.keras")
    assert {str(weight.dtype) for weight in loaded.weights} == {"float32"}
    np.testing.assert_allclose(np.asarray(loaded(images)), np.asarray(model(images)), atol=2e-3)
    sizes = [(tmp_path / name).stat().st_size for name in ("half.keras", "whole.keras")]
    assert sizes[0] < 0.5 * sizes[1]


def test_weights_beyond_half_precision_are_refused(tmp_path):
    model = models.build("small_cnn", (16, 16, 1), num_classes=2, blocks=(1,), head="gap")
    model.get_layer("logits").bias.assign([1e6, 0])
    with pytest.raises(ValueError, match="below 65,504"):
        finishing.save(model, tmp_path / "half.keras")
    assert not list(tmp_path.iterdir())
