import numpy as np
import pandas as pd

from fer import pipelines, training
from fer.evaluation.activity import unit_activity
from fer.experiments.dying_units import activity_over_training


def test_is_measured_on_the_way_of_a_training(config, faces, tmp_path):
    config = config.replace(activation="relu")
    frame = activity_over_training(config, faces, epochs=[0, 2], images=20)
    assert not any(tmp_path.rglob("config.json"))  # no run is left behind
    assert frame["epoch"].unique().tolist() == [0, 2]
    history = training.train(config, faces, progress=False).history.set_index("epoch")
    for column in ("loss", "accuracy", "val_loss", "val_accuracy"):
        np.testing.assert_allclose(frame[column], history.loc[frame["epoch"], column], rtol=1e-4)
    assert (frame["images"] == 20).all()

    untrained = training.build_model(config, 7, 4)
    sample = faces.split("train").subset(20)
    images = pipelines.evaluation_batches(sample, 32, 1, 20)[0][0]
    expected = unit_activity(untrained, images)
    start = frame[frame["epoch"] == 0]
    pd.testing.assert_frame_equal(start[expected.columns], expected, check_exact=False, rtol=1e-3)
    end = frame[frame["epoch"] == 2].reset_index(drop=True)
    assert (end["active"] != start["active"]).any()


def test_one_great_step_kills_units_of_relu_and_none_of_leaky_relu(config, faces):
    config = config.replace(
        model_options={**config.model_options, "batch_normalization": False}, learning_rate=1.0, epochs=1
    )
    blocked = {}
    for activation in ("relu", "leaky_relu(0.1)"):
        frame = activity_over_training(config.replace(activation=activation), faces, epochs=[1], images=50)
        blocked[activation] = 1 - np.average(frame["passes"], weights=frame["units"])
    assert blocked["relu"] > 0.2
    assert blocked["leaky_relu(0.1)"] == 0
