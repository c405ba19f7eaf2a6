import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fer import training
from fer.experiments import batch_sizes
from fer.training import TrainingConfig

CONFIG = TrainingConfig(
    dataset_options={"n": 70, "image_size": 16, "difficulty": "easy"},
    image_size=16,
    model="small_cnn",
    model_options={"width_multiplier": 0.125},
    augmentation="none",
    optimizer="sgd",
    learning_rate=0.01,
    batch_size=16,
    epochs=2,
)


@pytest.fixture(scope="module")
def faces():
    return training.load_data(CONFIG)


@pytest.fixture
def rows():
    """Two policies at two batch sizes; "fixed" with 64 images diverged for the last seed."""
    values = {
        ("fixed rate", 16): [0.5, 0.6, 0.7],
        ("fixed rate", 64): [0.3, 0.5, np.nan],
        ("tuned", 64): [0.5, 0.6, 0.9],
    }
    return pd.DataFrame(
        [
            {
                "policy": policy,
                "batch_size": size,
                "seed": seed,
                "learning_rate": 0.1,
                "status": "diverged" if np.isnan(value) else "finished",
                "steps_per_epoch": 64 // size,
                "steps": 640 // size,
                "seconds": 1.0,
                "loss": 1 - value,
                "accuracy": value,
                "val_accuracy": value,
            }
            for (policy, size), accuracies in values.items()
            for seed, value in enumerate(accuracies)
        ]
    )


def test_at_equal_epochs_only_the_batch_size_differs():
    arms = batch_sizes.at_equal_epochs(CONFIG, [4, 16])
    assert arms == {("fixed rate", 4): CONFIG.replace(batch_size=4), ("fixed rate", 16): CONFIG}


def test_at_equal_steps_every_batch_size_makes_as_many():
    arms = batch_sizes.at_equal_steps(CONFIG, [4, 64], steps=9)
    assert [(arm.batch_size, arm.steps_per_epoch * arm.epochs) for arm in arms.values()] == [
        (4, 10),
        (64, 10),
    ]


def test_linear_scaling_multiplies_the_learning_rate_and_warms_up_above_the_base():
    arms = batch_sizes.with_linear_scaling(CONFIG, [4, 16, 64], warmup_epochs=0.5)
    rates = {size: arm.learning_rate for (_, size), arm in arms.items()}
    assert rates == pytest.approx({4: 0.0025, 16: 0.01, 64: 0.04})
    assert [arm.schedule for arm in arms.values()] == ["constant", "constant", "warmup"]
    assert arms["linear scaling", 64].schedule_options == {"warmup_epochs": 0.5}


def test_the_arms_are_trained_and_counted_in_steps(faces):
    arms = batch_sizes.at_equal_epochs(CONFIG, [16]) | batch_sizes.at_equal_steps(CONFIG, [8], steps=4)
    arms |= batch_sizes.with_linear_scaling(CONFIG, [16])  # the same as "fixed rate", 16
    epochs = batch_sizes.train_arms(arms, faces, [1, 2], progress=False)
    assert epochs["run"].nunique() == 4
    steps = epochs.groupby(["policy", "batch_size"])["step"].agg(lambda step: sorted(set(step)))
    a_pass = -(-len(faces.split("train")) // 16)
    assert steps["fixed rate", 16] == steps["linear scaling", 16] == [0, a_pass, 2 * a_pass]
    assert steps["equal steps", 8] == [0, 2, 4]
    run = training.train(CONFIG.replace(seed=2), faces, progress=False)
    row = (
        batch_sizes.final_results(epochs).set_index(["policy", "batch_size", "seed"]).loc["fixed rate", 16, 2]
    )
    assert row["val_accuracy"] == run.history["val_accuracy"].max()
    assert row["loss"] == run.history["loss"].iloc[-1]
    assert row["steps"] == 2 * a_pass


def test_a_diverged_training_has_no_accuracy(faces):
    arms = {("fixed rate", 16): CONFIG.replace(learning_rate=1e30)}
    (row,) = batch_sizes.final_results(batch_sizes.train_arms(arms, faces, [1], progress=False)).itertuples()
    assert row.status == "diverged"
    assert np.isnan(row.val_accuracy)


def test_tuning_takes_the_best_rate_of_a_grid_around_the_root_of_the_size(faces):
    config = CONFIG.replace(epochs=1, batch_size=10)
    arms, trials = batch_sizes.tuned(config, [100], faces, points=3, seed=5, progress=False)
    assert {0.01, 0.0316, 0.1} <= set(trials["learning_rate"])  # 0.01 · √10 in the middle
    assert set(trials["batch_size"]) == {100}
    best = trials.sort_values(["val_accuracy", "val_loss"], ascending=[False, True]).iloc[0]
    ((policy, size), arm), *others = arms.items()
    assert (policy, size, others) == ("tuned", 100, [])
    assert (arm.batch_size, arm.learning_rate) == (100, best["learning_rate"])
    assert (arm.schedule, arm.seed) == ("warmup", config.seed)


def test_the_table_has_the_range_over_the_seeds(rows):
    table = batch_sizes.table(rows).set_index(["policy", "batch_size"])
    assert table.loc[("fixed rate", 16), ["lowest", "mean", "highest"]].tolist() == pytest.approx(
        [0.5, 0.6, 0.7]
    )
    assert table["diverged"].tolist() == [0, 1, 0]
    assert table["steps"].tolist() == [40, 10, 10]


def test_a_contrast_of_two_arms_is_the_paired_t_test(rows):
    pair = (("fixed rate", 16), ("tuned", 64))
    two = rows[rows["batch_size"].ne(64) | rows["policy"].eq("tuned")]
    (row,) = batch_sizes.contrasts(two, {"a": pair}).itertuples()
    expected = stats.ttest_rel([0.5, 0.6, 0.7], [0.5, 0.6, 0.9])
    assert row.difference == pytest.approx(-0.2 / 3)
    assert row.p_holm == pytest.approx(expected.pvalue)
    assert (row.low, row.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert row.verdict == "no difference shown"


def test_contrasts_share_the_spread_of_all_arms(rows):
    rows = rows[rows["seed"] < 2].assign(val_accuracy=[0.5, 0.6, 0.3, 0.41, 0.5, 0.61])
    pairs = {
        "a": (("fixed rate", 16), ("fixed rate", 64)),
        "b": (("fixed rate", 16), ("tuned", 64)),
    }
    frame = batch_sizes.contrasts(rows, pairs)
    # From seed to seed the arms rise by 0.10, 0.11, 0.11: residuals of ± half of what differs from the mean.
    variance = 2 * ((0.01 / 3) ** 2 + 2 * (0.01 / 6) ** 2) / 2  # two degrees of freedom
    assert frame["difference"].tolist() == pytest.approx([0.195, -0.005])
    margin = stats.t.ppf(0.975, 2) * np.sqrt(variance)  # √(2 / n) = 1
    assert frame["high"].tolist() == pytest.approx([0.195 + margin, -0.005 + margin])
    p_values = 2 * stats.t.sf(np.array([0.195, 0.005]) / np.sqrt(variance), 2)
    assert frame["p_holm"].tolist() == pytest.approx([2 * p_values[0], p_values[1]])  # Holm
    assert frame["verdict"].tolist() == ["higher", "no difference shown"]
    twice = rows[rows["policy"] == "tuned"].assign(policy="linear scaling")  # the same training
    pd.testing.assert_frame_equal(batch_sizes.contrasts(pd.concat([rows, twice]), pairs), frame)


def test_contrasts_leave_out_what_diverged(rows):
    pairs = {"a": (("fixed rate", 16), ("fixed rate", 64)), "b": (("tuned", 64), ("fixed rate", 16))}
    assert batch_sizes.contrasts(rows, pairs)["seeds"].tolist() == [2, 2]
    rows.loc[rows["policy"] == "tuned", "val_accuracy"] = np.nan
    frame = batch_sizes.contrasts(rows, pairs)
    assert frame["verdict"].tolist() == ["no difference shown", "diverged"]
    assert frame.loc["a", "difference"] == pytest.approx(0.15)


def test_one_seed_shows_no_difference_and_an_unknown_arm_is_refused(rows):
    pairs = {"a": (("fixed rate", 16), ("fixed rate", 64))}
    (row,) = batch_sizes.contrasts(rows[rows["seed"] == 0], pairs).itertuples()
    assert (row.low, row.high, row.p_holm) == (-np.inf, np.inf, 1)
    with pytest.raises(ValueError, match=r"An arm must be one of .* Received: \('tuned', 32\)"):
        batch_sizes.contrasts(rows, {"a": (("tuned", 32), ("fixed rate", 16))})
