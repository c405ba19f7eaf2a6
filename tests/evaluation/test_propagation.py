"""Variance by depth: measured against computations by hand, theory against counted connections."""

import keras
import numpy as np
import pytest
from keras import layers

from fer import models
from fer.evaluation.propagation import variance_by_depth


@pytest.fixture
def generator():
    return np.random.default_rng(0)


def one_hot(labels):
    return np.eye(3, dtype=np.float32)[labels]


def chain(shape, *inner):
    """A model of these layers, then three classes."""
    inputs = outputs = keras.Input(shape)
    for layer in (*inner, layers.Flatten(), layers.Dense(3, name="logits"), layers.Activation("softmax")):
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


class TestMeasured:
    def test_of_two_layers_is_the_computation_by_hand(self, generator):
        x, labels = generator.random((6, 5), dtype=np.float32), one_hot([0, 1, 2, 0, 1, 1])
        model = chain((5,), layers.Dense(4, name="hidden"), layers.ReLU())
        frame = variance_by_depth(model, x, labels)

        first, second = (model.get_layer(name).get_weights()[0] for name in ("hidden", "logits"))
        y = x @ first
        logits = np.maximum(y, 0) @ second
        probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        slope_of_logits = (probabilities - labels) / len(x)
        slope = slope_of_logits @ second.T * (y > 0)
        assert frame[["layer", "depth", "kind"]].values.tolist() == [
            ["hidden", 0, "Dense"],
            ["logits", 1, "Dense"],
        ]
        np.testing.assert_allclose(frame["forward_variance"], [np.mean(y**2), np.mean(logits**2)], rtol=1e-4)
        np.testing.assert_allclose(
            frame["backward_variance"], [np.mean(slope**2), np.mean(slope_of_logits**2)], rtol=1e-4
        )

    @pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="compares with TensorFlow's tape")
    def test_through_a_residual_network_with_batch_norm_is_what_a_tape_gives(self, generator):
        import tensorflow as tf

        images, labels = generator.random((4, 32, 32, 1), dtype=np.float32), one_hot([0, 1, 2, 0])
        model = models.build("resnet50", (32, 32, 1), 3, blocks=(1, 1), width_multiplier=0.125)
        stem = model.get_layer("stem_conv")
        rest = keras.Model(stem.output, model.output)
        signal = keras.Model(model.input, stem.output)(images)
        with tf.GradientTape() as tape:
            tape.watch(signal)
            loss = tf.reduce_mean(keras.losses.categorical_crossentropy(labels, rest(signal, training=True)))
        slope = tape.gradient(loss, signal)

        row = variance_by_depth(model, images, labels).set_index("layer").loc["stem_conv"]
        assert row["forward_variance"] == pytest.approx(np.mean(np.square(signal)), rel=1e-4)
        assert row["backward_variance"] == pytest.approx(np.mean(np.square(slope)), rel=1e-3)

    def test_leaves_the_model_as_it_was(self, generator):
        model = models.build("small_cnn", (16, 16, 1), 3, blocks=(1, 1), width_multiplier=0.125)
        before = model.get_weights()
        variance_by_depth(model, generator.random((2, 16, 16, 1), dtype=np.float32), one_hot([0, 1]))
        for expected, weight in zip(before, model.get_weights(), strict=True):
            np.testing.assert_array_equal(weight, expected)
        assert model.get_layer("logits").output.shape == (None, 3)

    def test_refuses_an_activation_that_hides_the_output(self):
        model = chain((5,), layers.Dense(4, activation="relu", name="hidden"))
        with pytest.raises(ValueError, match=r"`model` must have linear .* Received: 'hidden' .* 'relu'"):
            variance_by_depth(model, np.zeros((1, 5), dtype=np.float32), one_hot([0]))


class TestTheory:
    @pytest.mark.parametrize(("initializer", "factor"), [("he_normal", 1.0), ("glorot_uniform", 0.5)])
    def test_of_equal_widths_is_one_for_he_and_a_half_for_glorot(self, generator, initializer, factor):
        keras.utils.set_random_seed(0)
        widths = [layers.Dense(400, kernel_initializer=initializer) for _ in range(5)]
        relus = [layers.Activation("relu") for _ in widths]
        model = chain((400,), *(layer for pair in zip(widths, relus, strict=True) for layer in pair))
        x = generator.normal(size=(30, 400)).astype(np.float32)
        frame = variance_by_depth(model, x, one_hot(generator.integers(3, size=30)))
        hidden = frame.iloc[:5]
        np.testing.assert_allclose(hidden["forward_factor"], factor, rtol=0.02)
        np.testing.assert_allclose(hidden["backward_factor"], factor, rtol=0.02)
        ratios = frame["forward_theory"].to_numpy()[1:] / frame["forward_theory"].to_numpy()[:-1]
        np.testing.assert_allclose(ratios, frame["forward_factor"][1:], rtol=1e-3)
        ratios = frame["backward_theory"].to_numpy()[:-1] / frame["backward_theory"].to_numpy()[1:]
        np.testing.assert_allclose(ratios, frame["backward_factor"][1:], rtol=1e-3)
        np.testing.assert_allclose(frame["forward_variance"], frame["forward_theory"], rtol=0.5)
        np.testing.assert_allclose(frame["backward_variance"], frame["backward_theory"], rtol=0.5)

    def test_counts_the_neighbours_at_a_zero_padded_border(self):
        convolutions = [layers.Conv2D(8, 3, padding="same") for _ in range(2)]
        model = chain((4, 4, 1), convolutions[0], layers.ReLU(), convolutions[1], layers.ReLU())
        frame = variance_by_depth(model, np.ones((1, 4, 4, 1), dtype=np.float32), one_hot([0]))
        # Of the four pixels of a side 2, 3, 3, 2 of three neighbours exist; a step on 5, 8, 8, 5 of nine.
        expected = frame["forward_factor"][1] * ((5 + 8 + 8 + 5) / (2 + 3 + 3 + 2) / 3) ** 2
        assert frame["forward_theory"][1] / frame["forward_theory"][0] == pytest.approx(expected, rel=1e-4)
        assert frame["forward_theory"][0] == frame["forward_variance"][0]

    def test_knows_that_a_stride_leaves_places_out(self, generator):
        model = chain((4, 4, 2), layers.Conv2D(6, 1), layers.ReLU(), layers.Conv2D(5, 1, strides=2))
        images = generator.random((2, 4, 4, 2), dtype=np.float32)
        frame = variance_by_depth(model, images, one_hot([0, 1]))
        ratio = frame["backward_theory"][0] / frame["backward_theory"][1]
        assert ratio == pytest.approx(frame["backward_factor"][1] / 4, rel=1e-4)

    @pytest.mark.parametrize(
        "pool", [layers.AveragePooling2D(2), layers.MaxPooling2D(2), layers.GlobalAveragePooling2D()]
    )
    def test_follows_the_gradient_through_pooling(self, generator, pool):
        keras.utils.set_random_seed(0)
        model = chain((8, 8, 1), layers.Conv2D(64, 3, kernel_initializer="he_normal"), layers.ReLU(), pool)
        images = generator.random((16, 8, 8, 1), dtype=np.float32)
        frame = variance_by_depth(model, images, one_hot(generator.integers(3, size=16)))
        assert frame["backward_theory"][0] == pytest.approx(frame["backward_variance"][0], rel=0.6)

    def test_is_the_same_in_mixed_precision(self, generator):
        images = generator.random((8, 24, 24, 1), dtype=np.float32)
        frames = []
        for policy in ("mixed_bfloat16", "float32"):
            keras.config.set_dtype_policy(policy)
            keras.utils.set_random_seed(0)
            convolutions = [layers.Conv2D(16, 3, padding="same") for _ in range(2)]
            model = chain((24, 24, 1), convolutions[0], layers.ReLU(), convolutions[1])
            frames.append(variance_by_depth(model, images, one_hot([0, 1, 2, 0, 1, 2, 0, 1])))
        columns = ["forward_variance", "forward_theory", "backward_variance", "backward_theory"]
        np.testing.assert_allclose(frames[0][columns], frames[1][columns], rtol=0.03)

    @pytest.mark.parametrize("options", [{"residual": True}, {"batch_normalization": True}])
    def test_is_silent_where_it_does_not_hold(self, generator, options):
        options = {"residual": False, "batch_normalization": False, "blocks": (1,), **options}
        model = models.build("resnet50", (32, 32, 1), 3, width_multiplier=0.125, **options)
        images = generator.random((2, 32, 32, 1), dtype=np.float32)
        frame = variance_by_depth(model, images, one_hot([0, 1]))
        assert frame[["forward_theory", "backward_theory"]].isna().all(axis=None)
        assert (frame["backward_variance"] > 0).all()
