"""Figures of initial weights: what is drawn, not pixels."""

import numpy as np
import pandas as pd

from fer import plotting


def rows(network, initializer, seed, forward, theory):
    return pd.DataFrame(
        {
            "depth": range(len(forward)),
            "forward_variance": forward,
            "backward_variance": forward[::-1],
            "forward_theory": theory,
            "backward_theory": theory,
            "network": network,
            "initializer": initializer,
            "seed": seed,
        }
    )


def test_variance_by_depth_draws_the_mean_of_the_draws_and_the_theory():
    frame = pd.concat(
        [
            rows("plain", "he_normal", 0, [1.0, 3.0], [2.0, 2.0]),
            rows("plain", "he_normal", 1, [3.0, 5.0], [2.0, 2.0]),
            rows("residual", "he_normal", 0, [1.0, 9.0], [np.nan, np.nan]),
        ]
    )
    figure = plotting.variance_by_depth(frame)
    forward, residual, backward, _ = figure.axes
    assert forward.get_yscale() == "log"
    assert [ax.get_title(loc="left") for ax in (forward, residual)] == ["plain", "residual"]
    mean, theory = forward.lines
    assert mean.get_ydata().tolist() == [2, 4]
    assert theory.get_ydata().tolist() == [2, 2]
    assert theory.get_linestyle() == "--"
    assert sorted(forward.collections[0].get_offsets()[:, 1]) == [1, 3, 3, 5]
    assert backward.lines[0].get_ydata().tolist() == [4, 2]
    assert np.isnan(residual.lines[1].get_ydata()).all()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "he_normal",
        "theory",
        "lines: mean of 2 draws",
    ]


def test_weight_densities_state_the_standard_deviation():
    kernels = {"narrow": np.array([[-1.0, 1.0]]), "wide": np.array([[-2.0, 2.0]])}
    ax = plotting.weight_densities(kernels)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "narrow, standard deviation 1",
        "wide, standard deviation 2",
    ]
    assert "1×2" in ax.get_title(loc="left")
    assert len({patch.get_edgecolor() for patch in ax.patches}) == 2
