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


OPTIONS = {name: {"width_multiplier": 0.125} for name in models.architectures()}
OPTIONS["application"] = {"backbone": "MobileNetV2"}
OPTIONS["alexnet"] = OPTIONS["vgg_cnn"] = {"width_multiplier": 1 / 32}
STAGED = ["conv_pool", "resnet50", "small_cnn", "small_resnet"]
"""Networks of one to four stages and one of two heads."""


def build(name, **options):
    """A narrow network for five classes, which tells images of 64×64 gray pixels apart."""
    return models.build(name, (64, 64, 1), 5, **(OPTIONS[name] | options))


def initializer(layer):
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    return layer.depthwise_initializer if depthwise else layer.kernel_initializer


@pytest.mark.parametrize("name", models.architectures())
class TestEveryNetwork:
    def test_gives_probabilities(self, name):
        model = build(name)
        images = np.random.default_rng(0).random((3, 64, 64, 1), dtype=np.float32)
        np.testing.assert_allclose(model.predict_on_batch(images).sum(axis=1), 1, rtol=1e-5)
        assert model.output.shape == (None, 5)
        assert model.input.name == "image"
        assert [layer.name for layer in model.layers[-2:]] == ["logits", "predictions"]

    def test_predicts_in_float32_under_mixed_precision(self, name, mixed_precision):
        model = build(name)
        kernels = [layer for layer in model.layers if hasattr(layer, "kernel")]
        assert {layer.compute_dtype for layer in kernels[:-1]} == {"bfloat16"}
        assert {model.get_layer(layer).compute_dtype for layer in ("logits", "predictions")} == {"float32"}

    def test_survives_saving(self, name, tmp_path):
        model = build(name)
        model.save(tmp_path / "model.keras")
        images = np.random.default_rng(0).random((2, 64, 64, 1), dtype=np.float32)
        loaded = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(loaded.predict_on_batch(images), model.predict_on_batch(images))


@pytest.mark.parametrize("name", sorted({*OPTIONS} - {"application"}))  # a backbone has its own
class TestEveryNetworkFromScratch:
    def test_passes_initializer_and_activation_to_every_layer(self, name):
        model = build(name, kernel_initializer="he_uniform", activation="elu")
        kernels = [layer for layer in model.layers if hasattr(layer, "kernel")]
        assert {type(initializer(layer)) for layer in kernels} == {keras.initializers.HeUniform}
        activations = [layer for layer in model.layers if isinstance(layer, keras.layers.Activation)]
        assert {layer.activation for layer in activations[:-1]} == {keras.activations.elu}
        assert activations[-1].activation is keras.activations.softmax

    @pytest.mark.parametrize("activation", ["leaky_relu(0.3)", keras.layers.LeakyReLU(negative_slope=0.3)])
    def test_takes_a_leaky_activation_with_its_slope(self, name, activation):
        reference, model = build(name), build(name, activation=activation)
        slopes = [layer.negative_slope for layer in model.layers if isinstance(layer, keras.layers.LeakyReLU)]
        activations = [layer for layer in reference.layers if isinstance(layer, keras.layers.Activation)]
        assert slopes == [0.3] * (len(activations) - 1)

    def test_takes_an_activation_with_slopes_of_its_own(self, name):
        reference, model = build(name), build(name, activation="prelu")
        slopes = [layer.alpha.shape for layer in model.layers if isinstance(layer, keras.layers.PReLU)]
        activations = [layer for layer in reference.layers if isinstance(layer, keras.layers.Activation)]
        assert [shape[-1] for shape in slopes] == [layer.output.shape[-1] for layer in activations[:-1]]
        assert {shape[:-1] for shape in slopes} <= {(1, 1), ()}

    def test_refuses_an_unknown_activation(self, name):
        with pytest.raises(ValueError, match=r"`activation` must be .*Received: 'rellu'"):
            build(name, activation="rellu")

    def test_an_initializer_object_gives_each_layer_its_own_values(self, name):
        model = build(name, kernel_initializer=keras.initializers.HeNormal())
        kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
        values = [kernel.flat[0] for kernel in kernels]
        assert len(set(values)) == len(values)


@pytest.mark.parametrize("name", STAGED)
class TestEveryNetworkOfStages:
    def test_an_initializer_object_gives_layers_of_one_shape_their_own_values(self, name):
        model = build(name, blocks=(3,), kernel_initializer=keras.initializers.HeNormal())
        kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
        values = [kernel.flat[0] for kernel in kernels]
        assert len(set(values)) == len(values)

    def test_width_multiplies_filters(self, name):
        narrow, wide = (build(name, head=None, width_multiplier=w).output.shape[-1] for w in (0.5, 1))
        assert wide == 2 * narrow

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
