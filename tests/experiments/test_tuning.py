import numpy as np
import pandas as pd
import pytest

from fer.experiments import half_decades, tuning


def trials_of(peaks, learning_rates, monkeypatch, config, faces, diverge_above=np.inf):
    """Tunes with a made-up accuracy that is highest at a known learning rate."""

    def sweep(configs, dataset, **options):
        rows = []
        for entry in configs:
            peak = peaks[entry.optimizer]
            accuracy = 1 - abs(np.log10(entry.learning_rate / peak)) / 10
            status = "diverged" if entry.learning_rate > diverge_above else "finished"
            rows += [(entry.run_id(faces.fingerprint), status, value, 1.0) for value in (0.1, accuracy, 0.2)]
        return pd.DataFrame(rows, columns=["run", "status", "val_accuracy", "val_loss"])

    monkeypatch.setattr(tuning, "sweep", sweep)
    arms = {name: config.replace(optimizer=name, optimizer_options={}) for name in peaks}
    trials, best = tuning.tune(arms, faces, learning_rates)
    return trials.groupby("arm", sort=False)["learning_rate"].apply(list).to_dict(), best


def test_half_decades_are_even_on_a_log_scale():
    assert half_decades(1e-3) == [1e-4, 3.16e-4, 1e-3, 3.16e-3, 1e-2]
    assert half_decades(0.0012, points=3) == [3.16e-4, 1e-3, 3.16e-3]


def test_the_best_on_validation_is_chosen(monkeypatch, config, faces):
    grids, best = trials_of({"sgd": 0.1, "adam": 1e-3}, half_decades(1e-2, 7), monkeypatch, config, faces)
    assert best == {"sgd": 0.1, "adam": 1e-3}
    assert grids["sgd"] == grids["adam"] == half_decades(1e-2, 7)


def test_a_grid_grows_until_its_best_is_inside_and_all_have_as_many_trials(monkeypatch, config, faces):
    peaks = {"sgd": 1.0, "adam": 1e-3}
    grids, best = trials_of(
        peaks, {"sgd": half_decades(1e-2), "adam": half_decades(1e-3)}, monkeypatch, config, faces
    )
    assert best == peaks
    assert grids["sgd"] == [*half_decades(1e-2), 0.316, 1.0, 3.16]
    assert len(grids["adam"]) == len(grids["sgd"])
    assert set(half_decades(1e-3)) < set(grids["adam"])


def test_a_grid_does_not_grow_for_ever(monkeypatch, config, faces):
    grids, _ = trials_of({"sgd": 1e9, "adam": 1e9}, half_decades(1e-3), monkeypatch, config, faces)
    assert [len(grid) for grid in grids.values()] == [10, 10]


def test_a_diverged_run_is_never_chosen(monkeypatch, config, faces):
    peaks = {"sgd": 0.1, "adam": 0.1}
    _, best = trials_of(peaks, half_decades(1e-2), monkeypatch, config, faces, diverge_above=0.05)
    assert best == {"sgd": 0.0316, "adam": 0.0316}
    with pytest.raises(ValueError, match="All runs of 'sgd' diverged"):
        trials_of(peaks, half_decades(1e-2), monkeypatch, config, faces, diverge_above=0)


@pytest.mark.parametrize("grid", [[0.1], [0.1, 0.01], [0.1, 0.1]])
def test_what_is_no_grid_is_refused(grid, monkeypatch, config, faces):
    with pytest.raises(ValueError, match="at least two, ascending"):
        trials_of({"sgd": 0.1, "adam": 0.1}, grid, monkeypatch, config, faces)
