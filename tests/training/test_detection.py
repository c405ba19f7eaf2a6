import json

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from fer.datasets.boxes import BoxDataset
from fer.pipelines.box_batches import BoxBatches
from fer.training.detection import TrainedDetector, train_detector
from fer.training.detection_config import DetectionConfig
from fer.training.detection_run import DetectionRun

CONFIG = DetectionConfig(
    image_size=64,
    width_multiplier=0.35,
    head_multiplier=0.25,
    augmentation="none",
    learning_rate=5e-3,
    batch_size=8,
    epochs=2,
    steps_per_epoch=3,
)


@pytest.fixture(scope="module", autouse=True)
def eager():
    """For a few steps compiling takes longer than computing; notebook 08 is tested with compiled steps."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def squares(n: int = 40, seed: int = 0) -> BoxDataset:
    """Bright squares on dark noise."""
    random = np.random.default_rng(seed)
    pictures, rows = [], []
    for number in range(n):
        picture = random.integers(0, 60, (64, 64, 3)).astype(np.uint8)
        side = int(random.integers(14, 40))
        x, y = random.integers(0, 64 - side, 2)
        picture[y : y + side, x : x + side] = 230
        pictures.append(picture)
        rows.append((number, x, y, side, side + number % 3 / 4, "face", False))
    boxes = pd.DataFrame(rows, columns=["photo", "x", "y", "width", "height", "label", "ignore"])
    photos = pd.DataFrame({"split": ["train"] * (n - 8) + ["validation"] * 8})
    return BoxDataset("squares", ("face",), photos, boxes, pictures)


@pytest.fixture(scope="module")
def dataset():
    return squares()


@pytest.fixture(scope="module")
def run(dataset, tmp_path_factory):
    return train_detector(CONFIG, dataset, runs=tmp_path_factory.mktemp("runs"), progress=False)


class StopAfter(keras.callbacks.Callback):
    """Stops a training after some epochs, as a user would."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch + 1 >= self.epochs


def test_a_run_tells_what_it_did(run, dataset):
    assert run.status == "finished"
    history = run.history
    assert list(history.columns) == DetectionRun.history_columns()
    assert history["epoch"].tolist() == [0, 1, 2]
    parts = history.loc[1:, ["box", "objectness", "classes"]].sum(axis=1)
    np.testing.assert_allclose(parts, history.loc[1:, "loss"], rtol=1e-4)
    assert run.metrics["classes"] == ["face"]
    assert run.anchors.shape == (9, 2)
    environment = json.loads((run.folder / "environment.json").read_text())
    assert environment["data_fingerprint"] == dataset.fingerprint


def test_the_kept_model_is_that_of_the_best_epoch(run):
    history = run.history.set_index("epoch")
    best = history["val_average_precision"].idxmax()
    tied = history[history["val_average_precision"] == history.loc[best, "val_average_precision"]]
    assert run.metrics["best_epoch"] == tied["val_loss"].idxmin()


def test_a_finished_run_is_not_trained_again(run, dataset):
    before = run.model_path.stat().st_mtime_ns
    again = train_detector(CONFIG, dataset, runs=run.folder.parent, progress=False)
    assert (again.folder, again.model_path.stat().st_mtime_ns) == (run.folder, before)


def test_an_interrupted_run_reaches_the_history_it_would_have_had(run, dataset, tmp_path):
    first = train_detector(CONFIG, dataset, runs=tmp_path, progress=False, callbacks=[StopAfter(1)])
    assert first.status == "interrupted"
    second = train_detector(CONFIG, dataset, runs=tmp_path, progress=False)
    assert second.status == "finished"
    columns = [name for name in run.history.columns if name != "seconds"]
    np.testing.assert_allclose(second.history[columns], run.history[columns], rtol=1e-4, atol=1e-6)


def test_a_training_goes_on_from_a_pretrained_run_with_its_anchors(run, dataset):
    config = CONFIG.replace(pretrained=run.id, epochs=1, learning_rate=1e-9, image_size=96)
    second = train_detector(config, dataset, runs=run.folder.parent, progress=False)
    np.testing.assert_array_equal(second.anchors, run.anchors)
    kernels = [w for w in run.model.get_weights() if w.ndim == 4]
    for before, after in zip(kernels, [w for w in second.model.get_weights() if w.ndim == 4], strict=True):
        np.testing.assert_allclose(after, before, atol=1e-5)


def test_a_pretrained_run_that_is_not_there_is_named(dataset, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"`pretrained` is no run .* Received: '0123'"):
        train_detector(CONFIG.replace(pretrained="0123"), dataset, runs=tmp_path, progress=False)


def test_a_run_of_faces_is_no_run_of_a_detector(tmp_path):
    (tmp_path / "config.json").write_text('{"emotion_weight": 1}')
    with pytest.raises(ValueError, match="A DetectionConfig has the fields"):
        DetectionRun.open(tmp_path)


def test_a_loss_that_is_no_number_ends_the_run_as_diverged(dataset, tmp_path):
    run = train_detector(CONFIG.replace(max_loss=1e-3), dataset, runs=tmp_path, progress=False)
    assert run.status == "diverged"
    assert run.metrics["diverged_in_epoch"] == 1


def test_the_loss_of_a_batch_that_is_seen_again_and_again_falls(dataset):
    tf.config.run_functions_eagerly(False)
    anchors = np.outer(np.linspace(14, 40, 9), [1, 1])
    trained = TrainedDetector(CONFIG.replace(epochs=20), anchors, num_classes=1, steps_per_epoch=3)
    images, truth = BoxBatches(dataset.split("train"), 64, 16)[0]
    losses = []
    for _ in range(40):
        trained.model.reset_metrics()
        losses.append(float(trained.model.train_on_batch(images, truth, return_dict=True)["loss"]))
    assert losses[-1] < losses[0] / 3


@pytest.mark.parametrize(
    ("field", "value"),
    [("image_size", 100), ("batch_size", 0), ("learning_rate", -1), ("mosaic", 2), ("optimizer", "sgdm")],
)
def test_a_wrong_setting_is_named(field, value):
    with pytest.raises(ValueError, match=f"`{field}` must be .*Received: {value!r}"):
        DetectionConfig(**{field: value})
