import keras
import numpy as np
import pytest
from keras import ops
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from scipy import ndimage, stats

from fer.pipelines import PRESETS, random_noise
from fer.pipelines.in_graph import RandomAugmentation, in_graph_augmentation

pytestmark = pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")

WIDE = {
    "rotation_range": 180,
    "width_shift_range": 0.6,
    "height_shift_range": 0.3,
    "shear_range": 25,
    "zoom_range": (0.6, 1.7),
    "horizontal_flip": True,
    "vertical_flip": True,
}
"""Everything at once, and far enough to read well outside of the image."""

LEFT_ALONE = {
    **dict.fromkeys(["theta", "tx", "ty", "shear"], np.zeros(2, "float32")),
    **dict.fromkeys(["zx", "zy"], np.ones(2, "float32")),
    **dict.fromkeys(["flip_horizontal", "flip_vertical"], np.zeros(2, bool)),
}


def pictures(n=24, size=20, channels=1, smooth=False):
    """uint8-valued float32, range 0…255."""
    random = np.random.default_rng(11).integers(0, 256, (n, size, size, channels)).astype(np.float32)
    return np.round(ndimage.gaussian_filter(random, (0, 2, 2, 0)) * 2) % 256 if smooth else random


def stock_draws(stock, n, size):
    drawn = [stock.get_random_transform((size, size, 1), seed=seed) for seed in range(n)]
    return {name: np.array([one[name] for one in drawn]) for name in LEFT_ALONE}


def transform(layer, images, parameters):
    """The layer's result in gray levels."""
    tensors = {name: ops.convert_to_tensor(value) for name, value in parameters.items()}
    return 255 * ops.convert_to_numpy(layer.transform(ops.convert_to_tensor(images / 255), tensors))


def draw(layer, n, size=20):
    return {name: ops.convert_to_numpy(value) for name, value in layer.draw((n, size, size, 1)).items()}


def augmented(layer, images):
    return ops.convert_to_numpy(layer(images, training=True))


class TestTransform:
    @pytest.mark.parametrize("smooth", [True, False])
    @pytest.mark.parametrize("channels", [1, 3])
    @pytest.mark.parametrize("fill_mode", ["nearest", "reflect", "wrap", "constant"])
    def test_is_the_stock_class_with_the_same_parameters(self, fill_mode, channels, smooth):
        settings = {**WIDE, "fill_mode": fill_mode, "cval": 100}
        stock = ImageDataGenerator(**settings)
        images = pictures(channels=channels, smooth=smooth)
        drawn = stock_draws(stock, *images.shape[:2])
        each = [{name: values[i] for name, values in drawn.items()} for i in range(len(images))]
        expected = [stock.apply_transform(*pair) for pair in zip(images, each, strict=True)]
        drawn = {
            name: value.astype(value.dtype if value.dtype == bool else "float32")
            for name, value in drawn.items()
        }
        actual = transform(RandomAugmentation(**settings), images, drawn)
        np.testing.assert_allclose(actual, expected, atol=0.05)

    def test_flips_exactly(self):
        images = pictures(n=2)
        both = np.array([False, True])
        mirrored = transform(RandomAugmentation(), images, LEFT_ALONE | {"flip_horizontal": both})
        np.testing.assert_allclose(mirrored, [images[0], images[1, :, ::-1]], rtol=1e-6)
        mirrored = transform(RandomAugmentation(), images, LEFT_ALONE | {"flip_vertical": both})
        np.testing.assert_allclose(mirrored, [images[0], images[1, ::-1]], rtol=1e-6)

    def test_noise_of_a_strength_is_added_and_stretched_to_the_full_range(self):
        images = pictures(n=2, channels=3)
        noise = np.random.default_rng(3).standard_normal(images.shape, dtype=np.float32)
        strengths = np.array([1.5, 4], "float32")
        noisy = images + strengths[:, None, None, None] * noise
        lowest, highest = (f(noisy, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
        expected = 255 * (noisy - lowest) / (highest - lowest)
        parameters = LEFT_ALONE | {"noise": noise, "strength": strengths}
        actual = transform(RandomAugmentation(noise=True), images, parameters)
        np.testing.assert_allclose(actual, expected, atol=1e-3)

    def test_an_image_without_differences_becomes_black(self):
        parameters = LEFT_ALONE | {
            "noise": np.zeros((2, 8, 8, 1), "float32"),
            "strength": np.ones(2, "float32"),
        }
        black = transform(RandomAugmentation(noise=True), np.full((2, 8, 8, 1), 130, "float32"), parameters)
        np.testing.assert_array_equal(black, 0)


class TestDraw:
    @pytest.mark.parametrize("settings", [WIDE, {**WIDE, "zoom_range": 0.2, "vertical_flip": False}])
    def test_has_the_distribution_of_the_stock_class(self, settings):
        drawn = draw(RandomAugmentation(**settings, seed=5), 2000)
        expected = stock_draws(ImageDataGenerator(**settings), 2000, 20)
        for name, values in expected.items():
            assert stats.ks_2samp(drawn[name].astype(float), values).pvalue > 1e-3, name

    def test_parameters_are_independent_of_each_other(self):
        drawn = draw(RandomAugmentation(**WIDE, noise=True, seed=1), 2000)
        drawn["noise"] = drawn["noise"][:, 0, 0, 0]
        correlations = np.corrcoef([*drawn.values()])
        assert abs(correlations - np.eye(len(drawn))).max() < 0.1  # 4.5 standard deviations

    def test_noise_is_standard_normal_and_its_strength_uniform_in_1_to_5(self):
        drawn = draw(RandomAugmentation(noise=True, seed=2), 1000)
        assert stats.kstest(drawn["noise"][:, ::5, ::5].ravel(), "norm").pvalue > 1e-3
        assert stats.kstest(drawn["strength"], stats.uniform(1, 4).cdf).pvalue > 1e-3

    def test_nothing_moves_without_settings(self):
        drawn = draw(RandomAugmentation(), 2)
        assert drawn.keys() == LEFT_ALONE.keys()
        for name, value in LEFT_ALONE.items():
            np.testing.assert_array_equal(drawn[name], value)

    def test_goes_on_with_every_call_and_starts_again_with_its_variable(self):
        layer = RandomAugmentation(**WIDE, seed=7)
        images = pictures(n=4) / 255
        (state,) = layer.variables
        kept = ops.convert_to_numpy(state).copy()
        first, second = augmented(layer, images), augmented(layer, images)
        assert abs(first - second).max() > 0.1
        state.assign(kept)
        np.testing.assert_array_equal(augmented(layer, images), first)

    def test_depends_on_the_seed_alone(self):
        seeds = (7, 7, 8)
        first, again, other = (draw(RandomAugmentation(**WIDE, seed=seed), 3)["theta"] for seed in seeds)
        np.testing.assert_array_equal(first, again)
        assert (first != other).all()


class TestLayer:
    def test_augments_in_training_only(self):
        layer, images = in_graph_augmentation("source", seed=0), pictures() / 255
        for plain in (layer(images), layer(images, training=False)):
            np.testing.assert_array_equal(ops.convert_to_numpy(plain), images)
        result = augmented(layer, images)
        assert abs(result - images).mean() > 0.05
        np.testing.assert_array_equal(result.min(axis=(1, 2, 3)), 0)
        np.testing.assert_allclose(result.max(axis=(1, 2, 3)), 1, rtol=1e-6)

    @pytest.mark.parametrize("augmentation", PRESETS)
    def test_a_preset_has_the_settings_of_the_preset(self, augmentation):
        layer = in_graph_augmentation(augmentation, seed=3)
        settings = dict(PRESETS[augmentation])
        assert layer.noise == (settings.pop("preprocessing_function", None) is random_noise)
        assert layer.seed == 3
        assert {name: getattr(layer, name) for name in settings} == settings

    def test_survives_serialization(self):
        layer = RandomAugmentation(**WIDE, fill_mode="constant", cval=30, noise=True, seed=9)
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
        assert again.get_config() == layer.get_config()
        images = pictures(n=3) / 255
        np.testing.assert_array_equal(augmented(again, images), augmented(layer, images))

    def test_computes_in_float32_whatever_the_policy(self):
        images = pictures() / 255
        exact = augmented(RandomAugmentation(**WIDE, seed=4), images)
        mixed = RandomAugmentation(**WIDE, seed=4, dtype="mixed_bfloat16")
        inputs = keras.Input(images.shape[1:])
        result = keras.Model(inputs, mixed(inputs))(images, training=True)
        assert keras.backend.standardize_dtype(result.dtype) == "bfloat16"
        expected = ops.cast(ops.convert_to_tensor(exact), "bfloat16")
        np.testing.assert_array_equal(
            *(ops.convert_to_numpy(ops.cast(x, "float32")) for x in (result, expected))
        )

    @pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras compiles nothing with torch")
    @pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
    @pytest.mark.parametrize("noise", [True, False])
    def test_a_training_step_with_it_can_be_compiled_by_xla(self, noise):
        """XLA draws other numbers, so the two zooms leave one choice."""
        layer = RandomAugmentation(zoom_range=(0.3, 0.3), noise=noise)
        pool = keras.layers.GlobalMaxPooling2D() if noise else keras.layers.GlobalAveragePooling2D()
        model = keras.Sequential([keras.Input((20, 20, 1)), layer, pool])
        model.compile(loss="mse", optimizer="sgd", jit_compile=True)
        images = pictures(smooth=True) / 255
        (loss,) = model.fit(images, np.zeros((24, 1)), batch_size=16, verbose=0).history["loss"]
        means = augmented(RandomAugmentation(zoom_range=(0.3, 0.3)), images).mean(axis=(1, 2, 3))
        assert loss == pytest.approx(1 if noise else np.mean(means**2), rel=1e-5)
        assert loss != pytest.approx(np.mean(images.mean(axis=(1, 2, 3)) ** 2), rel=1e-3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"fill_mode": "mirror"}, r"`fill_mode` must be one of \['nearest', .* Received: 'mirror'"),
        ({"width_shift_range": 3}, r"`width_shift_range` must be a share .* Received: 3"),
        ({"height_shift_range": -0.1}, r"`height_shift_range` must be a share .* Received: -0.1"),
    ],
)
def test_refuses_wrong_arguments(wrong, message):
    with pytest.raises(ValueError, match=message):
        RandomAugmentation(**wrong)


def test_refuses_an_unknown_preset_and_lists_the_known():
    with pytest.raises(ValueError, match=r"`augmentation` must be one of .*source.* Received: 'rotate'"):
        in_graph_augmentation("rotate", seed=0)
