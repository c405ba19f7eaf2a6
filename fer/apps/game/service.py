"""What the page of the laugh game asks for: clips, games, frames, best times."""

import logging
import threading
import time
from collections.abc import Callable

import numpy as np

from fer.apps import uploads
from fer.apps.game import best_times, clips
from fer.apps.game.rules import MODES, Game, State
from fer.apps.seats import Seats
from fer.apps.uploads import Refused
from fer.inference import FaceStream, Predictor

logger = logging.getLogger(__name__)

BEST = 10
"""Rows of the table of best times."""


class Service:
    """Answers a page; every method takes and returns what JSON takes. Pictures stay in memory.

    Games run on the clock of the server: that of a browser can be set, and stands still while its computer
    sleeps, and a table of best times must not depend on it. How long a frame travels shifts all of a game
    alike, and the rules allow for frames that come unevenly.

    Args:
        predictor: Finds faces and their emotions.
        live_users: How many may play at the same time.
        clock: Seconds from any start.

    Raises:
        ValueError: The predictor does not know an emotion of the game, or an argument is not as described.
    """

    def __init__(
        self, predictor: Predictor, live_users: int = 4, clock: Callable[[], float] = time.monotonic
    ):
        if missing := set(MODES.values()) - set(predictor.emotions):
            raise ValueError(
                f"`predictor` must know the emotions {sorted(MODES.values())}. "
                f"Received: one without {sorted(missing)}"
            )
        self._clock = clock
        self._seats = Seats(live_users, lambda: _Player(predictor), clock=clock)
        self._making: dict[tuple[str, int], _Making] = {}
        self._lock = threading.Lock()

    def best(self, mode: str) -> dict:
        """Gives the ``best`` times of a mode."""
        if mode not in MODES:
            raise ValueError(f"`mode` must be one of {list(MODES)}. Received: {mode!r}")
        return {"best": [entry.to_dict() for entry in best_times.table(mode, BEST)]}

    def prepare(self, mode: str, level: int) -> dict:
        """Gives how many clips of a level are ``made``, of ``all``. What is missing is made from now on.

        Raises:
            Refused: "no_clips", when they cannot be made; asked again, it is tried again.
        """
        wanted = clips.catalogue().clips[mode][level]
        made = sum(clip.ready for clip in wanted)
        if made < len(wanted):
            self._make(mode, level)
        return {"made": made, "all": len(wanted)}

    def enter(self) -> dict:
        """Gives a ``seat`` to play on."""
        return {"seat": self._seats.enter()}

    def leave(self, seat: str) -> dict:
        """Takes the seat back."""
        self._seats.leave(seat)
        return {}

    def begin(self, seat: str, mode: str, level: int, name: str = "") -> dict:
        """Begins a game, and gives its ``state``; one that runs on this seat is given up.

        Args:
            seat: From ``enter``.
            mode, level: See ``Game``.
            name: Of the player, for the best times.
        """
        names = {
            number: [clip.name for clip in known]
            for number, known in clips.catalogue().clips.get(mode, {}).items()
        }
        game = Game(mode, names, level)
        with self._seats.use(seat) as player:
            player.begin(game, str(name))
            return {"state": game.start(self._clock()).to_dict()}

    def frame(self, seat: str, image: str, ended: int | None = None) -> dict:
        """Takes a frame of a camera; the largest face in it plays.

        Args:
            seat: From ``enter``.
            image: A data URL.
            ended: Number of the clip that has ended, if one has; told twice counts once.

        Returns:
            The game's ``state``; ``box``, that of the face or None; after the end also ``end``: the ``curve``
            of the probability, the ``best`` times, ``place``, the row of this game in them from 0 on or None,
            and whether it could be ``saved``.

        Raises:
            Refused: The frame is broken: the game goes on with the next one. Or the seat is lost.
        """
        now = self._clock()
        picture = uploads.frame(image)
        with self._seats.use(seat) as player:
            return player.see(picture, now, ended)

    def _make(self, mode: str, level: int) -> None:
        with self._lock:
            making = self._making.get((mode, level))
            if making is None:
                self._making[mode, level] = _Making(mode, level)
            elif not making.is_alive():
                del self._making[mode, level]
                if making.failed:
                    raise Refused("no_clips")


class _Player:
    """The game of a seat."""

    def __init__(self, predictor: Predictor):
        # The rules smooth the probabilities themselves.
        self._stream = FaceStream(predictor, smoothing=0)
        self._game: Game | None = None
        self._name = ""
        self._end: dict | None = None

    def begin(self, game: Game, name: str) -> None:
        self._game, self._name, self._end = game, name, None

    def see(self, picture: np.ndarray, now: float, ended: int | None) -> dict:
        if self._game is None:
            raise Refused("no_seat")
        found = self._stream.update(picture, now)
        face = max(found, key=lambda face: face.box[2] * face.box[3], default=None)
        state = self._game.update(now, face and face.emotions[MODES[self._game.mode]])
        if ended is not None:
            state = self._game.clip_ended(now, ended)
        answer = {"state": state.to_dict(), "box": face and list(face.box)}
        if state.over:
            self._end = self._end or self._ended(state)
            answer["end"] = self._end
        return answer

    def _ended(self, state: State) -> dict:
        """Writes the game into the best times, and returns what the page shows of its end."""
        entry, best = None, []
        try:
            entry = best_times.add(state, self._game.start_level, self._name)
            best = best_times.table(state.mode, BEST)
        except OSError as error:  # the player sees the end all the same
            logger.warning("The best times cannot be used: %s", error)
        return {
            "curve": self._game.curve,
            "best": [row.to_dict() for row in best],
            "place": best.index(entry) if entry in best else None,
            "saved": entry is not None,
        }


class _Making(threading.Thread):
    """Makes the clips of a level beside what else runs."""

    def __init__(self, mode: str, level: int):
        super().__init__(name=f"clips-{mode}-{level}", daemon=True)
        self._wanted = mode, level
        self.failed = False
        self.start()

    def run(self) -> None:
        try:
            clips.ensure(*self._wanted)
        except Exception as error:  # the page tells of it, whatever it is
            logger.warning("The clips of %s, level %d, could not be made: %s", *self._wanted, error)
            self.failed = True
