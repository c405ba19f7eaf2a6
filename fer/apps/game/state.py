"""What the laugh game shows of itself."""

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """What the player sees. All times are seconds.

    Attributes:
        phase: "ready", "countdown", "playing", "paused" (no face), "lost" or "won".
        reason: Why it is lost: "emotion" or "hidden"; else None.
        mode: A key of ``MODES``.
        emotion: The emotion that must not be shown.
        level: Number of the level, the first being 1.
        clip: Name of the clip; before a level the one that comes first.
        clip_number: How many clips have begun before this one in the game.
        clips_passed: Clips that were played to their end.
        clips_total: Clips between the start and the victory.
        levels_passed: Levels that were played to their end.
        face: Whether a face was seen last.
        probability: Smoothed, 0…1; None before a face was seen.
        threshold: ``threshold_on`` of the level.
        shown: How long the emotion has been shown, the clock c of the rule.
        hold: How long it may be shown.
        hidden: How long no face was seen in this level.
        grace: For how long none may be seen.
        countdown: What is left of the countdown.
        survived: How long clips have played, without pauses.
        score: 0…1000, as if the game ended now, see ``Game.score``.
    """

    phase: str
    reason: str | None
    mode: str
    emotion: str
    level: int
    clip: str
    clip_number: int
    clips_passed: int
    clips_total: int
    levels_passed: int
    face: bool
    probability: float | None
    threshold: float
    shown: float
    hold: float
    hidden: float
    grace: float
    countdown: float
    survived: float
    score: int

    @property
    def over(self) -> bool:
        """Whether the game has ended."""
        return self.phase in ("lost", "won")

    def to_dict(self) -> dict:
        """Returns the attributes, ready for JSON."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class Point:
    """A point of the curve: seconds survived, smoothed probability, threshold and name of the clip."""

    time: float
    probability: float
    threshold: float
    clip: str
