import threading

import numpy as np
import pandas as pd
import pytest
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from fer import synthetic
from fer.pipelines import PRESETS, FastImageDataGenerator, augment

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


def faces(n=3, size=24, channels=1):
    return np.random.default_rng(7).integers(0, 256, (n, size, size, channels), dtype=np.uint8)


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
        actual = augment(faces(channels=channels), np.random.default_rng(5), "source", engine="keras")
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

    @pytest.mark.parametrize("engine", ["fast", "keras"])
    @pytest.mark.parametrize("augmentation", PRESETS)
    def test_result_is_float32_in_0_to_1_and_the_images_are_left_alone(self, augmentation, engine):
        images = faces(n=20)
        result = augment(images, np.random.default_rng(0), augmentation, engine)
        assert result.dtype == np.float32
        assert 0 <= result.min() < result.max() <= 1
        np.testing.assert_array_equal(images, faces(n=20))

    @pytest.mark.parametrize("engine", ["fast", "keras"])
    def test_leaves_the_global_random_state_alone(self, engine):
        np.random.seed(3)  # noqa: NPY002
        expected = np.random.random(4)  # noqa: NPY002
        np.random.seed(3)  # noqa: NPY002
        augment(faces(), np.random.default_rng(0), "source", engine)
        np.testing.assert_array_equal(np.random.random(4), expected)  # noqa: NPY002

    @pytest.mark.parametrize("engine", ["fast", "keras"])
    def test_threads_do_not_mix_their_draws(self, engine):
        images = faces(n=30, size=8)
        expected = [augment(images, np.random.default_rng(seed), "source", engine) for seed in range(6)]
        results = [None] * len(expected)

        def work(seed):
            results[seed] = augment(images, np.random.default_rng(seed), "source", engine)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(len(results))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        np.testing.assert_array_equal(results, expected)


def test_both_engines_make_the_same_of_a_face():
    """Same mean and same scatter at every pixel, over many draws of each."""
    image = synthetic.generate(1, image_size=16).images[..., None]
    images = np.repeat(image, 1000, axis=0)
    fast, stock = (
        augment(images, np.random.default_rng(seed), "source", engine)
        for seed, engine in enumerate(("fast", "keras"))
    )
    standard_error = np.sqrt((fast.var(axis=0) + stock.var(axis=0)) / 1000)
    z = (fast.mean(axis=0) - stock.mean(axis=0)) / standard_error
    assert np.abs(z).max() < 5
    np.testing.assert_allclose(fast.std(axis=0), stock.std(axis=0), rtol=0.25, atol=0.005)


def test_source_draws_uniformly_inside_its_ranges():
    generator = FastImageDataGenerator(**PRESETS["source"])
    drawn = pd.DataFrame(generator.draw(2000, (100, 200, 1), np.random.default_rng(0)))
    limits = {
        "theta": (-40, 40),
        "tx": (-7, 7),  # 0.07 of the height
        "ty": (-14, 14),
        "shear": (-0.2, 0.2),
        "zx": (0.8, 1.2),
        "zy": (0.8, 1.2),
    }
    assert set(drawn) == {*limits, "flip_horizontal"}
    for parameter, (low, high) in limits.items():
        width = high - low
        assert drawn[parameter].between(low, high).all()
        assert np.ptp(drawn[parameter]) > 0.99 * width
        assert drawn[parameter].std() == pytest.approx(width / np.sqrt(12), rel=0.05)
    assert drawn["flip_horizontal"].mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("augmentation", "engine"), [("rotate", "keras"), ("source", "quick"), ("source", "graph")]
)
def test_refuses_an_unknown_name_and_lists_the_known(augmentation, engine):
    with pytest.raises(
        ValueError, match=r"must be one of .*(source|keras).* Received: '(rotate|quick|graph)'"
    ):
        augment(faces(), np.random.default_rng(0), augmentation, engine)
