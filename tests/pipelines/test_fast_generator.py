"""Everything is compared with the stock class."""

import functools
import itertools
import warnings

import numpy as np
import pytest
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from scipy import stats

from fer import synthetic
from fer.pipelines import PRESETS, FastImageDataGenerator, random_noise

pytestmark = pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")

GEOMETRY = {
    "rotation_range": 40,
    "width_shift_range": 0.1,
    "height_shift_range": 0.1,
    "shear_range": 10,
    "zoom_range": 0.2,
    "horizontal_flip": True,
    "vertical_flip": True,
}
COLORS = {"brightness_range": (0.6, 1.4), "channel_shift_range": 40}
FILL_MODES = ("nearest", "reflect", "constant", "wrap")


@functools.cache
def faces(channels=1, size=48):
    """Eight synthetic faces, uint8, (8, size, size, channels)."""
    images = synthetic.generate(8, image_size=size, color=channels == 3).images
    return images.reshape(8, size, size, channels)


def random_pixels(channels=1, height=40, width=56):
    return np.random.default_rng(0).integers(0, 256, (8, height, width, channels), dtype=np.uint8)


def both(**settings):
    return FastImageDataGenerator(**settings), ImageDataGenerator(**settings)


def transformed(images, fast, stock):
    """Results of both for the same parameters, several for each image."""
    parameters = [stock.get_random_transform(image.shape, seed) for seed, image in enumerate(images)]
    return tuple(
        np.stack([engine.apply_transform(*given) for given in zip(images, parameters, strict=True)])
        for engine in (fast, stock)
    )


def difference(results):
    actual, expected = results
    assert actual.shape == expected.shape
    return np.abs(actual.astype(np.float64) - expected).mean()


class TestApplyTransform:
    @pytest.mark.parametrize("fill_mode", FILL_MODES)
    @pytest.mark.parametrize("colors", [{}, COLORS], ids=["geometry", "colors"])
    @pytest.mark.parametrize("channels", [1, 3])
    def test_gives_the_image_of_the_stock_class(self, fill_mode, colors, channels):
        engines = both(fill_mode=fill_mode, cval=30, **GEOMETRY, **colors)
        assert difference(transformed(faces(channels).astype(np.float32), *engines)) < 0.3
        assert difference(transformed(random_pixels(channels).astype(np.float32), *engines)) < 1

    @pytest.mark.parametrize("fill_mode", FILL_MODES)
    def test_takes_the_nearest_pixel_for_order_0(self, fill_mode):
        engines = both(fill_mode=fill_mode, cval=30, interpolation_order=0, **GEOMETRY)
        assert difference(transformed(random_pixels().astype(np.float32), *engines)) < 0.5

    @pytest.mark.parametrize("fill_mode", FILL_MODES)
    def test_shifts_by_whole_pixels_exactly(self, fill_mode):
        engines = both(fill_mode=fill_mode, cval=7, width_shift_range=[3, 9], height_shift_range=20)
        actual, expected = transformed(random_pixels(3).astype(np.float32), *engines)
        np.testing.assert_array_equal(actual, expected)

    def test_keeps_bytes_as_the_stock_class_does(self):
        actual, expected = transformed(faces(3), *both(**GEOMETRY))
        assert actual.dtype == expected.dtype == np.uint8
        assert difference((actual, expected)) < 0.3

    def test_brightens_as_the_stock_class_does(self):
        for image in (faces(3)[0].astype(np.float32), faces()[0] + np.float32(0.7), faces()[0] - 20.0):
            for factor in (0.0, 0.37, 1.0, 2.5):
                fast, stock = (engine.apply_transform(image, {"brightness": factor}) for engine in both())
                np.testing.assert_array_equal(fast, stock)

    def test_works_without_a_channel_axis(self):
        fast, _ = both(**GEOMETRY)
        image = faces()[0].astype(np.float32)
        parameters = fast.get_random_transform(image.shape, seed=3)
        np.testing.assert_array_equal(
            fast.apply_transform(image[..., 0], parameters), fast.apply_transform(image, parameters)[..., 0]
        )

    @pytest.mark.parametrize(
        ("settings", "shape"),
        [
            ({"interpolation_order": 3}, (20, 24, 1)),
            ({"fill_mode": "mirror"}, (20, 24, 1)),
            ({"data_format": "channels_first"}, (3, 20, 24)),
            ({}, (20, 24, 6)),
        ],
        ids=lambda value: str(value),
    )
    def test_leaves_to_the_stock_class_what_opencv_does_not_have(self, settings, shape):
        images = np.random.default_rng(0).uniform(0, 255, (3, *shape)).astype(np.float32)
        actual, expected = transformed(images, *both(**GEOMETRY, **settings))
        np.testing.assert_array_equal(actual, expected)

    def test_takes_views_that_run_backwards_and_cannot_be_written_to(self):
        image = faces(3)[0].astype(np.float32)
        image.flags.writeable = False
        fast, stock = (engine.apply_transform(image[:, ::-1, ::-1], {"theta": 20}) for engine in both())
        assert difference((fast, stock)) < 0.3

    def test_leaves_the_image_alone(self):
        image = faces()[0].copy()
        transformed([image], *both(**GEOMETRY, **COLORS))
        np.testing.assert_array_equal(image, faces()[0])


def one_by_one(stock, images, parameters):
    """What the stock class makes of images and the parameters of ``FastImageDataGenerator.draw``."""
    return np.stack(
        [
            stock.standardize(
                stock.apply_transform(
                    image.astype(np.float32), {name: column[row] for name, column in parameters.items()}
                )
            )
            for row, image in enumerate(images)
        ]
    )


class TestTransformBatch:
    @pytest.mark.parametrize("colors", [{}, COLORS], ids=["geometry", "colors"])
    @pytest.mark.parametrize("dtype", [np.uint8, np.float32])
    def test_is_the_stock_class_for_the_drawn_parameters(self, colors, dtype):
        fast, stock = both(**GEOMETRY, **colors, rescale=1 / 255)
        images = faces().astype(dtype)
        parameters = fast.draw(8, images.shape[1:], np.random.default_rng(5))
        result = fast.transform_batch(images, np.random.default_rng(5))
        assert result.dtype == np.float32
        assert 255 * difference((result, one_by_one(stock, images, parameters))) < 0.6

    def test_flips_alone_are_exact(self):
        fast, stock = both(horizontal_flip=True, vertical_flip=True)
        parameters = fast.draw(8, (40, 56, 3), np.random.default_rng(1))
        assert {tuple(flips) for flips in zip(*parameters.values(), strict=True)} == {
            *itertools.product((True, False), repeat=2)
        }
        np.testing.assert_array_equal(
            fast.transform_batch(random_pixels(3), np.random.default_rng(1)),
            one_by_one(stock, random_pixels(3), parameters),
        )

    @pytest.mark.parametrize(
        "settings",
        [
            {"samplewise_center": True, "samplewise_std_normalization": True},
            {"featurewise_center": True, "featurewise_std_normalization": True, "rescale": 1 / 255},
            {"featurewise_center": True, "zca_whitening": True, "rescale": 1 / 255},
            {"preprocessing_function": np.sqrt, "rescale": 2.0},
        ],
        ids=lambda settings: next(iter(settings)),
    )
    def test_standardizes_as_the_stock_class_does(self, settings):
        fast, stock = both(vertical_flip=True, **settings)
        images = faces(size=16)
        for engine in (fast, stock):
            engine.fit(images)
        parameters = fast.draw(8, images.shape[1:], np.random.default_rng(1))
        np.testing.assert_allclose(
            fast.transform_batch(images, np.random.default_rng(1)),
            one_by_one(stock, images, parameters),
            rtol=1e-5,
            atol=1e-5,
        )

    def test_draws_noise_for_statistics_from_its_generator_too(self):
        generator = FastImageDataGenerator(preprocessing_function=random_noise, samplewise_center=True)
        first, second = (generator.transform_batch(faces(), np.random.default_rng(1)) for _ in range(2))
        np.testing.assert_array_equal(first, second)
        np.testing.assert_allclose(first.mean(axis=(1, 2, 3)), 0, atol=1e-3)

    @pytest.mark.parametrize("settings", [{"interpolation_order": 3}, {"fill_mode": "mirror"}])
    def test_hands_over_what_opencv_does_not_have(self, settings):
        fast, stock = both(rotation_range=30, **settings)
        parameters = fast.draw(8, (48, 48, 1), np.random.default_rng(1))
        np.testing.assert_allclose(
            fast.transform_batch(faces(), np.random.default_rng(1)),
            one_by_one(stock, faces(), parameters),
            atol=1e-3,
        )

    def test_leaves_the_global_random_state_alone(self):
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        FastImageDataGenerator(**PRESETS["source"]).transform_batch(faces(), np.random.default_rng(0))
        np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002

    def test_warns_of_nothing(self):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            FastImageDataGenerator(**PRESETS["source"]).transform_batch(faces(), np.random.default_rng(0))


@pytest.mark.parametrize(
    "settings",
    [
        GEOMETRY | COLORS,
        {"width_shift_range": [2, 5, 9], "height_shift_range": 4},
        {"width_shift_range": [0.1, 0.3], "zoom_range": (0.5, 0.7), "rotation_range": 3},
    ],
    ids=["ranges", "pixels", "lists"],
)
def test_draws_what_the_stock_class_draws(settings):
    fast, stock = both(**settings)
    drawn = fast.draw(2000, (100, 200, 1), np.random.default_rng(0))
    expected = [stock.get_random_transform((100, 200, 1), seed) for seed in range(2000)]
    neutral = stock.get_random_transform((1, 1, 1)) | {"zx": 1, "zy": 1}
    for name in expected[0]:
        values = [parameters[name] for parameters in expected]
        if name not in drawn:
            assert set(values) <= {0, 1, None}, name
            continue
        if len(set(values)) > 20:
            assert stats.ks_2samp(drawn[name], values).pvalue > 0.001, name
        else:  # a few values, each as often as there
            levels, counts = np.unique(values, return_counts=True)
            assert set(drawn[name]) == set(levels), name
            mine = [(drawn[name] == level).sum() for level in levels]
            assert stats.chi2_contingency([mine, counts]).pvalue > 0.001, name
    assert neutral.keys() >= drawn.keys()
