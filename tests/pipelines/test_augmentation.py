import threading

import numpy as np
import pandas as pd
import pytest
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from fer.pipelines import PRESETS, augment, augmenter, random_noise

pytestmark = pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")

SOURCE = {
    "rotation_range": 40,
    "width_shift_range": 0.07,
    "height_shift_range": 0.07,
    "shear_range": 0.2,
    "zoom_range": 0.2,
    "horizontal_flip": True,
    "fill_mode": "nearest",
}


class FixedDraws:
    """Stands in for a NumPy generator: gives the noise and the strength that a test states."""

    def __init__(self, noise, strength):
        self.noise, self.strength = noise, strength

    def standard_normal(self, shape, dtype):
        return np.asarray(self.noise, dtype).reshape(shape)

    def uniform(self, low, high):
        assert (low, high) == (1, 5)
        return self.strength


def faces(n=3, size=24, channels=1):
    return np.random.default_rng(7).integers(0, 256, (n, size, size, channels), dtype=np.uint8)


class TestRandomNoise:
    def test_adds_scaled_noise_and_stretches_to_the_full_range(self):
        image = np.array([[10, 20], [30, 40]], dtype=np.float32)
        draws = FixedDraws(noise=[[0, 1], [-1, 5]], strength=2)
        # 10, 22, 28, 50 → minus 10 → 0, 12, 18, 40 → times 255/40
        np.testing.assert_allclose(random_noise(image, draws), [[0, 76.5], [114.75, 255]])

    def test_fills_0_to_255_exactly(self):
        noisy = random_noise(np.float32(faces()[0]), np.random.default_rng(0))
        assert (noisy.min(), noisy.max(), noisy.dtype) == (0, 255, np.float32)

    def test_an_image_without_differences_becomes_black(self):
        constant = np.full((4, 4, 1), 130, dtype=np.float32)
        noisy = random_noise(constant, FixedDraws(noise=np.zeros((4, 4, 1)), strength=3))
        np.testing.assert_array_equal(noisy, 0)

    def test_leaves_its_argument_alone(self):
        image = np.float32(faces()[0])
        random_noise(image, np.random.default_rng(0))
        np.testing.assert_array_equal(image, faces()[0])


class TestAugment:
    @pytest.mark.parametrize("channels", [1, 3])
    def test_source_is_the_stock_generator_with_the_same_parameters_and_noise(self, channels):
        stock = ImageDataGenerator(**SOURCE)
        random = np.random.default_rng(5)
        expected = []
        for image in faces(channels=channels):
            moved = stock.random_transform(np.float32(image), seed=int(random.integers(2**32)))
            noise = random.standard_normal(moved.shape, dtype=np.float32)
            noisy = moved + random.uniform(1, 5) * noise
            expected.append((noisy - noisy.min()) / np.ptp(noisy))
        actual = augment(faces(channels=channels), np.random.default_rng(5), "source")
        np.testing.assert_allclose(actual, expected, atol=1e-6)

    def test_none_only_scales(self):
        scaled = augment(faces(), np.random.default_rng(0), "none")
        np.testing.assert_allclose(scaled, faces() / 255.0, rtol=1e-6)
        assert scaled.dtype == np.float32

    def test_flip_gives_the_image_or_its_mirror(self):
        image = faces(n=1)
        results = augment(np.repeat(image, 40, axis=0), np.random.default_rng(0), "flip")
        same = (results == augment(image, np.random.default_rng(0), "none")).all(axis=(1, 2, 3))
        mirrored = (results == augment(image[:, :, ::-1], np.random.default_rng(0), "none")).all(
            axis=(1, 2, 3)
        )
        assert (same ^ mirrored).all()
        assert 8 < mirrored.sum() < 32  # binomial(40, 0.5): outside with p < 2e-4, and the seed is fixed

    @pytest.mark.parametrize("augmentation", PRESETS)
    def test_result_is_float32_in_0_to_1_and_the_images_are_left_alone(self, augmentation):
        images = faces(n=20)
        result = augment(images, np.random.default_rng(0), augmentation)
        assert result.dtype == np.float32
        assert 0 <= result.min() < result.max() <= 1
        np.testing.assert_array_equal(images, faces(n=20))

    def test_leaves_the_global_random_state_alone(self):
        np.random.seed(3)  # noqa: NPY002
        expected = np.random.random(4)  # noqa: NPY002
        np.random.seed(3)  # noqa: NPY002
        augment(faces(), np.random.default_rng(0), "source")
        np.testing.assert_array_equal(np.random.random(4), expected)  # noqa: NPY002

    def test_threads_do_not_mix_their_draws(self):
        images = faces(n=30, size=8)
        expected = [augment(images, np.random.default_rng(seed)) for seed in range(6)]
        results = [None] * len(expected)

        def work(seed):
            results[seed] = augment(images, np.random.default_rng(seed))

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(len(results))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        np.testing.assert_array_equal(results, expected)


def test_source_draws_uniformly_inside_its_ranges():
    generator = augmenter("source", np.random.default_rng(0))
    drawn = pd.DataFrame([generator.get_random_transform((100, 200, 1), seed=seed) for seed in range(2000)])
    limits = {
        "theta": (-40, 40),
        "tx": (-7, 7),  # rows: 0.07 of the height
        "ty": (-14, 14),
        "shear": (-0.2, 0.2),
        "zx": (0.8, 1.2),
        "zy": (0.8, 1.2),
    }
    for parameter, (low, high) in limits.items():
        width = high - low
        assert drawn[parameter].between(low, high).all()
        assert np.ptp(drawn[parameter]) > 0.99 * width
        assert drawn[parameter].std() == pytest.approx(width / np.sqrt(12), rel=0.05)
    assert drawn["flip_horizontal"].mean() == pytest.approx(0.5, abs=0.05)
    assert not drawn["flip_vertical"].any()


@pytest.mark.parametrize(("augmentation", "engine"), [("rotate", "keras"), ("source", "quick")])
def test_refuses_an_unknown_name_and_lists_the_known(augmentation, engine):
    with pytest.raises(ValueError, match=r"must be one of .*(source|keras).* Received: '(rotate|quick)'"):
        augmenter(augmentation, np.random.default_rng(0), engine)
