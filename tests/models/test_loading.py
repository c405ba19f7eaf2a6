"""Every place that opens a model file knows this package's own layers, in a process that has built none."""

import json
import subprocess
import sys

import numpy as np
import pytest

from fer import inference, models
from fer.models import shipped
from fer.models.loading import load_file
from fer.models.network import Network

PROGRAMS = {
    "run": "from fer.training.run import Run; Run(Path({folder!r}), None).model",
    "shipped": "from fer import models, paths; paths.saved_models = lambda: Path({folder!r}).parent; "
    "models.load({name!r})",
}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("network") / "model.keras"
    models.build("alexnet", (64, 64, 1), 3, width_multiplier=1 / 16, grouped=True).save(path)
    card = {"files": {path.name: shipped.describe(path)}}
    (path.parent / "card.json").write_text(json.dumps(card))
    return path


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_new_process_opens_the_file(path, program):
    program = "from pathlib import Path; " + program.format(folder=str(path.parent), name=path.parent.name)
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_fast_form_gives_what_keras_gives(path, tmp_path):
    folder = inference.export(path, tmp_path / "fast", {"emotion": ("a", "b", "c")})
    images = np.random.default_rng(0).random((2, 64, 64, 1), dtype=np.float32)
    wanted = load_file(path)(images)
    network = Network((folder / "model.tflite").read_bytes())
    np.testing.assert_allclose([network(image) for image in images], wanted, atol=1e-5)
