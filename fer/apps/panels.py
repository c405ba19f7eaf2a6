"""A live training panel for a notebook: choose, press Train, watch, stop, compare."""

import atexit
import html
import io
import threading
import traceback
from dataclasses import dataclass, field

import ipywidgets as widgets
import pandas as pd

from fer import paths, plotting, training
from fer.apps.live import COLUMNS, LiveCurve
from fer.apps.settings import SettingsForm, differences
from fer.datasets import FaceDataset
from fer.evaluation import wilson_interval
from fer.plotting import style
from fer.training import Run, TrainingConfig

COMPARED = len(style.SERIES_COLORS)
"""How many trainings are drawn together at most: each has a colour of its own."""

ENDINGS = {
    "finished": "Finished: {done} of {epochs} epochs.",
    "interrupted": "Stopped. {done} of {epochs} epochs are kept, and Train goes on from there.",
    "diverged": "Diverged after {done} of {epochs} epochs: the loss grew too large. Lower the learning rate.",
}
"""What the panel says of a run, by its status."""

STYLE = """<style>
.fer-panel .widget-label, .fer-panel select, .fer-panel .widget-text input[type="text"] { font-size: 16px }
.fer-panel .fer-status { font-size: 18px; line-height: 1.4 }
.fer-panel .fer-reason { width: 285px; line-height: 1.3; font-size: 15px; font-weight: 600; color: #d93025 }
.fer-panel table { font-size: 16px; line-height: 1.6 }
.fer-panel td { padding-right: 16px; white-space: nowrap }
.fer-panel td:nth-child(2) { white-space: normal }
</style>"""
"""Large enough for the back of a room."""

_one_training = threading.Lock()


@dataclass
class Trial:
    """A training of a panel: its run, and its curve as ``plotting.live_curves`` takes it."""

    run: Run
    curve: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=COLUMNS, dtype=float))


class TrainingPanel(widgets.HBox):
    """Trains what its fields say while the curves grow. Nothing is trained until Train is pressed.

    The training has a thread of its own, so that the buttons work while it runs. Stop ends it at the next
    batch; its run stays in the run store at its last whole epoch, and Train goes on from there. Compare draws
    the earlier trainings of the panel too. A new panel, such as the one that the same cell makes when it runs
    again, stops the training of the one before.

    Args:
        dataset: What is trained on; the validation split is watched.
        config: The values to begin with. What the panel does not show stays as it is.

    Attributes:
        form: The fields.
        status: How the training goes, or why there is none (HTML).
        picture: The curves (png).
        results: A table of the trainings so far (HTML).
        is_training: Whether a training is on its way.

    Example:
        >>> panel = TrainingPanel(dataset, config)
        >>> display(panel)
    """

    is_training = False
    _latest: "TrainingPanel | None" = None
    _thread: threading.Thread | None = None

    def __init__(self, dataset: FaceDataset, config: TrainingConfig):
        self._dataset = dataset
        self._n = len(dataset.split("validation"))
        self._epochs = config.epochs
        self._trials: dict[str, Trial] = {}
        self._current: str | None = None
        self._stopping = threading.Event()
        self._lock = threading.RLock()  # of what the page shows, which several threads change
        self.form = SettingsForm(config)
        self.train_button = widgets.Button(description="Train", icon="play", button_style="success")
        self.stop_button = widgets.Button(
            description="Stop", icon="stop", button_style="danger", disabled=True
        )
        self.compare_button = widgets.ToggleButton(description="Compare", icon="line-chart")
        self.train_button.on_click(lambda button: self.train())
        self.stop_button.on_click(lambda button: self.stop())
        self.compare_button.observe(lambda change: self._draw(), "value")
        self.status = widgets.HTML()
        self.picture = widgets.Image(format="png", layout={"width": "100%", "max_width": "900px"})
        self.results = widgets.HTML()
        buttons = widgets.HBox([self.train_button, self.stop_button, self.compare_button])
        for button, width in zip(buttons.children, ("82px", "82px", "112px"), strict=True):
            button.layout = {"width": width, "margin": "8px 4px 0 0"}
        super().__init__(
            [
                widgets.HTML(STYLE, layout={"display": "none"}),
                widgets.VBox([self.form, buttons], layout={"flex": "0 0 310px"}),
                widgets.VBox([self.status, self.picture, self.results], layout={"flex": "1 1 0"}),
            ]
        )
        self.add_class("fer-panel")
        if TrainingPanel._latest is not None:
            TrainingPanel._latest.stop()
        TrainingPanel._latest = self
        self._say("Choose, and press Train.")
        self._draw()

    def __repr__(self) -> str:
        return "TrainingPanel: run this cell in JupyterLab, and press Train."

    @property
    def runs(self) -> list[Run]:
        """The runs of this panel, in the order of their first training: finished, diverged or interrupted."""
        return [trial.run for trial in self._trials.values() if trial.run.status != "new"]

    def train(self) -> None:
        """Starts the training that the fields ask for, unless one is running or a value is refused."""
        with self._lock:
            if self.is_training:
                return
            config = self.form.read()
            if config is None:
                self._say("Nothing is trained: the reason stands below the value.")
                return
            self._stopping.clear()
            self._set_training(True)
            self._say("Preparing: the untrained network is measured first.")
            self._thread = threading.Thread(
                name="training panel", target=self._train, args=[config], daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Asks the training, if there is one, to stop at the next batch and to keep what it has."""
        with self._lock:
            if self.is_training:
                self._stopping.set()
                self.stop_button.disabled = True
                self._say("Stopping at the next batch.")

    def wait(self, timeout: float | None = None) -> None:
        """Returns when the training has ended, or after ``timeout`` seconds."""
        if self._thread is not None:
            self._thread.join(timeout)

    def close(self) -> None:
        """Stops the training and takes the panel off the page."""
        if self._thread is not None:
            self.stop()
            self.wait()
        super().close()

    def _train(self, config: TrainingConfig) -> None:
        """What the thread does."""
        try:
            with _one_training:  # the panel before this one may still be stopping
                outcome = self._train_one(config)
        except Exception as error:
            outcome = (
                f"The training failed: {html.escape(str(error)[:500])} ({type(error).__name__})"
                f"<details><summary>Where</summary><pre>{html.escape(traceback.format_exc())}</pre></details>"
            )
        with self._lock:
            self._trials = {key: trial for key, trial in self._trials.items() if trial.run.status != "new"}
            if self._current not in self._trials:
                self._current = next(reversed(self._trials), None)
            self.results.value = self._table()
            self._draw()
            self._set_training(False)
            self._say(outcome)

    def _train_one(self, config: TrainingConfig) -> str:
        """Trains, and returns in words how it ended."""
        run = Run(paths.runs() / config.run_id(self._dataset.fingerprint), config)
        trained_before = run.status in ("finished", "diverged")
        with self._lock:
            trial = self._trials.setdefault(run.id, Trial(run))
            self._current = run.id

        def report(curve: pd.DataFrame, line: str) -> None:
            with self._lock:
                if not self._stopping.is_set():
                    self._say(line)
                if not curve.equals(trial.curve):
                    trial.curve = curve
                    self._draw()

        live = LiveCurve(run, trial.curve, self._stopping, report)
        training.train(config, self._dataset, progress=False, callbacks=[live])
        if trial.curve.empty:
            trial.curve = run.history[list(COLUMNS)]
        if trained_before:
            return "These settings were trained before: this is their result."
        return ENDINGS[run.status].format(done=run.history["epoch"].max(), epochs=config.epochs)

    def _set_training(self, is_training: bool) -> None:
        self.is_training = is_training
        self.train_button.disabled, self.stop_button.disabled = is_training, not is_training

    def _say(self, text: str) -> None:
        self.status.value = f'<div class="fer-status">{text}</div>'

    def _names(self) -> dict[str, str]:
        """What sets each training apart from the others, by the id of its run."""
        configs = [trial.run.config for trial in self._trials.values()]
        return dict(zip(self._trials, differences(configs), strict=True))

    def _draw(self) -> None:
        with self._lock:
            names = self._names()
            shown = [key for key in names if self.compare_button.value or key == self._current][-COMPARED:]
            figure = plotting.live_curves(
                {names[key]: self._trials[key].curve for key in shown},
                styles=style.series_styles(list(names.values())),
                epochs=max((self._trials[key].run.config.epochs for key in shown), default=self._epochs),
                n=self._n,
                chance=1 / len(self._dataset.emotions),
            )
            file = io.BytesIO()
            figure.savefig(file)
            self.picture.value = file.getvalue()

    def _table(self) -> str:
        """The results as HTML: a row a run, with the colour of its curve."""
        names = self._names()
        styles = style.series_styles(list(names.values()))
        rows = [("", "Trainings so far", "", "Best validation accuracy", "95 % interval", "n")]
        for key, name in names.items():
            run = self._trials[key].run
            best = run.history["val_accuracy"].max()
            low, high = wilson_interval(round(best * self._n), self._n)
            mark = f'<span style="color: {styles[name][0]}">■</span>'
            interval = f"{low:.3f} to {high:.3f}"
            rows.append((mark, html.escape(name), run.status, f"{best:.3f}", interval, str(self._n)))
        lines = ["".join(f"<td>{cell}</td>" for cell in row) for row in rows]
        return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"


@atexit.register
def _stop_before_the_interpreter() -> None:
    """A thread that computes while the interpreter goes down would crash it."""
    if TrainingPanel._latest is not None:
        TrainingPanel._latest.stop()
        TrainingPanel._latest.wait(timeout=10)
