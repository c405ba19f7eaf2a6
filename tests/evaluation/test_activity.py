"""Activity of units on networks made by hand, derivatives against formulas."""

import keras
import numpy as np
import pytest
from keras import layers

from fer import models
from fer.evaluation.activity import activation_curve, derivative_products, unit_activity


def chain(shape, *inner):
    inputs = outputs = keras.Input(shape)
    for layer in (*inner, layers.Flatten(), layers.Dense(3), layers.Activation("softmax")):
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


def two_units(activation) -> keras.Model:
    """The first unit sees x, the second -1 - x."""
    dense = layers.Dense(2)
    model = chain((1,), dense, activation)
    dense.set_weights([np.float32([[1, -1]]), np.float32([0, -1])])
    return model


X = np.float32([[3], [1], [-0.5], [2]])


class TestUnitActivity:
    def test_of_two_relu_units_finds_the_one_that_is_dead(self):
        frame = unit_activity(two_units(layers.ReLU(name="relu")), X)
        assert frame[["layer", "depth", "units"]].values.tolist() == [["relu", 0, 2]]
        row = frame.iloc[0]
        assert row["dead"] == 0.5
        assert row["active"] == row["derivative"] == 3 / 8  # three of the four x are positive
        assert row["passes"] == 0.5

    def test_of_a_leaky_relu_counts_signs_and_lets_every_unit_learn(self):
        frame = unit_activity(two_units(layers.LeakyReLU(negative_slope=0.1)), X)
        assert frame["dead"][0] == 0.5
        assert frame["derivative"][0] == pytest.approx((3 * 1 + 5 * 0.1) / 8)
        assert frame["passes"][0] == 1

    def test_of_a_sigmoid_is_the_mean_of_its_formula(self):
        frame = unit_activity(two_units(layers.Activation("sigmoid")), X)
        sigma = 1 / (1 + np.exp(-np.hstack([X, -1 - X])))
        assert frame["derivative"][0] == pytest.approx(np.mean(sigma * (1 - sigma)), rel=1e-5)

    def test_of_an_activation_that_falls_counts_the_slope_without_its_sign(self):
        frame = unit_activity(two_units(layers.Activation("silu")), X)
        z = np.hstack([X, -1 - X])
        sigma = 1 / (1 + np.exp(-z))
        slopes = sigma * (1 + z * (1 - sigma))
        assert slopes.min() < -0.05
        assert frame["derivative"][0] == pytest.approx(np.abs(slopes).mean(), rel=1e-5)

    def test_of_a_trained_prelu_takes_its_slopes(self):
        prelu = layers.PReLU()
        model = two_units(prelu)
        prelu.set_weights([np.float32([0.5, 0])])
        frame = unit_activity(model, X)
        assert frame["derivative"][0] == pytest.approx((3 * 1 + 1 * 0.5 + 4 * 0) / 8)
        assert frame["passes"][0] == 0.5

    def test_counts_a_channel_alive_that_is_above_zero_at_one_place_of_one_image(self):
        convolution = layers.Conv2D(3, 1, use_bias=False)
        model = chain((2, 2, 1), convolution, layers.Activation("relu"))
        convolution.set_weights([np.float32([1, -1, 2]).reshape(1, 1, 1, 3)])
        images = -np.ones((5, 2, 2, 1), np.float32)
        dead = unit_activity(model, images)
        assert (dead["units"][0], dead["dead"][0], dead["active"][0]) == (
            3,
            pytest.approx(2 / 3),
            pytest.approx(1 / 3),
        )
        images[4, 1, 0] = 1
        alive = unit_activity(model, images)
        assert alive["dead"][0] == 0
        assert alive["active"][0] == pytest.approx((1 + 19 + 1) / 60)

    def test_is_the_same_in_whatever_batches(self, monkeypatch):
        model = models.build("small_cnn", (16, 16, 1), 3, width_multiplier=0.125)
        images = np.random.default_rng(0).random((7, 16, 16, 1), dtype=np.float32)
        whole = unit_activity(model, images)
        monkeypatch.setattr("fer.evaluation.activity._BATCH", 3)
        columns = ["dead", "active", "derivative", "passes"]
        np.testing.assert_allclose(unit_activity(model, images)[columns], whole[columns], atol=1e-3)

    @pytest.mark.parametrize("activation", ["relu", "elu", "silu"])
    def test_sees_every_activation_of_a_network_and_changes_nothing(self, activation):
        model = models.build(
            "resnet50", (32, 32, 1), 3, blocks=(1, 1), width_multiplier=0.125, activation=activation
        )
        before = model.get_weights()
        images = np.random.default_rng(0).random((4, 32, 32, 1), dtype=np.float32)
        frame = unit_activity(model, images)
        named = [layer.name for layer in model.layers if isinstance(layer, layers.Activation)]
        assert named[-1] == "predictions"
        assert frame["layer"].tolist() == named[:-1]
        assert frame["depth"].tolist() == list(range(len(frame)))
        if activation == "relu":
            np.testing.assert_allclose(frame["derivative"], frame["active"], rtol=1e-5)
            np.testing.assert_allclose(frame["passes"], 1 - frame["dead"])
        for expected, weight in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, expected)

    def test_refuses_a_network_without_activation_layers(self):
        inputs = keras.Input((2,))
        model = keras.Model(inputs, layers.Dense(2, activation="relu")(inputs))
        with pytest.raises(ValueError, match=r"`model` must have activations that are layers .*Received"):
            unit_activity(model, np.zeros((1, 2), np.float32))


class TestCurve:
    @pytest.mark.parametrize(
        ("name", "function", "derivative"),
        [
            ("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
            ("relu", lambda x: np.maximum(x, 0), lambda x: x > 0),
            ("elu", lambda x: np.where(x > 0, x, np.exp(x) - 1), lambda x: np.where(x > 0, 1, np.exp(x))),
            ("tanh", np.tanh, lambda x: 1 - np.tanh(x) ** 2),
            ("leaky_relu(0.1)", lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1)),
        ],
    )
    def test_is_the_formula(self, name, function, derivative):
        x = np.linspace(-3, 3, 10).reshape(2, 5)
        values, slopes = activation_curve(name, x)
        np.testing.assert_allclose(values, function(x), atol=1e-5)
        np.testing.assert_allclose(slopes, derivative(x), atol=1e-5)

    @pytest.mark.parametrize("name", ["gelu", "silu", "prelu"])
    def test_has_the_difference_quotient_as_derivative(self, name):
        x = np.linspace(-3, 3, 12)
        quotients = (activation_curve(name, x + 1e-2)[0] - activation_curve(name, x - 1e-2)[0]) / 2e-2
        np.testing.assert_allclose(activation_curve(name, x)[1], quotients, atol=1e-3)


class TestProducts:
    def test_of_sigmoids_vanish_below_a_quarter_a_layer(self):
        frame = derivative_products(["sigmoid"], depth=10, draws=2000).set_index("depth")
        assert frame.index.tolist() == list(range(11))
        assert frame["typical"][0] == frame["largest"][0] == 1
        bound = 0.25 ** np.arange(11)
        assert (frame["typical"][1:] < bound[1:]).all()
        np.testing.assert_allclose(frame["largest"], bound, rtol=1e-3)
        # The mean of σ′² over normal inputs, by quadrature.
        nodes, weights = np.polynomial.hermite_e.hermegauss(40)
        mean = np.sum(weights * (np.exp(-nodes) / (1 + np.exp(-nodes)) ** 2) ** 2) / np.sqrt(2 * np.pi)
        np.testing.assert_allclose(frame["typical"], mean ** (np.arange(11) / 2), rtol=0.02)

    def test_of_relus_halve_the_square_and_stay_at_best(self):
        frame = derivative_products(["sigmoid", "relu"], depth=6, draws=20_000)
        relu = frame[frame["activation"] == "relu"]
        np.testing.assert_allclose(relu["typical"] ** 2, 0.5 ** np.arange(7), rtol=0.05)
        assert (relu["largest"] == 1).all()
        assert frame["activation"].unique().tolist() == ["sigmoid", "relu"]
