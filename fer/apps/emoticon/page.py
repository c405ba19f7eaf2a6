"""The page of the emoticon generator."""

import base64
import io
from functools import cache

import numpy as np
from PIL import Image

from fer import synthetic
from fer.apps.emoticon import wording
from fer.apps.emoticon.drawing import CHOICES, GLASSES
from fer.apps.emoticon.service import Service
from fer.apps.wording import ERRORS, LANGUAGES, texts
from fer.inference.describing import Describer
from fer.synthetic import geometry, raster, scene
from fer.synthetic.backdrop import backdrop
from fer.synthetic.colors import MONK_SKIN_TONES


def launch(
    describer: Describer | None = None,
    port: int | None = None,
    share: bool = False,
    wait: bool = False,
    live_users: int = 4,
) -> str:
    """Opens the page and returns its address; in a notebook it is shown below the cell.

    Args:
        describer: Finds and describes faces; None is ``Describer()``.
        port, share, wait: See ``fer.apps.web.launch``.
        live_users: How many may use a camera at the same time; the next one is told to wait.

    Raises:
        OSError: The port is in use.
    """
    from fer.apps import web  # Gradio takes seconds to import, and drawing does not need it

    service = Service(describer or Describer(), live_users)
    methods = (service.describe, service.draw, service.enter, service.frame, service.leave)
    blocks = web.page(
        "Emoticon generator",
        "emoticon",
        {method.__name__: method for method in methods},
        texts=texts(wording.NAMES, wording.TEXTS, ERRORS),
        languages=LANGUAGES,
        choices={"glasses": GLASSES} | CHOICES,
        tones=["#" + "".join(f"{round(level):02x}" for level in tone) for tone in MONK_SKIN_TONES],
        examples=examples(),
    )
    return web.launch(blocks, port, share, wait)


@cache
def examples() -> list[str]:
    """Returns three photos of drawn faces as data URLs: JPEG, 480×360 pixels."""
    groups = (
        [("happy", {"skin_tone": 3, "hair_style": "long", "hair_color": "brown"})],
        [
            ("surprise", {"skin_tone": 7, "accessory": "glasses"}),
            ("neutral", {"skin_tone": 5, "accessory": "mask", "hair_style": "fringe"}),
        ],
        [
            ("surprise", {"skin_tone": 9}),
            ("happy", {"skin_tone": 2, "accessory": "sunglasses", "hair_color": "blond"}),
            ("neutral", {"skin_tone": 6, "beard": "full"}),
        ],
    )
    return [_url(_photo(number, faces)) for number, faces in enumerate(groups)]


def _photo(number: int, faces: list[tuple[str, dict]]) -> np.ndarray:
    """Draws a photo of some people side by side."""
    height, width = 360, 480
    picture = backdrop(np.random.default_rng(number), height, width)
    side = round(min(1.9 * width / len(faces), 1.1 * height))
    for place, (emotion, chosen) in enumerate(faces):
        person = synthetic.face(emotion, texture=10 + number + place, zoom=0.56, **chosen)
        (cut_out,) = raster.cut_outs(person, [side], geometry.build(person))
        left = round((place + 0.5) * width / len(faces) - side / 2)
        scene.lay(picture, cut_out, left, height - side)
    return picture


def _url(picture: np.ndarray) -> str:
    with io.BytesIO() as file:
        Image.fromarray(picture).save(file, "JPEG", quality=88)
        return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()
