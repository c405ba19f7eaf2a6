"""Experiments: many trainings by one protocol."""

from fer.experiments.comparison import Comparison, compare
from fer.experiments.sweeping import start, sweep
from fer.experiments.tuning import half_decades

__all__ = ["Comparison", "compare", "half_decades", "start", "sweep"]
