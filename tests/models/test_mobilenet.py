import keras
import numpy as np
import pytest
from keras import layers

from fer.models.mobilenet import FEATURES, depthwise_convolution, inverted_residual, mobilenet_v2, rounded

KERAS_FEATURES = {8: "block_6_expand_relu", 16: "block_13_expand_relu", 32: "out_relu"}


def with_random_statistics(model):
    """The network with batch-norm weights that are not those of a new one, so that none can be left out."""
    random = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            channels = layer.gamma.shape
            layer.set_weights(
                [
                    random.uniform(low, high, channels)
                    for low, high in ((0.5, 2), (-1, 2), (-0.1, 0.1), (0.01, 0.5))
                ]
            )
    return model


def features(model, names):
    return keras.Model(model.input, {stride: model.get_layer(name).output for stride, name in names.items()})


@pytest.mark.parametrize(("width_multiplier", "size"), [(1.0, 224), (1.0, 97), (0.35, 97), (0.35, 224)])
def test_backbone_is_the_mobilenet_v2_of_keras_applications(width_multiplier, size):
    shape = (size, size, 3)
    reference = with_random_statistics(
        keras.applications.MobileNetV2(shape, alpha=width_multiplier, include_top=False, weights=None)
    )
    model = mobilenet_v2(shape, 7, width_multiplier=width_multiplier, head=None)
    assert [w.shape for w in model.get_weights()] == [w.shape for w in reference.get_weights()]
    model.set_weights(reference.get_weights())
    images = np.random.default_rng(1).random((2, *shape), dtype=np.float32)
    maps = features(model, FEATURES).predict_on_batch(images)
    expected = features(reference, KERAS_FEATURES).predict_on_batch(images)
    for stride, values in expected.items():
        assert values.shape[1] == -(-size // stride)
        assert values.std() > 0.1 and 0.05 < np.mean(values == 0) < 0.95
        np.testing.assert_allclose(maps[stride], values, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(model.predict_on_batch(images), maps[32])


def test_classifier_is_the_mobilenet_v2_of_keras_applications():
    reference = with_random_statistics(
        keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, classes=7, weights=None)
    )
    model = mobilenet_v2((96, 96, 3), 7, width_multiplier=0.35)
    model.set_weights(reference.get_weights())
    images = np.random.default_rng(1).random((4, 96, 96, 3), dtype=np.float32)
    expected = reference.predict_on_batch(images)
    assert np.ptp(expected, axis=0).max() > 1e-3
    np.testing.assert_allclose(model.predict_on_batch(images), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("width_multiplier", "millions"), [(0.35, 1.66), (0.5, 1.95), (1.0, 3.47), (1.4, 6.06)]
)
def test_weights_are_as_many_as_those_of_the_authors(width_multiplier, millions):
    """The table with the authors' checkpoints, in millions; it counts kernels alone, and 1,001 classes."""
    model = mobilenet_v2((224, 224, 3), 1001, width_multiplier=width_multiplier)
    kernels = sum(int(np.prod(layer.kernel.shape)) for layer in model.layers if hasattr(layer, "kernel"))
    assert round(kernels / 1e6, 2) == millions


def test_wider_than_the_paper_widens_the_last_convolution_too():
    assert mobilenet_v2((32, 32, 3), 7, width_multiplier=1.4, head=None).output.shape[-1] == 1792
    assert mobilenet_v2((32, 32, 3), 7, width_multiplier=0.35, head=None).output.shape[-1] == 1280


@pytest.mark.parametrize(
    ("filters", "expected"),
    [(1, 8), (8, 8), (11.2, 16), (12, 16), (19, 24), (20.9, 24), (44.8, 48), (336, 336)],
)
def test_filters_are_rounded_to_eights_but_never_below_nine_tenths(filters, expected):
    assert rounded(filters) == expected


def block(inputs, filters, strides, expansion):
    x = keras.Input(inputs)
    options = {"activation": "relu6", "kernel_initializer": "he_normal"}
    y = inverted_residual(x, filters, strides=strides, expansion=expansion, **options, name="block")
    return keras.Model(x, y)


def test_block_is_expansion_depthwise_convolution_and_linear_projection():
    model = block((8, 8, 4), 16, strides=2, expansion=6)
    assert [layer.name for layer in model.layers[1:]] == [
        "block_expand",
        "block_expand_norm",
        "block_expand_activation",
        "block_depthwise",
        "block_depthwise_norm",
        "block_depthwise_activation",
        "block_project",
        "block_project_norm",
    ]
    assert model.get_layer("block_depthwise_activation").output.shape == (None, 4, 4, 24)
    assert model.output.shape == (None, 4, 4, 16)
    assert "block_expand" not in {layer.name for layer in block((8, 8, 4), 4, 1, expansion=1).layers}


def test_block_of_one_shape_adds_its_input():
    model = block((8, 8, 4), 4, strides=1, expansion=2)
    projection = model.get_layer("block_project")
    projection.set_weights([np.zeros_like(weight) for weight in projection.get_weights()])
    images = np.random.default_rng(0).normal(size=(2, 8, 8, 4)).astype(np.float32)
    np.testing.assert_array_equal(model.predict_on_batch(images), images)
    for other in (block((8, 8, 4), 4, 2, 2), block((8, 8, 4), 8, 1, 2)):
        assert not any(isinstance(layer, layers.Add) for layer in other.layers)


def test_depthwise_convolution_keeps_channels_apart():
    x = keras.Input((5, 5, 2))
    model = keras.Model(
        x, depthwise_convolution(x, activation=None, kernel_initializer="ones", name="depthwise")
    )
    images = np.zeros((1, 5, 5, 2), dtype=np.float32)
    images[0, 2, 2] = (1, 10)
    expected = np.zeros((5, 5, 2))
    expected[1:4, 1:4] = (1, 10)
    np.testing.assert_allclose(model.predict_on_batch(images)[0], expected / np.sqrt(1 + 1e-3), rtol=1e-5)


def test_flatten_head_has_a_dense_layer():
    model = mobilenet_v2((64, 64, 1), 7, width_multiplier=0.5, head="flatten")
    assert model.get_layer("head_dense").kernel.shape == (1280, 256)


@pytest.mark.parametrize(
    ("argument", "value"),
    [("input_shape", (31, 64, 3)), ("input_shape", (64, 64)), ("num_classes", 1), ("head", "dense")],
)
def test_refuses_a_wrong_argument_by_name(argument, value):
    arguments = {"input_shape": (64, 64, 3), "num_classes": 7} | {argument: value}
    with pytest.raises(ValueError, match=f"`{argument}` .* Received: "):
        mobilenet_v2(**arguments)
