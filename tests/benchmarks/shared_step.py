"""What it saves that runs which differ only in learning rate or seed share one compiled training step."""

import tempfile
from functools import partial
from pathlib import Path

from fer import training
from fer.datasets import FaceDataset
from fer.training import compiled
from tests.benchmarks.timing import Result, in_turns, seconds

RUNS = 6
CONFIG = training.TrainingConfig(
    dataset_options={"n": 840, "difficulty": "easy", "image_size": 24},
    image_size=24,
    model="small_cnn",
    model_options={"width_multiplier": 0.25},
    augmentation="none",
    batch_size=16,
    epochs=5,
)
"""The race of notebook 05."""


SEPARATE, SHARED = "six runs, a step for each", "six runs, one shared step"


def measure(repeats: int) -> list[Result]:
    """Trains six runs with and without sharing."""
    faces = training.load_data(CONFIG)
    cases = {name: partial(seconds, partial(_train, faces, name == SHARED)) for name in (SEPARATE, SHARED)}
    references = {SEPARATE: SHARED}
    return [
        Result(name, values, "s", references.get(name)) for name, values in in_turns(cases, repeats).items()
    ]


def _train(faces: FaceDataset, shares: bool) -> None:
    compiled.forget()
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(RUNS):
            if not shares:
                compiled.forget()
            config = CONFIG.replace(seed=seed, learning_rate=1e-3 * (1 + seed))
            training.train(config, faces, runs=Path(folder), progress=False)
