"""Experiments: many trainings, one protocol."""
