"""Transfer learning: chains of trainings, each of which begins with the weights of the one before."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from fer import datasets
from fer.datasets import FaceDataset, combining
from fer.experiments.comparison import Comparison, judge
from fer.experiments.sweeping import sweep
from fer.experiments.task import Task
from fer.training import Run, TrainingConfig

UNTOUCHED = {"learning_rate_multipliers": {"": 0.0}, "epochs": 1}
"""Fields of a training that changes no weight: the network is judged as it comes."""


Chains = Mapping[str, Sequence[Task]]
"""Tasks, first to last, by the name of the strategy."""


def strategies(first: Sequence[Task], auxiliary: Task, target: Task, fine_tuning: TrainingConfig) -> Chains:
    """Returns the ways to a network for a small target.

    * target only: from random weights, on the target alone;
    * one stage: from the weights of another task to the target;
    * auxiliary only: from these to the auxiliary faces; the target is never learned;
    * two stages: from these to the auxiliary faces, then, fine-tuning, to the target;
    * joint: from these to the auxiliary faces and the target together.

    Source: Ng, Nguyen, Vonikakis and Winkler 2015, Deep learning for emotion recognition on small datasets
    using transfer learning, ICMI.

    Args:
        first: The training on the other task; empty where the model brings its weights along, as
            with ``model_options={"weights": "imagenet"}``, or begins with random ones.
        auxiliary: Many faces.
        target: Few faces; its configuration is that of a training from random weights.
        fine_tuning: Configuration of a training on the target after one on the auxiliary faces.
    """
    tune = Task(fine_tuning, target.dataset)
    both = combining.join(auxiliary.dataset, target.dataset, target.config.image_size, target.config.channels)
    scratch = target.config.replace(
        model_options={k: v for k, v in target.config.model_options.items() if k != "weights"}
    )
    return {
        "target only": [Task(scratch, target.dataset)],
        "one stage": [*first, target],
        "auxiliary only": [*first, auxiliary, Task(fine_tuning.replace(**UNTOUCHED), target.dataset)],
        "two stages": [*first, auxiliary, tune],
        "joint": [*first, Task(auxiliary.config, both)],
    }


def train_chains(
    chains: Chains,
    seeds: Sequence[int],
    *,
    executor: str = "local",
    runs: Path | None = None,
    progress: bool = True,
) -> dict[tuple[str, int], Run]:
    """Trains every chain with every seed. Chains that begin alike share the trainings of their beginning.

    Args:
        chains: Tasks by name.
        seeds: Each is the seed of all stages of a chain.
        executor: As in ``sweep``, as are the following.
        runs: Folder of all runs.
        progress: Whether to show progress bars.

    Returns:
        The last run of each chain by name and seed. A stage that diverged ends its chain.
    """
    trained: dict[tuple[str, int], Run] = {}
    for level in range(max(map(len, chains.values()))):
        groups: dict[str, tuple[FaceDataset, dict]] = {}
        for name, stages in chains.items():
            if level >= len(stages):
                continue
            dataset = stages[level].dataset
            for seed in seeds:
                before = trained.get((name, seed))
                if before is not None and before.status == "diverged":
                    continue
                pretrained = before.id if before is not None else None
                config = stages[level].config.replace(seed=seed, pretrained=pretrained)
                groups.setdefault(dataset.fingerprint, (dataset, {}))[1][name, seed] = config
        for dataset, configs in groups.values():
            sweep(configs.values(), dataset, executor=executor, runs=runs, progress=progress)
            trained |= {key: Run.find(config, dataset, runs) for key, config in configs.items()}
    return {(name, seed): trained[name, seed] for name in chains for seed in seeds}


def compare_chains(
    chains: Chains, target: FaceDataset, seeds: Sequence[int], *, test: bool = True, **options
) -> Comparison:
    """Trains chains and compares what their last runs do on the target.

    Args:
        chains: Tasks by name; of each the last is trained on the target, or on more than it.
        target: The data on whose test split they are compared.
        seeds: Seeds of the chains.
        test: Whether to open the test split; otherwise the validation split stands for it.
        **options: Those of ``train_chains``.
    """
    return judge(train_chains(chains, seeds, **options), target, test=test)


def by_target_size(
    chains: Callable[[FaceDataset], Chains],
    target: FaceDataset,
    sizes: Sequence[int],
    seeds: Sequence[int],
    **options,
) -> pd.DataFrame:
    """Compares chains for several numbers of training images of the target.

    Its validation and test images are all there for every number.

    Args:
        chains: Makes the chains of a target.
        target: The data.
        sizes: Numbers of its training images.
        seeds: Seeds of the chains.
        **options: Those of ``compare_chains``.

    Returns:
        ``Comparison.results`` of every size, with ``training_images``: how many there were in fact.
    """
    tables = []
    for size in sizes:
        few = target.limit_training(size)
        comparison = compare_chains(chains(few), few, seeds, **options)
        tables.append(comparison.results.assign(training_images=len(few.split("train"))))
    return pd.concat(tables, ignore_index=True)


def load_target(parameters: dict) -> FaceDataset:
    """Returns the small target of notebook 07: a folder of class folders, or synthetic faces."""
    if parameters["target_root"] is None:
        return datasets.load("synthetic", **parameters["target_options"])
    fractions = parameters["target_options"]["fractions"]
    return datasets.load("folder", parameters["target_root"], fractions=fractions)


def notebook_chains(
    config: TrainingConfig, auxiliary: FaceDataset, target: FaceDataset, parameters: dict
) -> Chains:
    """Returns the strategies of notebook 07.

    Args:
        config: Result of ``configuration``: the training on the auxiliary faces.
        auxiliary: Many faces.
        target: Few faces.
        parameters: Those of the notebook.
    """
    first = []
    if not parameters["weights"]:
        general = datasets.load("synthetic", **parameters["general_options"])
        first = [Task(config.replace(epochs=parameters["general_epochs"]), general)]
    on_target = config.replace(
        dataset="folder" if parameters["target_root"] else "synthetic",
        dataset_options={} if parameters["target_root"] else parameters["target_options"],
        subset=None,
        epochs=parameters["target_epochs"],
    )
    fine_tuning = on_target.replace(learning_rate=parameters["fine_tuning_rate"])
    return strategies(first, Task(config, auxiliary), Task(on_target, target), fine_tuning)
