import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
from pathlib import Path
from fer import kernel
kernel.device_report()
import tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from fer import training

config = training.TrainingConfig(
    dataset_options={"n": 140, "image_size": 32, "difficulty": "easy"}, image_size=32, model="small_cnn",
    model_options={"width_multiplier": 0.125, "blocks": [1], "batch_normalization": False},
    augmentation="none", optimizer="sgd", batch_size=33, epochs=3, learning_rate=0.05,
)
faces = training.load_data(config)
runs = Path(sys.argv[1])
devices = ["CPU:0", "CPU:1"]
together = training.train(config, faces, runs=runs / "both", devices=devices, progress=False)
alone = training.train(config, faces, runs=runs / "one", progress=False)
augmented = config.replace(augmentation="source", engine="graph")
augmented = training.train(augmented, faces, runs=runs, devices=devices, progress=False)
with training.compiled.borrow(config, 7, 3, devices) as compiled:
    replicas = compiled.model.distribute_strategy.num_replicas_in_sync
print(json.dumps({
    "replicas": replicas,
    "together": together.history["val_loss"].tolist(),
    "alone": alone.history["val_loss"].tolist(),
    "augmented": augmented.history["val_loss"].tolist(),
    "accuracy": [run.evaluation("validation").accuracy for run in (together, alone)],
    "best": [run.history["val_accuracy"].iloc[1:].max() for run in (together, alone)],
}))
"""


def test_two_devices_train_the_model_that_one_trains(tmp_path):
    """Without batch normalization, which sees the images of its own device only, the sums are the same."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    output = subprocess.run(command, capture_output=True, text=True, check=False)
    assert output.returncode == 0, output.stderr
    result = json.loads(output.stdout.splitlines()[-1])
    assert result["replicas"] == 2
    assert result["together"] == pytest.approx(result["alone"], rel=1e-4)
    assert result["together"][-1] != result["together"][0]
    assert result["augmented"][0] == pytest.approx(result["alone"][0], rel=1e-4)
    assert result["augmented"][1:] != pytest.approx(result["alone"][1:], rel=1e-4)
