import keras
import numpy as np
import pytest

from fer.models.resnet import resnet50


@pytest.fixture(scope="module")
def reference():
    """Keras's own network, with batch-norm statistics that are not those of a new one."""
    model = keras.applications.ResNet50(weights=None, include_top=False, input_shape=(64, 64, 3))
    random = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            channels = layer.gamma.shape
            layer.set_weights(
                [random.uniform(low, high, channels) for low, high in ((0.5, 1), (-1, 1), (-1, 1), (0.5, 2))]
            )
        elif isinstance(layer, keras.layers.Conv2D):
            layer.bias.assign(random.uniform(-0.1, 0.1, layer.bias.shape))
    return model


def test_backbone_is_the_resnet50_of_keras_applications(reference):
    model = resnet50((64, 64, 3), num_classes=7, head=None)
    assert model.count_params() == 23_587_712
    assert [w.shape for w in model.get_weights()] == [w.shape for w in reference.get_weights()]
    model.set_weights(reference.get_weights())
    images = np.random.default_rng(1).random((2, 64, 64, 3), dtype=np.float32)
    expected = reference.predict_on_batch(images)
    assert expected.std() > 0.1
    np.testing.assert_allclose(model.predict_on_batch(images), expected, rtol=1e-4, atol=1e-4)


def test_head_is_average_pooling_flatten_dense_softmax():
    model = resnet50((224, 224, 1), num_classes=7)
    flattened = 4 * 4 * 2048  # 7×7 pooled by 2 with padding
    gray_stem = 2 * 7 * 7 * 64  # parameters that two more input channels would have
    assert model.count_params() == 23_587_712 - gray_stem + (flattened + 1) * 512 + (512 + 1) * 7
    assert [layer.name for layer in model.layers[-6:]] == [
        "head_pool",
        "head_flatten",
        "head_dense",
        "head_activation",
        "logits",
        "predictions",
    ]


def test_gap_head_is_the_classifier_of_the_paper():
    model = resnet50((224, 224, 3), num_classes=1000, head="gap")
    assert model.count_params() == 25_636_712  # keras.io/api/applications, with its top


def test_plain_network_has_the_same_convolutions_without_the_shortcuts():
    options = {"input_shape": (32, 32, 1), "num_classes": 7, "width_multiplier": 0.125}
    residual, plain = (resnet50(**options, residual=flag) for flag in (True, False))
    names = {layer.name for layer in residual.layers} - {layer.name for layer in plain.layers}
    assert {layer.name for layer in plain.layers} < {layer.name for layer in residual.layers}
    assert all("_shortcut" in name or name.endswith("_add") for name in names)
    assert not any(isinstance(layer, keras.layers.Add) for layer in plain.layers)


def test_block_adds_its_input_to_its_convolutions():
    model = resnet50((32, 32, 1), 7, blocks=(2,), width_multiplier=0.125, batch_normalization=False)
    last = model.get_layer("stage1_block2_conv3")
    last.set_weights([np.zeros_like(weight) for weight in last.get_weights()])
    before, after = (model.get_layer(f"stage1_block{block}_output").output for block in (1, 2))
    images = np.random.default_rng(0).random((2, 32, 32, 1), dtype=np.float32)
    before, after = keras.Model(model.input, [before, after]).predict_on_batch(images)
    assert np.ptp(before) > 0
    np.testing.assert_array_equal(before, after)


def test_depth_follows_the_list_of_blocks():
    model = resnet50((32, 32, 1), 7, blocks=(1, 2), width_multiplier=0.125, batch_normalization=False)
    outputs = [layer.name for layer in model.layers if layer.name.endswith("_output")]
    assert outputs == ["stage1_block1_output", "stage2_block1_output", "stage2_block2_output"]
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in model.layers)
