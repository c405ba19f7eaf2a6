"""Sliders for the optimizers of Keras on surfaces of two weights, for a notebook."""

import io
from collections.abc import Sequence
from functools import lru_cache

import ipywidgets as widgets
import pandas as pd
from IPython.display import Image, display
from matplotlib.figure import Figure

from fer import plotting
from fer.experiments.optimizers import OPTIMIZERS
from fer.experiments.surfaces import SURFACES, trajectories

OPTIONS = {
    "SGD": (),
    "Momentum": ("momentum",),
    "Nesterov": ("momentum",),
    "Adagrad": (),
    "RMSProp": ("rho",),
    "Adam": ("beta_1", "beta_2"),
    "Adamax": ("beta_1", "beta_2"),
}
"""The sliders that an optimizer listens to, besides the learning rate."""


class SurfaceExplorer:
    """Draws the paths of the ticked optimizers again whenever a slider is let go.

    All of them have the same learning rate here, so that one sees how differently they take it. The picture
    is an output of its own below the sliders: an executed notebook keeps it where no kernel runs.

    Args:
        surface: Name of a surface to begin with.
        optimizers: Names of optimizers to begin with.
        learning_rate: Learning rate to begin with, 1e-4 to 10.
        steps: Number of updates.

    Attributes:
        surface: The menu of surfaces.
        checkboxes: A checkbox an optimizer, by name.
        sliders: By name: learning_rate, momentum, rho, beta_1, beta_2, start_x, start_y.
        frame: The paths that are drawn, as ``fer.experiments.surfaces.trajectories`` gives them.
        figure: The figure that is shown.

    Example:
        >>> SurfaceExplorer("ravine", ["SGD", "Momentum"], learning_rate=0.1)
    """

    def __init__(
        self,
        surface: str = "ravine",
        optimizers: Sequence[str] = ("SGD", "Momentum", "Adam"),
        learning_rate: float = 0.1,
        steps: int = 100,
    ):
        self._steps = steps
        self._shown = None
        self.surface = widgets.Dropdown(options=list(SURFACES), value=surface, description="surface")
        self.checkboxes = {
            name: widgets.Checkbox(name in optimizers, description=name, indent=False) for name in OPTIMIZERS
        }
        self.sliders = {
            "learning_rate": widgets.FloatLogSlider(
                learning_rate, min=-4, max=1, step=0.1, readout_format=".2g"
            ),
            "momentum": widgets.FloatSlider(0.9, min=0, max=0.99, step=0.01),
            "rho": widgets.FloatSlider(0.9, min=0, max=0.999, step=0.001, readout_format=".3f"),
            "beta_1": widgets.FloatSlider(0.9, min=0, max=0.99, step=0.01),
            "beta_2": widgets.FloatSlider(0.999, min=0, max=0.999, step=0.001, readout_format=".3f"),
            "start_x": widgets.FloatSlider(step=0.01),
            "start_y": widgets.FloatSlider(step=0.01),
        }
        for name, slider in self.sliders.items():
            slider.description = name.replace("_", " ")
            slider.continuous_update = False
        self._place_start()
        self.surface.observe(self._change_surface, "value")
        self._listen()
        self._draw()

    def _ipython_display_(self):
        for widget in (self.surface, *self.sliders.values()):
            widget.layout.width = "340px"
            widget.style.description_width = "100px"
        for checkbox in self.checkboxes.values():
            checkbox.layout.width = "110px"
        sliders = list(self.sliders.values())
        columns = [
            widgets.VBox(list(self.checkboxes.values())),
            widgets.VBox([self.surface, *sliders[:1], *sliders[5:]]),
            widgets.VBox(sliders[1:5]),
        ]
        display(widgets.HBox(columns))
        self._shown = display(self._picture(), display_id=True)

    def _listen(self, listening: bool = True) -> None:
        for widget in (*self.checkboxes.values(), *self.sliders.values()):
            (widget.observe if listening else widget.unobserve)(self._draw, "value")

    def _change_surface(self, change) -> None:
        self._listen(False)  # one picture, not one for each slider of the start
        self._place_start()
        self._listen()
        self._draw()

    def _place_start(self) -> None:
        surface = SURFACES[self.surface.value]
        limits = surface.x_limits, surface.y_limits
        for name, (low, high), start in zip(("start_x", "start_y"), limits, surface.start, strict=True):
            slider = self.sliders[name]
            slider.min, slider.max = -100, 100  # an end may not cross the other on its way
            slider.min, slider.max, slider.value = low, high, start

    def _draw(self, change=None) -> None:
        chosen = [name for name, checkbox in self.checkboxes.items() if checkbox.value]
        if not chosen:
            return
        values = {name: slider.value for name, slider in self.sliders.items()}
        start = values["start_x"], values["start_y"]
        paths = []
        for name in chosen:
            options = tuple((option, values[option]) for option in ("learning_rate", *OPTIONS[name]))
            paths.append(_path(self.surface.value, name, options, self._steps, start))
        self.frame = pd.concat(paths, ignore_index=True)
        self.figure = Figure(figsize=(10, 5.2), layout="constrained")
        plotting.optimizer_paths(self.frame, SURFACES[self.surface.value], ax=self.figure.subplots())
        if self._shown is not None:
            self._shown.update(self._picture())

    def _picture(self) -> Image:
        png = io.BytesIO()
        self.figure.savefig(png, format="png")
        return Image(png.getvalue())


@lru_cache(maxsize=256)
def _path(
    surface: str,
    optimizer: str,
    options: tuple[tuple[str, float], ...],
    steps: int,
    start: tuple[float, float],
) -> pd.DataFrame:
    """Returns the path of one optimizer, and remembers it: most sliders change the paths of few."""
    return trajectories(SURFACES[surface], {optimizer: dict(options)}, steps, start)
