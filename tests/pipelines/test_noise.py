import numpy as np
import pytest
from scipy import stats

from fer.pipelines import random_noise
from fer.pipelines.noise import add_random_noise


class FixedDraws:
    """Stands in for a NumPy generator: gives the noise and the strength that a test states."""

    def __init__(self, noise, strength):
        self.noise, self.strength = noise, strength

    def standard_normal(self, shape, dtype):
        return np.asarray(self.noise, dtype).reshape(shape)

    def uniform(self, low, high):
        assert (low, high) == (1, 5)
        return self.strength


def pictures(n=3, size=24, channels=1):
    return np.random.default_rng(7).integers(0, 256, (n, size, size, channels), dtype=np.uint8)


class TestRandomNoise:
    def test_adds_scaled_noise_and_stretches_to_the_full_range(self):
        image = np.array([[10, 20], [30, 40]], dtype=np.float32)
        draws = FixedDraws(noise=[[0, 1], [-1, 5]], strength=2)
        # 10, 22, 28, 50 → minus 10 → 0, 12, 18, 40 → times 255/40
        np.testing.assert_allclose(random_noise(image, draws), [[0, 76.5], [114.75, 255]])

    def test_fills_0_to_255_exactly(self):
        noisy = random_noise(np.float32(pictures()[0]), np.random.default_rng(0))
        assert (noisy.min(), noisy.max(), noisy.dtype) == (0, 255, np.float32)

    def test_an_image_without_differences_becomes_black(self):
        constant = np.full((4, 4, 1), 130, dtype=np.float32)
        noisy = random_noise(constant, FixedDraws(noise=np.zeros((4, 4, 1)), strength=3))
        np.testing.assert_array_equal(noisy, 0)

    def test_leaves_its_argument_alone(self):
        image = np.float32(pictures()[0])
        random_noise(image, np.random.default_rng(0))
        np.testing.assert_array_equal(image, pictures()[0])

    def test_follows_the_global_seed_without_a_generator(self):
        image = np.float32(pictures()[0])
        results = []
        for seed in (1, 1, 2):
            np.random.seed(seed)  # noqa: NPY002
            results.append(random_noise(image))
        np.testing.assert_array_equal(results[0], results[1])
        assert not np.array_equal(results[0], results[2])


class TestManyImages:
    def test_the_noise_is_normal_and_its_strength_uniform(self):
        # An image of black and white pixels gives itself away: the distance of the two levels tells the
        # stretch, and what scatters around them is the noise.
        images = np.zeros((400, 32, 32, 1), np.uint8)
        images[:, :, 16:] = 255
        noisy = add_random_noise(images, np.random.default_rng(0)).astype(np.float64)
        halves = np.stack([noisy[:, :, :16], noisy[:, :, 16:]], axis=1).reshape(400, 2, -1)
        levels = halves.mean(axis=2, keepdims=True)
        noise = (halves - levels).reshape(400, -1) * 255 / np.diff(levels, axis=1)[:, 0]
        strengths = noise.std(axis=1)
        assert stats.kstest(strengths, "uniform", args=(1, 4)).pvalue > 0.001
        standard = noise / strengths[:, None]
        assert stats.kstest(standard.ravel(), "norm").pvalue > 0.001
        assert 4 < np.abs(standard).max() < 4.7  # the table ends at 4.39
        neighbours = np.corrcoef(standard[:, :-1].ravel(), standard[:, 1:].ravel())[0, 1]
        assert abs(neighbours) < 0.005
        between_images = np.corrcoef(standard[:-1].ravel(), standard[1:].ravel())[0, 1]
        assert abs(between_images) < 0.005

    @pytest.mark.parametrize("scale", [1, 1 / 255])
    @pytest.mark.parametrize("dtype", [np.uint8, np.float32])
    def test_fills_the_range_exactly(self, scale, dtype):
        images = pictures(n=300, channels=3).astype(dtype)
        noisy = add_random_noise(images, np.random.default_rng(0), scale)
        assert (noisy.dtype, noisy.shape) == (np.float32, images.shape)
        np.testing.assert_array_equal(noisy.min(axis=(1, 2, 3)), 0)
        np.testing.assert_allclose(noisy.max(axis=(1, 2, 3)), 255 * scale, rtol=1e-6)
        assert noisy.max() <= np.float32(255 * scale)
        np.testing.assert_array_equal(images, pictures(n=300, channels=3))

    def test_depends_on_the_generator_alone(self):
        first, again, other = (add_random_noise(pictures(), np.random.default_rng(s)) for s in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_an_odd_number_of_pixels(self):
        assert add_random_noise(pictures(n=1, size=5), np.random.default_rng(0)).max() == 255

    def test_no_images(self):
        assert add_random_noise(pictures(n=0), np.random.default_rng(0)).shape == (0, 24, 24, 1)
