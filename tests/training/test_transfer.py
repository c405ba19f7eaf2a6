import shutil

import keras
import numpy as np
import pytest

from fer import datasets, training, worker
from fer.training import Run, TrainingConfig

CONFIG = TrainingConfig(
    dataset_options={"n": 140, "image_size": 24, "difficulty": "easy"},
    image_size=24,
    model="small_cnn",
    model_options={"width_multiplier": 0.125},
    augmentation="none",
    epochs=1,
    learning_rate=3e-3,
)


@pytest.fixture(scope="module")
def faces():
    return training.load_data(CONFIG)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def first(faces, runs):
    """A finished run that no test changes."""
    return training.train(CONFIG.replace(epochs=2), faces, runs=runs, progress=False)


def test_training_goes_on_from_the_best_weights_of_another_run(faces, runs, first):
    config = CONFIG.replace(optimizer="sgd", seed=5, pretrained=first.id)
    run = training.train(config, faces, runs=runs, progress=False)
    best = first.history.set_index("epoch").loc[first.metrics["best_epoch"]]
    untrained = run.history.loc[0]
    assert untrained["val_loss"] == pytest.approx(best["val_loss"], rel=1e-4)
    assert untrained["val_accuracy"] == pytest.approx(best["val_accuracy"])
    assert run.history.loc[1, "loss"] != untrained["loss"]


def test_other_data_with_fewer_and_new_emotions_take_the_columns_that_both_know(tmp_path, runs, first, faces):
    pictures = tmp_path / "pictures"
    for folder, emotion in (("happy", "happy"), ("anger", "angry"), ("smirk", "sad")):
        chosen = np.flatnonzero(faces.table["emotion"] == emotion)[:10]
        (pictures / folder).mkdir(parents=True)
        for row in chosen:
            keras.utils.save_img(pictures / folder / f"{row}.png", faces.image(row)[..., None], scale=False)
    target = datasets.load("folder", pictures)
    assert target.emotions == ("angry", "happy", "smirk")
    config = CONFIG.replace(
        dataset="folder", dataset_options={}, pretrained=first.id, learning_rate_multipliers={"": 0.0}, seed=8
    )
    fresh = training.build_model(config, 3, 1).get_layer("logits").get_weights()
    run = training.train(
        config.replace(learning_rate_multipliers={"": 0.0, "logits": 1e-9}), target, runs=runs, progress=False
    )
    kernel, bias = run.model.get_layer("logits").get_weights()
    trained_kernel, trained_bias = first.model.get_layer("logits").get_weights()
    np.testing.assert_allclose(kernel[:, :2], trained_kernel[:, [0, 3]], atol=1e-6)
    np.testing.assert_allclose(bias[:2], trained_bias[[0, 3]], atol=1e-6)
    np.testing.assert_allclose(kernel[:, 2], fresh[0][:, 2], atol=1e-6)
    for layer in ("stage1_conv1", "stage3_conv1_norm", "head_dense"):
        for mine, theirs in zip(
            run.model.get_layer(layer).get_weights(), first.model.get_layer(layer).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)


def test_a_network_of_another_shape_is_refused_with_the_layer(faces, runs, first):
    config = CONFIG.replace(model_options={"width_multiplier": 0.25}, pretrained=first.id)
    with pytest.raises(ValueError, match=r"`pretrained` must have the layers .*'stage1_conv1' has weights"):
        training.train(config, faces, runs=runs, progress=False)


def test_a_run_that_is_not_there_or_not_finished_is_refused(faces, runs, first, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"`pretrained` is no run in .* Received: '0123456789ab'"):
        training.train(CONFIG.replace(pretrained="0123456789ab"), faces, runs=runs, progress=False)
    copy = Run(shutil.copytree(first.folder, tmp_path / first.id), first.config)
    (copy.folder / "metrics.json").unlink()
    with pytest.raises(RuntimeError, match="is to be trained first, but it is new"):
        training.train(CONFIG.replace(pretrained=first.id), faces, runs=tmp_path, progress=False)


def test_a_machine_of_a_cluster_gets_the_pretrained_run_with_the_task(faces, first, tmp_path, monkeypatch):
    monkeypatch.setattr(worker.tempfile, "gettempdir", lambda: str(tmp_path / "elsewhere"))
    config = CONFIG.replace(pretrained=first.id, seed=4)
    name, files = worker.train_elsewhere(config.to_json(), faces, worker.pack(first.folder))
    worker.unpack(tmp_path / "runs" / name, files)
    run = Run.open(tmp_path / "runs" / name)
    assert run.is_complete
    best = first.history.set_index("epoch").loc[first.metrics["best_epoch"]]
    assert run.history.loc[0, "val_loss"] == pytest.approx(best["val_loss"], rel=1e-4)
