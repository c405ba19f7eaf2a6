import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import asdict

import keras
import numpy as np
import pandas as pd
import pytest

from fer import datasets, files, paths, training
from fer.evaluation.predictions import predict
from fer.pipelines import evaluation_batches
from fer.training import Run, TrainingConfig
from fer.training.teacher import Teacher

CONFIG = TrainingConfig(
    dataset_options={"n": 140, "image_size": 32, "difficulty": "easy"},
    image_size=32,
    model="small_cnn",
    model_options={"width_multiplier": 0.25},
    augmentation="source",
    batch_size=32,
    epochs=3,
    learning_rate=3e-3,
)


@pytest.fixture(scope="module")
def faces():
    return training.load_data(CONFIG)


@pytest.fixture(scope="module")
def run(faces, tmp_path_factory):
    """A finished run that no test changes."""
    return training.train(CONFIG, faces, runs=tmp_path_factory.mktemp("runs"), progress=False)


def assert_same_history(first: Run, second: Run):
    columns = ["epoch", "learning_rate", "loss", "accuracy", "val_loss", "val_accuracy"]
    pd.testing.assert_frame_equal(first.history[columns], second.history[columns], rtol=1e-5, atol=1e-5)


def test_history_starts_with_the_untrained_network(run, faces):
    history = run.history
    assert history["epoch"].tolist() == [0, 1, 2, 3]
    model = training.build_model(CONFIG, num_classes=7, steps_per_epoch=4)
    batches = evaluation_batches(faces.split("validation"), 32, 1, batch_size=64)
    loss, accuracy = model.evaluate(batches, verbose=0)
    assert history.loc[0, "val_loss"] == pytest.approx(loss, rel=1e-5)
    assert history.loc[0, "val_accuracy"] == pytest.approx(accuracy)


def test_the_saved_model_is_the_best_validation_epoch_without_optimizer(run, faces):
    history = run.history
    best = history.sort_values(["val_accuracy", "val_loss"], ascending=[False, True]).iloc[0]
    assert run.metrics["best_epoch"] == best["epoch"]
    probabilities = predict(run.model, evaluation_batches(faces.split("validation"), 32, 1, 64))
    labels = faces.split("validation").labels
    assert np.mean(probabilities.argmax(axis=1) == labels) == pytest.approx(best["val_accuracy"], abs=1e-6)
    assert run.evaluation("validation").accuracy == pytest.approx(best["val_accuracy"], abs=1e-6)
    assert getattr(run.model, "optimizer", None) is None


def test_a_finished_run_leaves_no_state_and_records_its_environment(run, faces):
    assert {path.name for path in run.folder.iterdir()} == {
        ".lock",
        "config.json",
        "environment.json",
        "history.csv",
        "metrics.json",
        "model.keras",
        "predictions-validation.npz",
    }
    environment = json.loads((run.folder / "environment.json").read_text())
    assert environment["data_fingerprint"] == faces.fingerprint
    assert environment["packages"]["keras"] == keras.__version__
    assert Run.open(run.folder).config == CONFIG


def test_the_same_configuration_returns_the_finished_run(run, faces, capsys):
    before = run.model_path.stat().st_mtime_ns
    again = training.train(CONFIG, faces, runs=run.folder.parent)
    assert again.folder == run.folder
    assert run.model_path.stat().st_mtime_ns == before
    assert "finished earlier" in capsys.readouterr().out


def test_a_run_that_died_before_its_evaluation_is_evaluated_later(run, faces, tmp_path):
    died = Run(shutil.copytree(run.folder, tmp_path / run.id), CONFIG)
    (died.folder / "predictions-validation.npz").unlink()
    again = training.train(CONFIG, faces, runs=tmp_path, progress=False)
    np.testing.assert_allclose(
        again.predictions("validation")[0], run.predictions("validation")[0], atol=1e-6
    )


def test_an_interrupted_run_reaches_the_history_of_an_uninterrupted_one(run, faces, tmp_path, monkeypatch):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations == 6:  # in the second epoch, which has four batches
                raise KeyboardInterrupt

    fit = keras.Model.fit
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(
            keras.Model, "fit", lambda *a, callbacks, **k: fit(*a, callbacks=[*callbacks, Interrupt()], **k)
        )
        training.train(CONFIG, faces, runs=tmp_path, progress=False)
    interrupted = Run.open(tmp_path / run.id)
    assert interrupted.status == "interrupted"
    assert len(interrupted.history) == 2
    resumed = training.train(CONFIG, faces, runs=tmp_path, progress=False)
    assert resumed.status == "finished"
    assert_same_history(resumed, run)
    np.testing.assert_allclose(
        resumed.predictions("validation")[0], run.predictions("validation")[0], atol=1e-5
    )


@pytest.mark.parametrize("file", ["history.csv", "metrics.json", "predictions-validation.npz"])
def test_whatever_file_a_process_dies_before_it_is_there_in_the_end(run, faces, tmp_path, monkeypatch, file):
    """Dies where it writes a file for the last time, and is started again."""
    writes = {"history.csv": 4, "metrics.json": 2, "predictions-validation.npz": 1}
    written = []

    def dying_write(path):
        written.append(path.name)
        if written.count(file) == writes[file]:
            raise KeyboardInterrupt
        return files.atomic_write(path)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        for module in ("stored_run", "run"):
            patch.setattr(f"fer.training.{module}.atomic_write", dying_write)
        training.train(CONFIG, faces, runs=tmp_path, progress=False)
    again = training.train(CONFIG, faces, runs=tmp_path, progress=False)
    assert_same_history(again, run)
    assert again.metrics["splits"]["validation"]["accuracy"] == pytest.approx(
        run.metrics["splits"]["validation"]["accuracy"]
    )


def test_a_killed_process_loses_at_most_its_epoch(run, faces, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(CONFIG.to_json())
    script = (
        "import sys; from pathlib import Path; from fer import training\n"
        "config = training.TrainingConfig.from_json(Path(sys.argv[1]).read_text())\n"
        "training.train(config, runs=Path(sys.argv[2]), progress=False)"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(config), str(tmp_path)])
    history = tmp_path / run.id / "history.csv"
    while process.poll() is None and not (history.exists() and len(pd.read_csv(history)) >= 2):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    killed = Run.open(tmp_path / run.id)
    assert len(killed.history) >= 2
    assert_same_history(training.train(CONFIG, faces, runs=tmp_path, progress=False), run)


def test_a_loss_that_is_not_a_number_is_recorded_as_diverged(faces, tmp_path):
    config = CONFIG.replace(optimizer="sgd", learning_rate=1e30, augmentation="none")
    run = training.train(config, faces, runs=tmp_path, progress=False)
    assert run.status == "diverged"
    assert run.metrics["diverged_in_epoch"] == 1
    assert run.metrics["learning_rate"] == pytest.approx(1e30)
    assert run.history["epoch"].tolist() == [0]
    assert training.train(config, faces, runs=tmp_path, progress=False).status == "diverged"


def test_test_data_is_touched_once_and_only_when_asked(run, faces):
    assert not run.has_evaluated("test")
    with pytest.raises(FileNotFoundError, match="has not been evaluated on its test split"):
        run.predictions("test")
    copy = Run(run.folder, CONFIG)
    training.evaluate(copy, faces, "test")
    stored = run.predictions("test")
    assert run.metrics["splits"]["test"]["n"] == len(faces.split("test"))
    relabelled = faces.take(np.arange(len(faces))[::-1])
    training.evaluate(copy, relabelled, "test")
    np.testing.assert_array_equal(run.predictions("test")[0], stored[0])
    (run.folder / "predictions-test.npz").unlink()


def test_a_new_run_has_an_empty_history(run, tmp_path):
    new = Run(tmp_path / "run", CONFIG)
    assert new.history.empty
    assert new.history.columns.tolist() == run.history.columns.tolist()


def test_two_processes_cannot_train_one_run(run, faces, tmp_path):
    first = Run(tmp_path / "run", CONFIG)
    second = Run(tmp_path / "run", CONFIG)
    with first.lock(), pytest.raises(RuntimeError, match="trained by another process"), second.lock():
        pass
    with second.lock():
        pass


def test_the_precision_of_a_run_is_its_own(faces, tmp_path):
    config = CONFIG.replace(precision="mixed_bfloat16", epochs=1, augmentation="none")
    run = training.train(config, faces, runs=tmp_path, progress=False)
    assert run.model.layers[1].compute_dtype == "bfloat16"
    assert keras.config.dtype_policy().name == "float32"


def test_wrong_configurations_are_refused_before_training(faces, tmp_path):
    for change, message in [
        ({"optimizer_options": {"momentun": 0.9}}, "`optimizer_options` of 'adam'"),
        ({"model": "resnet51"}, "`name` must be one of"),
        ({"augmentation": "strong"}, "`augmentation` must be one of"),
    ]:
        with pytest.raises(ValueError, match=message):
            training.train(CONFIG.replace(**change), faces, runs=tmp_path, progress=False)
    with pytest.raises(ValueError, match="has no images"):
        training.train(CONFIG, faces.split("train"), runs=tmp_path, progress=False)


def test_runs_live_where_the_environment_says(faces):
    config = CONFIG.replace(epochs=1, augmentation="none")
    run = training.train(config, progress=False)
    assert run.folder.parent == paths.runs()
    assert [found.id for found in training.list_runs(paths.runs())] == [run.id]


def test_data_are_loaded_as_the_configuration_says():
    config = CONFIG.replace(subset=70)
    expected = datasets.load("synthetic", **CONFIG.dataset_options).subset(70)
    assert training.load_data(config).fingerprint == expected.fingerprint


def test_a_student_learns_from_the_mean_of_its_teachers_which_are_trained_first(faces, tmp_path):
    teachers = [CONFIG.replace(epochs=1, seed=seed, augmentation="none") for seed in (1, 2)]
    config = CONFIG.replace(
        epochs=1, augmentation="none", teachers=[asdict(teacher) for teacher in teachers], teacher_weight=1.0
    )
    student = training.train(config, faces, runs=tmp_path, progress=False)
    runs = [Run.find(teacher, faces, tmp_path) for teacher in teachers]
    assert [run.status for run in (student, *runs)] == ["finished"] * 3
    images = np.random.default_rng(0).random((4, 32, 32, 1), dtype=np.float32)
    taught = Teacher(runs)(images)
    expected = [run.model.predict(views, verbose=0) for run in runs for views in (images, images[:, :, ::-1])]
    np.testing.assert_allclose(taught, np.mean(expected, axis=0), atol=0.03)
    plain = training.train(
        config.replace(teachers=[], teacher_weight=0.0), faces, runs=tmp_path, progress=False
    )
    # Row 0 is before any training and does not know the teachers; the loss of row 1 is that to their labels.
    assert student.history.loc[0, "loss"] == plain.history.loc[0, "loss"]
    assert student.history.loc[1, "loss"] != plain.history.loc[1, "loss"]


def test_a_teacher_that_diverges_stops_its_student(faces, tmp_path):
    teacher = CONFIG.replace(epochs=1, learning_rate=1e6, optimizer="sgd")
    config = CONFIG.replace(epochs=1, teachers=[asdict(teacher)], teacher_weight=0.5)
    with pytest.raises(RuntimeError, match="is to be trained first, but it is diverged"):
        training.train(config, faces, runs=tmp_path, progress=False)
