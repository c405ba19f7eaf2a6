import sys
import urllib.error
import urllib.request

import keras
import numpy as np
import pytest

from fer.models.application import application


def images(channels=3):
    return np.random.default_rng(0).random((2, 64, 64, channels), dtype=np.float32)


def seen(model, images):
    """What reaches the backbone."""
    return keras.Model(model.input, model.get_layer("pixel_range").output)(images)


@pytest.mark.parametrize(
    ("backbone", "module"),
    [
        ("MobileNetV2", keras.applications.mobilenet_v2),  # -1…1
        ("ResNet50", keras.applications.resnet50),  # BGR minus the means
        ("DenseNet121", keras.applications.densenet),  # standardized
        ("EfficientNetV2B0", keras.applications.efficientnet_v2),  # 0…255
        ("MobileNetV3Small", keras.applications.mobilenet_v3),  # 0…255
    ],
)
def test_the_backbone_sees_the_pixels_that_its_own_function_gives(backbone, module):
    model = application((64, 64, 3), 5, backbone=backbone)
    wanted = module.preprocess_input(255 * images())
    np.testing.assert_allclose(seen(model, images()), wanted, atol=1e-4)


def test_gray_images_are_repeated():
    gray = images(channels=1)
    model = application((64, 64, 1), 5, backbone="VGG16")
    wanted = keras.applications.vgg16.preprocess_input(255 * np.repeat(gray, 3, axis=-1))
    np.testing.assert_allclose(seen(model, gray), wanted, atol=1e-4)


def test_layers_lie_flat_under_the_names_of_keras():
    model = application((64, 64, 1), 5)
    reference = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(64, 64, 3))
    assert model.count_params() == reference.count_params() + (1280 + 1) * 5
    names = [layer.name for layer in model.layers]
    assert set(names) > {layer.name for layer in reference.layers[1:]}
    assert names[-4:] == ["head_pool", "head_dropout", "logits", "predictions"]


def test_batch_normalization_soon_forgets_its_start():
    model = application((64, 64, 1), 5)
    moments = {layer.momentum for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)}
    assert moments == {0.9}


@pytest.fixture
def no_network(monkeypatch, tmp_path):
    """Nothing can be downloaded, and Keras keeps its files in a folder of this test."""

    def urlopen(*arguments, **options):
        raise urllib.error.URLError("no network")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    monkeypatch.setattr(sys.modules["keras.src.backend.config"], "_KERAS_DIR", str(tmp_path))


@pytest.mark.parametrize(
    ("backbone", "file"),
    [
        ("MobileNetV2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5"),
        ("EfficientNetV2B0", "efficientnetv2-b0_notop.h5"),
    ],
)
def test_without_a_network_the_message_names_address_folder_and_way_without(
    backbone, file, no_network, tmp_path
):
    with pytest.raises(FileNotFoundError) as raised:
        application((96, 96, 3), 5, backbone=backbone, weights="imagenet")
    message = str(raised.value)
    assert f"/{file} into the folder {tmp_path / 'models'}, under the name {file};" in message
    assert "https://" in message
    assert "weights=None" in message


def test_a_broken_connection_says_the_same(no_network, monkeypatch, tmp_path):
    def urlopen(*arguments, **options):
        raise ConnectionResetError("reset by peer")

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    with pytest.raises(FileNotFoundError, match=r"reset by peer.*weights=None"):
        application((96, 96, 3), 5, weights="imagenet")
    assert not any((tmp_path / "models").iterdir())


def test_a_file_in_the_place_that_the_message_names_is_taken(no_network, tmp_path):
    with pytest.raises(FileNotFoundError) as raised:
        application((96, 96, 1), 5, weights="imagenet")
    name = str(raised.value).split("under the name ")[1].split(";")[0]
    backbone = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(96, 96, 3))
    backbone.save(tmp_path / "models" / name)
    model = application((96, 96, 1), 5, weights="imagenet")
    for layer in ("Conv1", "block_5_depthwise", "Conv_1"):
        ours, theirs = (network.get_layer(layer).kernel.numpy() for network in (model, backbone))
        np.testing.assert_array_equal(ours, theirs)


def test_a_damaged_file_is_named(no_network, tmp_path):
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5"
    path = tmp_path / "models" / name
    path.parent.mkdir()
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    with pytest.raises(ValueError, match=f"{path} is damaged. Delete it"):
        application((96, 96, 1), 5, weights="imagenet")


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("input_shape", (64, 64, 2)),
        ("input_shape", (16, 64, 3)),
        ("num_classes", 1),
        ("backbone", "MobileNetV9"),
        ("weights", "coco"),
        ("activation", "elu"),
    ],
)
def test_refuses_a_wrong_argument_by_name(argument, value):
    arguments = {"input_shape": (64, 64, 3), "num_classes": 7} | {argument: value}
    with pytest.raises(ValueError, match=f"`{argument}` .*Received: "):
        application(**arguments)
