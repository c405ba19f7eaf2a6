import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.datasets.boxes import BOX, BoxDataset
from fer.pipelines import box_batches
from fer.pipelines.box_batches import BoxBatches

CLASSES = ("bare", "masked")


def make(boxes, pictures=None, paths=None):
    """A data set of boxes given as rows (photo, x, y, width, height, label, ignore)."""
    photos = pd.DataFrame({"path": paths or [""] * len(pictures)}).assign(split="train")
    table = pd.DataFrame(boxes, columns=["photo", *BOX, "label", "ignore"])
    return BoxDataset("made", CLASSES, photos, table, pictures=pictures)


@pytest.fixture
def pictures():
    random = np.random.default_rng(0)
    return [random.integers(256, size=(60 + 4 * i, 100, 3)).astype(np.uint8) for i in range(7)]


@pytest.fixture
def dataset(pictures):
    boxes = [(i, 10 + i, 12, 36, 40, CLASSES[i % 2], False) for i in range(6)]
    return make([*boxes, (0, 60, 20, 30, 20, "bare", True)], pictures)


def mosaics(dataset, **changes):
    arguments = {"shuffle": True, "augmentation": "mosaic", "seed": 5, "mosaic": 0.5, "paste": 0.5} | changes
    return BoxBatches(dataset, 64, 2, **arguments)


class TestWithoutAugmentation:
    def test_photos_are_fitted_in_and_given_in_order(self, dataset):
        batches = BoxBatches(dataset, 100, 3)
        assert [len(images) for images, _ in batches] == [3, 3, 1]
        images, truth = batches[0]
        assert (images.shape, images.dtype) == ((3, 100, 100, 3), np.float32)
        assert (truth.shape, truth.dtype) == ((3, 64, 6), np.float32)
        for row, top in enumerate((20, 18, 16)):  # of photos 60, 64 and 68 rows high
            np.testing.assert_allclose(images[row, :top], 114 / 255)
            np.testing.assert_allclose(images[row, top:-top], dataset.image(row) / 255, rtol=1e-6)

    def test_truth_holds_boxes_classes_and_states(self, dataset):
        truth = BoxBatches(dataset, 50, 7)[0][1]
        np.testing.assert_allclose(truth[0, :2], [[5, 16, 18, 20, 0, 1], [30, 20, 15, 10, 0, -1]])
        np.testing.assert_allclose(truth[1, 0], [5.5, 15, 18, 20, 1, 1])
        assert not truth[0, 2:].any()
        assert not truth[6].any()  # a photo without a face

    def test_photos_may_have_no_box_at_all(self, pictures):
        images, truth = BoxBatches(make([], pictures), 32, 7)[0]
        assert images.std() > 0.05
        assert not truth.any()

    def test_the_largest_faces_are_kept_and_ignored_ones_go_first(self, pictures):
        sizes = [10, 30, 20, 25]
        boxes = [(0, 15 * i, 0, size, size, "bare", False) for i, size in enumerate(sizes)]
        crowd = make([(0, 0, 10, 90, 50, "bare", True), *boxes], pictures[:1])

        def kept(max_boxes):
            return BoxBatches(crowd, 100, 1, max_boxes=max_boxes)[0][1][0, :, [2, 5]].T.tolist()

        assert kept(3) == [[30, 1], [25, 1], [20, 1]]
        assert kept(5) == [[30, 1], [25, 1], [20, 1], [10, 1], [90, -1]]

    def test_faces_that_become_too_small_are_ignored(self, dataset):
        assert set(BoxBatches(dataset, 16, 7)[0][1][:, 0, 5]) == {-1, 0}

    def test_photos_larger_than_needed_have_the_same_boxes_and_look_alike(self):
        slope = np.linspace(0, 255, 900 * 600).reshape(600, 900, 1).repeat(3, axis=2).astype(np.uint8)
        dataset = make([(0, 300, 150, 90, 120, "masked", False)], [slope])
        images, truth = BoxBatches(dataset, 100, 1)[0]
        np.testing.assert_allclose(truth[0, 0], [33.33, 16.67 + 16.17, 10, 13.33, 1, 1], atol=0.1)
        rows = images[0, 17:82, 50, 0]
        np.testing.assert_allclose(rows, (np.arange(17, 82) + 0.5 - 16.17) / 66.67, atol=0.02)


class TestFiles:
    def dataset(self, folder, pictures):
        paths = [folder / f"{row}.png" for row in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            Image.fromarray(picture).save(path)
        return make([(0, 10, 12, 36, 40, "bare", False)], paths=[str(path) for path in paths])

    def test_give_what_pictures_in_memory_give(self, tmp_path, pictures):
        files = self.dataset(tmp_path, pictures)
        memory = make([(0, 10, 12, 36, 40, "bare", False)], pictures)
        for changes in ({}, {"cache": False}):
            for batch, expected in zip(mosaics(files, **changes), mosaics(memory), strict=True):
                for part, right in zip(batch, expected, strict=True):
                    np.testing.assert_array_equal(part, right)

    def test_gray_ones_and_single_pixels_become_color_images(self, tmp_path):
        gray, dot = np.full((40, 60), 90, dtype=np.uint8), np.full((1, 1), 250, dtype=np.uint8)
        images, _ = BoxBatches(self.dataset(tmp_path, [gray, dot]), 60, 2)[0]
        np.testing.assert_allclose(images[0, 10:50], 90 / 255)
        np.testing.assert_allclose(images[1], 250 / 255)
        assert mosaics(self.dataset(tmp_path, [dot, gray]))[0][0].shape == (2, 64, 64, 3)

    def test_are_read_once_as_far_as_they_fit_into_memory(self, tmp_path, pictures, monkeypatch):
        # Of 100 × 60 and 100 × 64 pixels at size 40, so at most 60 × 36 and 60 × 38: the second has no room.
        monkeypatch.setattr(box_batches, "CACHE_BYTES", 60 * 36 * 3 + 60 * 38 * 3 - 1)
        files = self.dataset(tmp_path, pictures[:2])
        batches = BoxBatches(files, 40, 1)
        expected = [images for images, _ in batches]
        (tmp_path / "0.png").unlink()
        (tmp_path / "1.png").write_bytes(b"no longer")
        np.testing.assert_array_equal(batches[0][0], expected[0])
        with pytest.raises(ValueError, match=r"1\.png: not an image"):
            batches[1]
        with pytest.raises(ValueError, match=r"0\.png: no such file"):
            BoxBatches(files, 40, 1)[0]


class TestAugmentation:
    def test_a_batch_depends_on_seed_epoch_and_index_alone(self, dataset):
        expected = list(mosaics(dataset))
        again = mosaics(dataset)
        for index in (3, 0, 0, 1):
            for part, right in zip(again[index], expected[index], strict=True):
                np.testing.assert_array_equal(part, right)
        again.epoch = 1
        for other in (again[0][0], mosaics(dataset, seed=6)[0][0], expected[1][0]):
            assert not np.array_equal(other, expected[0][0])

    @pytest.mark.parametrize("workers", [1, 2])
    def test_fit_takes_the_same_batches_from_any_number_of_threads(self, dataset, workers):
        seen = []

        class Model(keras.Model):
            def train_step(self, data):
                images, truth = data
                seen.append((np.array(images), np.array(truth)))
                return {"count": len(seen)}

        expected = mosaics(dataset)
        batches = mosaics(dataset)
        batches.epoch, batches.workers = 2, workers
        model = Model()
        model.compile(run_eagerly=True)
        model.fit(batches, initial_epoch=2, epochs=4, shuffle=False, verbose=0)
        assert (batches.epoch, len(seen)) == (4, 2 * len(batches))
        for epoch in (2, 3):
            expected.epoch = epoch
            for index in range(len(expected)):
                for part, right in zip(seen.pop(0), expected[index], strict=True):
                    np.testing.assert_array_equal(part, right)

    def test_every_pass_shows_every_photo_once_however_long_an_epoch_is(self, dataset):
        batches = BoxBatches(dataset, 32, 2, shuffle=True, steps_per_epoch=3)
        assert len(batches) == 3
        seen = []
        for epoch in range(4):
            batches.epoch = epoch
            seen += [image.tobytes() for images, _ in batches for image in images]
        plain = {image.tobytes() for image in BoxBatches(dataset, 32, 7)[0][0]}
        for start in (0, 7, 14):
            assert set(seen[start : start + 7]) == plain

    def test_boxes_stay_in_the_image_and_states_are_known(self, dataset):
        batches = mosaics(dataset, mosaic=1.0, steps_per_epoch=30)
        truth = np.concatenate([truth for _, truth in batches]).reshape(-1, 6)
        present = truth[truth[:, 5] != 0]
        assert {-1, 1} == set(present[:, 5])
        assert {0, 1} == set(present[:, 4])
        assert (present[:, :2] >= -1e-9).all()
        assert (present[:, :2] + present[:, 2:4] <= 64 + 1e-4).all()
        assert not truth[truth[:, 5] == 0].any()

    def test_mosaics_and_pasted_faces_are_as_frequent_as_asked_for(self, dataset):
        def faces(**changes):
            batches = mosaics(dataset, steps_per_epoch=40, **changes)
            return np.mean([(truth[..., 5] != 0).sum(axis=1).mean() for _, truth in batches])

        single = faces(mosaic=0.0, paste=0.0)
        assert single < faces(mosaic=0.5, paste=0.0) < faces(mosaic=1.0, paste=0.0)
        assert faces(mosaic=0.0, paste=1.0) > single + 0.3

    def test_faces_that_are_ignored_or_small_are_not_pasted(self, pictures):
        boxes = [(0, 10, 12, 36, 40, "bare", True), (1, 10, 10, 20, 20, "bare", False)]
        batches = mosaics(make(boxes, pictures), mosaic=0.0, paste=1.0, steps_per_epoch=20)
        assert max((truth[..., 5] != 0).sum(axis=1).max() for _, truth in batches) == 1

    def test_each_batch_takes_one_of_several_sizes(self, dataset):
        def sizes(**changes):
            batches = BoxBatches(dataset, (32, 64, 96), 2, shuffle=True, steps_per_epoch=20, **changes)
            return [images.shape[1:3] for images, _ in batches]

        assert set(sizes()) == {(size, size) for size in (32, 64, 96)}
        assert sizes() == sizes() != sizes(seed=1)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("image_size", 0),
        ("image_size", ()),
        ("image_size", (32, -1)),
        ("batch_size", 0),
        ("augmentation", "rotate"),
        ("max_boxes", 0),
        ("mosaic", 1.5),
        ("paste", -0.1),
    ],
)
def test_refuses_a_wrong_argument_by_name(dataset, argument, value):
    arguments = {"image_size": 32, "batch_size": 2} | {argument: value}
    with pytest.raises(ValueError) as error:
        BoxBatches(dataset, **arguments)
    assert str(error.value).startswith(f"`{argument}`")
    assert str(error.value).endswith(f"Received: {value!r}")


def test_refuses_an_empty_split(dataset):
    with pytest.raises(ValueError, match="'made' has none in the split"):
        BoxBatches(dataset.split("test"), 32, 2)
