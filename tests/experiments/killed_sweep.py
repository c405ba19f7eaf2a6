"""Kills a sweep of 12 runs at ten random moments and compares it with an undisturbed one.

``python tests/experiments/killed_sweep.py FOLDER [--seed 0]`` prints the figures as JSON. A process of its
own is needed, since TensorFlow does not survive a fork once it has computed.
"""

import argparse
import json
import os
import random
import signal
import time
from pathlib import Path

import numpy as np

from fer import experiments, training

KILLS = 10
MEASURES = ["loss", "accuracy", "val_loss", "val_accuracy"]
CONFIG = training.TrainingConfig(
    dataset_options={"n": 210, "image_size": 32, "difficulty": "easy"},
    image_size=32,
    model="small_cnn",
    model_options={"width_multiplier": 0.125, "blocks": [1, 1]},
    augmentation="none",
    optimizer="adam",
    epochs=12,
)
CONFIGS = [CONFIG.replace(learning_rate=rate, seed=seed) for rate in (1e-3, 3e-3, 1e-2) for seed in range(4)]
FACES = training.load_data(CONFIG)


def start(runs: Path) -> int:
    """Starts the sweep in a process of its own and returns its number."""
    process = os.fork()
    if process == 0:
        experiments.sweep(CONFIGS, FACES, runs=runs, progress=False)
        os._exit(0)
    return process


def finished(runs: Path) -> dict[str, int]:
    """Names of the finished runs and when they finished."""
    return {path.parent.name: path.stat().st_mtime_ns for path in runs.glob("*/predictions-validation.npz")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    undisturbed, disturbed = options.folder / "undisturbed", options.folder / "disturbed"

    begin = time.perf_counter()
    os.waitpid(start(undisturbed), 0)
    duration = time.perf_counter() - begin

    kills, found, repeated = 0, [], set()
    seen = {}
    while True:
        process = start(disturbed)
        if kills < KILLS:
            # Half of the runs are kept for the last kills, which otherwise might find nothing left to kill.
            time.sleep(moments.uniform(0, duration / 4 if len(seen) < len(CONFIGS) / 2 else 0.3))
            os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        repeated |= {name for name, moment in seen.items() if finished(disturbed).get(name) != moment}
        seen = finished(disturbed)
        if not os.WIFSIGNALED(status):
            break
        kills += 1
        found.append(len(seen))

    frames = [
        experiments.sweep(CONFIGS, FACES, runs=runs, progress=False) for runs in (undisturbed, disturbed)
    ]
    distance = np.abs(frames[0][MEASURES].to_numpy() - frames[1][MEASURES].to_numpy()).max()
    figures = {
        "runs": len(CONFIGS),
        "kills": kills,
        "finished_runs_at_each_kill": found,
        "finished_runs_lost_or_repeated": len(repeated),
        "largest_difference": float(distance),
        "undisturbed_seconds": round(duration, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
