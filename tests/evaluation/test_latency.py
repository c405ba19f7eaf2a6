import keras
import numpy as np

from fer.evaluation.latency import latencies


class Noting:
    """A network that notes who is asked for what."""

    input_shape = (None, 2, 3, 1)

    def __init__(self, name: str, calls: list):
        self.name, self.calls = name, calls

    def predict_on_batch(self, x):
        self.calls.append((self.name, x.shape, x.dtype))


def test_networks_take_turns_after_one_call_that_does_not_count():
    calls = []
    frame = latencies({"a": Noting("a", calls), "b": Noting("b", calls)}, batch_size=4, repeats=3)
    assert calls == [(name, (4, 2, 3, 1), np.float32) for name in ["a", "b"] * 4]
    assert frame.index.tolist() == ["a", "b"]


def test_the_time_is_that_of_a_picture_in_milliseconds(monkeypatch):
    ticks = iter(np.cumsum([0, 0.2, 9, 0.4, 9, 0.6]))  # calls of 200, 400 and 600 ms
    monkeypatch.setattr("fer.evaluation.latency.time.perf_counter", lambda: next(ticks))
    (row,) = latencies({"a": Noting("a", [])}, batch_size=4, repeats=3).to_numpy()
    np.testing.assert_allclose(row, [100, 75, 125])


def test_a_keras_model_is_timed():
    inputs = keras.Input((2, 2, 1))
    frame = latencies({"flat": keras.Model(inputs, keras.layers.Flatten()(inputs))}, repeats=3)
    low, middle, high = frame.loc["flat", ["low", "milliseconds", "high"]]
    assert 0 < low <= middle <= high
