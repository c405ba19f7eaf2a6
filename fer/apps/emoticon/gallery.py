"""Emoticons in a grid, with the photos of their faces or alone, below a cell of a notebook."""

import base64
import html
import io
from collections.abc import Sequence

import cv2
import numpy as np
from IPython.display import HTML
from PIL import Image

from fer import images
from fer.apps.emoticon.drawing import Emoticon, draw
from fer.apps.emoticon.service import from_description
from fer.apps.emoticon.wording import describe
from fer.inference.describing import FaceDescription

_HEIGHT = 150
_BLUE = (47, 126, 216)


def gallery(
    photos: Sequence[np.ndarray],
    described: Sequence[Sequence[FaceDescription]],
    captions: Sequence[str] | None = None,
) -> HTML:
    """Shows photos, and beside each the emoticons of its faces with what they are made of.

    Args:
        photos: uint8, each (height, width) or (height, width, 3) RGB.
        described: The faces of each photo, as ``Describer.describe`` gives them.
        captions: A line below each photo, such as what is true of it.
    """
    captions = captions or [""] * len(photos)
    tiles = map(_tile, photos, described, captions)
    return HTML(
        '<div style="display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,1fr));gap:12px">'
        f"{''.join(tiles)}</div>"
    )


def sheet(emoticons: Sequence[Emoticon], columns: int = 7, size: int = 120) -> HTML:
    """Shows emoticons in rows.

    Args:
        emoticons: What to draw.
        columns: Number in a row.
        size: Width and height of each in pixels.
    """
    drawn = (f"<div>{draw(emoticon, describe(emoticon), size)}</div>" for emoticon in emoticons)
    grid = f"display:grid;grid-template-columns:repeat({columns},{size}px)"
    return HTML(f'<div style="{grid}">{"".join(drawn)}</div>')


def _tile(photo: np.ndarray, faces: Sequence[FaceDescription], caption: str) -> str:
    """A photo with its boxes, emoticons, and words."""
    drawn, words = [], []
    for face in faces:
        emoticon = from_description(face)
        drawn.append(f'<div style="width:{_HEIGHT}px">{draw(emoticon, describe(emoticon))}</div>')
        words.append(f"{describe(emoticon)} ({face.emotion}: {face.emotions[face.emotion]:.0%})")
    lines = [html.escape(line) for line in [*(words or ["no face found"]), caption] if line]
    return (
        '<figure style="margin:0;border:1px solid #8884;border-radius:8px;padding:8px">'
        '<div style="display:flex;gap:8px;align-items:center;flex-wrap:wrap">'
        f"{_picture(photo, faces)}{''.join(drawn)}</div>"
        f'<figcaption style="font-size:12px">{"<br>".join(lines)}</figcaption></figure>'
    )


def _picture(photo: np.ndarray, faces: Sequence[FaceDescription]) -> str:
    scale = _HEIGHT / photo.shape[0]
    picture = images.resize(images.convert(photo, None, 3), scale).copy()
    for face in faces:
        x, y, width, height = (round(scale * length) for length in face.box)
        cv2.rectangle(picture, (x, y), (x + width, y + height), _BLUE, 2)
    with io.BytesIO() as file:
        Image.fromarray(picture).save(file, "JPEG", quality=85)
        content = base64.b64encode(file.getvalue()).decode()
    url = f"data:image/jpeg;base64,{content}"
    return f'<img alt="photo" src="{url}" style="height:{_HEIGHT}px;border-radius:6px">'
