"""LiveCurve: what it makes of the numbers that Keras gives."""

import threading

import numpy as np
import pandas as pd
import pytest

from fer.apps import live
from fer.apps.live import COLUMNS, LiveCurve
from fer.training import Run, TrainingConfig

START = {"epoch": 0, "loss": 2.0, "accuracy": 0.1, "val_loss": 2.1, "val_accuracy": 0.2}
FIRST = {"epoch": 1, "loss": 1.5, "accuracy": 0.3, "val_loss": 1.6, "val_accuracy": 0.4}


class Model:
    stop_training = False


@pytest.fixture(autouse=True)
def every_batch(monkeypatch):
    monkeypatch.setattr(live, "SECONDS_BETWEEN_REPORTS", 0)
    monkeypatch.setattr(live, "REPORTING_SHARE", 1e9)
    monkeypatch.setattr(live, "IMAGES_IN_A_POINT", 16)


@pytest.fixture
def run(tmp_path):
    run = Run(tmp_path, TrainingConfig(batch_size=16))
    run.write_history([START])
    return run


def begin(run, curve=None, stopping=None):
    """Returns a callback of a training of two epochs of three batches, and the list of its reports."""
    reports = []
    curve = pd.DataFrame(columns=COLUMNS) if curve is None else curve
    callback = LiveCurve(run, curve, stopping or threading.Event(), lambda *report: reports.append(report))
    callback.set_params({"steps": 3, "epochs": 2})
    callback.set_model(Model())
    callback.on_train_begin()
    return callback, reports


def test_a_point_is_the_mean_of_the_batches_since_the_last(run):
    callback, reports = begin(run)
    callback.on_epoch_begin(0)
    losses = [3.0, 1.0, 2.0]
    for batch in range(3):  # Keras gives the mean since the epoch began
        callback.on_train_batch_end(batch, {"loss": sum(losses[: batch + 1]) / (batch + 1), "accuracy": 0.5})
    callback.on_epoch_end(0, {"loss": 2.0, "accuracy": 0.5, "val_loss": 1.8, "val_accuracy": 0.6})
    curve, line = reports[-1]
    assert curve["epoch"].tolist() == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert curve["loss"].tolist() == pytest.approx([2.0, *losses])
    assert curve["val_accuracy"].dropna().tolist() == [0.2, 0.6]
    assert line.startswith("epoch 1 of 2 · step 3 of 3 · loss 2.000 · accuracy 0.500 · ")
    assert "images/s" in line and line.endswith("left")


@pytest.mark.parametrize(("images", "epochs"), [(16, [0, 1 / 3, 2 / 3, 1]), (32, [0, 1]), (1000, [0, 1])])
def test_a_point_has_images_enough_or_the_whole_epoch(run, monkeypatch, images, epochs):
    monkeypatch.setattr(live, "IMAGES_IN_A_POINT", images)
    callback, reports = begin(run)
    callback.on_epoch_begin(0)
    for batch, mean in enumerate([3.0, 2.0, 2.5]):
        callback.on_train_batch_end(batch, {"loss": mean, "accuracy": 0.0})
    callback.on_epoch_end(0, {"loss": 2.5, "accuracy": 0.0, "val_loss": 1.8, "val_accuracy": 0.6})
    curve, _ = reports[-1]
    assert curve["epoch"].tolist() == pytest.approx(epochs)
    assert np.mean(curve["loss"][1:]) == pytest.approx(2.5)


def test_reports_keep_their_distance_and_the_last_is_complete(run, monkeypatch):
    monkeypatch.setattr(live, "SECONDS_BETWEEN_REPORTS", 3600)
    callback, reports = begin(run)
    callback.on_epoch_begin(0)
    for batch in range(3):
        callback.on_train_batch_end(batch, {"loss": 2.0, "accuracy": 0.0})
    callback.on_epoch_end(0, {"loss": 2.0, "accuracy": 0.0, "val_loss": 1.8, "val_accuracy": 0.6})
    assert len(reports) == 1
    callback.on_train_end()
    assert reports[-1][0]["val_loss"].dropna().tolist() == [2.1, 1.8]


def test_a_resumed_training_continues_its_curve_after_the_last_whole_epoch(run):
    run.write_history([START, FIRST])
    earlier = pd.DataFrame([START, {"epoch": 0.5, "loss": 1.7}, FIRST, {"epoch": 1.5, "loss": 9.0}])
    callback, reports = begin(run, earlier)
    callback.on_epoch_begin(1)
    callback.on_train_batch_end(0, {"loss": 1.4, "accuracy": 0.5})
    curve, line = reports[-1]
    assert curve["epoch"].tolist() == pytest.approx([0, 0.5, 1, 4 / 3])
    assert line.startswith("epoch 2 of 2 · step 1 of 3")


def test_a_run_of_another_session_continues_from_its_history(run):
    run.write_history([START, FIRST])
    callback, reports = begin(run)
    callback.on_epoch_begin(1)
    callback.on_train_batch_end(0, {"loss": 1.4, "accuracy": 0.5})
    assert reports[-1][0]["val_accuracy"].dropna().tolist() == [0.2, 0.4]


def test_a_run_without_an_epoch_left_reports_nothing(run):
    callback, reports = begin(run)
    callback.on_train_end()
    assert reports == []


def test_it_stops_the_training_at_the_next_batch(run):
    stopping = threading.Event()
    callback, _ = begin(run, stopping=stopping)
    callback.on_epoch_begin(0)
    callback.on_train_batch_end(0, {"loss": 1.0, "accuracy": 0.5})
    assert not callback.model.stop_training
    stopping.set()
    callback.on_train_batch_end(1, {"loss": 1.0, "accuracy": 0.5})
    assert callback.model.stop_training
