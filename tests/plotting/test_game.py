"""Figures of the laugh game: what is drawn, not pixels."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from fer import plotting
from fer.evaluation.decisions import Recording, Rule, measure, trace

SMILES = ((2.0, 3.0),)
SHOWN = np.zeros(51)
SHOWN[8] = 0.7
SHOWN[21:31] = 0.9
RECORDING = Recording(np.arange(51) / 10, SHOWN, SMILES)
RULES = {
    "at once": Rule(0.5, 0.5, 0.0, 0.0),
    "late": Rule(0.5, 0.35, 0.5, 0.2),
    "never": Rule(0.95, 0.8, 1, 0.4),
}


def line(ax, label):
    (found,) = [one for one in ax.get_lines() if str(one.get_label()).startswith(label)]
    return found


def table():
    return measure([RECORDING], list(RULES.values())).set_index(pd.Index(RULES))


def test_frames_above_the_threshold_outside_of_smiles_are_marked():
    spans = [("half smile", 0.7, 0.9), ("smile", 2.0, 3.0)]
    ax = plotting.score_over_time(RECORDING, spans, threshold=0.5)
    assert (
        line(ax, "each frame, n = 51").get_xydata().tolist() == np.stack([RECORDING.times, SHOWN], 1).tolist()
    )
    assert line(ax, "above it and no smile: 1 frames").get_xydata().tolist() == [[0.8, 0.7]]
    assert [text.get_text() for text in ax.texts] == ["half smile", "smile"]
    (band,) = ax.patches
    assert (band.get_x(), band.get_x() + band.get_width()) == SMILES[0]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "probability of happy")


def test_without_a_threshold_nothing_is_marked():
    assert len(plotting.score_over_time(RECORDING).get_lines()) == 1


def test_every_way_of_smoothing_has_a_panel_and_every_rate_the_time_at_which_it_is_above():
    rows = []
    for way, late in (("one weight", 1.0), ("seconds", 0.0)):
        for number, rate in enumerate((60, 5)):
            times = np.arange(0, 4, 0.5)
            values = np.where(times >= 1 + late * number, 0.9, 0.1)
            rows.append(pd.DataFrame({"way": way, "rate": rate, "time": times, "smoothed": values}))
    figure = plotting.smoothing_by_frame_rate(pd.concat(rows), threshold=0.5, smiles=SMILES)
    labels = {
        ax.get_title(loc="left"): [text.get_text() for text in ax.get_legend().get_texts()][1:]
        for ax in figure.axes
    }
    assert labels == {
        "one weight": ["60 frames/s: above at 1.00 s", "5 frames/s: above at 2.00 s"],
        "seconds": ["60 frames/s: above at 1.00 s", "5 frames/s: above at 1.00 s"],
    }


def test_measured_delays_lie_on_the_formula_where_they_agree():
    measured = pd.DataFrame(
        {"ratio": [0.5, 0.5], "delay": [0.2 * math.log(2), 1.0], "time_constant": [0.2, 0.4]}
    )
    ax = plotting.step_delays(measured)
    ratio, delay = line(ax, "−ln").get_xydata().T
    assert np.interp(0.5, ratio, delay) == pytest.approx(math.log(2), abs=1e-3)
    assert line(ax, "measured, τ = 0.2 s").get_xydata()[0] == pytest.approx([0.5, math.log(2)])
    assert line(ax, "measured, τ = 0.4 s").get_xydata()[0] == pytest.approx([0.5, 2.5])


def test_each_rule_has_its_score_and_its_clock_with_the_alarm():
    traces = {name: (trace(RECORDING, rule), rule) for name, rule in RULES.items()}
    figure = plotting.decisions_over_time(traces, SMILES)
    scores, clocks = np.reshape(figure.axes, (2, 3))
    assert [ax.get_title(loc="left") for ax in scores] == list(RULES)
    for ax, clock, (rows, rule) in zip(scores, clocks, traces.values(), strict=True):
        np.testing.assert_array_equal(line(ax, "smoothed").get_ydata(), rows["smoothed"])
        assert line(ax, "on").get_ydata()[0] == rule.threshold_on
        assert line(ax, "off").get_ydata()[0] == rule.threshold_off
        assert clock.get_lines()[0].get_ydata()[0] == rule.hold
        alarms = [f"{time:.2f} s" for time in rows["time"][rows["alarm"]]]
        assert [text.get_text() for text in ax.texts] == alarms
    assert [len(ax.texts) for ax in scores] == [2, 1, 0]


def test_an_empty_figure_can_be_drawn_on():
    figure = plt.figure()
    rule = RULES["late"]
    assert plotting.decisions_over_time({"late": (trace(RECORDING, rule), rule)}, figure=figure) is figure


def test_rules_are_dots_and_marked_ones_have_their_interval():
    measured = table()
    ax = plotting.false_alarms_by_delay(measured, measured.loc[["late"]], title="here")
    dots = ax.collections[0]
    finite = measured[np.isfinite(measured["delay"])]
    np.testing.assert_allclose(sorted(dots.get_offsets()[:, 0]), sorted(finite["delay"]))
    assert len(dots.get_offsets()) == 2
    front = line(ax, "beaten by none").get_xydata()
    np.testing.assert_allclose(front, measured.loc[["at once", "late"], ["delay", "per_minute"]])
    (marked,) = ax.containers
    assert marked.get_label() == "late"
    ends = marked.lines[2][0].get_segments()[0][:, 1]
    np.testing.assert_allclose(
        ends, measured.loc["late", ["per_minute_low", "per_minute_high"]].astype(float)
    )
    assert ax.get_title(loc="left") == "here"


def test_rules_are_compared_in_false_alarms_misses_and_delay():
    measured = table()
    figure = plotting.rules_compared(measured)
    alarms, missed, delay = figure.axes
    assert [label.get_text() for label in alarms.get_yticklabels()] == list(RULES)
    values = [one.get_xdata()[0] for one in alarms.get_lines()]
    np.testing.assert_allclose(values, measured["per_minute"])
    assert [one.get_xdata()[0] for one in missed.get_lines()] == [0, 0, 1]
    assert len(delay.get_lines()) == 2  # the third misses every smile
    assert [text.get_text().strip() for text in delay.texts] == ["over half are missed"]
    low, high = alarms.collections[1].get_segments()[0][:, 0]
    np.testing.assert_allclose(
        [low, high], measured.loc["late", ["per_minute_low", "per_minute_high"]].astype(float)
    )
    assert "n = 1" in missed.get_xlabel() and "n = 1 smiles" in delay.get_xlabel()
