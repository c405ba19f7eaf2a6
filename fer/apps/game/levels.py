"""The modes of the laugh game and how strict its levels are."""

from dataclasses import dataclass

MODES = {"funny": "happy", "scary": "surprise"}
"""The emotion that must not be shown in each mode."""


@dataclass(frozen=True)
class Level:
    """How strict a level is.

    Attributes:
        threshold_on: Smoothed probability, 0…1, from which on the emotion counts as shown.
        threshold_off: Smoothed probability below which it is gone, 0…``threshold_on``.
        hold: Seconds for which it may be shown.
    """

    threshold_on: float
    threshold_off: float
    hold: float

    def __post_init__(self):
        if not 0 < self.threshold_off <= self.threshold_on < 1:
            raise ValueError(
                "A level must have 0 < `threshold_off` ≤ `threshold_on` < 1. "
                f"Received: {self.threshold_off}, {self.threshold_on}"
            )


@dataclass(frozen=True)
class Rules:
    """What holds for a whole game.

    Attributes:
        levels: From the first to the strictest.
        time_constant: Of the smoothing, in seconds; 0 for none.
        grace: Seconds in a level for which no face may be seen, all absences together: who hides often has
            no more of them than who hides once.
        countdown: Seconds before each level, counted while a face is seen.
        clips: Clips in a level. Where there are fewer, all of them.
        longest_gap: Longest time in seconds between two frames that is judged. What lies above it counts as
            time without a face, but at most half of the grace time for one gap, so that no gap decides alone.
    """

    levels: tuple[Level, ...] = (Level(0.6, 0.45, 1.5), Level(0.5, 0.35, 1.2), Level(0.4, 0.25, 0.9))
    time_constant: float = 0.4
    grace: float = 6.0
    countdown: float = 3.0
    clips: int = 2
    longest_gap: float = 0.4

    def __post_init__(self):
        if not self.levels or self.clips < 1:
            raise ValueError(
                "There must be a level and a clip in it. "
                f"Received: {len(self.levels)} levels, `clips`={self.clips}"
            )
        if min(self.time_constant, self.countdown) < 0 or min(self.grace, self.longest_gap) <= 0:
            raise ValueError(
                "`time_constant` and `countdown` must be at least 0, `grace` and `longest_gap` positive. "
                f"Received: {self.time_constant}, {self.countdown}, {self.grace}, {self.longest_gap}"
            )
        shortest = min(level.hold for level in self.levels)
        if shortest <= 2 * self.longest_gap:  # a single frame shapes the line from its neighbour to the next
            raise ValueError(
                "`hold` must be more than twice `longest_gap`, or a single frame could decide. "
                f"Received: {shortest}, {self.longest_gap}"
            )
