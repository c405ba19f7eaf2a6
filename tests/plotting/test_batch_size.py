"""Figures about the batch size: what is drawn, not pixels."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from fer import plotting


@pytest.fixture
def throughput():
    return pd.DataFrame(
        {
            "batch_size": [1, 16, 256],
            "fits": [True, True, False],
            "images_per_second": [100.0, 900.0, np.nan],
            "low": [90.0, 800.0, np.nan],
            "high": [110.0, 950.0, np.nan],
            "memory": [700.0, 720.0, np.nan],
        }
    )


@pytest.fixture
def results():
    return pd.DataFrame(
        {
            "policy": ["fixed"] * 4 + ["tuned"] * 2,
            "batch_size": [4, 4, 16, 16, 16, 16],
            "seed": [1, 2] * 3,
            "val_accuracy": [0.5, 0.7, 0.2, np.nan, 0.4, 0.6],
        }
    )


@pytest.fixture
def epochs():
    rows = [(4, seed, epoch, 8 * epoch, 2.0 - epoch + 0.1 * seed) for seed in (1, 3) for epoch in (0, 1)]
    rows += [(16, seed, epoch, 2 * epoch, 2.0) for seed in (1, 3) for epoch in (0, 1)]
    return pd.DataFrame(rows, columns=["batch_size", "seed", "epoch", "step", "loss"])


def test_throughput_and_memory_of_what_fits_and_a_line_where_it_ends(throughput):
    left, right = plotting.throughput(throughput, knee=16).axes
    assert left.lines[0].get_xydata().tolist() == [[1, 100], [16, 900]]
    assert right.lines[0].get_xydata().tolist() == [[1, 700], [16, 720]]
    for ax in (left, right):
        assert 256 in [line.get_xdata()[0] for line in ax.lines]
        assert "does not fit" in [text.get_text().strip() for text in ax.texts]
        assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "16", "256"]
    assert any("knee: 16 images, 900 a second" in text.get_text() for text in left.texts)


def test_accuracy_has_every_seed_and_for_each_policy_mean_and_range(results):
    ax = plotting.accuracy_by_batch_size(results, noise_scale=(5, 12), chance=1 / 7)
    bars = {bar.get_label(): bar for bar in ax.containers}
    assert bars["fixed"].lines[0].get_ydata() == pytest.approx([0.6, 0.2])
    assert bars["tuned"].lines[0].get_ydata() == pytest.approx([0.5])
    segments = bars["fixed"].lines[2][0].get_segments()
    np.testing.assert_allclose(segments[0][:, 1], [0.5, 0.7])
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert {"gradient noise scale\nduring the training", "chance", "fixed", "tuned"} == set(labels)
    assert "2 seeds each" in ax.get_title(loc="left")


def test_policies_at_one_batch_size_stand_side_by_side(results):
    ax = plotting.accuracy_by_batch_size(results)
    fixed, tuned = (bar.lines[0].get_xdata() for bar in ax.containers)
    assert fixed[1] < 16 < tuned[0]


def test_learning_draws_the_mean_of_each_batch_size_over_the_steps(epochs):
    ax = plotting.learning_by_batch_size(epochs)
    lines = {line.get_label(): line for line in ax.lines}
    np.testing.assert_allclose(lines["4 images"].get_xydata(), [[0, 2.2], [8, 1.2]])
    np.testing.assert_allclose(lines["16 images"].get_xydata(), [[0, 2], [2, 2]])
    assert len(ax.lines) == 2 + 4  # means and seeds
    by_epoch = plotting.learning_by_batch_size(epochs, x="epoch", ax=plt.subplots()[1])
    assert by_epoch.get_xlabel().startswith("epochs")


def test_an_infinite_noise_scale_is_drawn_at_the_edge():
    frame = pd.DataFrame(
        {"epoch": [0, 1], "noise_scale": [10, 40], "low": [5.0, 20.0], "high": [20.0, np.inf]}
    )
    ax = plotting.noise_scale(frame, batch_sizes=[4, 64])
    assert ax.get_yscale() == "log"
    assert ax.lines[0].get_xydata().tolist() == [[0, 10], [1, 40]]
    assert ax.get_ylim()[1] == 3 * 64
    assert [text.get_text() for text in ax.texts] == ["batch 4", "batch 64"]
