"""Decisions on a stream, against the game's own state machine, formulas, tables and hand computations."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fer import faces
from fer.apps.game.rules import Game, Level, Rules
from fer.evaluation import decisions
from fer.evaluation.decisions import LONGEST_GAP, Recording, Rule

AT_ONCE = Rule(threshold_on=0.5, threshold_off=0.5, hold=0.0, time_constant=0.0)


def recording(probabilities, rate=10, smiles=()):
    return Recording(np.arange(len(probabilities)) / rate, np.array(probabilities, dtype=float), smiles)


def lost_at(read: Recording, rule: Rule) -> float:
    """When the game loses, which has begun just before the first frame."""
    level = Level(rule.threshold_on, rule.threshold_off, rule.hold)
    rules = Rules((level,), rule.time_constant, grace=1e6, countdown=0.0, clips=1, longest_gap=LONGEST_GAP)
    game = Game("funny", {1: ["clip"]}, rules=rules)
    game.start(read.times[0] - 0.004)
    game.update(read.times[0] - 0.004, read.probabilities[0])
    for time, probability in zip(read.times, read.probabilities, strict=True):
        before = game.state.survived
        state = game.update(time, None if np.isnan(probability) else probability)
        if state.over:
            # `survived` leaves out the time without a face: only the time since the frame before counts.
            return float(read.times[read.times < time][-1] + state.survived - before)
    return math.inf


@pytest.mark.parametrize("seed", range(30))
def test_the_first_alarm_is_when_the_game_is_lost(seed):
    generator = np.random.default_rng(seed)
    n = 150
    times = np.cumsum(generator.choice([0.05, 0.1, 0.2, 0.5], n, p=[0.4, 0.4, 0.17, 0.03]))
    strength = np.interp(np.arange(n), np.arange(0, n + 10, 10), generator.beta(0.6, 0.6, 16))
    probabilities = np.clip(strength + generator.normal(0, 0.1, n), 0, 1)
    probabilities[generator.random(n) < 0.03] = np.nan
    probabilities[0] = 0.1
    read = Recording(times, probabilities, ())
    rules = [
        Rule(on, on - 0.15, hold, tau) for on in (0.3, 0.5, 0.7) for hold in (0.81, 1.2) for tau in (0, 0.4)
    ]
    expected = [lost_at(read, rule) for rule in rules]
    first = [raised[0] if raised else math.inf for raised in decisions.alarms(read, rules)]
    assert first == pytest.approx(expected, abs=1e-9)
    assert any(math.isfinite(time) for time in first)


def test_a_trace_has_the_clock_of_the_alarms():
    read = recording([0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0])
    trace = decisions.trace(read, Rule(0.5, 0.4, 0.3, 0.0))
    # The line from 0 at 0.1 s to 1 at 0.2 s crosses 0.5 at 0.15 s; c is 0.3 at 0.45 s.
    assert trace["time"][trace["alarm"]].tolist() == pytest.approx([0.45], abs=0.006)
    assert trace["clock"].max() == pytest.approx(0.6, abs=0.006)  # to 0.75 s
    assert trace["clock"].iloc[-1] == 0
    np.testing.assert_allclose(trace["smoothed"], trace["probability"])  # without smoothing


def test_the_next_alarm_waits_until_the_clock_was_at_zero():
    flicker = [0, 1, 0.45, 1, 0.45, 1, 0, 1, 0]
    assert len(decisions.alarms(recording(flicker), [AT_ONCE])[0]) == 4
    assert len(decisions.alarms(recording(flicker), [AT_ONCE._replace(threshold_off=0.2)])[0]) == 2


@pytest.mark.parametrize("time_constant", [0.2, 0.8])
@pytest.mark.parametrize("threshold", [0.3, 0.6])
def test_a_step_reaches_the_threshold_after_the_delay_of_the_formula(time_constant, threshold):
    times = np.arange(0, 6, 1 / 200)
    step = Recording(times, np.where(times < 1, 0, 0.8), ())
    rule = Rule(threshold, threshold, 0.0, time_constant)
    expected = decisions.step_delay(threshold, 0.8, time_constant)
    assert 0.8 * (1 - math.exp(-expected / time_constant)) == pytest.approx(threshold)
    assert decisions.alarms(step, [rule])[0] == pytest.approx([1 + expected], abs=0.006)
    assert decisions.step_delay(0.8, 0.8, time_constant) == math.inf


def test_errors_of_a_rule_are_counted_by_hand():
    # 10 frames a second. Bursts at 1.0 and 2.0 s, a smile from 3 to 4 s that is seen at 3.3 s, a burst at
    # 4.4 s that still belongs to it, one at 5.0 s that does not.
    shown = np.zeros(61)
    shown[[10, 20, 44, 50]] = 1
    shown[33:40] = 1
    seen = recording(shown, smiles=((3.0, 4.0),))
    missed = recording(np.zeros(61), smiles=((3.0, 4.0),))
    calm = recording(np.zeros(31))
    row = decisions.measure([seen, missed, calm], [AT_ONCE]).iloc[0]
    assert (row["false_alarms"], row["disturbed"], row["recordings"]) == (3, 1, 3)
    assert row["minutes"] == pytest.approx((6 - 1.5 + 6 - 1.5 + 3) / 60)
    assert row["per_minute"] == pytest.approx(3 / row["minutes"])
    assert (row["smiles"], row["missed"]) == (2, 1)
    assert row["delay"] == math.inf  # the median of one delay and one missed smile
    alone = decisions.measure([seen], [AT_ONCE]).iloc[0]
    assert alone["delay"] == pytest.approx(
        0.25, abs=0.006
    )  # the line from 3.2 to 3.3 s crosses 0.5 at 3.25 s
    never = decisions.measure([seen], [AT_ONCE._replace(hold=2.0)]).iloc[0]
    assert (never["false_alarms"], never["missed"]) == (0, 1)


def test_a_smile_without_any_time_beside_it_measures_nothing():
    with pytest.raises(ValueError, match="time without a smile"):
        decisions.measure([recording(np.ones(20), smiles=((0.0, 1.9),))], [AT_ONCE])


# Exact 95 % limits of a Poisson count, as tabulated by Garwood 1936 and Ulm 1990.
@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390)]
)
def test_the_interval_of_a_rate_is_that_of_the_tables(count, low, high):
    assert decisions.poisson_interval(count, 1.0) == pytest.approx((low, high), abs=6e-4)
    assert decisions.poisson_interval(count, 4.0) == pytest.approx((low / 4, high / 4), abs=2e-4)


# Ranks from tables of the sign test: with 10 values the 2nd and the 9th, with 20 the 6th and the 15th.
@pytest.mark.parametrize(("n", "rank"), [(6, 1), (10, 2), (16, 4), (20, 6)])
def test_the_interval_of_a_median_lies_between_tabulated_ranks(n, rank):
    values = np.random.default_rng(n).permutation(n) + 1.0
    assert decisions.median_interval(values) == (rank, n + 1 - rank)
    coverage = 1 - 2 * stats.binom.cdf(rank - 1, n, 0.5)
    assert coverage >= 0.95


def test_few_values_bound_no_median_and_missed_smiles_are_late():
    assert decisions.median_interval(np.arange(5.0)) == (-math.inf, math.inf)
    assert decisions.median_interval(np.array([])) == (-math.inf, math.inf)
    assert decisions.median_interval(np.array([1, 2, 3, 4, 5, math.inf])) == (1, math.inf)


def test_the_trade_off_leaves_out_what_is_beaten_in_both():
    measured = pd.DataFrame(
        {
            "delay": [0.2, 0.3, 0.5, 0.5, 0.9, math.inf],
            "per_minute": [5.0, 6.0, 1.0, 2.0, 1.0, 0.0],
            "missed": [0, 0, 1, 0, 0, 9],
        }
    )
    assert decisions.trade_off(measured).index.tolist() == [0, 2]


class KnownPredictor:
    """Sees two faces in every picture that is not dark, the smaller one always happy."""

    emotions = ("happy", "neutral")

    def detect(self, image):
        if image.mean() < 20:
            return []
        return [faces.Face((70, 10, 16, 16), 0.9, None), faces.Face((10, 10, 40, 40), 0.8, None)]

    def classify_faces(self, image, found):
        happy = np.array([1.0 if face.box[2] < 30 else image[..., 0].max() / 255 for face in found])
        return np.stack([happy, 1 - happy], axis=1).reshape(len(found), 2)

    def named(self, row):
        return dict(zip(self.emotions, row.tolist(), strict=True))


def test_the_largest_face_of_each_frame_is_read_and_none_is_not_a_number():
    generator = np.random.default_rng(0)
    texture = generator.integers(50, 102, (64, 96, 3), dtype=np.uint8)  # to follow the faces by
    dark = np.zeros_like(texture)
    frames = [texture, texture, dark, *[texture * 2] * 6]
    times = np.arange(len(frames)) / 10
    read = decisions.record(KnownPredictor(), frames, times, [(0.3, 0.8)])
    expected = np.array([101, 101, *[np.nan] * 5, 202, 202]) / 255  # a lost face is looked for in every fifth
    np.testing.assert_allclose(read.probabilities, expected)
    assert read.smiles == ((0.3, 0.8),)
    assert read.seconds == pytest.approx(0.8)
    calm = decisions.record(KnownPredictor(), frames, times, emotion="neutral")
    np.testing.assert_allclose(calm.probabilities, 1 - expected)


def test_the_longest_gap_is_that_of_the_game():
    defaults = {field.name: field.default for field in dataclasses.fields(Rules)}
    assert defaults["longest_gap"] == LONGEST_GAP
