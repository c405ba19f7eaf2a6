"""Distances of weights that were moved by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from fer.evaluation.weight_distance import weight_distance


def network(classes: int) -> keras.Model:
    inputs = x = keras.Input((2,))
    for units, name in ((2, "first"), (2, "second"), (classes, "logits")):
        x = layers.BatchNormalization(name=f"{name}_norm")(layers.Dense(units, name=name)(x))
    return keras.Model(inputs, x)


def fill(model, name, *kernel):
    layer = model.get_layer(name)
    layer.set_weights([np.float32(kernel).reshape(layer.kernel.shape), layer.get_weights()[1]])


def test_is_measured_in_norms_of_the_kernel_before():
    before, after = network(3), network(3)
    fill(before, "first", 3, 0, 0, 4)
    fill(after, "first", 3, 0, 0, 5)
    fill(before, "second", 1, 0, 0, 0)
    fill(after, "second", 0, 2, 0, 0)
    after.get_layer("logits").set_weights(before.get_layer("logits").get_weights())
    frame = weight_distance(before, after).set_index("layer")
    assert frame.index.tolist() == ["first", "second", "logits"]
    assert frame["depth"].tolist() == [0, 1, 2]
    assert frame["distance"].tolist() == pytest.approx([1 / 5, np.sqrt(5), 0])
    assert frame["norm_before"][:2].tolist() == [5, 1]
    assert frame["norm_after"][:2].tolist() == pytest.approx([np.sqrt(34), 2])
    assert frame["cosine"].tolist() == pytest.approx([29 / (5 * np.sqrt(34)), 0, 1])


def test_leaves_out_a_head_of_other_classes():
    assert weight_distance(network(7), network(3))["layer"].tolist() == ["first", "second"]


def test_of_a_kernel_of_zeros_is_not_a_number():
    before, after = network(3), network(3)
    fill(before, "first", 0, 0, 0, 0)
    row = weight_distance(before, after).iloc[0]
    assert np.isnan(row["distance"]) and np.isnan(row["cosine"]) and row["norm_after"] > 0


def test_networks_without_a_common_kernel_are_refused():
    inputs = keras.Input((2,))
    other = keras.Model(inputs, layers.Dense(2, name="other")(inputs))
    with pytest.raises(ValueError, match=r"`before` and `after` must have .*Received.*'first'.*'other'"):
        weight_distance(network(3), other)
