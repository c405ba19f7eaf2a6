from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pandas as pd
import pytest
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image

from fer.pipelines import PRESETS, FastImageDataGenerator

EMOTIONS = ("happy", "neutral", "sad")


def numbered(n=10, channels=1):
    """Image i has the gray value 20·i."""
    return np.zeros((n, 12, 12, channels), np.uint8) + 20 * np.arange(n, dtype=np.uint8)[:, None, None, None]


def numbers(images):
    return [round(float(image[0, 0, 0]) / 20) for image in images]


@pytest.fixture
def folder(tmp_path):
    """Twelve gray images in three class folders."""
    for row, image in enumerate(numbered(12)):
        path = tmp_path / EMOTIONS[row % 3] / f"{row:02}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image[..., 0]).save(path)
    return tmp_path


@pytest.fixture
def table(folder):
    files = sorted(folder.glob("*/*.png"))
    return pd.DataFrame(
        {
            "filename": [str(file) for file in files],
            "class": [file.parent.name for file in files],
            "several": [[file.parent.name, "happy"] for file in files],
            "age": range(len(files)),
            "weight": np.linspace(0, 1, len(files)),
        }
    )


def assert_equal_batches(actual, expected):
    """Batches are arrays, or tuples and lists of them."""
    if isinstance(expected, tuple | list):
        assert len(actual) == len(expected)
        for one, other in zip(actual, expected, strict=True):
            assert_equal_batches(one, other)
    else:
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(actual, expected)


def siblings(method, *arguments, **options):
    """The iterators of both classes, of the same call."""
    return (
        getattr(kind(rescale=1 / 255), method)(*arguments, shuffle=False, batch_size=5, **options)
        for kind in (FastImageDataGenerator, ImageDataGenerator)
    )


class TestGiveWhatTheStockIteratorsGive:
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"y": np.arange(10)},
            {"y": np.eye(10), "sample_weight": np.linspace(0, 1, 10)},
        ],
        ids=["images", "labels", "weights"],
    )
    @pytest.mark.parametrize("dtype", [np.uint8, np.float32])
    def test_from_arrays(self, options, dtype):
        fast, stock = siblings("flow", numbered().astype(dtype), **options)
        assert len(fast) == len(stock) == 2
        for index in range(2):
            assert_equal_batches(fast[index], stock[index])

    def test_from_arrays_with_further_inputs(self):
        fast, stock = siblings("flow", (numbered(), [np.arange(10), np.ones((10, 3))]), np.arange(10))
        assert_equal_batches(fast[1], stock[1])

    @pytest.mark.parametrize("class_mode", ["categorical", "sparse", "input", None])
    @pytest.mark.parametrize("color_mode", ["grayscale", "rgb"])
    def test_from_class_folders(self, folder, class_mode, color_mode):
        options = {"target_size": (8, 9), "class_mode": class_mode, "color_mode": color_mode}
        fast, stock = siblings("flow_from_directory", folder, **options)
        assert fast.class_indices == stock.class_indices == {name: i for i, name in enumerate(EMOTIONS)}
        for index in range(3):
            assert_equal_batches(fast[index], stock[index])

    @pytest.mark.parametrize(
        "options",
        [
            {"class_mode": "categorical"},
            {"class_mode": "categorical", "y_col": "several"},
            {"class_mode": "raw", "y_col": "age", "weight_col": "weight"},
            {"class_mode": "multi_output", "y_col": ["age", "weight"]},
        ],
        ids=["categorical", "several", "raw", "multi_output"],
    )
    def test_from_a_table(self, table, options):
        fast, stock = siblings("flow_from_dataframe", table, target_size=(12, 12), **options)
        for index in range(3):
            assert_equal_batches(fast[index], stock[index])

    def test_from_images_of_16_bits(self, folder):
        for file in list(folder.glob("*/*.png"))[::2]:
            Image.fromarray(np.full((12, 12), 999, np.uint16)).save(file)
        fast, stock = siblings("flow_from_directory", folder, target_size=(12, 12), color_mode="grayscale")
        for index in range(3):
            assert_equal_batches(fast[index], stock[index])

    def test_from_a_share_of_the_data(self, folder):
        for subset in ("training", "validation"):
            fast, stock = (
                kind(validation_split=0.25).flow_from_directory(folder, subset=subset, shuffle=False)
                for kind in (FastImageDataGenerator, ImageDataGenerator)
            )
            assert fast.filenames == stock.filenames


class TestOrder:
    def test_every_epoch_shows_every_image_once_in_its_own_order(self):
        iterator = FastImageDataGenerator().flow(numbered(), batch_size=4, seed=1)
        batches = [numbers(next(iterator)) for _ in range(3 * len(iterator))]
        epochs = [[*batches[i], *batches[i + 1], *batches[i + 2]] for i in (0, 3, 6)]
        assert [sorted(epoch) for epoch in epochs] == [list(range(10))] * 3
        assert len({tuple(epoch) for epoch in epochs}) == 3

    def test_reset_starts_the_epoch_again(self):
        iterator = FastImageDataGenerator().flow(numbered(), batch_size=4, shuffle=False)
        next(iterator)
        iterator.reset()
        assert numbers(next(iterator)) == [0, 1, 2, 3]

    def test_refuses_a_batch_that_is_not_there(self):
        with pytest.raises(ValueError, match=r"`index` must be one of 3 batches\. Received: 3"):
            FastImageDataGenerator().flow(numbered(), batch_size=4)[3]


def test_nothing_to_go_through_is_refused(tmp_path):
    (tmp_path / "happy").mkdir()
    with pytest.raises(ValueError, match="There are no images"):
        next(FastImageDataGenerator().flow_from_directory(tmp_path))


def source(seed=0, workers=None, **options):
    generator = FastImageDataGenerator(rescale=1 / 255, **PRESETS["source"])
    same = np.repeat(numbered(4)[3:] + np.arange(12, dtype=np.uint8)[:, None], 32, axis=0)
    iterator = generator.flow(same, np.zeros(32), batch_size=4, seed=seed, **options)
    if workers:
        iterator.workers = workers
    return iterator


class TestReproducibility:
    def test_a_batch_depends_on_seed_epoch_and_index_alone(self):
        first, second = source(), source()
        expected = [first[index][0] for index in range(8)]
        for index in (5, 2, 2, 7):
            np.testing.assert_array_equal(second[index][0], expected[index])
        with ThreadPoolExecutor(4) as threads:
            for actual, images in zip(
                threads.map(lambda index: second[index][0], range(8)), expected, strict=True
            ):
                np.testing.assert_array_equal(actual, images)
        second.on_epoch_end()
        assert not np.array_equal(second[0][0], expected[0])
        assert not np.array_equal(source(seed=1)[0][0], expected[0])

    def test_no_augmentation_comes_twice(self):
        iterator = source()
        images = np.concatenate([next(iterator)[0] for _ in range(3 * len(iterator))])
        assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)

    def test_without_a_seed_the_global_one_decides(self):
        results = []
        for seed in (1, 1, 2):
            keras.utils.set_random_seed(seed)
            results.append(source(seed=None)[0][0])
        np.testing.assert_array_equal(results[0], results[1])
        assert not np.array_equal(results[0], results[2])

    def test_fit_sees_the_same_with_any_number_of_workers(self):
        model = keras.Sequential([keras.Input((12, 12, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
        model.compile(loss="mse", optimizer="sgd")
        start = model.get_weights()
        results = []
        for workers in (1, 2, 4):
            model.set_weights(start)
            model.fit(source(workers=workers), epochs=2, shuffle=False, verbose=0)
            results.append(model.get_weights()[0])
        np.testing.assert_allclose(results[1], results[0], rtol=1e-6)
        np.testing.assert_allclose(results[2], results[0], rtol=1e-6)
        assert not np.allclose(results[0], start[0])


def test_bytes_are_not_copied():
    images = numbered()
    assert np.shares_memory(FastImageDataGenerator().flow(images).x, images)


def test_images_are_saved_where_they_are_asked_for(tmp_path):
    iterator = FastImageDataGenerator().flow(
        numbered(), batch_size=4, shuffle=False, save_to_dir=tmp_path, save_prefix="face", save_format="png"
    )
    next(iterator), next(iterator)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"face_{row}_0.png" for row in range(8)]
