"""Model cards: trains, finishes and measures the models that come with the repository."""

from fer.cards.building import build

__all__ = ["build"]
