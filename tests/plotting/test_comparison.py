import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

from fer import plotting
from fer.plotting.style import OPTIMIZER_STYLES


@pytest.fixture
def results():
    accuracy = {"SGD": [0.2, 0.4], "Adam": [0.7, 0.9]}
    return pd.DataFrame(
        [
            {"arm": arm, "seed": seed, "accuracy": value, "n": 100}
            for arm, values in accuracy.items()
            for seed, value in enumerate(values)
        ]
    )


def lines(ax) -> dict:
    return {line.get_label(): line for line in ax.get_lines()}


def test_an_optimizer_has_its_colour_everywhere(results):
    epochs = results.assign(epoch=1, val_accuracy=results["accuracy"])
    for ax in (plotting.race(epochs), plotting.race(epochs[epochs["arm"] == "Adam"])):
        assert lines(ax)["Adam"].get_color() == OPTIMIZER_STYLES["Adam"][0]


def test_the_sensitivity_rings_the_chosen_rate_and_crosses_the_diverged(results):
    trials = pd.DataFrame(
        {
            "arm": ["SGD"] * 3,
            "learning_rate": [0.1, 0.01, 1.0],
            "val_accuracy": [0.6, 0.4, 0.1],
            "status": ["finished", "finished", "diverged"],
        }
    )
    ax = plotting.learning_rate_sensitivity(trials, {"SGD": 0.1})
    curve, ring, cross = ax.get_lines()
    np.testing.assert_allclose(curve.get_xydata(), [[0.01, 0.4], [0.1, 0.6]])
    np.testing.assert_allclose(ring.get_xydata(), [[0.1, 0.6]])
    np.testing.assert_allclose(cross.get_xydata(), [[1.0, 0]])
    assert "diverged" in ax.get_title("left")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["SGD"]


def test_the_race_draws_means_and_a_band_of_one_standard_deviation(results):
    epochs = pd.concat(
        [results.assign(epoch=epoch, val_accuracy=results["accuracy"] * epoch) for epoch in (0, 1)]
    )
    ax = plotting.race(epochs, chance=0.14, title="Tuned")
    np.testing.assert_allclose(lines(ax)["SGD"].get_ydata(), [0, 0.3])
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.max() == pytest.approx(0.3 + np.std([0.2, 0.4], ddof=1))
    assert "2 seeds" in ax.get_title("left")


def test_every_seed_is_a_dot(results):
    ax = plotting.seed_dots(results, order=["Adam", "SGD"])
    dots = [dot.get_offsets()[:, 0].tolist() for dot in ax.collections if isinstance(dot, PathCollection)]
    assert dots[0] == [0.7, 0.9]
    assert dots[1] == [0.2, 0.4]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Adam", "SGD"]
    assert "n = 100" in ax.get_title("left")


def test_an_arm_of_which_all_seeds_diverged_says_so(results):
    results.loc[results["arm"] == "SGD", "accuracy"] = np.nan
    ax = plotting.seed_dots(results)
    assert "diverged" in [text.get_text() for text in ax.texts]


def test_differences_are_row_minus_column_with_a_star_where_told_apart():
    pairs = pd.DataFrame({"first": ["A", "A", "B"], "second": ["B", "C", "C"], "difference": [0.1, 0.3, 0.2]})
    ax = plotting.differences(pairs.assign(p_holm=[0.5, 0.01, 0.2]), ["A", "B", "C"])
    texts = [text.get_text() for text in ax.texts]
    assert "+0.30 *" in texts
    assert "-0.30 *" in texts
    assert "+0.10" in texts


def test_tuned_and_default_are_joined(results):
    tuned = pd.DataFrame({"learning_rate": [0.1, 0.01], "accuracy": [0.9, 0.8]}, index=["Adam", "SGD"])
    default = pd.DataFrame({"learning_rate": [0.01, 0.001], "accuracy": [0.2, 0.7]}, index=["SGD", "Adam"])
    ax = plotting.tuned_against_default(default, tuned)
    ends = [line.get_xdata() for line in ax.get_lines()]
    np.testing.assert_allclose(ends, [[0.7, 0.9], [0.2, 0.8]])
    assert "0.001 → 0.1" in [text.get_text() for text in ax.texts]
