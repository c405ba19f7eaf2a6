"""The rules of the laugh game as a state machine: times and probabilities in, states out.

Between two frames the probability is a straight line; it is smoothed and judged in short steps along it, so
that the number of frames a second does not matter. While a clip plays, a clock c tells how long the emotion
has been shown. With the probability p, smoothed s, and the level's two thresholds

    dc/dt = +1  where s ≥ on and p ≥ on     the emotion is shown
    dc/dt =  0  where s ≥ on and p < on     it lingers in the smoothed probability alone
    dc/dt = −1  where off ≤ s < on          it has faded a little: c goes back, at most to 0
        c =  0  where s < off               it is gone

and the player has lost when c is longer than the level's hold time. So nobody loses unless p itself was above
the threshold for the hold time in all, and a short dip does not begin the time again.
"""

import dataclasses
import math
import random
from collections import deque
from collections.abc import Mapping, Sequence

from fer.apps.game.levels import MODES, Level, Rules
from fer.apps.game.state import Point, State
from fer.inference.smoothing import weight

__all__ = ["MODES", "Game", "Level", "Rules", "State"]

_STEP = 0.005
"""Longest step in seconds in which the line between two frames is judged."""

_CURVE = 600
_CURVE_INTERVAL = 1 / 30
"""Points of the curve that are kept, and seconds between two: the last 20 seconds or more."""

_FIRST_SHARE = 0.1
"""Share of the score that does not ask for finished clips."""


class Game:
    """One game, from the start to its end.

    Args:
        mode: A key of ``MODES``.
        clips: Names of the clips of each level from ``level`` to the last, the first level being 1.
        level: The level to begin with.
        rules: Thresholds and times.
        generator: Chooses the clips; a ``random.Random`` or a ``numpy.random.Generator``.

    Raises:
        ValueError: The mode or level is unknown, or a level has no clip.

    Example:
        >>> game = Game("funny", {1: ["a", "b"], 2: ["c"], 3: ["d"]})
        >>> game.start(10.0).phase
        'countdown'
        >>> state = game.update(10.05, 0.1)  # seconds, and the probability of the emotion or None for no face
    """

    def __init__(
        self,
        mode: str,
        clips: Mapping[int, Sequence[str]],
        level: int = 1,
        rules: Rules | None = None,
        generator: random.Random | None = None,
    ):
        self.rules = rules or Rules()
        if mode not in MODES:
            raise ValueError(f"`mode` must be one of {list(MODES)}. Received: {mode!r}")
        if level not in range(1, len(self.rules.levels) + 1):
            raise ValueError(f"`level` must be in 1…{len(self.rules.levels)}. Received: {level!r}")
        self.mode = mode
        self.start_level = level
        self._order = self._chosen(clips, generator or random.Random())
        self._phase, self._reason = "ready", None
        self._number = 0  # of the clip, in the order
        self._levels_passed = 0
        self._time: float | None = None  # of the last frame
        self._probability: float | None = None  # in the last frame
        self._smoothed: float | None = None
        self._shown = self._hidden = self._survived = 0.0
        self._judged = self._excitement = 0.0  # seconds, and the integral over them
        self._countdown = self.rules.countdown
        self._clip_over = False
        self._curve: deque[Point] = deque(maxlen=_CURVE)

    def start(self, time: float) -> State:
        """Begins the countdown. A game that has begun goes on as it was."""
        if self._phase == "ready":
            self._elapse(time)
            self._phase = "countdown"
        return self.state

    def update(self, time: float, probability: float | None) -> State:
        """Takes in a frame.

        Args:
            time: Seconds, from any start. Where time stands still or jumps back, none has passed.
            probability: Of the emotion that must not be shown, 0…1; None where no face is seen.

        Raises:
            ValueError: A number is not finite or out of its range.
        """
        if probability is not None and not -1e-3 <= probability <= 1 + 1e-3:
            raise ValueError(f"`probability` must be in 0…1 or None. Received: {probability!r}")
        elapsed = self._elapse(time)
        if self._phase in ("lost", "won"):
            return self.state
        before = self._probability
        self._probability = None if probability is None else min(max(float(probability), 0.0), 1.0)
        if self._smoothed is None:
            self._smoothed = self._probability
        if before is None or self._probability is None or elapsed > self.rules.longest_gap:
            self._not_seen(elapsed, before)
        else:
            self._seen(elapsed, before, self._probability)
        if self._phase in ("playing", "paused"):
            self._phase = "paused" if self._probability is None else "playing"
        if self._phase == "playing":
            self._keep_point()
            if self._clip_over:
                self._next_clip()
        return self.state

    def clip_ended(self, time: float, clip_number: int | None = None) -> State:
        """Goes on to the next clip, or to the end; while no face is seen it waits for one.

        Args:
            time: Seconds, on the clock of ``update``.
            clip_number: ``State.clip_number`` of the clip that has ended, if it is known: what is told twice
                counts once.
        """
        _check_time(time)
        if self._phase not in ("playing", "paused") or clip_number not in (None, self._number):
            return self.state
        if self._phase == "paused" or time - self._time > self.rules.longest_gap:
            self._clip_over = True
        else:
            self._next_clip()
        return self.state

    @property
    def state(self) -> State:
        """The state after the last frame."""
        level, clip = self._order[self._number]
        strictness = self._level
        return State(
            phase=self._phase,
            reason=self._reason,
            mode=self.mode,
            emotion=MODES[self.mode],
            level=level,
            clip=clip,
            clip_number=self._number,
            clips_passed=len(self._order) if self._phase == "won" else self._number,
            clips_total=len(self._order),
            levels_passed=self._levels_passed,
            face=self._probability is not None,
            probability=self._smoothed,
            threshold=strictness.threshold_on,
            shown=self._shown,
            hold=strictness.hold,
            hidden=self._hidden,
            grace=self.rules.grace,
            countdown=self._countdown,
            survived=self._survived,
            score=self.score,
        )

    @property
    def score(self) -> int:
        """Points: 1000 · (1 − mean of min(s / on, 1)) · (0.1 + 0.9 · clips passed / clips).

        The mean is over the time in which clips play and a face is seen, s is the smoothed probability and
        ``on`` the level's threshold: a face without any trace of the emotion to the last clip scores 1000.
        Before a clip has played there are 0 points.
        """
        if not self._judged:
            return 0
        passed = 1 if self._phase == "won" else self._number / len(self._order)
        calm = 1 - self._excitement / self._judged
        return round(1000 * min(max(calm, 0), 1) * (_FIRST_SHARE + (1 - _FIRST_SHARE) * passed))

    @property
    def curve(self) -> list[dict]:
        """The last points of the curve, ready for JSON: time, probability, threshold and clip of each."""
        return [dataclasses.asdict(point) for point in self._curve]

    @property
    def _level(self) -> Level:
        return self.rules.levels[self._order[self._number][0] - 1]

    def _chosen(self, clips: Mapping[int, Sequence[str]], generator: random.Random) -> list[tuple[int, str]]:
        """Level and name of each clip of the game, in their order."""
        order = []
        for level in range(self.start_level, len(self.rules.levels) + 1):
            names = list(clips.get(level, ()))
            if not names:
                raise ValueError(f"`clips` must have a clip of level {level}. Received: {dict(clips)}")
            generator.shuffle(names)
            order += [(level, name) for name in names[: self.rules.clips]]
        return order

    def _elapse(self, time: float) -> float:
        """Seconds since the last frame, at least 0."""
        _check_time(time)
        elapsed = 0.0 if self._time is None else max(time - self._time, 0.0)
        self._time = time
        return elapsed

    def _not_seen(self, elapsed: float, before: float | None) -> None:
        """Lets time pass in which the face is not known: nothing is judged and nothing fades."""
        gap = self.rules.longest_gap
        hidden = elapsed if before is None else max(elapsed - gap, 0.0)
        if elapsed > gap:
            hidden = min(hidden, self.rules.grace / 2)
        if self._phase == "playing":
            self._survived += min(elapsed, gap)
        if self._phase in ("playing", "paused"):
            self._hidden += hidden
            if self._hidden > self.rules.grace:
                self._phase, self._reason = "lost", "hidden"

    def _seen(self, elapsed: float, before: float, after: float) -> None:
        """Judges the line between two frames."""
        steps = math.ceil(elapsed / _STEP)
        for step in range(steps):
            self._judge(elapsed / steps, before + (after - before) * (step + 0.5) / steps)
            if self._phase == "lost":
                self._keep_point(last=True)
                return

    def _judge(self, elapsed: float, probability: float) -> None:
        """Judges a short step with the probability in its middle."""
        self._smoothed += weight(elapsed, self.rules.time_constant) * (probability - self._smoothed)
        if self._phase == "countdown":
            self._countdown = max(self._countdown - elapsed, 0.0)
            if not self._countdown:
                self._phase = "playing"
        elif self._phase == "playing":
            level = self._level
            self._survived += elapsed
            self._judged += elapsed
            self._excitement += elapsed * min(self._smoothed / level.threshold_on, 1.0)
            if self._smoothed < level.threshold_off:
                self._shown = 0.0
            elif self._smoothed < level.threshold_on:
                self._shown = max(self._shown - elapsed, 0.0)
            elif probability >= level.threshold_on:
                self._shown += elapsed
            if self._shown > level.hold:
                self._phase, self._reason = "lost", "emotion"

    def _next_clip(self) -> None:
        self._clip_over = False
        level = self._order[self._number][0]
        last = self._number == len(self._order) - 1
        if last or self._order[self._number + 1][0] != level:
            self._levels_passed += 1
        if last:
            self._phase = "won"
            return
        self._number += 1
        if self._order[self._number][0] != level:
            self._phase, self._countdown = "countdown", self.rules.countdown
            self._shown = self._hidden = 0.0

    def _keep_point(self, last: bool = False) -> None:
        if not last and self._curve and self._survived - self._curve[-1].time < _CURVE_INTERVAL:
            return
        clip = self._order[self._number][1]
        self._curve.append(Point(self._survived, self._smoothed, self._level.threshold_on, clip))


def _check_time(time: float) -> None:
    if not math.isfinite(time):
        raise ValueError(f"`time` must be a finite number of seconds. Received: {time!r}")
