import pytest

from fer import training
from fer.training import TrainingConfig


@pytest.fixture(scope="session")
def config():
    """A training that takes a fraction of a second."""
    return TrainingConfig(
        dataset_options={"n": 140, "image_size": 32, "difficulty": "easy"},
        image_size=32,
        model="small_cnn",
        model_options={"width_multiplier": 0.125, "blocks": [1, 1]},
        augmentation="none",
        optimizer="sgd",
        batch_size=32,
        epochs=2,
    )


@pytest.fixture(scope="session")
def faces(config):
    return training.load_data(config)
