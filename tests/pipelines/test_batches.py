import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer.datasets.base import FaceDataset
from fer.pipelines import FaceBatches, evaluation_batches, train_batches

pytestmark = pytest.mark.filterwarnings("ignore:Please import `affine_transform`:DeprecationWarning")

EMOTIONS = ("angry", "happy", "sad")


@pytest.fixture
def faces():
    """Ten images; image i has the gray value 20·i everywhere but in one bright pixel."""
    images = np.zeros((10, 12, 12), dtype=np.uint8) + 20 * np.arange(10, dtype=np.uint8)[:, None, None]
    images[:, 2, 3] = 255
    table = pd.DataFrame({"emotion": [EMOTIONS[i % 3] for i in range(10)], "split": "train"})
    soft_labels = np.random.default_rng(0).dirichlet(np.ones(3), size=10).astype(np.float32)
    return FaceDataset("tiny", EMOTIONS, table, images=images, soft_labels=soft_labels)


@pytest.fixture
def model():
    inputs = keras.Input((12, 12, 1))
    outputs = keras.layers.Dense(3, activation="softmax")(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs)
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    return model


def batches_of(faces, epoch=0):
    batches = train_batches(faces, 12, 1, 4, seed=1)
    batches.epoch = epoch
    return batches


def trained_by_hand(model, faces, epochs):
    """The weights after these epochs, each from batches that were made for it alone."""
    for epoch in epochs:
        for images, labels in batches_of(faces, epoch):
            model.train_on_batch(images, labels)
    return model.get_weights()


def assert_same_weights(model, expected):
    for weight, value in zip(model.get_weights(), expected, strict=True):
        np.testing.assert_allclose(weight, value, rtol=1e-5, atol=1e-6)


def gray_values(batches):
    """The position in the data set of every image, read from its gray value."""
    return [round(image[0, 0, 0] * 255 / 20) for images, _ in batches for image in images]


class TestEvaluationBatches:
    def test_hold_every_image_and_label_in_order(self, faces):
        batches = evaluation_batches(faces, 12, 1, batch_size=4)
        assert [len(images) for images, _ in batches] == [4, 4, 2]
        np.testing.assert_allclose(np.concatenate([x for x, _ in batches])[..., 0], faces.images / 255)
        labels = np.concatenate([y for _, y in batches])
        np.testing.assert_array_equal(labels.argmax(axis=1), faces.labels)
        np.testing.assert_array_equal(labels.sum(axis=1), 1)
        assert labels.dtype == np.float32

    def test_predictions_line_up_with_labels(self, faces, model):
        outputs = model.predict(evaluation_batches(faces, 12, 1, batch_size=4), verbose=0)
        np.testing.assert_allclose(outputs, model.predict_on_batch(faces.images[..., None] / 255), rtol=1e-5)

    def test_bring_images_to_size_and_channels(self, faces):
        images, _ = evaluation_batches(faces, 6, 3, batch_size=10)[0]
        expected = faces.arrays(6, 3)[0] / 255
        np.testing.assert_allclose(images, expected, rtol=1e-6)

    def test_read_files_when_the_images_are_not_in_memory(self, faces, tmp_path):
        paths = [tmp_path / f"{row}.png" for row in range(len(faces))]
        for path, image in zip(paths, faces.images, strict=True):
            Image.fromarray(image).save(path)
        from_files = FaceDataset("files", EMOTIONS, faces.table.assign(path=[str(path) for path in paths]))
        for (x, _), (expected, _) in zip(
            evaluation_batches(from_files, 12, 1, 4), evaluation_batches(faces, 12, 1, 4), strict=True
        ):
            np.testing.assert_array_equal(x, expected)


class TestTrainBatches:
    def test_every_epoch_shows_every_image_once_in_its_own_order(self, faces):
        batches = train_batches(faces, 12, 1, 4, augmentation="none")
        orders = []
        for epoch in range(3):
            batches.epoch = epoch
            orders.append(gray_values(batches))
            assert sorted(orders[-1]) == list(range(10))
        assert len({tuple(order) for order in orders}) == 3

    def test_labels_follow_their_images(self, faces):
        batches = train_batches(faces, 12, 1, 4, augmentation="none")
        labels = np.concatenate([y for _, y in batches]).argmax(axis=1)
        np.testing.assert_array_equal(labels, faces.labels[gray_values(batches)])

    def test_are_left_plain_for_an_augmentation_in_the_training_step(self, faces):
        plain = train_batches(faces, 12, 1, 4, augmentation="none")
        for (images, _), (expected, _) in zip(
            train_batches(faces, 12, 1, 4, augmentation="source", engine="graph"), plain, strict=True
        ):
            np.testing.assert_array_equal(images, expected)

    def test_soft_labels_follow_their_images(self, faces):
        batches = train_batches(faces, 12, 1, 4, augmentation="none", soft_labels=True)
        labels = np.concatenate([y for _, y in batches])
        np.testing.assert_array_equal(labels, faces.soft_labels[gray_values(batches)])

    def test_erasing_changes_a_share_of_the_images_the_same_way_each_time(self, faces):
        def images(erasing):
            return train_batches(faces, 12, 1, 10, augmentation="none", erasing=erasing)[0][0]

        changed = (images(0.5) != images(0)).any(axis=(1, 2, 3))
        assert 0 < changed.sum() < 10
        np.testing.assert_array_equal(images(0.5), images(0.5))

    def test_a_teacher_sees_the_augmented_images_unerased_and_shares_the_labels(self, faces):
        seen = []

        def teacher(images):
            seen.append(images.copy())
            return np.tile(np.float32([0.5, 0.25, 0.25]), (len(images), 1))

        options = {"augmentation": "flip", "seed": 3}
        plain = train_batches(faces, 12, 1, 10, **options)[0]
        images, labels = train_batches(
            faces, 12, 1, 10, **options, erasing=1.0, teacher=teacher, teacher_weight=0.8
        )[0]
        np.testing.assert_array_equal(seen[0], plain[0])
        assert (images != plain[0]).any(axis=(1, 2, 3)).all()
        np.testing.assert_allclose(labels, 0.2 * plain[1] + 0.8 * np.float32([0.5, 0.25, 0.25]), rtol=1e-6)

    def test_a_batch_depends_on_seed_epoch_and_index_alone(self, faces):
        first, second = train_batches(faces, 12, 1, 4, seed=1), train_batches(faces, 12, 1, 4, seed=1)
        expected = [x for x, _ in first]
        for index in (2, 0, 0, 1):
            np.testing.assert_array_equal(second[index][0], expected[index])
        other_seed = train_batches(faces, 12, 1, 4, seed=2)
        second.epoch = 1
        for other in (other_seed[0][0], second[0][0], expected[1]):
            assert not np.array_equal(other, expected[0])


class TestFit:
    def test_takes_the_epochs_one_after_the_other(self, faces, model):
        start = model.get_weights()
        expected = trained_by_hand(model, faces, epochs=[0, 1, 2])
        model.set_weights(start)
        validation = evaluation_batches(faces, 12, 1, 4)
        model.fit(batches_of(faces), epochs=3, shuffle=False, verbose=0, validation_data=validation)
        assert_same_weights(model, expected)

    def test_continued_at_an_epoch_takes_what_an_uninterrupted_one_takes(self, faces, model):
        start = model.get_weights()
        expected = trained_by_hand(model, faces, epochs=[2, 3])
        model.set_weights(start)
        model.fit(batches_of(faces, epoch=2), initial_epoch=2, epochs=4, shuffle=False, verbose=0)
        assert_same_weights(model, expected)

    def test_repeats_an_interrupted_epoch_when_it_is_set_again(self, faces, model):
        class Interrupt(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                raise KeyboardInterrupt

        start = model.get_weights()
        expected = trained_by_hand(model, faces, epochs=[0])
        batches = batches_of(faces)
        with pytest.raises(KeyboardInterrupt):
            model.fit(batches, epochs=1, shuffle=False, verbose=0, callbacks=[Interrupt()])
        model.set_weights(start)
        batches.epoch = 0
        model.fit(batches, epochs=1, shuffle=False, verbose=0)
        assert_same_weights(model, expected)

    def test_takes_the_same_batches_from_several_worker_threads(self, faces, model):
        start = model.get_weights()
        expected = trained_by_hand(model, faces, epochs=[0, 1])
        model.set_weights(start)
        batches = batches_of(faces)
        batches.workers = 3
        model.fit(batches, epochs=2, shuffle=False, verbose=0)
        assert_same_weights(model, expected)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("image_size", 0),
        ("channels", 2),
        ("batch_size", 0),
        ("augmentation", "rotate"),
        ("engine", "quick"),
    ],
)
def test_refuses_a_wrong_argument_by_name(faces, argument, value):
    arguments = {"image_size": 12, "channels": 1, "batch_size": 4} | {argument: value}
    with pytest.raises(ValueError, match=f"`{argument}` .* Received: {value!r}"):
        FaceBatches(faces, **arguments)


def test_refuses_an_empty_split(faces):
    with pytest.raises(ValueError, match="'tiny' has none in the split"):
        evaluation_batches(faces.split("validation"), 12, 1, 4)


def test_refuses_soft_labels_that_the_data_set_does_not_have(faces):
    hard = FaceDataset("hard", EMOTIONS, faces.table, images=faces.images)
    with pytest.raises(ValueError, match="`soft_labels`"):
        train_batches(hard, 12, 1, 4, soft_labels=True)
