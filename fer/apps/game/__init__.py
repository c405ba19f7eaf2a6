"""The laugh game: a clip plays, the webcam looks on, and who shows the emotion has lost.

Example:
    >>> from fer.apps import game
    >>> address = game.launch()  # the page, also below a cell of a notebook
"""

from typing import Any

__all__ = ["launch"]


def __getattr__(name: str) -> Any:
    if name == "launch":  # the rules alone need no page
        from fer.apps.game.page import launch

        return launch
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
