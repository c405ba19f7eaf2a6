"""Exponential smoothing over time that does not depend on the number of frames a second."""

import math


def weight(elapsed: float, time_constant: float) -> float:
    """Returns the share of a new value in a smoothed one: 1 − exp(−elapsed / time constant).

    Args:
        elapsed: Seconds since the value before, at least 0.
        time_constant: Seconds after which 63 % of a sudden change have come through; 0 for no smoothing.
    """
    return -math.expm1(-elapsed / time_constant) if time_constant else 1.0
