"""The emoticon generator: a face in, a drawing of its emotion, glasses, mask and skin tone out.

Example:
    >>> from fer.apps import emoticon
    >>> svg = emoticon.draw(emoticon.Emoticon({"happy": 0.8, "neutral": 0.2}, glasses="glasses", skin_tone=6))
    >>> address = emoticon.launch()  # the page, also below a cell of a notebook
"""

from fer.apps.emoticon.drawing import Emoticon, draw
from fer.apps.emoticon.gallery import gallery, sheet
from fer.apps.emoticon.page import launch
from fer.apps.emoticon.service import from_description

__all__ = ["Emoticon", "draw", "from_description", "gallery", "launch", "sheet"]
