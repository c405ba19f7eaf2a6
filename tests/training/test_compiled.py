import keras
import numpy as np
import pandas as pd
import pytest

from fer import training
from fer.pipelines.in_graph import RandomAugmentation
from fer.training import TrainingConfig
from fer.training.compiled import borrow, forget, shape, values

NONE = TrainingConfig(
    dataset_options={"n": 105, "image_size": 24, "difficulty": "easy"},
    image_size=24,
    model="small_cnn",
    model_options={"width_multiplier": 0.125, "blocks": [1]},
    augmentation="none",
    engine="graph",
    batch_size=32,
    epochs=3,
    learning_rate=3e-3,
    seed=4,
)
SOURCE = NONE.replace(augmentation="source")


@pytest.fixture(scope="module")
def faces():
    return training.load_data(SOURCE)


@pytest.fixture(scope="module")
def run(faces, tmp_path_factory):
    """A finished run with the augmentation in the training step, which no test changes."""
    return training.train(SOURCE, faces, runs=tmp_path_factory.mktemp("runs"), progress=False)


def assert_same_history(first: training.Run, second: training.Run):
    columns = ["epoch", "learning_rate", "loss", "accuracy", "val_loss", "val_accuracy"]
    pd.testing.assert_frame_equal(first.history[columns], second.history[columns], rtol=1e-5, atol=1e-5)


def augmentations(model: keras.Model) -> list[RandomAugmentation]:
    return [layer for layer in model._flatten_layers() if isinstance(layer, RandomAugmentation)]


def test_the_training_model_augments_and_the_network_does_not(run):
    with borrow(SOURCE, 7, 4) as compiled:
        (layer,) = augmentations(compiled.model)
        assert layer.fill_mode == "nearest"
        assert layer.rotation_range == 40
        assert layer.noise
        assert not augmentations(compiled.inference)
        inputs = np.random.default_rng(0).random((3, 24, 24, 1), dtype=np.float32)
        plain = compiled.inference(inputs, training=True)
        np.testing.assert_array_equal(compiled.model(inputs), compiled.inference(inputs))
        assert abs(np.subtract(compiled.model(inputs, training=True), plain)).max() > 1e-4
    assert not augmentations(run.model)


def test_only_training_is_augmented(run, faces, tmp_path):
    """Row 0 is evaluated with the initial weights, and the first epoch trains from there."""
    plain = training.train(NONE, faces, runs=tmp_path, progress=False).history
    augmented = run.history
    losses = ["loss", "val_loss"]
    np.testing.assert_allclose(augmented.loc[0, losses].tolist(), plain.loc[0, losses].tolist(), rtol=1e-5)
    assert abs(augmented.loc[1, "loss"] - plain.loc[1, "loss"]) > 1e-3
    metrics = run.evaluation("validation")
    assert metrics.accuracy == pytest.approx(augmented["val_accuracy"].max(), abs=1e-6)


def test_an_interrupted_run_draws_what_an_uninterrupted_one_draws(run, faces, tmp_path):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if self.model.optimizer.iterations == 4:  # in the second epoch, which has three batches
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(SOURCE, faces, runs=tmp_path, progress=False, callbacks=[Interrupt()])
    forget()
    resumed = training.train(SOURCE, faces, runs=tmp_path, progress=False)
    assert len(resumed.history) == 4
    assert_same_history(resumed, run)


def test_a_borrowed_model_repeats_the_run_of_another(run, faces, tmp_path):
    other = training.train(SOURCE.replace(seed=5), faces, runs=tmp_path, progress=False)
    again = training.train(SOURCE, faces, runs=tmp_path, progress=False)
    assert_same_history(again, run)
    assert other.history.loc[1, "loss"] != pytest.approx(run.history.loc[1, "loss"], abs=1e-4)


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_the_augmentation_starts_from_the_seed_of_the_run(seed):
    with borrow(SOURCE.replace(seed=seed), 7, 4) as compiled:
        (layer,) = augmentations(compiled.model)
        assert values(layer.variables)[0].tolist() == [seed, 0]
        compiled.model(np.zeros((1, 24, 24, 1)), training=True)
        assert values(layer.variables)[0].tolist() == [seed, 2]  # parameters and noise
    with borrow(SOURCE.replace(seed=1), 7, 4) as compiled:
        assert augmentations(compiled.model) == [layer]
        assert values(layer.variables)[0].tolist() == [1, 0]


def test_runs_share_a_training_step_where_nothing_in_it_differs():
    assert shape(SOURCE) != shape(SOURCE.replace(augmentation="flip"))
    assert shape(SOURCE) != shape(SOURCE.replace(engine="fast"))
    assert shape(SOURCE) == shape(SOURCE.replace(seed=9, learning_rate=0.1))
    batches_differ = [SOURCE.replace(engine=engine) for engine in ("fast", "keras")]
    assert {shape(config) for config in [NONE, *batches_differ]} == {shape(NONE)}


def test_without_augmentation_there_is_no_layer():
    assert not augmentations(training.build_model(NONE, num_classes=7, steps_per_epoch=3))
