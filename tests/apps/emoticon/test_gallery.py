"""Emoticons below a cell of a notebook."""

import base64
import io
import re

import numpy as np
from PIL import Image

from fer.apps.emoticon import Emoticon, draw, gallery, sheet
from fer.apps.emoticon.wording import describe
from fer.inference.describing import FaceDescription

FACE = FaceDescription(
    box=(100, 40, 80, 100),
    score=0.9,
    landmarks=None,
    emotions={"happy": 0.75, "neutral": 0.25},
    glasses={"none": 0.1, "glasses": 0.9, "sunglasses": 0.0},
    mask=0.2,
    skin_tone=None,
)


def test_a_sheet_draws_every_emoticon_in_its_order():
    emoticons = [Emoticon({emotion: 1.0}) for emotion in ("sad", "happy", "fear")]
    page = sheet(emoticons, columns=2, size=64).data
    places = [page.index(draw(emoticon, describe(emoticon), 64)) for emoticon in emoticons]
    assert places == sorted(places) and "repeat(2,64px)" in page


def test_a_gallery_shows_the_photo_with_its_box_the_emoticon_and_the_words():
    photo = np.full((300, 400, 3), 90, dtype=np.uint8)
    page = gallery([photo, photo[..., 0]], [[FACE], []], ["drawn <happy>", ""]).data
    expected = Emoticon(FACE.emotions, "glasses")
    assert draw(expected, describe(expected)) in page and "(happy: 75%)" in page
    assert "drawn &lt;happy&gt;" in page and "no face found" in page
    shown = [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))
        for text in re.findall(r"base64,([^\"]+)", page)
    ]
    assert [picture.shape for picture in shown] == [(150, 200, 3)] * 2
    assert (photo == 90).all()  # the box is drawn on a copy
    blue = shown[0][..., 2].astype(int) - shown[0][..., 0] > 60
    rows, columns = np.nonzero(blue)
    assert abs(columns.min() - 50) <= 3 and abs(columns.max() - 90) <= 3
    assert abs(rows.min() - 20) <= 3 and abs(rows.max() - 70) <= 3
    assert not (np.ptp(shown[1].astype(int), axis=2) > 8).any()
