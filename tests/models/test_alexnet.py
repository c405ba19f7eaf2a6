import numpy as np
import pytest

from fer import models
from fer.models.alexnet import alexnet


def parameters(convolutions, dense):
    """Kernels and biases; a convolution is (kernel size, channels that a filter sees, filters)."""
    return sum((size**2 * seen + 1) * filters for size, seen, filters in convolutions) + sum(
        (inputs + 1) * units for inputs, units in dense
    )


@pytest.mark.parametrize(("grouped", "total"), [(True, 60_965_224), (False, 62_378_344)])
def test_parameters_are_those_of_the_paper(grouped, total):
    groups = 2 if grouped else 1
    convolutions = [
        (11, 3, 96),
        (5, 96 // groups, 256),
        (3, 256, 384),
        (3, 384 // groups, 384),
        (3, 384 // groups, 256),
    ]
    assert parameters(convolutions, [(6 * 6 * 256, 4096), (4096, 4096), (4096, 1000)]) == total
    model = alexnet((227, 227, 3), 1000, grouped=grouped, kernel_initializer="zeros")  # quick
    assert model.count_params() == total


@pytest.mark.parametrize(
    ("size", "sides"),
    [
        (227, (55, 27, 27, 13, 13, 13, 13, 6)),
        (256, (62, 31, 31, 15, 15, 15, 15, 7)),
        (64, (14, 7, 7, 3, 3, 3, 3, 1)),
    ],
)
def test_feature_maps_are_as_large_as_in_caffe(size, sides):
    model = alexnet((size, size, 1), 7, width_multiplier=1 / 32, grouped=True)
    names = ("conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5")
    assert [model.get_layer(name).output.shape[1] for name in names] == list(sides)
    filters = [model.get_layer(name).output.shape[-1] for name in names if name.startswith("conv")]
    assert filters == [4, 8, 12, 12, 8]  # 96, 256, 384, 384, 256 in even numbers


def test_both_groups_learn():
    model = models.build("alexnet", (64, 64, 1), 2, width_multiplier=1 / 32, grouped=True, dropout=0.0)
    model.compile("sgd", "categorical_crossentropy")
    names = [f"{name}_group{group}" for name in ("conv2", "conv4", "conv5") for group in (1, 2)]
    before = [model.get_layer(name).kernel.numpy() for name in names]
    images = np.random.default_rng(0).random((4, 64, 64, 1), dtype=np.float32)
    model.fit(images, np.eye(2)[[0, 1, 0, 1]], verbose=0)
    for name, kernel in zip(names, before, strict=True):
        assert not np.array_equal(model.get_layer(name).kernel.numpy(), kernel)


def test_normalization_has_the_constants_of_bvlc_alexnet():
    model = alexnet((64, 64, 1), 7, width_multiplier=1 / 32)
    for name in ("norm1", "norm2"):
        layer = model.get_layer(name)
        assert (layer.size, layer.alpha, layer.beta, layer.k) == (5, 1e-4, 0.75, 1.0)


def test_images_must_be_square():
    with pytest.raises(ValueError, match=r"`input_shape` must be that of square .*Received: \(64, 65, 1\)"):
        alexnet((64, 65, 1), 7)
