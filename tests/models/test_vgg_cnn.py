import pytest

from fer.models.vgg_cnn import vgg_cnn


def test_parameters_are_those_of_the_paper():
    convolutions = (7 * 7 * 3 + 1) * 96 + (5 * 5 * 96 + 1) * 256 + (3 * 3 * 256 + 1) * 512
    convolutions += 2 * (3 * 3 * 512 + 1) * 512
    dense = (6 * 6 * 512 + 1) * 4096 + (4096 + 1) * 2048 + (2048 + 1) * 1000
    model = vgg_cnn((224, 224, 3), 1000, kernel_initializer="zeros")  # quick
    assert model.count_params() == convolutions + dense


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        (224, (109, 54, 26, 13, 13, 13, 13, 6)),
        (256, (125, 62, 30, 15, 15, 15, 15, 7)),
        (64, (29, 14, 6, 3, 3, 3, 3, 1)),
    ],
)
def test_feature_maps_are_as_large_as_in_caffe(size, sides):
    model = vgg_cnn((size, size, 1), 7, width_multiplier=1 / 32)
    names = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    assert [model.get_layer(name).output.shape[1] for name in names] == list(sides)
    filters = [model.get_layer(name).output.shape[-1] for name in names if name.startswith("conv")]
    assert filters == [3, 8, 16, 16, 16]
    assert [model.get_layer(name).units for name in ("dense6", "dense7", "logits")] == [128, 64, 7]


def test_normalization_has_the_constants_of_the_published_model():
    model = vgg_cnn((64, 64, 1), 7, width_multiplier=1 / 32)
    for name in ("norm1", "norm2"):
        layer = model.get_layer(name)
        assert (layer.size, layer.alpha, layer.beta, layer.k) == (5, 5e-4, 0.75, 2.0)
