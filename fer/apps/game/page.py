"""The page of the laugh game."""

import logging
import urllib.parse
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from fer.apps.emoticon import Emoticon, draw
from fer.apps.game import clips, wording
from fer.apps.game.rules import MODES, Rules
from fer.apps.game.service import Service
from fer.apps.wording import LANGUAGES, texts
from fer.inference import Predictor

logger = logging.getLogger(__name__)

_PICTURES = {
    "happy": Emoticon({"happy": 1.0}),
    "surprise": Emoticon({"surprise": 1.0}),
    "hidden": Emoticon({"neutral": 1.0}, glasses="sunglasses", mask=True),
    "won": Emoticon({"neutral": 0.8, "happy": 0.2}),
}


def launch(
    predictor: Predictor | None = None,
    port: int | None = None,
    share: bool = False,
    wait: bool = False,
    live_users: int = 4,
) -> str:
    """Opens the page and returns its address; in a notebook it is shown below the cell.

    Clips that are not there yet are made in the background.

    Args:
        predictor: Finds faces and their emotions; None is ``Predictor("emotion-small")``.
        port, share, wait: See ``fer.apps.web.launch``.
        live_users: How many may play at the same time; the next one is told to wait.

    Raises:
        OSError: The port is in use.
        ValueError: See ``Service``.
    """
    from fer.apps import web  # Gradio takes seconds to import, and the route of the clips does not need it

    service = Service(predictor or Predictor("emotion-small"), live_users)
    methods = (service.begin, service.best, service.enter, service.frame, service.leave, service.prepare)
    rules = Rules()
    blocks = web.page(
        "Laugh game",
        "game",
        {method.__name__: method for method in methods},
        texts=texts(wording.NAMES, wording.TEXTS, wording.ERRORS),
        languages=LANGUAGES,
        modes=MODES,
        levels=[{"threshold": level.threshold_on, "hold": level.hold} for level in rules.levels],
        grace=rules.grace,
        pictures={name: _url(draw(emoticon)) for name, emoticon in _PICTURES.items()},
        skipped=[Path(item["path"]).name for item in clips.catalogue().to_dict()["skipped"]],
    )
    routes = [Route("/clips/{mode}/{name:path}", clip)]
    return web.launch(blocks, port, share, wait, routes, started=_make_clips)


def clip(request: Request) -> Response:
    """Sends a clip of the catalogue, or a range of it; no path is made from the address."""
    mode, name = request.path_params["mode"], request.path_params["name"]
    for level, known in clips.catalogue().clips.get(mode, {}).items():
        for found in known:
            if found.name == name:
                return _file(mode, level, found)
    return PlainTextResponse("There is no such clip.", 404)


def _file(mode: str, level: int, found: clips.Clip) -> Response:
    if not found.ready:
        try:
            clips.ensure(mode, level)
        except OSError as error:
            logger.warning("The clip %s could not be made: %s", found.name, error)
            return PlainTextResponse("This clip could not be made.", 503)
    return FileResponse(found.path, headers={"Cache-Control": "no-cache"})


def _make_clips() -> None:
    try:
        clips.make_all()
    except OSError as error:  # whoever plays a level without clips is told
        logger.warning("Not all clips could be made: %s", error)


def _url(svg: str) -> str:
    return "data:image/svg+xml," + urllib.parse.quote(svg)
