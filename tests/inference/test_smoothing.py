"""Exponential smoothing in seconds."""

import math

import pytest

from fer.inference.smoothing import weight


def smoothed(steps, elapsed, time_constant):
    """What a value that jumps from 0 to 1 has become after a number of equal steps."""
    value = 0.0
    for _ in range(steps):
        value += weight(elapsed, time_constant) * (1 - value)
    return value


def test_after_one_time_constant_63_percent_have_come_through():
    assert smoothed(1, 0.3, 0.3) == pytest.approx(1 - 1 / math.e)


@pytest.mark.parametrize("rate", [5, 30, 120])
def test_the_frame_rate_does_not_matter(rate):
    assert smoothed(2 * rate, 1 / rate, 0.5) == pytest.approx(1 - math.exp(-4))


def test_no_time_has_no_weight_and_no_time_constant_all():
    assert weight(0, 0.3) == 0
    assert weight(0, 0) == weight(5, 0) == weight(math.inf, 0.3) == 1
