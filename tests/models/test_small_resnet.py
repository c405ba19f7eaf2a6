import keras
import numpy as np
import pytest

from fer.models.small_resnet import small_resnet


def test_parameters_are_those_of_its_convolutions():
    def convolution(kernel, inputs, filters):
        return (kernel**2 * inputs + 1) * filters + 4 * filters  # with batch normalization

    stem = convolution(3, 1, 32)
    first = convolution(1, 32, 64) + convolution(3, 32, 64) + convolution(3, 64, 64)
    second = convolution(1, 64, 128) + convolution(3, 64, 128) + 3 * convolution(3, 128, 128)
    model = small_resnet((48, 48, 1), 7, blocks=(1, 2))
    assert model.count_params() == stem + first + second + (128 + 1) * 7


def test_the_first_convolution_keeps_the_size_and_every_stage_halves_it():
    model = small_resnet((48, 48, 1), 7, blocks=(1, 2, 1), filters=(16, 24, 40), width_multiplier=0.5)
    shapes = [model.get_layer(name).output.shape[1:] for name in ("stem_conv", "stage1_block1_output")]
    assert shapes == [(48, 48, 4), (24, 24, 8)]
    assert model.get_layer("stage2_block2_output").output.shape[1:] == (12, 12, 12)
    assert model.get_layer("stage3_block1_output").output.shape[1:] == (6, 6, 20)


def test_a_block_without_its_convolutions_is_its_shortcut():
    model = small_resnet((16, 16, 1), 2, blocks=(1,), filters=(8,), head=None)
    for layer in model.layers:
        if layer.name.endswith(("conv1", "conv2")):
            layer.kernel.assign(0 * layer.kernel)
    shortcut = keras.Model(model.input, keras.ops.relu(model.get_layer("stage1_block1_shortcut_norm").output))
    images = np.random.default_rng(0).random((2, 16, 16, 1), dtype=np.float32)
    np.testing.assert_allclose(model(images), shortcut(images), atol=1e-6)
    pooled = keras.Model(model.input, model.get_layer("stage1_block1_pool").output)(images)
    stem = keras.Model(model.input, model.get_layer("stem_conv_activation").output)(images)
    np.testing.assert_allclose(pooled[0, 0, 0], np.mean(stem[0, :2, :2], axis=(0, 1)), atol=1e-6)


def test_dropout_leaves_whole_channels_out_in_training_only():
    model = small_resnet((16, 16, 1), 2, blocks=(1,), head=None, dropout=0.5, activation="elu")
    images = np.random.default_rng(0).random((1, 16, 16, 1), dtype=np.float32)
    plain, dropped = np.asarray(model(images))[0], np.asarray(model(images, training=True))[0]
    assert 0.25 < (dropped == 0).all(axis=(0, 1)).mean() < 0.75
    assert not (plain == 0).all(axis=(0, 1)).any()


def test_too_few_filters_are_refused():
    with pytest.raises(ValueError, match=r"`filters` .*3 stages.*Received: \(8, 8\)"):
        small_resnet((48, 48, 1), 7, filters=(8, 8))
