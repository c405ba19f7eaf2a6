"""How many may use a camera at the same time: one seat for each, the next one waits."""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from fer.apps.uploads import Refused

T = TypeVar("T")


class Seats(Generic[T]):
    """Seats with something of its own for each user, such as the state of a video.

    Whoever sends nothing for a while loses the seat, so that a closed browser blocks nobody.

    Args:
        number: Number of seats, at least 1.
        occupant: Makes what a new user gets.
        patience: Seconds without a sign of life after which a seat is free again.
        clock: Seconds from any start.
    """

    def __init__(
        self,
        number: int,
        occupant: Callable[[], T],
        patience: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ):
        if not isinstance(number, int) or number < 1:
            raise ValueError(f"`number` must be a positive integer. Received: {number!r}")
        self._number = number
        self._occupant = occupant
        self._patience = patience
        self._clock = clock
        self._taken: dict[str, _Seat[T]] = {}
        self._lock = threading.Lock()

    def enter(self) -> str:
        """Takes a seat and returns its token.

        Raises:
            Refused: "seats_taken", when no seat is free.
        """
        with self._lock:
            now = self._clock()
            self._taken = {
                token: seat for token, seat in self._taken.items() if now - seat.seen < self._patience
            }
            if len(self._taken) >= self._number:
                raise Refused("seats_taken")
            token = secrets.token_urlsafe(16)
            self._taken[token] = _Seat(self._occupant(), now)
            return token

    def leave(self, token: object) -> None:
        """Gives a seat back; one that is free already is no error."""
        with self._lock:
            self._taken.pop(token if isinstance(token, str) else "", None)

    @contextmanager
    def use(self, token: object) -> Iterator[T]:
        """Gives what belongs to a seat, to one thread at a time: ``with seats.use(token) as occupant``.

        Raises:
            Refused: "no_seat", when the seat was given back or lost; "busy", when the seat is in use.
        """
        with self._lock:
            seat = self._taken.get(token if isinstance(token, str) else "")
            if seat is None:
                raise Refused("no_seat")
            seat.seen = self._clock()
        if not seat.lock.acquire(blocking=False):
            raise Refused("busy")
        try:
            yield seat.occupant
        finally:
            seat.lock.release()


class _Seat(Generic[T]):
    def __init__(self, occupant: T, seen: float):
        self.occupant, self.seen = occupant, seen
        self.lock = threading.Lock()
