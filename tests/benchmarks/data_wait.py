"""What augmentation adds to an epoch of 48×48 faces; the share spent waiting for data is 1 - 1/ratio."""

from functools import partial

import keras

from fer import training
from fer.pipelines import FaceBatches, train_batches
from fer.training.compiled import CompiledModel
from tests.benchmarks.timing import Result, in_turns, seconds

CONFIG = training.TrainingConfig(dataset_options={"n": 2000}, batch_size=64)
NETWORKS = {
    "small_cnn, width 0.25": {"model": "small_cnn", "model_options": {"width_multiplier": 0.25}},
    "resnet50, width 0.25": {"model": "resnet50", "model_options": {"width_multiplier": 0.25}},
}
READY = "ready in memory"


class ReadyBatches(keras.utils.PyDataset):
    """The batches of one epoch, made beforehand."""

    def __init__(self, batches: FaceBatches):
        super().__init__()
        self._batches = [batches[index] for index in range(len(batches))]

    def __len__(self):
        return len(self._batches)

    def __getitem__(self, index):
        return self._batches[index]


def measure(repeats: int) -> list[Result]:
    """Trains epochs with each engine, and with batches that lie ready in memory."""
    results = []
    for network, settings in NETWORKS.items():
        cases = {f"{network}: {name}": work for name, work in _epochs(CONFIG.replace(**settings)).items()}
        ready, *_ = cases
        for case, values in in_turns(cases, repeats).items():
            results.append(Result(case, values, "s an epoch", None if case == ready else ready))
    return results


def _epochs(config: training.TrainingConfig) -> dict:
    faces = training.load_data(config).split("train")
    cases = {}
    for engine in ("fast", "keras", "graph"):
        engine_config = config.replace(engine=engine)
        batches = train_batches(faces, config.image_size, config.channels, config.batch_size, engine=engine)
        compiled = CompiledModel(engine_config, len(faces.emotions), len(batches))
        if engine == "fast":
            cases[READY] = partial(seconds, partial(_fit, compiled.model, ReadyBatches(batches)))
        cases[f"engine {engine!r}"] = partial(seconds, partial(_fit, compiled.model, batches))
    return cases


def _fit(model: keras.Model, batches: keras.utils.PyDataset) -> None:
    model.fit(batches, shuffle=False, verbose=0)
