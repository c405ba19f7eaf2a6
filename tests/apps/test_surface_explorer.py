"""The sliders on surfaces: a change of a value is a change of what is drawn."""

import numpy as np
import pytest

from fer.apps.surface_explorer import SurfaceExplorer
from fer.experiments.surfaces import SURFACES, trajectories


@pytest.fixture
def explorer():
    return SurfaceExplorer("ravine", ["SGD", "Momentum"], learning_rate=0.1, steps=15)


def drawn(explorer) -> dict[str, np.ndarray]:
    """The points of the drawn paths by name of the optimizer."""
    (ax,) = explorer.figure.axes
    paths = {line.get_label().partition(",")[0]: line.get_xydata() for line in ax.get_lines()}
    return {name: points for name, points in paths.items() if name in explorer.checkboxes}


def test_the_first_picture_needs_no_touch(explorer):
    expected = trajectories(SURFACES["ravine"], {"SGD": {"learning_rate": 0.1}}, steps=15)
    assert list(drawn(explorer)) == ["SGD", "Momentum"]
    np.testing.assert_allclose(drawn(explorer)["SGD"], expected[["x", "y"]])


def test_a_slider_changes_the_optimizers_that_have_it(explorer):
    before = drawn(explorer)
    explorer.sliders["momentum"].value = 0.5
    after = drawn(explorer)
    expected = trajectories(
        SURFACES["ravine"], {"Momentum": {"learning_rate": 0.1, "momentum": 0.5}}, steps=15
    )
    np.testing.assert_array_equal(after["SGD"], before["SGD"])
    np.testing.assert_allclose(after["Momentum"], expected[["x", "y"]])


@pytest.mark.parametrize(
    ("optimizer", "option", "value"),
    [
        ("Adam", "beta_1", 0.5),
        ("Adamax", "beta_2", 0.5),
        ("RMSProp", "rho", 0.5),
        ("Nesterov", "momentum", 0.5),
    ],
)
def test_every_option_reaches_keras(explorer, optimizer, option, value):
    explorer.checkboxes[optimizer].value = True
    before = drawn(explorer)[optimizer]
    explorer.sliders[option].value = value
    assert not np.allclose(drawn(explorer)[optimizer], before)


def test_a_surface_brings_its_start_and_the_start_can_be_moved(explorer):
    explorer.surface.value = "Beale"
    explorer.sliders["learning_rate"].value = 0.01
    np.testing.assert_allclose(drawn(explorer)["SGD"][0], SURFACES["Beale"].start)
    explorer.sliders["start_x"].value = 3.5
    explorer.sliders["start_y"].value = 1.0
    np.testing.assert_allclose(drawn(explorer)["SGD"][0], [3.5, 1.0])
    assert (explorer.sliders["start_x"].min, explorer.sliders["start_x"].max) == SURFACES["Beale"].x_limits


def test_too_large_a_learning_rate_still_gives_a_picture(explorer):
    explorer.sliders["learning_rate"].value = 10.0
    texts = [text.get_text() for text in explorer.figure.axes[0].get_legend().get_texts()]
    assert "SGD, learning rate 10\ndiverged at step 2" in texts


def test_without_an_optimizer_the_last_picture_stays(explorer):
    for checkbox in explorer.checkboxes.values():
        checkbox.value = False
    assert list(drawn(explorer)) == ["Momentum"]


def test_the_shown_picture_is_replaced_in_place(explorer, monkeypatch):
    shown = []

    class Handle:
        def update(self, picture):
            shown.append(picture.data)

    def display(shown_object, display_id=None):
        if display_id:
            shown.append(shown_object.data)
            return Handle()

    monkeypatch.setattr("fer.apps.surface_explorer.display", display)
    explorer._ipython_display_()
    explorer.surface.value = "saddle"
    explorer.sliders["learning_rate"].value = 0.5
    assert len(shown) == len(set(shown)) == 3  # one picture a change
    assert all(data.startswith(b"\x89PNG") for data in shown)
