import math

import keras
import numpy as np
import pytest

from fer.models.classic import grouped_convolution, overlapping_pooling


def test_grouped_convolution_is_that_of_keras():
    image = keras.Input((6, 6, 8))
    x = grouped_convolution(image, 12, 3, groups=2, activation="elu", batch_normalization=False, name="conv")
    ours = keras.Model(image, x)
    layer = keras.layers.Conv2D(12, 3, groups=2, padding="same", activation="elu")
    theirs = keras.Sequential([keras.Input((6, 6, 8)), layer])
    random = np.random.default_rng(0)
    kernel, bias = random.normal(size=(3, 3, 4, 12)), random.normal(size=12)
    layer.set_weights([kernel, bias])
    for group in (0, 1):
        own = slice(6 * group, 6 * group + 6)
        ours.get_layer(f"conv_group{group + 1}").set_weights([kernel[..., own], bias[own]])
    images = random.normal(size=(2, 6, 6, 8)).astype(np.float32)
    np.testing.assert_allclose(ours(images), theirs(images), atol=1e-5)


@pytest.mark.parametrize("size", [2, 3, 4, 7, 10])
def test_pooling_rounds_up_and_takes_windows_from_the_first_pixel_on(size):
    images = np.random.default_rng(0).normal(size=(1, size, size, 2)).astype(np.float32)
    image = keras.Input(images.shape[1:])
    given = keras.Model(image, overlapping_pooling(image, name="pool"))(images)
    starts = [2 * place for place in range(math.ceil((size - 3) / 2) + 1)]
    wanted = [[images[0, y : y + 3, x : x + 3].max(axis=(0, 1)) for x in starts] for y in starts]
    np.testing.assert_array_equal(given[0], wanted)
