"""The sliders of a rule: a change of a value is a change of what is drawn and measured."""

import numpy as np
import pytest

from fer.apps.decision_explorer import DecisionExplorer, presets
from fer.apps.game.levels import Rules
from fer.evaluation.decisions import Recording, Rule, measure, trace

TIMES = np.arange(81) / 10
SMILED = np.where((TIMES > 4.05) & (TIMES < 7), 0.9, 0.05)
BURST = np.where((TIMES >= 1) & (TIMES < 1.4), 0.9, 0.05)
RECORDINGS = {
    "smile": Recording(TIMES, SMILED, ((4.0, 7.0),)),
    "burst": Recording(TIMES, BURST, ()),
}


@pytest.fixture
def explorer():
    return DecisionExplorer(RECORDINGS, preset="level 2")


def drawn(explorer) -> np.ndarray:
    """The points of the smoothed probability."""
    (line,) = [one for one in explorer.figure.axes[0].get_lines() if one.get_label() == "smoothed"]
    return line.get_xydata()


def title(explorer) -> list[str]:
    ax = explorer.figure.axes[0]
    return (ax.get_title() or ax.get_title(loc="left")).splitlines()


def test_the_presets_are_the_levels_of_the_game_and_a_single_frame():
    rules = Rules()
    expected = [
        Rule(one.threshold_on, one.threshold_off, one.hold, rules.time_constant) for one in rules.levels
    ]
    assert list(presets().values()) == [Rule(0.5, 0.5, 0.0, 0.0), *expected]


@pytest.mark.parametrize("preset", presets())
def test_a_preset_places_the_sliders_at_its_rule(explorer, preset):
    explorer.preset.value = preset
    assert tuple(explorer.rule) == pytest.approx(tuple(presets()[preset]))
    assert explorer.preset.value == preset


def test_the_first_picture_needs_no_touch(explorer):
    expected = trace(RECORDINGS["smile"], presets()["level 2"])
    np.testing.assert_allclose(drawn(explorer), expected[["time", "smoothed"]])
    both = measure(list(RECORDINGS.values()), [presets()["level 2"]]).iloc[0]
    assert explorer.measured["delay"] == both["delay"]
    first, second = title(explorer)
    assert first.startswith("smile: 0 false alarms in 0.1 minutes, 0 of 1 smiles missed, median delay 1.")
    assert second.startswith("all 2 recordings: 0 false alarms")


def test_another_recording_is_drawn_and_the_measures_stay(explorer):
    before = explorer.measured
    explorer.recording.value = "burst"
    expected = trace(RECORDINGS["burst"], explorer.rule)
    np.testing.assert_allclose(drawn(explorer), expected[["time", "smoothed"]])
    assert explorer.measured is before
    assert title(explorer)[0].endswith("0 of 0 smiles missed, median delay none")


def test_a_slider_makes_the_rule_ones_own_and_is_measured(explorer):
    for name, value in {"time_constant": 0.0, "threshold": 0.6, "gap": 0.2, "hold": 0.0}.items():
        explorer.sliders[name].value = value
    assert explorer.preset.value == "own"
    assert tuple(explorer.rule) == pytest.approx((0.6, 0.4, 0.0, 0.0))
    assert (explorer.measured["false_alarms"], explorer.measured["missed"]) == (1, 0)
    assert title(explorer)[1].startswith("all 2 recordings: 1 false alarms")
    explorer.sliders["hold"].value = 1.0
    assert explorer.measured["false_alarms"] == 0


def test_off_never_falls_to_zero(explorer):
    explorer.sliders["threshold"].value = 0.1
    explorer.sliders["gap"].value = 0.3
    assert explorer.rule.threshold_off == 0.01


def test_a_preset_after_own_values_places_them_anew(explorer):
    explorer.sliders["hold"].value = 0.3
    explorer.preset.value = "level 1"
    assert tuple(explorer.rule) == pytest.approx(tuple(presets()["level 1"]))


def test_the_shown_picture_is_replaced_in_place(explorer, monkeypatch):
    shown = []

    class Handle:
        def update(self, picture):
            shown.append(picture.data)

    def display(shown_object, display_id=None):
        if display_id:
            shown.append(shown_object.data)
            return Handle()

    monkeypatch.setattr("fer.apps.decision_explorer.display", display)
    explorer._ipython_display_()
    explorer.preset.value = "level 1"
    explorer.sliders["hold"].value = 0.5
    assert len(shown) == len(set(shown)) == 3  # one picture a change
    assert all(data.startswith(b"\x89PNG") for data in shown)
