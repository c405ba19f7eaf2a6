"""Sliders for the rule that decides on a stream of probabilities, for a notebook."""

import io
from collections.abc import Mapping, Sequence

import ipywidgets as widgets
import numpy as np
import pandas as pd
from IPython.display import Image, display
from matplotlib.figure import Figure

from fer import plotting
from fer.apps.game.levels import Rules
from fer.evaluation.decisions import Recording, Rule, measure, trace

OWN = "own"


def presets() -> dict[str, Rule]:
    """Returns the rules of the game's levels, and that of a single frame above the threshold, by name."""
    rules = Rules()
    levels = {
        f"level {number}": Rule(level.threshold_on, level.threshold_off, level.hold, rules.time_constant)
        for number, level in enumerate(rules.levels, start=1)
    }
    return {"a single frame": Rule(0.5, 0.5, 0.0, 0.0)} | levels


class DecisionExplorer:
    """Draws what a rule does with a recording, and measures it on all of them, when a slider is let go.

    The picture is an output of its own below the sliders: an executed notebook keeps it where no kernel runs.

    Args:
        recordings: By name; the first one is drawn at the beginning.
        preset: A key of ``presets`` to begin with.

    Attributes:
        recording: The menu of recordings.
        preset: The menu of rules; "own" when a slider was moved.
        sliders: By name: time_constant, threshold, gap (from the threshold down to that below which the
            emotion is gone) and hold.
        rule: The rule that the sliders stand for.
        measured: What it does on all recordings: a row of ``fer.evaluation.decisions.measure``.
        figure: The figure that is shown.

    Example:
        >>> DecisionExplorer({"the film": recording}, preset="level 1")
    """

    def __init__(self, recordings: Mapping[str, Recording], preset: str = "level 1"):
        self._recordings = dict(recordings)
        self._shown = None
        self.recording = widgets.Dropdown(options=list(self._recordings), description="recording")
        self.preset = widgets.Dropdown(options=[*presets(), OWN], value=preset, description="rule of")
        self.sliders = {
            "time_constant": widgets.FloatSlider(min=0, max=1.5, step=0.05, description="time constant (s)"),
            "threshold": widgets.FloatSlider(min=0.1, max=0.9, step=0.05, description="threshold"),
            "gap": widgets.FloatSlider(min=0, max=0.3, step=0.05, description="gap to “off”"),
            "hold": widgets.FloatSlider(min=0, max=2, step=0.05, description="hold time (s)"),
        }
        for slider in self.sliders.values():
            slider.continuous_update = False
        self._place()
        self.recording.observe(self._draw, "value")
        self.preset.observe(self._choose, "value")
        self._listen()
        self._measure()

    def _ipython_display_(self):
        for widget in (self.recording, self.preset, *self.sliders.values()):
            widget.layout.width = "360px"
            widget.style.description_width = "120px"
        sliders = list(self.sliders.values())
        columns = [
            widgets.VBox([self.recording, self.preset]),
            *map(widgets.VBox, (sliders[:2], sliders[2:])),
        ]
        display(widgets.HBox(columns))
        self._shown = display(self._picture(), display_id=True)

    @property
    def rule(self) -> Rule:
        values = {name: slider.value for name, slider in self.sliders.items()}
        off = max(round(values["threshold"] - values["gap"], 4), 0.01)
        return Rule(values["threshold"], off, values["hold"], values["time_constant"])

    def _listen(self, listening: bool = True) -> None:
        for slider in self.sliders.values():
            (slider.observe if listening else slider.unobserve)(self._move, "value")

    def _choose(self, change) -> None:
        if self.preset.value != OWN:
            self._listen(False)  # one picture, not one for each slider
            self._place()
            self._listen()
            self._measure()

    def _place(self) -> None:
        on, off, hold, time_constant = presets()[self.preset.value]
        values = {"time_constant": time_constant, "threshold": on, "gap": on - off, "hold": hold}
        for name, value in values.items():
            self.sliders[name].value = round(value, 4)

    def _move(self, change) -> None:
        self.preset.value = OWN
        self._measure()

    def _measure(self) -> None:
        self.measured = _measured(list(self._recordings.values()), self.rule)
        self._draw()

    def _draw(self, change=None) -> None:
        recording = self._recordings[self.recording.value]
        self.figure = Figure(figsize=(12, 5.4), layout="constrained")
        traces = {self._title(recording): (trace(recording, self.rule), self.rule)}
        plotting.decisions_over_time(traces, recording.smiles, figure=self.figure)
        if self._shown is not None:
            self._shown.update(self._picture())

    def _title(self, recording: Recording) -> str:
        """What happens in the recording that is shown, and on all."""
        here, together = _measured([recording], self.rule), self.measured
        return (
            f"{self.recording.value}: {_in_words(here)}\n"
            f"all {together['recordings']} recordings: {_in_words(together)}"
        )

    def _picture(self) -> Image:
        png = io.BytesIO()
        self.figure.savefig(png, format="png")
        return Image(png.getvalue())


def _measured(recordings: Sequence[Recording], rule: Rule) -> pd.Series:
    return measure(recordings, [rule]).astype(object).iloc[0]  # whole numbers stay whole


def _in_words(row: pd.Series) -> str:
    delay = f"{row['delay']:.2f} s" if np.isfinite(row["delay"]) else "none"
    return (
        f"{row['false_alarms']} false alarms in {row['minutes']:.1f} minutes, "
        f"{row['missed']} of {row['smiles']} smiles missed, median delay {delay}"
    )
