import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fer import experiments
from fer.experiments.comparison import Comparison
from fer.training import Run


@pytest.fixture(scope="module")
def arms(config):
    return {"SGD": config, "Adam": config.replace(optimizer="adam", learning_rate=0.003)}


@pytest.fixture(scope="module")
def comparison(arms, faces, tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    grid = [0.001, 0.01, 0.1]
    result = experiments.compare(arms, faces, learning_rates=grid, seeds=(1, 2), runs=runs, progress=False)
    return result, runs


def test_the_learning_rate_is_the_best_of_the_trials_on_validation(comparison):
    result, _ = comparison
    for arm, trials in result.trials.groupby("arm"):
        ranked = trials.sort_values(["val_accuracy", "val_loss"], ascending=[False, True])
        assert result.learning_rates[arm] == ranked["learning_rate"].iloc[0]
    assert result.trials["arm"].value_counts().nunique() == 1


def test_results_are_those_of_fresh_seeds_on_the_test_split(comparison, arms, faces):
    result, runs = comparison
    assert result.split == "test"
    assert set(result.epochs["seed"]) == {1, 2}
    for row in result.results.itertuples():
        config = arms[row.arm].replace(learning_rate=result.learning_rates[row.arm], seed=row.seed)
        run = Run.find(config, faces, runs)
        probabilities, labels = run.predictions("test")
        assert row.accuracy == pytest.approx(np.mean(probabilities.argmax(axis=1) == labels))
        assert row.n == len(faces.split("test"))
        history = run.history
        assert row.best_val_accuracy == history["val_accuracy"].max()
        reached = history[history["val_accuracy"] >= result.target_accuracy]
        assert row.epochs_to_target == reached["epoch"].min() or (
            np.isnan(row.epochs_to_target) and reached.empty
        )
    tuning = [
        run
        for run in runs.glob("*/predictions-test.npz")
        if run.parent.name not in set(result.results["run"])
    ]
    assert not tuning, "the test split had a part in the tuning"


def test_the_arms_of_a_seed_start_alike(comparison):
    result, _ = comparison
    untrained = result.epochs[result.epochs["epoch"] == 0].pivot(
        index="seed", columns="arm", values="val_loss"
    )
    np.testing.assert_allclose(untrained["SGD"], untrained["Adam"], rtol=1e-6)
    assert untrained["SGD"].nunique() == 2


def test_pairs_are_tested_over_the_seeds(comparison, faces):
    result, _ = comparison
    accuracy = result.results.pivot(index="seed", columns="arm", values="accuracy")
    (pair,) = result.pairs.itertuples()
    assert (pair.first, pair.second, pair.seeds) == ("SGD", "Adam", 2)
    assert pair.difference == pytest.approx((accuracy["SGD"] - accuracy["Adam"]).mean())
    differences = accuracy["SGD"] - accuracy["Adam"]
    error = ((differences.var(ddof=1) + 1 / 6 / len(faces.split("test")) ** 2) / 2) ** 0.5
    assert pair.p_value == pytest.approx(2 * stats.t.sf(abs(differences.mean()) / error, df=1))
    assert pair.p_holm == pair.p_value


def test_the_summary_has_means_and_standard_deviations(comparison):
    result, _ = comparison
    for arm, rows in result.results.groupby("arm"):
        assert result.summary.loc[arm, "accuracy"] == pytest.approx(rows["accuracy"].mean())
        assert result.summary.loc[arm, "accuracy_sd"] == pytest.approx(rows["accuracy"].std(ddof=1))


def test_a_diverged_seed_is_counted_and_left_out_of_the_tests(config, faces, tmp_path):
    arms = {"calm": config, "wild": config.replace(learning_rate=1e30)}
    result = experiments.compare(arms, faces, seeds=(1, 2), runs=tmp_path, progress=False, test=False)
    assert result.split == "validation"
    assert result.summary.loc["wild", "diverged"] == 2
    assert np.isnan(result.pairs["p_holm"].item())
    assert "Diverged: wild on 2 of its seeds." in result.verdict


def test_wrong_arguments_are_refused(arms, config, faces):
    with pytest.raises(ValueError, match="at least two configurations"):
        experiments.compare({"SGD": config}, faces)
    with pytest.raises(ValueError, match="`tuning_seed` must not be among"):
        experiments.compare(arms, faces, learning_rates=[0.1, 0.2], seeds=(0, 1))


def made_up(accuracies: dict[str, list[float]], p_holm: dict[tuple[str, str], float]) -> Comparison:
    rows = [
        {"arm": arm, "seed": seed, "status": "finished", "accuracy": value, "n": 1000}
        for arm, values in accuracies.items()
        for seed, value in enumerate(values)
    ]
    results = pd.DataFrame(rows)
    for column in (
        "macro_f1",
        "best_val_accuracy",
        "final_val_accuracy",
        "epochs_to_target",
        "seconds_to_target",
    ):
        results[column] = 0.5
    pairs = pd.DataFrame(
        [
            {
                "first": first,
                "second": second,
                "difference": np.mean(accuracies[first]) - np.mean(accuracies[second]),
                "low": -0.1,
                "high": 0.3,
                "p_holm": p,
            }
            for (first, second), p in p_holm.items()
        ]
    )
    return Comparison(
        "test", dict.fromkeys(accuracies, 0.1), pd.DataFrame(), pd.DataFrame(), results, pairs, 0.5
    )


def test_the_verdict_names_who_can_be_told_apart():
    accuracies = {"A": [0.9, 0.8], "B": [0.8, 0.7], "C": [0.2, 0.3]}
    result = made_up(accuracies, {("A", "B"): 0.4, ("A", "C"): 0.01, ("C", "B"): 0.03})
    assert result.groups == [["A", "B"], ["C"]]
    assert "A and B cannot be told apart (0.850 to 0.750)." in result.verdict
    assert "Told apart: A above C by 0.600 (95 % interval -0.100 to +0.300, p = 0.01)." in result.verdict
    assert "B above C by 0.500 (95 % interval -0.300 to +0.100, p = 0.03)." in result.verdict
    assert "2 seeds, n = 1,000" in result.verdict


def test_the_verdict_says_when_nothing_is_shown():
    result = made_up({"A": [0.9, 0.8], "B": [0.8, 0.7]}, {("A", "B"): 0.4})
    assert (
        "A and B cannot be told apart (0.850 to 0.750). The largest difference: A above B by 0.100"
        in result.verdict
    )
