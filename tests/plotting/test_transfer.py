import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fer import plotting

RESULTS = pd.DataFrame(
    [
        {"arm": arm, "seed": seed, "training_images": size, "accuracy": accuracy + seed / 100, "n": 200}
        for arm, accuracies in (("target only", (0.2, 0.3)), ("two stages", (0.4, 0.6)))
        for size, accuracy in zip((25, 900), accuracies, strict=True)
        for seed in (1, 3)
    ]
)


def test_lines_go_through_the_means_of_the_seeds_and_sizes_are_named():
    ax = plotting.accuracy_by_target_size(RESULTS, chance=0.14)
    lines = {line.get_label(): line for line in ax.get_lines()}
    assert lines["target only"].get_ydata() == pytest.approx([0.22, 0.32])
    assert lines["two stages"].get_xdata() == pytest.approx([25, 900])
    assert lines["most frequent emotion"].get_ydata()[0] == 0.14
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["25", "900"]
    assert ax.get_xscale() == "log"
    assert "2 seeds" in ax.get_title(loc="left") + ax.get_title()
    assert "n = 200" in ax.get_title(loc="left") + ax.get_title()


def test_recall_stands_by_emotion_from_the_rarest_on():
    recall = pd.DataFrame({"happy": [0.9, 0.8], "disgust": [0.1, 0.4]}, index=["plain", "balanced"])
    ax = plotting.recall_by_share(recall, {"happy": 0.6, "disgust": 0.02}, {"happy": 50, "disgust": 4})
    labels = [tick.get_text() for tick in ax.get_xticklabels()]
    assert labels == ["disgust\n2.0%\nn = 4", "happy\n60.0%\nn = 50"]
    plain, balanced = ax.containers
    assert [bar.get_height() for bar in plain] == [0.1, 0.9]
    assert [bar.get_height() for bar in balanced] == [0.4, 0.8]
    assert plain[0].get_x() < balanced[0].get_x() < plain[1].get_x()


def test_recall_has_the_wilson_interval_of_the_images_that_were_judged():
    recall = pd.DataFrame({"happy": [0.9], "disgust": [0.5]}, index=["plain"])
    ax = plotting.recall_by_share(
        recall, {"happy": 0.9, "disgust": 0.1}, {"happy": 50, "disgust": 4}, intervals=True
    )
    (bars,) = ax.collections
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    expected = [proportion_interval(2, 4), proportion_interval(45, 50)]
    assert np.array(ends) == pytest.approx(np.array(expected))


def proportion_interval(successes, n):
    interval = stats.binomtest(successes, n).proportion_ci(method="wilson")
    return interval.low, interval.high
