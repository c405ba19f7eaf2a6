"""Experiments: many trainings by one protocol."""

from fer.experiments.comparison import Comparison, compare, judge
from fer.experiments.contrasts import contrasts
from fer.experiments.sweeping import start, sweep
from fer.experiments.tuning import half_decades

__all__ = ["Comparison", "compare", "contrasts", "half_decades", "judge", "start", "sweep"]
