"""The studies of the notebooks headless: the settings of a notebook in, its result tables out."""

import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from fer import kernel, notebooks, training
from fer.datasets import FaceDataset
from fer.experiments import activations, transfer
from fer.experiments import batch_sizes as batches
from fer.experiments.comparison import Comparison, compare
from fer.experiments.optimizers import KERAS_OPTIMIZERS
from fer.experiments.sweeping import start
from fer.experiments.task import Task
from fer.experiments.throughput import measure_throughput
from fer.experiments.tuning import half_decades
from fer.files import atomic_write
from fer.training import TrainingConfig

CENTRES = {
    "SGD": 0.03,
    "Momentum": 0.01,
    "Nesterov": 0.01,
    "Adagrad": 0.01,
    "RMSProp": 0.001,
    "Adam": 0.001,
    "Adamax": 0.003,
}
"""Middle of the first grid of learning rates. It only saves trials: a grid whose best is at an edge grows."""


def optimizers(
    config: TrainingConfig,
    dataset: FaceDataset,
    names: Sequence[str] = tuple(CENTRES),
    *,
    points: int = 5,
    executor: str = "local",
    **options,
) -> tuple[Comparison, Comparison]:
    """Races optimizers twice: each at its tuned learning rate, and each at the default of Keras.

    Args:
        config: What to train; its optimizer and learning rate are replaced.
        dataset: The data.
        names: Optimizers, named as in ``KERAS_OPTIMIZERS``.
        points: Learning rates that are tried at first for each, half a decade apart.
        executor: As in ``sweep``.
        **options: Those of ``compare``.

    Returns:
        The comparison with tuned learning rates, and the one with defaults, which is on the validation split.
    """
    arms = {name: config.replace(**KERAS_OPTIMIZERS[name]) for name in names}
    grids = {name: half_decades(CENTRES[name], points) for name in names}
    defaults = {
        name: arm.replace(learning_rate=default_learning_rate(arm.optimizer)) for name, arm in arms.items()
    }
    with start(executor, dataset, options.get("runs")) as train:
        tuned = compare(arms, dataset, learning_rates=grids, executor=train, **options)
        default = compare(defaults, dataset, executor=train, test=False, **options)
    return tuned, default


def default_learning_rate(optimizer: str) -> float:
    """Returns the learning rate that a Keras optimizer has when none is given."""
    built = keras.optimizers.deserialize({"class_name": optimizer, "config": {}})
    return float(f"{float(keras.ops.convert_to_numpy(built.learning_rate)):.6g}")


@dataclass(frozen=True, eq=False)
class Result:
    """What a study gives.

    Attributes:
        study: Its name.
        settings: The parameters of its notebook.
        table: The result.
        text: The result in words.
        details: Further tables by name.
    """

    study: str
    settings: dict
    table: pd.DataFrame
    text: str
    details: dict[str, pd.DataFrame]

    def __str__(self) -> str:
        return f"{self.table.to_string(float_format='{:.4g}'.format)}\n\n{self.text}"

    def to_dict(self) -> dict:
        """Returns what JSON takes: settings, environment, the table as one record a row, and the text."""
        environment = {key: value for key, value in asdict(kernel.device_report()).items() if key != "reason"}
        return {
            "study": self.study,
            "settings": self.settings,
            "environment": environment,
            "table": json.loads(self.table.reset_index().to_json(orient="records")),
            "text": self.text,
        }

    def save(self, folder: Path) -> None:
        """Writes study.json, summary.csv and the further tables."""
        for name, table in {"summary": self.table.reset_index(), **self.details}.items():
            with atomic_write(folder / f"{name}.csv") as temporary:
                table.to_csv(temporary, index=False)
        with atomic_write(folder / "study.json") as temporary:
            temporary.write_text(json.dumps(self.to_dict(), indent=2) + "\n", encoding="utf-8")


def settings(study: str, profile: str) -> dict:
    """Returns the parameters of a study's notebook in a profile.

    Args:
        study: One of ``STUDIES``.
        profile: "smoke", "quick" or "full".
    """
    notebook = STUDIES[study].notebook
    return notebooks.default_parameters(notebook) | notebooks.profile_parameters(profile, notebook)


def configuration(study: str, parameters: dict) -> TrainingConfig:
    """Returns the configuration that the notebook of a study makes of its parameters."""
    names = {entry.name for entry in fields(TrainingConfig)}
    chosen = {name: value for name, value in parameters.items() if name in names}
    synthetic = parameters["dataset_name"] == "synthetic"
    if parameters["precision"] == "auto":
        chosen["precision"] = kernel.device_report().precision
    options = {name: parameters.get(name) for name in ("width_multiplier", "dropout", "weights")}
    options = {name: value for name, value in options.items() if value is not None}
    chosen["model_options"] = chosen.get("model_options", {}) | options
    return TrainingConfig(
        **chosen
        | STUDIES[study].fixed
        | {
            "dataset": parameters["dataset_name"],
            "dataset_options": parameters["synthetic_options"] if synthetic else {},
            "subset": None if synthetic else parameters["subset"],
        }
    )


def run(study: str, parameters: dict, *, progress: bool = True) -> Result:
    """Runs a study.

    Args:
        study: One of ``STUDIES``.
        parameters: As ``settings`` gives them.
        progress: Whether to show progress bars.
    """
    config = configuration(study, parameters)
    data = STUDIES[study].load(config, parameters)
    return STUDIES[study].run(config, data, parameters, progress)


def estimate(parameters: dict) -> str:
    """Measures a training step of the optimizers' study here and says how long the whole study would take.

    The runs that a grid needs beyond its first points, validation and saving are not counted.
    """
    config = configuration("optimizers", parameters)
    dataset = training.load_data(config, parameters["data_root"])
    dataset = dataset.limit_training(parameters["train_images"])
    names, seeds = parameters["names"], parameters["seeds"]
    runs = len(names) * (parameters["grid_points"] + 2 * len(seeds))
    images = runs * config.epochs * len(dataset.split("train"))
    config = config.replace(**KERAS_OPTIMIZERS[names[0]])
    measured = measure_throughput(config, [config.batch_size], num_classes=len(dataset.emotions))
    speed = measured["images_per_second"].item()
    return (
        f"{runs} trainings of {config.epochs} epochs, {len(dataset.split('train')):,} images each: "
        f"{images:,} images. {config.model} with {names[0]} takes {speed:,.0f} images/s here "
        f"({kernel.device_report().cpu}, batch {config.batch_size}, {config.precision}): "
        f"at least {images / speed / 3600:,.1f} hours."
    )


def _run_optimizers(config: TrainingConfig, dataset: FaceDataset, parameters: dict, progress: bool) -> Result:
    dataset = dataset.limit_training(parameters["train_images"])
    tuned, default = optimizers(
        config,
        dataset,
        parameters["names"],
        points=parameters["grid_points"],
        tuning_seed=parameters["tuning_seed"],
        seeds=parameters["seeds"],
        executor=parameters["executor"],
        progress=progress,
    )
    details = {**tuned.tables, **{f"default_{name}": table for name, table in default.tables.items()}}
    return Result("optimizers", parameters, tuned.summary, tuned.verdict, details)


def _run_initializers(
    config: TrainingConfig, dataset: FaceDataset, parameters: dict, progress: bool
) -> Result:
    tables, texts, details = {}, [], {}
    for name, network in initializer_networks(config, parameters).items():
        arms = {arm: network.replace(kernel_initializer=arm) for arm in parameters["initializers"]}
        result = compare(arms, dataset, seeds=parameters["seeds"], progress=progress)
        tables[name] = result.summary
        texts.append(f"{name}: {result.verdict}")
        details |= {f"{name}_{part}": table for part, table in result.tables.items()}
    table = pd.concat(tables, names=["network"])
    return Result("initializers", parameters, table, "\n".join(texts), details)


def initializer_networks(config: TrainingConfig, parameters: dict) -> dict[str, TrainingConfig]:
    """Returns the two networks on which notebook 03 compares initializers."""
    plain_options = {
        "blocks": parameters["plain_blocks"],
        "width_multiplier": parameters["plain_width"],
        "batch_normalization": False,
    }
    resnet_options = {"blocks": parameters["resnet_blocks"], "width_multiplier": parameters["resnet_width"]}
    models = {"plain": ("small_cnn", plain_options), "resnet": ("resnet50", resnet_options)}
    return {
        name: config.replace(
            model=model,
            model_options=options,
            image_size=parameters[f"{name}_image_size"],
            learning_rate=parameters[f"{name}_learning_rate"],
            batch_size=parameters[f"{name}_batch_size"],
            epochs=parameters[f"{name}_epochs"],
        )
        for name, (model, options) in models.items()
    }


def _run_batch_sizes(
    config: TrainingConfig, dataset: FaceDataset, parameters: dict, progress: bool
) -> Result:
    seeds, sizes = parameters["seeds"], parameters["batch_sizes"]
    few, more = (dataset.limit_training(parameters[name]) for name in ("few_images", "more_images"))
    options = {"executor": parameters["executor"], "progress": progress}
    arms = batches.at_equal_epochs(config, sizes)
    arms |= batches.at_equal_steps(config, sizes, parameters["equal_steps"])
    few_results = batches.final_results(batches.train_arms(arms, few, seeds, **options))
    warmup, more_sizes = parameters["warmup_epochs"], parameters["more_batch_sizes"]
    arms = batches.at_equal_epochs(config, more_sizes)
    arms |= batches.with_linear_scaling(config, more_sizes, warmup)
    tuned, trials = batches.tuned(
        config,
        parameters["tuned_batch_sizes"],
        more,
        warmup_epochs=warmup,
        points=parameters["tuning_points"],
        **options,
    )
    more_results = batches.final_results(batches.train_arms(arms | tuned, more, seeds, **options))
    results = {len(few.split("train")): few_results, len(more.split("train")): more_results}
    table = pd.concat({n: batches.table(part) for n, part in results.items()}, names=["training_images"])
    table = table.reset_index("training_images").set_index(["training_images", "policy", "batch_size"])
    text = f"Accuracy is that of the best epoch on the validation split, over {len(seeds)} seeds."
    details = {"few_results": few_results, "more_results": more_results, "trials": trials}
    return Result("batch-sizes", parameters, table, text, details)


def _run_activations(
    config: TrainingConfig, tasks: dict[str, Task], parameters: dict, progress: bool
) -> Result:
    comparisons = activations.compare_on(
        tasks,
        parameters["activations"],
        learning_rates=parameters["learning_rates"] or None,
        seeds=parameters["seeds"],
        progress=progress,
    )
    first, second = parameters["activations"][:2]
    table = activations.difference_by_dataset(comparisons, second, first)
    texts = [f"{name}: {comparison.verdict}" for name, comparison in comparisons.items()]
    details = {
        f"{name}_{part}": frame
        for name, comparison in comparisons.items()
        for part, frame in comparison.tables.items()
    }
    return Result("activations", parameters, table, "\n".join(texts), details)


def activation_tasks(config: TrainingConfig, parameters: dict) -> dict[str, Task]:
    """Returns the data sets of notebook 06 by name: one that is named, or those like the source's.

    With "synthetic" these are the three stand-ins and those of the source's that lie in their folders.
    """
    name = parameters["dataset_name"]
    if name != "synthetic":
        return {activations.title(name): Task(config, training.load_data(config, parameters["data_root"]))}
    n = parameters["synthetic_options"]["n"]
    return activations.stand_ins(config, n) | activations.real_data(
        config.replace(subset=parameters["subset"])
    )


def _run_transfer(config: TrainingConfig, tasks: dict[str, Task], parameters: dict, progress: bool) -> Result:
    fine_tuning = parameters["fine_tuning"]
    options = {"seeds": parameters["seeds"], "progress": progress}
    chains = transfer.strategies(tasks, *fine_tuning)
    comparison = transfer.compare_chains(chains, tasks["target"].dataset, **options)
    by_size = transfer.by_target_size(tasks, fine_tuning, parameters["target_sizes"], **options)
    details = comparison.tables | {"by_target_size": by_size}
    return Result("transfer", parameters, comparison.summary, comparison.verdict, details)


def transfer_tasks(config: TrainingConfig, parameters: dict) -> dict[str, Task]:
    """Returns the trainings of notebook 07."""
    names = inspect.signature(transfer.load_tasks).parameters
    chosen = {name: parameters[name] for name in names if name != "config"}
    return transfer.load_tasks(config, **chosen)


def _load(config: TrainingConfig, parameters: dict) -> FaceDataset:
    return training.load_data(config, parameters["data_root"])


@dataclass(frozen=True)
class Study:
    """The notebook with the settings of a study, what runs it, and what the notebook does not let choose."""

    notebook: str
    run: Callable[..., Result]
    fixed: dict = field(default_factory=dict)
    load: Callable[[TrainingConfig, dict], Any] = _load


STUDIES = {
    "activations": Study("06_activation_functions", _run_activations, load=activation_tasks),
    "transfer": Study(
        "07_transfer_learning", _run_transfer, {"kernel_initializer": "he_normal"}, load=transfer_tasks
    ),
    "optimizers": Study("05_optimizers", _run_optimizers),
    "initializers": Study("03_weight_initialization", _run_initializers),
    "batch-sizes": Study(
        "04_batch_size",
        _run_batch_sizes,
        {"kernel_initializer": "he_normal", "optimizer": "sgd", "optimizer_options": {"momentum": 0.9}},
    ),
}
