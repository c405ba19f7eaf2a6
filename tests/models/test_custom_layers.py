import keras
import numpy as np
import pytest

from fer.evaluation.gradients import gradients
from fer.models.custom_layers import ChannelSlice, LeakyReLU, LocalResponseNormalization
from fer.models.loading import load_file


def feature_map(channels=7):
    return np.random.default_rng(0).normal(0, 50, (2, 3, 4, channels)).astype(np.float32)


@pytest.mark.parametrize(
    "constants",
    [
        {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 1.0},
        {"size": 3, "alpha": 5e-4, "beta": 0.5, "k": 2.0},
        {"size": 15, "alpha": 1e-3, "beta": 1.0, "k": 1.0},
    ],
)
def test_local_response_normalization_is_the_formula(constants):
    x = feature_map()
    reach = constants["size"] // 2
    wanted = np.empty(x.shape)
    for channel in range(x.shape[-1]):
        neighbours = x[..., max(0, channel - reach) : channel + reach + 1].astype(np.float64)
        sums = (neighbours**2).sum(axis=-1)
        scale = (constants["k"] + constants["alpha"] / constants["size"] * sums) ** constants["beta"]
        wanted[..., channel] = x[..., channel] / scale
    assert np.abs(wanted - x).max() > 1
    np.testing.assert_allclose(LocalResponseNormalization(**constants)(x), wanted, rtol=1e-5)


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_local_response_normalization_works_in_float32_whatever_comes_in(policy):
    x = 10 * feature_map()  # squares that float16 does not hold
    given = LocalResponseNormalization(dtype=policy)(x)
    assert keras.backend.standardize_dtype(given.dtype) == policy.removeprefix("mixed_")
    wanted = LocalResponseNormalization()(x)
    np.testing.assert_allclose(keras.ops.cast(given, "float32"), wanted, rtol=0.02)


def test_a_channel_slice_is_that_of_python():
    x = feature_map()
    np.testing.assert_array_equal(ChannelSlice(2, 5)(x), x[..., 2:5])
    np.testing.assert_array_equal(ChannelSlice(step=-1)(x), x[..., ::-1])


def test_their_files_are_opened_with_the_same_constants(tmp_path):
    image = keras.Input((3, 4, 7))
    slices = ChannelSlice(6, 1, -2)(image)
    model = keras.Model(image, LocalResponseNormalization(size=3, alpha=0.01, beta=0.6, k=1.5)(slices))
    model.save(tmp_path / "model.keras")
    opened = load_file(tmp_path / "model.keras")
    assert not np.allclose(model(feature_map()), LocalResponseNormalization()(slices_of(feature_map())))
    np.testing.assert_array_equal(opened(feature_map()), model(feature_map()))


def slices_of(x):
    return x[..., 6:1:-2]


@pytest.mark.parametrize("slope", [0.0, 0.01, 1.0, 2.0])
def test_leaky_relu_and_its_gradient_are_those_of_keras(slope):
    values = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    own, stock = (layer(negative_slope=slope) for layer in (LeakyReLU, keras.layers.LeakyReLU))
    np.testing.assert_allclose(own(values), stock(values), rtol=1e-6)
    mine, theirs = (
        gradients(lambda inputs, layer=layer: keras.ops.sum(keras.ops.square(layer(inputs[0]))), [values])
        for layer in (own, stock)
    )
    np.testing.assert_allclose(mine[0], theirs[0], rtol=1e-5)
