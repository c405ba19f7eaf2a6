"""Experiments: many trainings by one protocol."""

from fer.experiments.sweeping import frame, sweep

__all__ = ["frame", "sweep"]
