"""A pool of things that serve one thread at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import LifoQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Pool(Generic[T]):
    """Lends things to threads. One is made when all that there are have been lent.

    Args:
        make: Makes one.
        size: The most that are made; further threads wait until one is free.
    """

    def __init__(self, make: Callable[[], T], size: int):
        self._make = make
        self._free: LifoQueue[T | None] = LifoQueue()
        for _ in range(size):
            self._free.put(None)

    @contextmanager
    def lend(self) -> Iterator[T]:
        """Gives one to this thread for the time of the block."""
        item = self._free.get()  # what was given back last comes first, so the rest is made only if needed
        try:
            if item is None:
                item = self._make()
            yield item
        finally:
            self._free.put(item)
