import keras
import numpy as np
import pytest

from fer.models.blocks import activate


def applied(activation, values):
    x = keras.Input(values.shape[1:])
    return np.asarray(keras.Model(x, activate(x, activation, name="place"))(values))


@pytest.mark.parametrize(
    ("activation", "slope"),
    [
        ("relu", 0.0),
        ("leaky_relu", 0.2),
        ("leaky_relu(0.01)", 0.01),
        ("leaky_relu(.5)", 0.5),
        ("leaky_relu(2)", 2.0),
        ("prelu", 0.25),
    ],
)
def test_a_name_says_what_becomes_of_negative_values(activation, slope):
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    np.testing.assert_allclose(
        applied(activation, values), np.where(values < 0, slope * values, values), rtol=1e-6
    )


def test_prelu_has_a_slope_for_each_channel_of_a_feature_map_and_for_each_unit():
    for shape, slopes in (((3, 4, 5), (1, 1, 5)), ((6,), (6,))):
        x = keras.Input(shape)
        assert keras.Model(x, activate(x, "prelu", name="place")).get_layer("place").alpha.shape == slopes


@pytest.mark.parametrize(
    "activation", ["rellu", "leaky_relu()", "leaky_relu(-0.1)", "leaky_relu(0.1", "prelu(0.1)", 3]
)
def test_an_unknown_activation_is_refused_by_name(activation):
    with pytest.raises(ValueError, match=r"`activation` must be .*leaky_relu.*prelu.* Received: "):
        activate(keras.Input((3,)), activation, name="place")
