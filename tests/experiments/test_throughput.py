import sys

import keras
import numpy as np
import pandas as pd
import pytest

from fer.experiments import memory
from fer.experiments.throughput import knee, measure_throughput
from fer.training import TrainingConfig

CONFIG = TrainingConfig(image_size=16, model="small_cnn", model_options={"width_multiplier": 0.125})
QUICK = {"repeats": 2, "seconds": 0.001}


@pytest.fixture
def limited(monkeypatch):
    """Makes every batch of more than four images fail with an error of this text."""

    def limit(text):
        train = keras.Model.train_on_batch

        def train_on_batch(self, images, labels):
            if len(images) > 4:
                raise RuntimeError(text)
            return train(self, images, labels)

        monkeypatch.setattr(keras.Model, "train_on_batch", train_on_batch)

    return limit


def test_measures_every_size_in_ascending_order():
    frame = measure_throughput(CONFIG, [8, 1, 2], **QUICK)
    assert frame["batch_size"].tolist() == [1, 2, 8]
    assert frame["fits"].all()
    assert (frame["low"] <= frame["images_per_second"]).all()
    assert (frame["images_per_second"] <= frame["high"]).all()
    np.testing.assert_allclose(frame["milliseconds"] * frame["images_per_second"], 1000 * frame["batch_size"])


def test_the_rate_is_images_over_seconds(monkeypatch):
    seconds = iter(range(1000))
    monkeypatch.setattr("time.perf_counter", lambda: float(next(seconds)))  # every measurement takes 1 s
    monkeypatch.setattr(keras.Model, "train_on_batch", lambda self, images, labels: None)
    frame = measure_throughput(CONFIG, [2, 6], repeats=3, seconds=4.0)  # four steps each
    assert frame["images_per_second"].tolist() == [8, 24]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="JAX compiles a step for each size")
def test_one_compiled_step_serves_all_sizes(monkeypatch):
    traces = []
    step = keras.Model.train_step
    monkeypatch.setattr(
        keras.Model, "train_step", lambda self, *data: (traces.append(1), step(self, *data))[1]
    )
    measure_throughput(CONFIG.replace(activation="elu"), list(range(1, 9)), **QUICK)
    assert len(traces) <= 3  # of the first size alone, twice for its variables, and of any size


def test_a_batch_that_does_not_fit_ends_the_list_and_is_reported(limited):
    limited("RESOURCE_EXHAUSTED: failed to allocate memory")
    frame = measure_throughput(CONFIG, [1, 4, 8, 16], **QUICK)
    assert frame["batch_size"].tolist() == [1, 4, 8]
    assert frame["fits"].tolist() == [True, True, False]
    assert np.isnan(frame["images_per_second"].iloc[-1])
    assert knee(frame) in (1, 4)


def test_another_error_is_raised(limited):
    limited("incompatible shapes")
    with pytest.raises(RuntimeError, match="incompatible shapes"):
        measure_throughput(CONFIG, [1, 8], **QUICK)


@pytest.mark.parametrize("sizes", [[], [0, 4]])
def test_wrong_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="`batch_sizes` must be positive integers"):
        measure_throughput(CONFIG, sizes)


def test_the_policy_is_that_of_the_configuration_and_put_back():
    measure_throughput(CONFIG.replace(precision="mixed_bfloat16"), [2], **QUICK)
    assert keras.config.dtype_policy().name == "float32"


def test_the_knee_is_the_smallest_size_with_nine_tenths_of_the_best_rate():
    frame = pd.DataFrame(
        {"batch_size": [1, 8, 64, 512, 1024], "images_per_second": [10, 80, 91, 100, np.nan]}
    )
    assert knee(frame) == 64
    assert knee(frame, share=0.75) == 8


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_the_peak_of_memory_is_seen_and_forgotten():
    memory.reset_peak()
    before = memory.peak()
    block = np.ones(100 * 2**20, dtype=np.uint8)
    del block
    assert memory.peak() - before == pytest.approx(100, abs=20)
    memory.reset_peak()
    assert memory.peak() - before < 20


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (type("ResourceExhaustedError", (Exception,), {})("OOM when allocating tensor"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (ValueError("incompatible shapes"), False),
    ],
)
def test_an_error_for_want_of_memory_is_told_from_others(error, expected):
    assert memory.is_out_of_memory(error) is expected
