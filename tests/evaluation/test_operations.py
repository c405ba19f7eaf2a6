"""Operations counted by hand and by the authors of the networks."""

import keras
import pytest
from keras import layers

from fer import models
from fer.evaluation.operations import by_stage, count


def test_counts_each_layer_as_by_hand():
    x = inputs = keras.Input((8, 6, 3), name="image")
    x = layers.Conv2D(4, 3, strides=2, padding="same", name="convolution")(x)  # to 4×3×4
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.DepthwiseConv2D(3, use_bias=False, padding="same", name="depthwise")(x)
    x = layers.Conv2D(8, 1, groups=2, name="grouped")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(5, name="dense")(x)
    frame = count(keras.Model(inputs, x)).set_index("layer")
    assert frame["output_shape"].tolist() == [(8, 6, 3), *2 * [(4, 3, 4)], (4, 3, 4), (4, 3, 8), (96,), (5,)]
    assert frame["kind"].tolist()[1:4] == ["Conv2D", "BatchNormalization", "DepthwiseConv2D"]
    expected = {
        "image": (0, 0),
        "convolution": (9 * 3 * 4 + 4, 12 * 9 * 3 * 4),
        "norm": (4 * 4, 0),
        "depthwise": (9 * 4, 12 * 9 * 4),
        "grouped": (2 * 4 * 2 + 8, 12 * 2 * 4 * 2),
        "flatten": (0, 0),
        "dense": (96 * 5 + 5, 96 * 5),
    }
    rows = frame[["parameters", "multiply_adds"]].itertuples(name=None)
    assert {layer: tuple(numbers) for layer, *numbers in rows} == expected


@pytest.mark.parametrize(
    ("width_multiplier", "size", "millions"),
    [(1.0, 224, 300), (1.4, 224, 582), (1.0, 96, 56), (0.5, 128, 32)],
)
def test_mobilenet_v2_has_the_operations_that_its_authors_count(width_multiplier, size, millions):
    """Table 4 of the paper, and the table with the authors' checkpoints."""
    model = models.build("mobilenet_v2", (size, size, 3), 1001, width_multiplier=width_multiplier)
    assert count(model)["multiply_adds"].sum() / 1e6 == pytest.approx(millions, abs=1)


def test_resnet50_has_the_operations_that_its_authors_count():
    frame = count(models.build("resnet50", (224, 224, 3), 1000, head="gap"))
    assert frame["multiply_adds"].sum() / 1e9 == pytest.approx(3.8, abs=0.1)  # He et al. 2015, table 1
    assert frame["parameters"].sum() == 25_636_712


@pytest.mark.parametrize("filters", [32, 256])
def test_a_depthwise_separable_convolution_costs_the_share_of_the_formula(filters):
    x = keras.Input((16, 16, 24))
    standard = count(keras.Model(x, layers.Conv2D(filters, 3, padding="same")(x)))
    depthwise = layers.DepthwiseConv2D(3, padding="same")(x)
    separable = count(keras.Model(x, layers.Conv2D(filters, 1)(depthwise)))
    share = separable["multiply_adds"].sum() / standard["multiply_adds"].sum()
    assert share == pytest.approx(1 / filters + 1 / 9)


def test_a_model_that_is_a_layer_is_counted_layer_by_layer():
    part = models.build("small_cnn", (16, 16, 1), 2, width_multiplier=0.125)
    x = keras.Input((16, 16, 1), name="image")
    whole = count(keras.Model(x, layers.Dense(3, name="last")(part(x))))
    alone = count(part)
    assert whole["layer"].tolist() == ["image", *("small_cnn/" + alone["layer"]), "last"]
    for column in ("parameters", "multiply_adds"):
        assert whole[column][1:-1].tolist() == alone[column].tolist()
    assert whole["multiply_adds"].iloc[-1] == 2 * 3


def test_stages_are_sums_over_their_layers_in_order():
    frame = count(models.build("mobilenet_v2", (64, 64, 1), 5, head="flatten", width_multiplier=0.35))
    stages = by_stage(frame)
    assert stages.index.tolist() == ["stem", *(f"stage{n}" for n in range(1, 8)), "out", "head", "logits"]
    assert stages["multiply_adds"].sum() == frame["multiply_adds"].sum()
    assert stages["parameters"].sum() == frame["parameters"].sum()
    units = round(512 * 0.35)
    assert stages.loc["logits"].tolist() == [(units + 1) * 5, units * 5]


@pytest.mark.parametrize(
    ("layer", "size", "message"),
    [
        (
            layers.SeparableConv2D(4, 3, name="both"),
            8,
            "`model` .*DepthwiseConv2D.*'both', a SeparableConv2D",
        ),
        (layers.Conv2DTranspose(4, 3, name="up"), 8, "`model` .*'up', a Conv2DTranspose"),
        (layers.Conv2D(4, 3, name="any"), None, r"`model` .*fixed image size.*'any' gives \(None, None, 4\)"),
    ],
)
def test_what_cannot_be_counted_is_refused(layer, size, message):
    x = keras.Input((size, size, 3))
    with pytest.raises(ValueError, match=message):
        count(keras.Model(x, layer(x)))
