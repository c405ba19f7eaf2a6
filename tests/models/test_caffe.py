"""Caffe's weights: OpenCV reads the same file, with a description of the network written by hand."""

import cv2
import keras
import numpy as np
import pytest

from fer import models, paths
from fer.models import alexnet, caffe, vgg_cnn

CLASSES = 5
WIDTH = 1 / 16
POOL = "pooling_param { pool: MAX kernel_size: 3 stride: 2 }"

# Layer, its parameters in Caffe's words, the shape of its weights; as in the published descriptions of
# bvlc_alexnet and VGG_CNN_M_2048, a sixteenth as wide. OpenCV does not read the k = 2 of the latter, so that
# x / (2 + 0.0005 m)^0.75 is written as 2^-0.75 · x / (1 + 0.00025 m)^0.75.
ALEXNET = {
    "conv1": ("kernel_size: 11 stride: 4", (6, 3, 11, 11)),
    "norm1": "local_size: 5 alpha: 0.0001 beta: 0.75",
    "pool1": POOL,
    "conv2": ("pad: 2 kernel_size: 5 group: 2", (16, 3, 5, 5)),
    "norm2": "local_size: 5 alpha: 0.0001 beta: 0.75",
    "pool2": POOL,
    "conv3": ("pad: 1 kernel_size: 3", (24, 16, 3, 3)),
    "conv4": ("pad: 1 kernel_size: 3 group: 2", (24, 12, 3, 3)),
    "conv5": ("pad: 1 kernel_size: 3 group: 2", (16, 12, 3, 3)),
    "pool5": POOL,
    "fc6": ("", (256, 16 * 3 * 3)),
    "fc7": ("", (256, 256)),
    "fc8": ("", (CLASSES, 256)),
}
HALF = f"power_param {{ scale: {2**-0.75} }}"
VGG_CNN = {
    "conv1": ("kernel_size: 7 stride: 2", (6, 3, 7, 7)),
    "norm1": "local_size: 5 alpha: 0.00025 beta: 0.75",
    "scale1": HALF,
    "pool1": POOL,
    "conv2": ("pad: 1 kernel_size: 5 stride: 2", (16, 6, 5, 5)),
    "norm2": "local_size: 5 alpha: 0.00025 beta: 0.75",
    "scale2": HALF,
    "pool2": POOL,
    "conv3": ("pad: 1 kernel_size: 3", (32, 16, 3, 3)),
    "conv4": ("pad: 1 kernel_size: 3", (32, 32, 3, 3)),
    "conv5": ("pad: 1 kernel_size: 3", (32, 32, 3, 3)),
    "pool5": POOL,
    "fc6": ("", (256, 32 * 3 * 3)),
    "fc7": ("", (128, 256)),
    "fc8": ("", (CLASSES, 128)),
}
NETWORKS = {
    "alexnet": (ALEXNET, alexnet.IMAGENET, {"grouped": True, "width_multiplier": WIDTH}),
    "vgg_cnn": (VGG_CNN, vgg_cnn.IMAGENET, {"width_multiplier": WIDTH}),
}
SIZE = 128


def description(network):
    """The text that OpenCV wants besides the weights."""
    text = (
        f'layer {{ name: "data" type: "Input" top: "data" input_param {{ shape: {{ dim: 1 dim: 3 dim: {SIZE} '
        f"dim: {SIZE} }} }} }}\n"
    )
    bottom = "data"
    for name, content in network.items():
        match name[:2]:
            case "co":
                kind = "Convolution"
                parameters = f"convolution_param {{ num_output: {content[1][0]} {content[0]} }}"
            case "no":
                kind, parameters = "LRN", f"lrn_param {{ {content} }}"
            case "sc":
                kind, parameters = "Power", content
            case "po":
                kind, parameters = "Pooling", content
            case "fc":
                kind = "InnerProduct"
                parameters = f"inner_product_param {{ num_output: {content[1][0]} }}"
        text += f'layer {{ name: "{name}" type: "{kind}" bottom: "{bottom}" top: "{name}" {parameters} }}\n'
        if name[:2] in ("co", "fc") and name != "fc8":
            text += f'layer {{ name: "relu_{name}" type: "ReLU" bottom: "{name}" top: "{name}" }}\n'
        bottom = name
    return text + 'layer { name: "prob" type: "Softmax" bottom: "fc8" top: "prob" }\n'


def random_blobs(network):
    """Kernels and biases; the last ones are small, so that the probabilities of all classes count."""
    random = np.random.default_rng(0)
    blobs = {}
    for name, content in network.items():
        if name[:2] in ("co", "fc"):
            shape = content[1]
            deviation = np.sqrt(2 / np.prod(shape[1:])) * (0.03 if name == "fc8" else 1)
            kernel, bias = random.normal(0, deviation, shape), random.uniform(-1, 1, shape[0])
            blobs[name] = [kernel.astype("<f4"), bias.astype("<f4")]
    return blobs


def integer(value):
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + integer(value >> 7)


def field(number, content):
    """A field of a message in the wire format: an integer, or bytes with their length."""
    if isinstance(content, int):
        return integer(number << 3) + integer(content)
    return integer(number << 3 | 2) + integer(len(content)) + content


def blob(array, has_shape):
    if has_shape:
        shape = field(7, field(1, b"".join(map(integer, array.shape))))
    else:  # four sizes, which Caffe had before
        sizes = (1,) * (4 - array.ndim) + array.shape
        shape = b"".join(field(number, size) for number, size in enumerate(sizes, start=1))
    return shape + field(5, array.tobytes())


def caffemodel(blobs, version=2, has_shape=True):
    """The content of a file: version 1 is that of 2014, 2 that of today."""
    content = field(1, b"network")
    for name, arrays in blobs.items():
        arrays = [blob(array, has_shape) for array in arrays]
        if version == 1:
            layer = field(4, name.encode()) + field(5, 4 if name.startswith("conv") else 14)
            content += field(2, layer + b"".join(field(6, array) for array in arrays))
        else:
            kind = b"Convolution" if name.startswith("conv") else b"InnerProduct"
            layer = field(1, name.encode()) + field(2, kind)
            content += field(100, layer + b"".join(field(7, array) for array in arrays))
    return content


@pytest.fixture(params=NETWORKS)
def case(request, tmp_path, monkeypatch):
    """Name, Caffe's layers, where the weights come from, options; the data folder holds the weights."""
    monkeypatch.setenv("FER_DATA", str(tmp_path))
    network, origin, options = NETWORKS[request.param]
    path = tmp_path / "imagenet" / origin.file
    path.parent.mkdir()
    path.write_bytes(caffemodel(random_blobs(network)))
    return request.param, network, origin, options


def build(case, channels=3, classes=CLASSES, size=SIZE, **options):
    name, _, _, given = case
    return models.build(name, (size, size, channels), classes, weights="imagenet", **(given | options))


def random_images(channels=3):
    random = np.random.default_rng(1)
    coarse = random.random((2, 16, 16, channels), dtype=np.float32)
    images = np.repeat(np.repeat(coarse, SIZE // 16, axis=1), SIZE // 16, axis=2)
    return np.clip(images + random.normal(0, 0.1, images.shape), 0, 1).astype(np.float32)


def outputs_of_opencv(case, images, layers):
    _, network, origin, _ = case
    path = paths.data() / "imagenet" / origin.file
    net = cv2.dnn.readNetFromCaffe(
        np.frombuffer(description(network).encode(), np.uint8), np.fromfile(path, np.uint8)
    )
    pixels = (255 * images[..., ::-1] - origin.means).astype(np.float32)
    results = []
    for image in pixels:
        net.setInput(np.ascontiguousarray(image.transpose(2, 0, 1)[None]))
        results.append([output[0] for output in net.forward(layers)])
    return [np.stack(outputs) for outputs in zip(*results, strict=True)]


@pytest.mark.parametrize(("version", "has_shape"), [(1, False), (2, False), (2, True)])
def test_every_layer_gives_what_opencv_gives_with_the_same_weights(case, version, has_shape):
    _, network, origin, _ = case
    path = paths.data() / "imagenet" / origin.file
    path.write_bytes(caffemodel(random_blobs(network), version, has_shape))
    model, images = build(case), random_images()
    layers = {"norm1": "norm1", "pool2": "pool2", "pool5": "pool5", "predictions": "prob"}
    if "scale1" in network:
        layers["norm1"] = "scale1"
    given = keras.Model(model.input, [model.get_layer(name).output for name in layers])(images)
    wanted = outputs_of_opencv(case, images, list(layers.values()))
    for ours, theirs in zip(given, wanted, strict=True):
        ours = np.asarray(ours)
        if ours.ndim == 4:
            ours = ours.transpose(0, 3, 1, 2)
        assert theirs.std() > 0.01
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-4 * max(1, np.abs(theirs).max()))
    assert wanted[-1].max() < 0.9
    np.testing.assert_allclose(given[-1], wanted[-1], atol=1e-4)


def test_a_gray_network_gives_what_the_color_network_gives_for_a_gray_image(case):
    gray = random_images(channels=1)
    wanted = build(case)(np.repeat(gray, 3, axis=-1))
    model = build(case, channels=1)
    assert model.get_layer("conv1").kernel.shape[2] == 1
    np.testing.assert_allclose(model(gray), wanted, atol=1e-4)


def test_with_other_classes_only_the_last_layer_is_random(case):
    model, original = build(case, classes=7), build(case)
    assert model.output_shape == (None, 7)
    for layer in model.layers:
        if layer.weights and layer.name != "logits":
            for ours, theirs in zip(
                layer.get_weights(), original.get_layer(layer.name).get_weights(), strict=True
            ):
                np.testing.assert_array_equal(ours, theirs)


def test_a_missing_file_is_named_with_its_address_and_folder_and_the_way_without(case):
    origin = case[2]
    path = paths.data() / "imagenet" / origin.file
    path.unlink()
    message = rf"{path} is missing.*{origin.url}.*{path.parent};.*weights=None"
    with pytest.raises(FileNotFoundError, match=message):
        build(case)


@pytest.mark.parametrize("keep", [0.5, 0.999])
def test_a_truncated_file_is_damaged(case, keep):
    path = paths.data() / "imagenet" / case[2].file
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(ValueError, match=f"{path} is damaged, or no Caffe model"):
        build(case)


def test_a_file_that_ends_before_the_last_layer_is_refused(case):
    _, network, origin, _ = case
    blobs = random_blobs(network)
    del blobs["fc8"]
    (paths.data() / "imagenet" / origin.file).write_bytes(caffemodel(blobs))
    with pytest.raises(ValueError, match="must hold fc8"):
        build(case, classes=7)


@pytest.mark.parametrize("content", [b"", b"<html>404 Not found</html>"])
def test_something_else_in_the_file_is_refused(case, content):
    path = paths.data() / "imagenet" / case[2].file
    path.write_bytes(content)
    with pytest.raises(ValueError, match=str(path)):
        build(case)


@pytest.mark.parametrize(("change", "layer"), [({"width_multiplier": 1 / 8}, "conv1"), ({"size": 96}, "fc6")])
def test_weights_of_another_network_are_refused_layer_by_layer(case, change, layer):
    with pytest.raises(ValueError, match=rf"{layer} .*needs .*{case[2].needs[-20:]}.*Received: \("):
        build(case, **change)


def test_weights_without_groups_are_refused_where_there_are_groups(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_DATA", str(tmp_path))
    path = tmp_path / "imagenet" / "bvlc_alexnet.caffemodel"
    path.parent.mkdir()
    path.write_bytes(caffemodel(random_blobs(ALEXNET)))
    with pytest.raises(ValueError, match=r"conv2 .*grouped=True"):
        models.build("alexnet", (SIZE, SIZE, 3), CLASSES, width_multiplier=WIDTH, weights="imagenet")


def test_other_weights_than_those_of_imagenet_are_unknown(case):
    with pytest.raises(ValueError, match=r"`weights` must be None or .*Received: 'vggface'"):
        models.build(case[0], (64, 64, 3), 7, weights="vggface")


def test_blobs_are_read_as_they_were_written(tmp_path):
    blobs = random_blobs(ALEXNET)
    path = tmp_path / "weights"
    path.write_bytes(caffemodel(blobs))
    read = caffe.read(path)
    assert read.keys() == blobs.keys()
    for name, arrays in blobs.items():
        for given, wanted in zip(read[name], arrays, strict=True):
            np.testing.assert_array_equal(given, wanted)
