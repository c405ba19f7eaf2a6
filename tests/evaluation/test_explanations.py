import keras
import numpy as np
import pytest
from keras import layers

from fer import models
from fer.evaluation.explanations import grad_cam


@pytest.fixture
def images():
    return np.random.default_rng(0).random((3, 12, 12, 1), dtype=np.float32)


def network(head):
    keras.utils.set_random_seed(3)
    inputs = keras.Input((12, 12, 1))
    x = layers.Conv2D(5, 3, padding="same", activation="tanh", name="map")(inputs)
    return keras.Model(inputs, head(x))


def feature_maps(model, images):
    features = keras.Model(model.input, model.get_layer("map").output)
    return keras.ops.convert_to_numpy(features(images))


def normalized(maps):
    maps = np.maximum(maps, 0)
    return maps / maps.max(axis=(1, 2), keepdims=True)


@pytest.mark.parametrize("ending", ["dense with softmax", "logits, then softmax", "logits"])
def test_under_global_average_pooling_it_is_the_class_activation_map(images, ending):
    def head(x):
        x = layers.GlobalAveragePooling2D()(x)
        x = layers.Dense(3, activation="softmax" if ending == "dense with softmax" else None, name="dense")(x)
        return layers.Activation("softmax")(x) if ending == "logits, then softmax" else x

    model = network(head)
    weights = model.get_layer("dense").get_weights()[0]
    for class_index in range(3):
        # Zhou et al. 2016, eq. 2: the maps weighted by what the classifier gives to their means.
        expected = normalized(feature_maps(model, images) @ weights[:, class_index])
        np.testing.assert_allclose(grad_cam(model, images, class_index), expected, atol=1e-5)


def test_channel_weights_are_the_mean_gradient(images):
    model = network(lambda x: layers.Dense(2, activation="softmax", name="dense")(layers.Flatten()(x)))
    gradient = model.get_layer("dense").get_weights()[0][:, 1].reshape(12, 12, 5)
    expected = normalized(feature_maps(model, images) @ gradient.mean(axis=(0, 1)))
    np.testing.assert_allclose(grad_cam(model, images, 1), expected, atol=1e-5)


def test_finds_the_patch_that_decides():
    model = models.build("small_cnn", (32, 32, 1), 2, blocks=(1,), width_multiplier=1 / 32, head="gap")
    convolution, logits = model.get_layer("stage1_conv1"), model.get_layer("logits")
    convolution.set_weights([np.ones((3, 3, 1, 1)) / 9, np.array([-0.5])])
    logits.set_weights([np.array([[0.0, 1.0]]), np.zeros(2)])
    image = np.zeros((1, 32, 32, 1), dtype=np.float32)
    image[0, 4:9, 20:25] = 1
    heatmap = grad_cam(model, image, class_index=1)[0]
    assert heatmap[5:8, 21:24].min() == pytest.approx(1)
    heatmap[4:9, 20:25] = 0
    np.testing.assert_array_equal(heatmap, 0)


def test_is_black_where_nothing_speaks_for_the_class(images):
    model = network(lambda x: layers.Dense(2, activation="softmax")(layers.GlobalAveragePooling2D()(x)))
    model.get_layer("map").set_weights([np.zeros((3, 3, 1, 5)), np.zeros(5)])
    np.testing.assert_array_equal(grad_cam(model, images, 0), 0)


def test_heatmaps_have_the_size_of_the_images(images):
    model = models.build("resnet50", (32, 48, 1), 3, blocks=(1, 1), width_multiplier=0.125)
    wide = np.random.default_rng(0).random((2, 32, 48, 1), dtype=np.float32)
    heatmaps = grad_cam(model, wide, class_index=[0, 2], layer="stage1_block1_output")
    assert heatmaps.shape == (2, 32, 48)
    assert heatmaps.dtype == np.float32
    assert heatmaps.min() >= 0
    np.testing.assert_array_equal(heatmaps.max(axis=(1, 2)), 1)
