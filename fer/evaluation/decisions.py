"""Decisions on a stream of probabilities: a rule over time, its false alarms, its delay and its misses.

The rule is that of the laugh game (``fer.apps.game.rules``), for many settings at once and without an end:
the probability, a straight line between two frames, is smoothed, a clock runs while the emotion is shown, and
an alarm is raised when the clock exceeds the hold time. The next one can come when the clock was at 0 again.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from fer.evaluation.metrics import wilson_interval
from fer.inference.predictor import Predictor
from fer.inference.stream import FaceStream

LONGEST_GAP = 0.4
"""Longest time in seconds between two frames that is judged."""

LATE = 0.5
"""Seconds after the end of a smile in which an alarm still belongs to it."""

_STEP = 0.005  # seconds: the longest step in which the line between two frames is judged


class Rule(NamedTuple):
    """When an emotion counts as shown.

    Attributes:
        threshold_on: Smoothed probability from which on the clock runs, 0…1.
        threshold_off: Smoothed probability below which the clock is set to 0, at most ``threshold_on``.
        hold: Seconds that the clock must exceed; 0 for an alarm at once.
        time_constant: Of the smoothing in seconds; 0 for none.
    """

    threshold_on: float
    threshold_off: float
    hold: float
    time_constant: float


@dataclass(frozen=True, eq=False)
class Recording:
    """What was read from the frames of one person.

    Attributes:
        times: Seconds, increasing, shape (n,).
        probabilities: Of the emotion, shape (n,), 0…1; NaN where no face was seen.
        smiles: The truth: beginning and end of each smile in seconds.
    """

    times: np.ndarray
    probabilities: np.ndarray
    smiles: tuple[tuple[float, float], ...]

    @property
    def seconds(self) -> float:
        """Time from the first to the last frame."""
        return float(self.times[-1] - self.times[0])


def record(
    predictor: Predictor,
    frames: Iterable[np.ndarray],
    times: np.ndarray,
    smiles: Sequence[tuple[float, float]] = (),
    emotion: str = "happy",
) -> Recording:
    """Reads the probability of an emotion from every frame as the game does: of the largest face, unsmoothed.

    Args:
        predictor: Finds the face and tells its emotions.
        frames: One a time: uint8, shape (height, width, 3) RGB.
        times: Seconds, shape (n,).
        smiles: The truth about these frames.
        emotion: Which probability is kept.
    """
    stream = FaceStream(predictor, smoothing=0)
    probabilities = np.full(len(times), np.nan)
    for number, (time, frame) in enumerate(zip(times, frames, strict=True)):
        found = stream.update(frame, time)
        if found:
            face = max(found, key=lambda face: face.box[2] * face.box[3])
            probabilities[number] = face.emotions[emotion]
    return Recording(np.asarray(times), probabilities, tuple(smiles))


def trace(recording: Recording, rule: Rule) -> pd.DataFrame:
    """Returns what the rule does with a recording, step by step of at most 5 ms.

    Returns:
        Columns ``time`` (seconds), ``probability`` and ``smoothed`` (0…1), ``clock`` (seconds) and ``alarm``
        (bool). Time that is not judged, without a face or after a gap, has no rows.
    """
    rows = [(step[0], step[1], *(part[0] for part in step[2:])) for step in _steps(recording, [rule])]
    return pd.DataFrame(rows, columns=["time", "probability", "smoothed", "clock", "alarm"])


def alarms(recording: Recording, rules: Sequence[Rule]) -> list[list[float]]:
    """Returns the times in seconds at which each rule raises an alarm."""
    raised = [[] for _ in rules]
    for time, _, _, _, alarm in _steps(recording, rules):
        for number in np.flatnonzero(alarm):
            raised[number].append(time)
    return raised


def measure(recordings: Sequence[Recording], rules: Sequence[Rule]) -> pd.DataFrame:
    """Measures rules on recordings: one row a rule, in their order.

    An alarm between the beginning of a smile and half a second after its end belongs to it. The first one is
    the decision: its delay counts from the beginning of the smile. An alarm at any other time is a false one.

    Returns:
        The attributes of ``Rule`` and

        * ``false_alarms`` in ``minutes`` outside of smiles, ``per_minute``;
        * ``recordings``, of these ``disturbed`` by a false alarm;
        * ``smiles``, of these ``missed``;
        * ``delay``: median of the delays in seconds, where a missed smile is infinitely late.

        With the ends of their 95 % intervals: ``per_minute_low``, ``per_minute_high`` (for alarms that do not
        depend on each other), ``disturbed_low`` … and ``missed_low`` … as shares, ``delay_low`` ….

    Raises:
        ValueError: There is no time without a smile.
    """
    false = np.zeros((len(rules), len(recordings)), dtype=int)
    delays = [[] for _ in rules]
    seconds = 0.0
    for column, recording in enumerate(recordings):
        windows = [(start, min(end + LATE, recording.times[-1])) for start, end in recording.smiles]
        seconds += recording.seconds - sum(end - start for start, end in windows)
        for row, raised in enumerate(alarms(recording, rules)):
            for start, end in windows:
                within = [time for time in raised if start <= time <= end]
                delays[row].append(within[0] - start if within else math.inf)
                raised = [time for time in raised if time not in within]
            false[row, column] = len(raised)
    if seconds <= 0:
        raise ValueError(
            f"`recordings` must have time without a smile. Received: {len(recordings)} recordings"
        )
    rows = [
        rule._asdict() | _summary(counts, seconds / 60, np.array(late))
        for rule, counts, late in zip(rules, false, delays, strict=True)
    ]
    return pd.DataFrame(rows)


def trade_off(measured: pd.DataFrame) -> pd.DataFrame:
    """Returns the rows of ``measure`` that no other beats in false alarms and in delay, the fastest first."""
    ordered = measured[np.isfinite(measured["delay"])].sort_values(["delay", "per_minute", "missed"])
    before = ordered["per_minute"].cummin().shift(fill_value=math.inf)
    return ordered[ordered["per_minute"] < before]


def step_delay(threshold: float, level: float, time_constant: float) -> float:
    """Returns the seconds until a smoothed step from 0 to a level reaches a threshold.

    s(t) = p (1 − exp(−t/τ)) = θ  ⇒  t = −τ ln(1 − θ/p); infinite where θ ≥ p.
    """
    return -time_constant * math.log1p(-threshold / level) if threshold < level else math.inf


def poisson_interval(count: int, exposure: float, confidence: float = 0.95) -> tuple[float, float]:
    """Returns the exact interval of a rate, from the number of events in a time (Garwood 1936).

    χ²(α/2; 2k) / 2T … χ²(1−α/2; 2k+2) / 2T

    Args:
        count: Number of independent events, k.
        exposure: Time in which they were counted, T.
        confidence: Share of such intervals that hold the true rate, at least.
    """
    tail = (1 - confidence) / 2
    low = stats.chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    return float(low / exposure), float(stats.chi2.ppf(1 - tail, 2 * count + 2) / 2 / exposure)


def median_interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Returns an interval of the median from the order of the values, whatever their distribution.

    The number of values below the true median is binomial with probability ½, so that it lies between the
    k-th smallest and the k-th largest value, for the largest k that the confidence allows.

    Args:
        values: Shape (n,); infinite ones are allowed.
        confidence: Share of such intervals that hold the true median, at least.

    Returns:
        Low and high; infinite where there are too few values.
    """
    rank = int(stats.binom.ppf((1 - confidence) / 2, len(values), 0.5)) if len(values) else 0
    if not rank:
        return -math.inf, math.inf
    ordered = np.sort(values)
    return float(ordered[rank - 1]), float(ordered[-rank])


def _summary(false: np.ndarray, minutes: float, delays: np.ndarray) -> dict:
    count, disturbed, missed = int(false.sum()), int((false > 0).sum()), int(np.isinf(delays).sum())
    values = {
        "false_alarms": count,
        "minutes": minutes,
        "per_minute": count / minutes,
        "recordings": len(false),
        "disturbed": disturbed,
        "smiles": len(delays),
        "missed": missed,
        "delay": float(np.median(delays)) if len(delays) else math.nan,
    }
    intervals = {
        "per_minute": poisson_interval(count, minutes),
        "disturbed": wilson_interval(disturbed, len(false)),
        "missed": wilson_interval(missed, len(delays)) if len(delays) else (0.0, 1.0),
        "delay": median_interval(delays),
    }
    for name, (low, high) in intervals.items():
        values |= {f"{name}_low": low, f"{name}_high": high}
    return values


def _steps(
    recording: Recording, rules: Sequence[Rule]
) -> Iterator[tuple[float, float, np.ndarray, np.ndarray, np.ndarray]]:
    """Judges a recording by many rules at once.

    Yields:
        For each step its end in seconds and its probability; for each rule the smoothed probability, the
        clock, and whether an alarm is raised in this step.
    """
    on, off, hold, tau = np.array(rules, dtype=float).T
    with np.errstate(divide="ignore"):
        speed = 1 / tau  # infinite without smoothing: the weight is then 1
    smoothed, clock, armed = None, np.zeros(len(rules)), np.ones(len(rules), dtype=bool)
    before = math.nan, math.nan
    for time, after in zip(recording.times, recording.probabilities, strict=True):
        elapsed, start = time - before[0], before[1]
        if smoothed is None and not math.isnan(after):
            smoothed = np.full(len(rules), after)
        if 0 < elapsed <= LONGEST_GAP and not math.isnan(start + after):
            steps = math.ceil(elapsed / _STEP)
            length = elapsed / steps
            weight = -np.expm1(-length * speed)
            for step in range(steps):
                probability = start + (after - start) * (step + 0.5) / steps
                smoothed = smoothed + weight * (probability - smoothed)
                runs = (smoothed >= on) & (probability >= on)
                clock = np.where(runs, clock + length, clock)
                clock = np.where(smoothed < on, np.maximum(clock - length, 0), clock)
                clock = np.where(smoothed < off, 0, clock)
                alarm = armed & (clock > hold)
                armed = (armed | (clock == 0)) & ~alarm
                yield time - elapsed + (step + 1) * length, probability, smoothed, clock, alarm
        before = time, after
