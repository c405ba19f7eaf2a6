import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer import experiments, training
from fer.training import Run, compiled

MEASURES = ["loss", "accuracy", "val_loss", "val_accuracy"]


def sweep(configs, faces, runs, **options):
    return experiments.sweep(configs, faces, runs=runs, progress=False, **options)


def assert_same_results(first, second):
    first, second = (table.set_index(["run", "epoch"])[MEASURES].sort_index() for table in (first, second))
    pd.testing.assert_frame_equal(first, second, rtol=1e-5, atol=1e-5)


@pytest.fixture(scope="module")
def configs(config):
    return [
        config.replace(learning_rate=rate, seed=seed, optimizer_options={"momentum": 0.9})
        for rate in (0.01, 0.1)
        for seed in (0, 1)
    ]


@pytest.fixture(scope="module")
def with_one_thread(configs, faces, tmp_path_factory):
    """The sweep in two processes of one thread each: rounding depends on the number of threads."""
    return sweep(configs, faces, tmp_path_factory.mktemp("runs"), executor="processes", workers=2)


def test_the_frame_is_tidy(config, faces, tmp_path):
    configs = [config, config.replace(optimizer="adam", optimizer_options={"beta_1": 0.8})]
    frame = sweep(configs, faces, tmp_path)
    assert frame["epoch"].tolist() == [0, 1, 2, 0, 1, 2]
    assert frame["optimizer"].tolist() == ["sgd"] * 3 + ["adam"] * 3
    np.testing.assert_equal(frame["optimizer_options.beta_1"].tolist(), [np.nan] * 3 + [0.8] * 3)
    assert (frame["dataset_options.n"] == 140).all()
    for config in configs:
        run = Run.find(config, faces, tmp_path)
        rows = frame[frame["run"] == run.id]
        assert rows["val_loss"].tolist() == pytest.approx(run.history["val_loss"].tolist())


def test_runs_that_share_a_step_are_the_runs_that_do_not(config, faces, tmp_path):
    """Another learning rate, seed, initializer or batch size finds every variable as a new model has it."""
    others = [
        config.replace(learning_rate=0.3),
        config.replace(seed=7, kernel_initializer="he_normal"),
        config.replace(batch_size=16, optimizer_options={}),
    ]
    model = None
    for other in [config, *others]:
        with compiled.borrow(other, 7, 4) as borrowed:
            fresh = training.build_model(other, 7, 4)
            for mine, expected in zip(borrowed.model.variables, fresh.variables, strict=True):
                np.testing.assert_array_equal(mine.numpy(), expected.numpy())
            assert float(borrowed.model.optimizer.learning_rate) == pytest.approx(other.learning_rate)
            assert model is None or borrowed.model is model
            model = borrowed.model
    alone = []
    for other in [config, *others]:
        compiled.forget()
        alone.append(sweep([other], faces, tmp_path / "alone"))
    assert_same_results(sweep([config, *others], faces, tmp_path / "shared"), pd.concat(alone))


def test_a_schedule_follows_the_learning_rate_of_its_run(config, faces, tmp_path):
    warm = config.replace(schedule="warmup", schedule_options={"warmup_epochs": 2})
    frame = sweep([warm, warm.replace(learning_rate=0.2)], faces, tmp_path)
    rates = frame.pivot(index="epoch", columns="learning_rate", values="current_learning_rate")
    np.testing.assert_allclose(rates[0.2] / rates[warm.learning_rate], 0.2 / warm.learning_rate, rtol=1e-5)
    assert rates[0.2].iloc[-1] == pytest.approx(0.2)


def test_finished_runs_are_used_again_and_equal_ones_trained_once(config, faces, tmp_path, monkeypatch):
    trained = []
    train = training.train
    monkeypatch.setattr(
        training, "train", lambda config, *a, **k: trained.append(config) or train(config, *a, **k)
    )
    first = sweep([config, config], faces, tmp_path)
    second = sweep([config, config.replace(seed=5)], faces, tmp_path)
    assert trained == [config, config.replace(seed=5)]
    pd.testing.assert_frame_equal(first, second[second["seed"] == config.seed])


def test_a_diverged_run_is_recorded_and_the_sweep_goes_on(config, faces, tmp_path):
    bounded = config.replace(max_loss=1.0, seed=3)  # guessing among seven has 1.9
    frame = sweep([config.replace(learning_rate=1e30), bounded, config], faces, tmp_path)
    status = frame.groupby("run", sort=False)["status"].first().tolist()
    assert status == ["diverged", "diverged", "finished"]


def test_processes_give_the_results_of_this_process(configs, faces, with_one_thread, tmp_path):
    here = sweep(configs, faces, tmp_path)
    assert here["run"].tolist() == with_one_thread["run"].tolist()
    # Not to 1e-5: this process has another number of threads, and the rounding of sums differs.
    untrained = here["epoch"] == 0
    pd.testing.assert_frame_equal(
        here.loc[untrained, MEASURES], with_one_thread.loc[untrained, MEASURES], rtol=1e-4
    )


def workers_of(name: str) -> list[int]:
    """Processes, by what stands in their command line, that this one started."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().decode()
            parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name in command and (parent == os.getpid() or name.startswith("ray::")):
            found.append(int(path.name))
    return found


def kill_a_worker_once(name: str, runs: Path, epochs: int):
    """Kills the first process of that name as soon as so many epochs are on disk."""
    killed = []

    def watch():
        while not killed:
            rows = sum(len(path.read_text().splitlines()) - 2 for path in runs.glob("*/history.csv"))
            if rows >= epochs:
                for worker in workers_of(name)[:1]:
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)
            time.sleep(0.005)

    threading.Thread(target=watch, daemon=True).start()
    return killed


def test_a_killed_process_is_replaced_and_nothing_finished_is_lost(configs, faces, with_one_thread, tmp_path):
    killed = kill_a_worker_once("spawn_main", tmp_path, epochs=1)
    frame = sweep(configs, faces, tmp_path, executor="processes", workers=2)
    assert killed
    assert_same_results(frame, with_one_thread)


def test_ray_refuses_a_path_that_it_cannot_start_from(configs, faces, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/home/some one/python")
    with pytest.raises(RuntimeError, match=r"Received: /home/some one/python"):
        sweep(configs, faces, tmp_path, executor="ray")


@pytest.mark.skipif(" " in sys.executable, reason="Ray starts no workers from a path with a space in it")
def test_ray_gives_the_same_results_and_survives_a_killed_worker(configs, faces, with_one_thread, tmp_path):
    pytest.importorskip("ray", reason="needs requirements-cluster.txt")
    killed = []

    def kill(worker_name):
        while not killed:
            if any(tmp_path.glob("*/metrics.json")) and (workers := workers_of(worker_name)):
                os.kill(workers[0], signal.SIGKILL)
                killed.append(workers[0])
            time.sleep(0.005)

    threading.Thread(target=kill, args=("ray::train_elsewhere",), daemon=True).start()
    frame = sweep(configs, faces, tmp_path, executor="ray", workers=2)
    assert killed
    assert_same_results(frame, with_one_thread)


def test_wrong_arguments_are_refused(config, faces, tmp_path):
    with pytest.raises(ValueError, match="`executor` must be one of"):
        sweep([config], faces, tmp_path, executor="cloud")
    with pytest.raises(ValueError, match="Options of the executor 'local'"):
        sweep([config], faces, tmp_path, workers=2)
    with pytest.raises(ValueError, match="at least one TrainingConfig"):
        sweep([], faces, tmp_path)


def test_an_error_of_a_worker_arrives_here(config, faces, tmp_path):
    with pytest.raises(ValueError, match="`optimizer_options` of 'sgd'"):
        sweep(
            [config.replace(optimizer_options={"momentun": 0.9})],
            faces,
            tmp_path,
            executor="processes",
            workers=1,
        )


def test_a_progress_bar_counts_runs_and_epochs(config, faces, tmp_path, capsys):
    experiments.sweep([config, config.replace(seed=9)], faces, runs=tmp_path)
    out = capsys.readouterr().out
    assert "2 of 2 runs" in out
    assert "100%" in out
