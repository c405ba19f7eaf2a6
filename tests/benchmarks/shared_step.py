"""What it saves that runs which differ only in learning rate or seed share one compiled training step."""

import tempfile
import time
from pathlib import Path

from fer import training
from fer.training import compiled

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


def measure(repeats: int) -> dict[str, list[float]]:
    """Returns seconds for all runs, once a repeat, with and without sharing; the two take turns."""
    faces = training.load_data(CONFIG)
    seconds = {"a step for each run": [], "one shared step": []}
    for _ in range(repeats):
        for name, values in seconds.items():
            with tempfile.TemporaryDirectory() as folder:
                begin = time.perf_counter()
                compiled.forget()
                for seed in range(RUNS):
                    if name == "a step for each run":
                        compiled.forget()
                    config = CONFIG.replace(seed=seed, learning_rate=1e-3 * (1 + seed))
                    training.train(config, faces, runs=Path(folder), progress=False)
                values.append(time.perf_counter() - begin)
    return seconds
