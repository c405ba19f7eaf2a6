"""What benchmarks share: cases that take turns, and the medians and ratios of what they took."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One line of a benchmark's table.

    Attributes:
        case: What was measured.
        values: One for each repeat.
        unit: Unit of the values, for example "images/s".
        reference: The case that this one is compared with; None for none.
    """

    case: str
    values: tuple[float, ...]
    unit: str
    reference: str | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def in_turns(cases: dict[str, Callable[[], float]], repeats: int) -> dict[str, tuple[float, ...]]:
    """Calls every case once a repeat, so that what slows the machine for a while slows all of them.

    Args:
        cases: Name → a function that returns what it measured.
        repeats: Number of rounds; one more comes before them and is thrown away.

    Returns:
        Name → one value for each repeat.
    """
    rounds = [[measure() for measure in cases.values()] for _ in range(repeats + 1)][1:]
    return dict(zip(cases, zip(*rounds, strict=True), strict=True))


def seconds(function: Callable[[], object]) -> float:
    """Returns what one call takes."""
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def rate(function: Callable[[], int], least: float = 0.5) -> float:
    """Returns how much a function does in a second: the sum of what its calls return.

    Args:
        function: Does some of the work and returns how much.
        least: It is called again until this many seconds have gone by.
    """
    begin = time.perf_counter()
    done = 0
    while (gone := time.perf_counter() - begin) < least:
        done += function()
    return done / gone


def ratio(result: Result, results: list[Result]) -> float | None:
    """Returns the median over that of the case it is compared with; None where it is not compared."""
    medians = {other.case: other.median for other in results}
    return result.median / medians[result.reference] if result.reference else None
