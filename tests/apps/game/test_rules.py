"""The rules of the game against hand computations, and on random sequences of 5 to 60 frames a second."""

import dataclasses
import json
import math
import random
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer.apps.game.rules import MODES, Game, Level, Rules, State

LEVEL = Level(threshold_on=0.5, threshold_off=0.35, hold=1.0)
RULES = Rules(levels=(LEVEL,), time_constant=0.4, grace=4.0, countdown=0.0, clips=1)

quick = settings(max_examples=60, deadline=None)
rates = st.integers(5, 60)
seeds = st.integers(0, 2**32 - 1)
levels = st.sampled_from(Rules().levels)


def playing(rules=RULES, probability=0.0) -> Game:
    """A game whose only clip has just begun, at 0 seconds."""
    game = Game("funny", {1: ["clip"]}, rules=rules)
    game.start(-0.004)
    game.update(-0.004, probability)
    game.update(0.0, probability)
    assert game.state.phase == "playing"
    return game


def lost_after(times, probabilities, rules=RULES) -> float:
    """Seconds from the first frame to the loss, infinite for none."""
    game = playing(rules, probabilities[0])
    for time, probability in zip(times, probabilities, strict=True):
        state = game.update(float(time), probability)
        if state.over:
            assert (state.phase, state.reason) == ("lost", "emotion")
            return state.survived
    return math.inf


def frames(rate: float, seconds: float, jitter: float = 0.0, seed: int = 0) -> np.ndarray:
    """Times of frames from 0 on, each moved by up to a share of the interval."""
    times = np.arange(round(seconds * rate) + 1) / rate
    moved = np.random.default_rng(seed).uniform(-jitter, jitter, len(times)) / rate
    return np.maximum(times + moved, 0)


def expression(times: np.ndarray, seed: int) -> np.ndarray:
    """A face that moves every second to another strength, as smoothly as faces do."""
    values = np.random.default_rng(seed).beta(0.7, 0.7, 60)
    values[0] = 0
    second = times.astype(int)
    share = times - second
    share = share**2 * (3 - 2 * share)
    return values[second] + share * (values[second + 1] - values[second])


def eased(level: Level, threshold: float, hold: float) -> Rules:
    """Rules with a level that is easier by so much, or stricter."""
    easier = Level(level.threshold_on + threshold, level.threshold_off + threshold, level.hold + hold)
    return dataclasses.replace(RULES, levels=(easier,), longest_gap=0.3)


@quick
@given(rate=rates, seed=seeds, level=levels, jitter=st.floats(0, 0.2))
def test_decides_alike_at_5_to_60_frames_a_second(rate, seed, level, jitter):
    """Up to 0.04 in the thresholds and a frame in the time: so much less and so much more include it."""
    fine, coarse = frames(240, 20), frames(rate, 20, jitter, seed)
    loss = lost_after(coarse, expression(coarse, seed), eased(level, 0, 0))
    earliest = lost_after(fine, expression(fine, seed), eased(level, -0.04, -1 / rate))
    latest = lost_after(fine, expression(fine, seed), eased(level, 0.04, 1 / rate))
    assert earliest - 1 / rate <= loss <= latest + 1 / rate


@quick
@given(data=st.data(), seed=seeds)
def test_who_shows_less_at_every_moment_never_loses_earlier(data, seed):
    intervals = data.draw(st.lists(st.floats(0, 0.4), min_size=20, max_size=120))
    generator = np.random.default_rng(seed)
    times = np.cumsum(intervals)
    more = generator.beta(0.8, 0.5, len(times))
    less = more * generator.uniform(data.draw(st.floats(0, 1)), 1, len(times))
    assert lost_after(times, more) <= lost_after(times, less)


@quick
@given(rate=rates, level=levels, strength=st.floats(0.01, 1))
def test_who_always_shows_it_loses_after_the_delay_of_the_smoothing_and_the_hold_time(rate, level, strength):
    """A step from 0 to P reaches the threshold after τ ln(P / (P − on)); between frames it is a ramp."""
    shown = level.threshold_on + strength * (1 - level.threshold_on)
    rules = dataclasses.replace(RULES, levels=(level,))
    times = frames(rate, 8)
    loss = lost_after(times, np.where(times < 1 - 1e-9, 0.0, shown), rules)
    delay = rules.time_constant * math.log(shown / (shown - level.threshold_on))
    assert loss == pytest.approx(1 + delay + level.hold, abs=1 / rate + 0.01)


def test_a_step_between_two_frames_is_a_ramp():
    """From a ramp of T seconds, s(T) = 1 − τ/T (1 − e^(−T/τ)), and then s goes on as after a step."""
    length, tau = 0.2, RULES.time_constant
    at_top = 1 - tau / length * (1 - math.exp(-length / tau))
    crossing = length + tau * math.log((1 - at_top) / (1 - LEVEL.threshold_on))
    times = frames(5, 6)
    loss = lost_after(times, np.where(times < 1.1, 0.0, 1.0))
    assert loss == pytest.approx(1.0 + crossing + LEVEL.hold, abs=0.006)  # steps of at most 5 ms


@quick
@given(
    data=st.data(),
    level=levels,
    calm=st.floats(0, 1, exclude_max=True),
    interval=st.floats(0.001, 0.4),
)
def test_a_single_frame_never_decides(data, level, calm, interval):
    """However close to the threshold the face is before and after, and however few frames there are."""
    count = math.ceil(8 / interval) if interval > 0.02 else 400
    probabilities = np.full(count, calm * level.threshold_on)
    probabilities[data.draw(st.integers(0, count - 1))] = 1.0
    rules = dataclasses.replace(RULES, levels=(level,))
    assert lost_after(np.arange(count) * interval, probabilities, rules) == math.inf


@quick
@given(data=st.data(), rate=rates, level=levels, calm=st.floats(0, 1), begin=st.floats(0, 3))
def test_flicker_shorter_than_the_hold_time_never_decides(data, rate, level, calm, begin):
    """Again and again, with the ramps to its neighbours shorter than the hold time."""
    longest = math.floor(level.hold * rate) - 1
    length = data.draw(st.integers(1, longest))
    times = frames(rate, 16)
    period = round(3.5 * rate)
    number = np.arange(len(times)) - round(begin * rate)
    flicker = (number >= 0) & (number % period < length)
    probabilities = np.where(flicker, 1.0, calm * (level.threshold_on - 0.1))
    rules = dataclasses.replace(RULES, levels=(level,))
    assert lost_after(times, probabilities, rules) == math.inf


@quick
@given(rate=rates, seed=seeds)
def test_a_noisy_calm_face_passes_and_a_noisy_smile_does_not(rate, seed):
    """Like what a classifier tells: noise in every frame and one frame in 50 that is wholly wrong."""
    generator = np.random.default_rng(seed)
    times = frames(rate, 30, 0.2, seed)
    noise = generator.normal(0, 0.08, len(times))
    wrong = np.arange(len(times)) % 50 == 20
    calm = np.where(wrong, 1.0, np.clip(0.12 + noise, 0, 1))
    assert lost_after(times, calm) == math.inf
    smile = np.where(wrong, 0.0, np.clip(0.85 + noise, 0, 1))
    assert lost_after(times, np.where(times < 2, calm, smile)) <= 2 + 0.6 + LEVEL.hold + 3 / rate


def test_between_the_thresholds_the_clock_goes_back_and_below_the_lower_one_to_zero():
    game = playing(probability=0.9)
    for k in range(1, 51):
        game.update(k / 100, 0.9)
    assert game.state.shown == pytest.approx(0.5)
    game.update(0.5, 0.42)  # at once, and then nothing but this
    shown = [game.update(0.5 + k / 100, 0.42).shown for k in range(1, 121)]
    smoothed = 0.42 + 0.48 * np.exp(-np.arange(1, 121) / 100 / 0.4)  # exponential, towards 0.42
    lingers = np.sum(smoothed >= 0.5) / 100
    assert shown[round(100 * lingers) - 2] == pytest.approx(0.5)
    assert shown[round(100 * lingers) + 29] == pytest.approx(0.2, abs=0.015)
    assert shown[-1] == pytest.approx(max(0.5 - (1.2 - lingers), 0), abs=0.015)
    game = playing(probability=0.9)
    game.update(0.3, 0.9)
    game.update(0.3, 0.0)
    gone = 0.4 * math.log(0.9 / LEVEL.threshold_off)
    assert game.update(0.3 + gone - 0.01, 0.0).shown > 0
    assert game.update(0.3 + gone + 0.01, 0.0).shown == 0


def test_the_second_smile_after_a_short_dip_needs_less_time():
    times = frames(50, 6)
    straight = np.where(times >= 1, 0.9, 0.0)
    dip = np.where((times >= 2.2) & (times < 2.4), 0.4, straight)
    rest = np.where((times >= 2.2) & (times < 4), 0.0, straight)
    assert 2.0 < lost_after(times, straight) < 2.5
    assert lost_after(times, dip) == pytest.approx(lost_after(times, straight) + 0.2, abs=0.05)
    assert lost_after(times, rest) > 5


def test_without_a_face_the_game_pauses_and_nothing_fades():
    game = playing(probability=0.9)
    game.update(0.3, 0.9)
    before = game.update(0.4, None)
    assert (before.phase, before.face) == ("paused", False)
    for k in range(1, 30):
        state = game.update(0.4 + k / 10, None)
    assert state.hidden == pytest.approx(2.9)
    for name in ("shown", "probability", "survived", "score", "clip_number"):
        assert getattr(state, name) == getattr(before, name)
    back = game.update(3.35, 0.9)
    assert (back.phase, back.hidden) == ("playing", pytest.approx(2.95))
    assert back.shown == before.shown
    assert game.update(3.45, 0.9).shown == pytest.approx(before.shown + 0.1)


@quick
@given(rate=rates, away=st.floats(0.3, 3.5), back=st.floats(0.5, 2))
def test_who_hides_often_loses_when_all_absences_together_exceed_the_grace_time(rate, away, back):
    game, hidden, before = playing(), 0.0, True
    for time in frames(rate, 60)[1:]:
        face = time % (away + back) < back
        hidden += 0 if before else 1 / rate
        before = face
        state = game.update(time, 0.1 if face else None)
        assert state.over == (hidden > RULES.grace + 1e-6) or abs(hidden - RULES.grace) < 1e-6
        if state.over:
            assert (state.phase, state.reason) == ("lost", "hidden")
            return
    assert hidden <= RULES.grace + 1e-6


def test_a_clip_that_ends_while_no_face_is_seen_waits_for_one():
    rules = dataclasses.replace(RULES, clips=2)
    game = Game("funny", {1: ["a", "b"]}, rules=rules)
    for time in (0.0, 0.1, 0.2):
        game.start(time)
        game.update(time, 0.0)
    game.update(0.3, None)
    assert game.clip_ended(0.35).clip_number == 0
    assert game.update(0.4, None).phase == "paused"
    state = game.update(0.5, 0.0)
    assert (state.phase, state.clip_number) == ("playing", 1)
    assert game.clip_ended(2.0).phase == "playing"  # the last frame is too old: nobody may be there
    assert game.update(2.1, None).phase == "paused"
    assert game.update(2.2, 0.0).phase == "won"


def test_the_countdown_waits_for_a_face():
    game = Game("scary", {1: ["a"]}, rules=dataclasses.replace(RULES, countdown=1.0))
    assert game.state.phase == "ready"
    assert game.update(0.0, 0.3).phase == "ready"
    assert game.start(0.0).phase == "countdown"
    for k in range(1, 6):
        game.update(k / 10, 0.9)
    assert game.state.countdown == pytest.approx(0.5)
    for k in range(6, 200):
        state = game.update(k / 10, None)
    assert (state.phase, state.face, state.hidden) == ("countdown", False, 0)
    game.update(20.0, 0.9)
    assert game.update(20.3, 0.9).phase == "countdown"
    state = game.update(20.6, 0.9)
    assert (state.phase, state.emotion) == ("playing", "surprise")
    assert state.survived == pytest.approx(0.1, abs=0.006)  # what is left of the interval counts


@quick
@given(gap=st.floats(0.41, 1e9), smile=st.floats(0, 1))
def test_one_gap_never_decides_and_is_no_smile(gap, smile):
    game = playing(probability=smile)
    before = game.update(0.2, smile)
    after = game.update(0.2 + gap, smile)
    assert after.phase == "playing"
    assert after.shown == before.shown
    assert after.hidden == pytest.approx(min(gap - 0.4, RULES.grace / 2))
    game = playing(probability=smile)
    game.update(0.2, None)
    assert game.update(0.2 + gap, None).phase == "paused"


def test_gaps_without_end_lose_as_hiding_does():
    game = playing()
    states = [game.update(3.0 * k, 0.0) for k in range(1, 6)]
    assert [state.phase for state in states[:2]] == ["playing"] * 2
    assert (states[-1].phase, states[-1].reason) == ("lost", "hidden")


@quick
@given(seed=seeds)
def test_times_that_stand_still_or_jump_back_count_for_nothing(seed):
    generator = np.random.default_rng(seed)
    straight, odd, shift = playing(), playing(), 0.0
    for k in range(1, 80):
        time, probability = k / 16, float(generator.random())  # times without a rounding error
        expected = straight.update(time, probability)
        if generator.random() < 0.3:
            jump = float(generator.choice([0.0, 0.5, 1024.0]))
            last = (k - 1) / 16 - shift
            odd.update(last - jump, odd._probability)
            shift += jump
        assert odd.update(time - shift, probability).to_dict() == pytest.approx(expected.to_dict(), abs=1e-6)
        if expected.over:
            break


@quick
@given(seed=seeds, end=st.sampled_from(["smile", "hide", "win"]))
def test_nothing_changes_after_the_end(seed, end):
    game = playing()
    for k in range(1, 100):
        if end == "win" and k == 20:
            game.clip_ended(k / 10)
        game.update(k / 10, {"smile": 1.0, "hide": None, "win": 0.1}[end])
    state, curve = game.state, game.curve
    assert state.phase == ("won" if end == "win" else "lost")
    generator = random.Random(seed)
    for _ in range(20):
        time = generator.uniform(-100, 100)
        step = generator.choice([game.clip_ended, game.start, partial(game.update, probability=None)])
        assert step(time) == state
        assert game.update(time, 1.0) == state
    assert (game.state, game.curve) == (state, curve)


def test_levels_and_clips_follow_each_other_to_the_victory():
    clips = {1: ["1a", "1b", "1c"], 2: ["2a"], 3: ["3a", "3b"]}
    game = Game("funny", clips, rules=dataclasses.replace(Rules(), countdown=0.5))
    state, time, seen, thresholds = game.start(0.0), 0.0, [], {}
    while not state.over:
        time += 0.1
        state = game.update(time, 0.05)
        if state.phase == "playing" and not state.over:
            seen.append(state.clip)
            thresholds[state.level] = state.threshold
            told = game.clip_ended(time, state.clip_number)
            assert game.clip_ended(time, state.clip_number) == told or told.over
            state = told
    assert [clip[0] for clip in seen] == ["1", "1", "2", "3", "3"]
    assert len(set(seen)) == 5
    assert list(thresholds.values()) == [0.6, 0.5, 0.4]
    assert (state.phase, state.levels_passed, state.clips_passed, state.clips_total) == ("won", 3, 5, 5)


def test_the_generator_chooses_the_clips():
    clips = {3: [str(number) for number in range(30)]}

    def chosen(generator):
        return Game("funny", clips, level=3, generator=generator).state.clip

    assert chosen(random.Random(3)) == chosen(random.Random(3))
    assert len({chosen(random.Random(seed)) for seed in range(40)}) > 10
    assert chosen(np.random.default_rng(3)) == chosen(np.random.default_rng(3))


def finished(probability: float, levels: int, clips: int, after: int | None = None) -> State:
    """A game that is played to its end, with one strength of the emotion or a smile from a clip on."""
    rules = Rules(levels=(LEVEL,) * levels, countdown=0, clips=clips)
    names = {level + 1: [f"{level}{clip}" for clip in range(clips)] for level in range(levels)}
    game, time = Game("funny", names, rules=rules), 0.0
    state = game.start(0.0)
    while not state.over:
        for _ in range(30):
            time += 0.1
            smiles = after is not None and state.clip_number >= after
            state = game.update(time, 0.95 if smiles else probability)
        state = game.clip_ended(time)
    return state


def test_the_score_is_that_of_its_equation():
    assert finished(0.0, 3, 2).score == 1000
    assert finished(0.25, 3, 2).score == 500  # half of the threshold
    assert finished(0.1, 1, 1).score == 800
    lost = finished(0.0, 2, 2, after=0)
    assert (lost.phase, lost.clips_passed) == ("lost", 0)
    assert lost.score < 100


@quick
@given(calm=st.floats(0, 0.45), more=st.floats(0.02, 0.2), after=st.sampled_from([None, 1, 2, 3]))
def test_the_score_is_higher_for_a_calmer_face_and_for_more_clips(calm, more, after):
    level = min(calm + more, 0.48)
    assert finished(calm, 2, 2, after).score > finished(level, 2, 2, after).score
    assert finished(calm, 2, 2).score > finished(calm, 2, 2, after=3).score > finished(calm, 2, 2, 1).score


def test_hiding_at_once_scores_nothing():
    game = Game("funny", {1: ["a"]}, rules=RULES)
    game.start(0.0)
    game.update(0.1, 0.0)
    game.update(0.105, 0.0)
    for k in range(2, 100):
        state = game.update(k / 10, None)
    assert (state.reason, state.score) == ("hidden", 0)


@quick
@given(seed=seeds)
def test_states_are_ready_for_json(seed):
    generator = random.Random(seed)
    game = Game(generator.choice(list(MODES)), {1: ["a"], 2: ["b"], 3: ["ü"]}, generator=generator)
    time = 0.0
    states = [game.state, game.start(time)]
    for _ in range(60):
        time += generator.uniform(0, 0.5)
        states.append(game.update(time, generator.choice([None, 0, 1, 0.3, np.float32(0.7)])))
        if generator.random() < 0.2:
            states.append(game.clip_ended(time))
    for state in states:
        text = json.dumps(state.to_dict(), allow_nan=False)
        assert State(**json.loads(text)) == state
        assert 0 <= state.score <= 1000
    assert json.loads(json.dumps(game.curve)) == game.curve


def test_the_curve_ends_at_the_losing_moment_and_stays_short():
    game = playing()
    for k in range(1, 60 * 60):
        game.update(k / 60, 0.2)
    for k in range(60 * 60, 60 * 60 + 200):
        state = game.update(k / 60, 1.0)
    assert state.reason == "emotion"
    curve = game.curve
    assert 500 < len(curve) <= 600
    assert curve[-1]["time"] == state.survived
    assert curve[-1]["time"] - curve[0]["time"] >= 19
    assert curve[-1]["probability"] == state.probability > curve[-1]["threshold"] == 0.5
    assert {point["clip"] for point in curve} == {"clip"}
    assert np.all(np.diff([point["time"] for point in curve]) > 0)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Game("sad", {1: ["a"]}), "`mode` must be one of"),
        (lambda: Game("funny", {1: ["a"]}, level=4), r"`level` must be in 1…3\. Received: 4"),
        (lambda: Game("funny", {1: ["a"], 2: []}), "must have a clip of level 2"),
        (lambda: Level(0.4, 0.5, 1), "Received: 0.5, 0.4"),
        (lambda: Level(1.2, 0.5, 1), "Received: 0.5, 1.2"),
        (lambda: Rules(levels=(Level(0.5, 0.4, 0.7),)), "`hold` must be more than twice `longest_gap`"),
        (lambda: Rules(grace=0), "`grace` and `longest_gap` positive"),
        (lambda: Rules(clips=0), "`clips`=0"),
        (lambda: playing().update(math.nan, 0.1), "`time` must be a finite number"),
        (lambda: playing().clip_ended(math.inf), "`time` must be a finite number"),
        (lambda: playing().update(1.0, math.nan), "`probability` must be in 0…1"),
        (lambda: playing().update(1.0, 1.5), "Received: 1.5"),
    ],
)
def test_a_wrong_argument_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_the_rules_are_light_to_import():
    code = (
        "import sys, fer.apps.game.rules; "
        "sys.exit(bool({'keras', 'tensorflow', 'pandas', 'scipy', 'gradio'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
