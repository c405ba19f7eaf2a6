"""What the page of the emoticon generator asks for: descriptions, drawings, live frames."""

import threading
from collections.abc import Mapping

from fer.apps import uploads
from fer.apps.emoticon import wording
from fer.apps.emoticon.drawing import Emoticon, draw
from fer.apps.seats import Seats
from fer.apps.wording import LANGUAGES
from fer.inference.describing import Describer, DescriptionStream, FaceDescription

MOST_FACES = 24
"""Of one picture; the smallest ones are left out."""

PHOTOS_AT_ONCE = 2
"""Photos that are read at the same time, the others wait: one of 25 megapixels takes some 400 MB."""


class Service:
    """Answers a page; every method takes and returns what JSON takes. Pictures stay in memory.

    Args:
        describer: Finds and describes faces.
        live_users: How many may use a camera at the same time.
    """

    def __init__(self, describer: Describer, live_users: int = 4):
        self._describer = describer
        self._seats = Seats(live_users, self._begin)
        self._photos = threading.BoundedSemaphore(PHOTOS_AT_ONCE)

    def describe(self, image: str) -> dict:
        """Takes a photo as a data URL, and gives its ``faces``, described and drawn, from left to right."""
        with self._photos:
            found = self._describer.describe(uploads.photo(image))
        largest = sorted(found, key=lambda face: face.box[2] * face.box[3], reverse=True)[:MOST_FACES]
        shown = sorted(largest, key=lambda face: face.box[0])
        return {"faces": [answer(face, from_description(face)) for face in shown], "all": len(found)}

    def draw(self, emoticon: dict) -> dict:
        """Takes an emoticon corrected by hand, and gives it drawn."""
        return drawn(Emoticon(**emoticon))

    def enter(self) -> dict:
        """Gives a ``seat`` for a camera."""
        return {"seat": self._seats.enter()}

    def leave(self, seat: str) -> dict:
        """Takes the seat back."""
        self._seats.leave(seat)
        return {}

    def frame(self, seat: str, image: str, time: float, chosen: dict | None = None) -> dict:
        """Takes a frame of a camera, and gives the ``faces`` in it.

        Args:
            seat: From ``enter``.
            image: A data URL.
            time: When it was taken, in seconds.
            chosen: Number of a face's track → what was chosen by hand, values of ``Emoticon``.
        """
        with self._seats.use(seat) as stream:
            found = stream.update(uploads.frame(image), float(time))
        chosen = chosen or {}
        faces = [
            {"track": track} | answer(face, from_description(face, chosen.get(str(track))))
            for track, face in list(found.items())[:MOST_FACES]
        ]
        return {"faces": faces, "all": len(found)}

    def _begin(self) -> DescriptionStream:
        return DescriptionStream(self._describer)


def from_description(face: FaceDescription, chosen: Mapping | None = None) -> Emoticon:
    """Returns the emoticon of a face, with what was chosen by hand in the place of what was measured."""
    values = {
        "emotions": face.emotions,
        "glasses": max(face.glasses, key=face.glasses.get),
        "mask": face.mask >= 0.5,
        "skin_tone": face.skin_tone and face.skin_tone.tone,
    }
    return Emoticon(**values | dict(chosen or {}))


def answer(face: FaceDescription, emoticon: Emoticon) -> dict:
    """Returns what is told of a face and its emoticon."""
    return face.to_dict() | drawn(emoticon)


def drawn(emoticon: Emoticon) -> dict:
    """Returns an emoticon, its ``svg`` and its ``text`` in each language."""
    told = {language: wording.describe(emoticon, language) for language in LANGUAGES}
    return {"emoticon": emoticon.to_dict(), "svg": draw(emoticon, told["en"]), "text": told}
