"""The training panel without a browser: what its buttons do."""

import io
import threading
import time

import keras
import pandas as pd
import pytest
from PIL import Image

from fer import plotting, training
from fer.apps import panels
from fer.training import TrainingConfig

CONFIG = TrainingConfig(
    dataset_options={"n": 140, "image_size": 16, "difficulty": "easy"},
    image_size=16,
    model="small_cnn",
    model_options={"width_multiplier": 0.125, "blocks": [1]},
    augmentation="none",
    optimizer="sgd",
    batch_size=32,
    epochs=2,
    learning_rate=0.01,
)
ENDLESS = CONFIG.replace(epochs=100_000)


@pytest.fixture(scope="module")
def faces():
    return training.load_data(CONFIG)


@pytest.fixture
def make(faces):
    """Makes panels, and closes them after the test."""
    made = []

    def panel(config=CONFIG):
        made.append(panels.TrainingPanel(faces, config))
        return made[-1]

    yield panel
    for panel in made:
        panel.close()


@pytest.fixture
def fake(monkeypatch):
    """Stands in for the training: notes each start and waits to be let go."""

    class Fake:
        def __init__(self):
            self.configs = []
            self.go = threading.Event()
            self.error = None

        def __call__(self, config, dataset, *, progress, callbacks):
            self.configs.append(config)
            assert self.go.wait(timeout=60)
            if self.error:
                raise self.error

    fake = Fake()
    monkeypatch.setattr(training, "train", fake)
    yield fake
    fake.go.set()


@pytest.fixture
def drawn(monkeypatch):
    """The arguments of every picture."""
    calls = []
    live_curves = plotting.live_curves
    monkeypatch.setattr(
        plotting, "live_curves", lambda curves, **kw: calls.append((curves, kw)) or live_curves(curves, **kw)
    )
    return calls


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def train(panel, **changes):
    for name, value in changes.items():
        panel.form.fields[name].value = value
    panel.train_button.click()
    panel.wait()


def test_train_gives_the_run_that_training_gives(make, faces, tmp_path):
    panel = make()
    assert Image.open(io.BytesIO(panel.picture.value)).size[0] > 800
    before = panel.picture.value
    train(panel)
    (run,) = panel.runs
    expected = training.train(CONFIG, faces, runs=tmp_path, progress=False)
    columns = ["epoch", "loss", "accuracy", "val_loss", "val_accuracy"]
    pd.testing.assert_frame_equal(run.history[columns], expected.history[columns], rtol=1e-5)
    assert panel.picture.value != before
    assert "Finished: 2 of 2 epochs" in panel.status.value
    best = run.evaluation("validation")
    low, high = best.accuracy_interval
    cells = f"<td>{best.accuracy:.3f}</td><td>{low:.3f} to {high:.3f}</td><td>{best.n}</td>"
    assert cells in panel.results.value
    assert not panel.train_button.disabled and panel.stop_button.disabled


def test_a_run_of_the_store_is_shown_at_once(make, faces, drawn):
    run = training.train(CONFIG, faces, progress=False)
    panel = make()
    train(panel)
    assert "were trained before" in panel.status.value
    (curve,) = drawn[-1][0].values()
    assert curve["val_loss"].tolist() == run.history["val_loss"].tolist()


def test_stop_keeps_the_result_and_train_goes_on(make, drawn):
    panel = make(ENDLESS)
    panel.train_button.click()
    until(lambda: panel.runs and len(panel.runs[0].history) > 2)
    panel.stop_button.click()
    assert "Stopping" in panel.status.value
    panel.wait()
    (run,) = panel.runs
    kept = run.history
    assert run.status == "interrupted"
    assert f"Stopped. {len(kept) - 1} of 100000 epochs are kept" in panel.status.value
    assert "interrupted" in panel.results.value
    (curve,) = drawn[-1][0].values()
    assert curve["epoch"].max() > 2
    assert not panel.train_button.disabled

    panel.train_button.click()
    until(lambda: len(run.history) > len(kept) + 1)
    panel.stop_button.click()
    panel.wait()
    assert [again.id for again in panel.runs] == [run.id]
    pd.testing.assert_frame_equal(run.history.head(len(kept)), kept)
    (longer,) = drawn[-1][0].values()
    assert longer["epoch"].is_monotonic_increasing
    assert longer["epoch"].max() > len(kept)


def test_a_second_click_while_it_trains_starts_nothing(make, fake):
    panel = make()
    panel.train_button.click()
    panel.train_button.click()
    panel.train()
    until(lambda: fake.configs)
    assert panel.train_button.disabled and panel.is_training
    fake.go.set()
    panel.wait()
    assert len(fake.configs) == 1


def test_a_bad_value_is_refused_and_earlier_results_stay(make, fake):
    panel = make()
    panel.results.value = "earlier"
    panel.form.fields["batch_size"].value = 0
    panel.train_button.click()
    assert not panel.is_training and fake.configs == []
    assert "Nothing is trained" in panel.status.value
    assert panel.form.fields["batch_size"].reason.startswith("`batch_size` must be a positive integer")
    assert panel.results.value == "earlier"
    fake.go.set()
    train(panel, batch_size=8)
    assert fake.configs == [CONFIG.replace(batch_size=8)]


def test_an_error_is_shown_and_the_panel_stays_usable(make, monkeypatch, capsys):
    panel = make()
    train(panel)
    results = panel.results.value
    with monkeypatch.context() as patch:

        def fail(*arguments, **keywords):
            raise MemoryError("no room for <1e9> weights")

        patch.setattr(training, "train", fail)
        train(panel, seed=1)
    assert "The training failed: no room for &lt;1e9&gt; weights (MemoryError)" in panel.status.value
    assert "Traceback" in panel.status.value
    assert panel.results.value == results
    assert len(panel.runs) == 1
    train(panel, seed=2)
    assert [run.status for run in panel.runs] == ["finished", "finished"]
    assert capsys.readouterr().err == ""


def test_compare_draws_the_earlier_trainings_with_what_differs(make, drawn):
    panel = make()
    train(panel)
    train(panel, learning_rate=0.02)
    train(panel, seed=1)
    names = ["learning rate 0.01, seed 0", "learning rate 0.02, seed 0", "learning rate 0.02, seed 1"]
    assert list(drawn[-1][0]) == names[-1:]
    panel.compare_button.value = True
    curves, options = drawn[-1]
    assert list(curves) == names
    for curve, run in zip(curves.values(), panel.runs, strict=True):
        assert curve["val_accuracy"].dropna().tolist() == pytest.approx(run.history["val_accuracy"].tolist())
    assert len({options["styles"][name] for name in names}) == 3
    panel.compare_button.value = False
    assert list(drawn[-1][0]) == names[-1:]


def test_a_diverged_training_says_so(make):
    panel = make(CONFIG.replace(learning_rate=1e9, epochs=3))
    train(panel)
    assert "Diverged after 0 of 3 epochs" in panel.status.value
    assert [run.status for run in panel.runs] == ["diverged"]


def test_a_new_panel_stops_the_one_before(make):
    earlier = make(ENDLESS)
    earlier.train_button.click()
    until(lambda: earlier.runs)
    later = make(CONFIG.replace(epochs=1))
    train(later)
    earlier.wait(timeout=60)
    assert not earlier.is_training
    assert [run.status for run in (*earlier.runs, *later.runs)] == ["interrupted", "finished"]


def test_closing_ends_the_thread(make):
    panel = make(ENDLESS)
    panel.train_button.click()
    until(lambda: panel.runs)
    panel.close()
    assert panel.runs[0].status == "interrupted"
    assert "training panel" not in [thread.name for thread in threading.enumerate()]


def test_precision_of_the_training_is_no_matter_of_the_notebook(make):
    policies = []
    panel = make(ENDLESS.replace(precision="mixed_bfloat16"))
    panel.train_button.click()
    until(lambda: policies.append(keras.config.dtype_policy().name) or panel.runs)
    panel.stop_button.click()
    panel.wait()
    assert set(policies) == {"float32"}
