"""Model cards: trains, finishes and measures the models that come with the repository."""
