import subprocess
import sys

import keras
import numpy as np
import pytest

from fer import models


@pytest.fixture
def mixed_precision():
    keras.mixed_precision.set_global_policy("mixed_bfloat16")
    yield
    keras.mixed_precision.set_global_policy("float32")


def test_asking_for_the_names_does_not_import_keras():
    program = "import sys; from fer import models; models.architectures(); print('keras' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


@pytest.mark.parametrize("name", models.architectures())
class TestEveryNetwork:
    def test_gives_probabilities(self, name):
        model = models.build(name, (32, 32, 1), 5, width_multiplier=0.125)
        images = np.random.default_rng(0).random((3, 32, 32, 1), dtype=np.float32)
        np.testing.assert_allclose(model.predict_on_batch(images).sum(axis=1), 1, rtol=1e-5)
        assert model.output.shape == (None, 5)

    def test_passes_initializer_and_activation_to_every_layer(self, name):
        model = models.build(
            name, (32, 32, 1), 5, head="flatten", kernel_initializer="he_uniform", activation="elu"
        )
        kernels = [layer for layer in model.layers if hasattr(layer, "kernel_initializer")]
        assert {type(layer.kernel_initializer) for layer in kernels} == {keras.initializers.HeUniform}
        activations = [layer for layer in model.layers if isinstance(layer, keras.layers.Activation)]
        assert {layer.activation for layer in activations[:-1]} == {keras.activations.elu}
        assert activations[-1].activation is keras.activations.softmax

    def test_takes_an_activation_layer_with_its_slope(self, name):
        leaky = keras.layers.LeakyReLU(negative_slope=0.3)
        model = models.build(name, (32, 32, 1), 5, activation=leaky, width_multiplier=0.125)
        slopes = [layer.negative_slope for layer in model.layers if isinstance(layer, keras.layers.LeakyReLU)]
        assert len(slopes) > 1
        assert set(slopes) == {0.3}

    def test_an_initializer_object_gives_each_layer_its_own_values(self, name):
        normal = keras.initializers.HeNormal()
        model = models.build(
            name, (32, 32, 1), 5, blocks=(3,), kernel_initializer=normal, width_multiplier=0.125
        )
        kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
        values = [kernel.flat[0] for kernel in kernels]
        assert len(set(values)) == len(values)

    def test_width_multiplies_filters(self, name):
        narrow, wide = (
            models.build(name, (32, 32, 1), 5, head=None, width_multiplier=w).output.shape[-1]
            for w in (0.5, 1)
        )
        assert wide == 2 * narrow

    def test_predicts_in_float32_under_mixed_precision(self, name, mixed_precision):
        model = models.build(name, (32, 32, 1), 5, width_multiplier=0.125)
        assert model.layers[1].compute_dtype == "bfloat16"
        assert {model.get_layer(layer).compute_dtype for layer in ("logits", "predictions")} == {"float32"}

    def test_survives_saving(self, name, tmp_path):
        model = models.build(name, (32, 32, 1), 5, width_multiplier=0.125)
        model.save(tmp_path / "model.keras")
        images = np.random.default_rng(0).random((2, 32, 32, 1), dtype=np.float32)
        loaded = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(loaded.predict_on_batch(images), model.predict_on_batch(images))

    @pytest.mark.parametrize(
        ("argument", "value"),
        [
            ("input_shape", (8, 48, 1)),
            ("input_shape", (48, 48)),
            ("num_classes", 1),
            ("blocks", ()),
            ("blocks", (1, 0)),
            ("blocks", (1, 1, 1, 1, 1)),
            ("head", "dense"),
        ],
    )
    def test_refuses_a_wrong_argument_by_name(self, name, argument, value):
        arguments = {"input_shape": (48, 48, 1), "num_classes": 7} | {argument: value}
        with pytest.raises(ValueError, match=f"`{argument}` .* Received: "):
            models.build(name, **arguments)


def test_refuses_an_unknown_option_and_lists_the_known():
    with pytest.raises(ValueError, match=r"options of 'small_cnn' are \['.*width_multiplier.*\['widht'\]"):
        models.build("small_cnn", (48, 48, 1), 7, widht=0.5)


def test_refuses_an_unknown_name_and_lists_the_known():
    with pytest.raises(ValueError, match=r"resnet50.*Received: 'resnet51'"):
        models.build("resnet51", (48, 48, 1), 7)
