"""Transfer learning: chains of trainings, each of which begins with the weights of the one before."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from fer import training
from fer.datasets import FaceDataset, combining
from fer.experiments.comparison import Comparison, judge
from fer.experiments.sweeping import train_all
from fer.experiments.task import Task
from fer.training import Run, TrainingConfig

UNTOUCHED = {"learning_rate_multipliers": {"": 0.0}, "epochs": 1}
"""Fields of a training that changes no weight: the network is judged as it comes."""

TARGET_SHARES = {
    "angry": 0.16,
    "disgust": 0.04,
    "fear": 0.1,
    "happy": 0.22,
    "sad": 0.16,
    "surprise": 0.12,
    "neutral": 0.2,
}
"""How frequent the emotions of a drawn target are: unequally, as in collections from films and the web."""

DRAWN_FRACTIONS = (0.34, 0.16, 0.5)
"""Shares of train, validation and test of a drawn target: many faces to judge on, since they cost nothing."""


LEAST_JUDGED = 10
"""Images in the validation and in the test split of a target: with fewer a figure means nothing."""

Chains = Mapping[str, Sequence[Task]]
"""Tasks, first to last, by the name of the strategy."""


def load_tasks(
    config: TrainingConfig,
    *,
    data_root: Path | str | None,
    splits: str,
    target_root: Path | str | None,
    target_options: Mapping[str, Any],
    target_fractions: Sequence[float],
    target_steps: int,
    scratch_epochs: int,
    general_options: Mapping[str, Any],
    general_epochs: int,
) -> dict[str, Task]:
    """Returns the trainings of which the strategies are made.

    Args:
        config: The training on the auxiliary faces.
        data_root: Where they lie; None for their place under ``data/``.
        splits: "FER28" takes their splits as they are, "FER32" trains on the validation split too and
            validates on the test split, as the source does.
        target_root: Folder of class folders with the target; None draws synthetic faces.
        target_options: Options of the reader of synthetic faces, if the target is drawn; its emotions have
            ``TARGET_SHARES`` and its splits ``DRAWN_FRACTIONS``.
        target_fractions: Shares of train, validation and test of a folder without split folders.
        target_steps: Batches that count as an epoch on the target, however few images it has.
        scratch_epochs: Epochs on the target of a network that knows no emotion.
        general_options: Options of synthetic faces for the other task. It is left out where the model brings
            weights along (``model_options["weights"]``).
        general_epochs: Epochs on them.

    Returns:
        "target", "auxiliary" and, unless left out, "general". Auxiliary faces that are exact copies of target
        faces are left out.

    Raises:
        ValueError: ``splits`` is unknown, FER32 is wanted without a test split, or the target has too few
            images.
    """
    drawn = config.replace(dataset="synthetic", subset=None)
    if target_root is None:
        fixed = {"fractions": list(DRAWN_FRACTIONS), "emotions": TARGET_SHARES}
        on_target = drawn.replace(dataset_options={**target_options, **fixed})
    else:
        options = {"fractions": list(target_fractions)}
        on_target = drawn.replace(dataset="folder", dataset_options=options)
    configs = {
        "target": (on_target.replace(epochs=scratch_epochs, steps_per_epoch=target_steps), target_root)
    }
    if not config.model_options.get("weights"):
        configs["general"] = (
            drawn.replace(dataset_options=dict(general_options), epochs=general_epochs),
            None,
        )
    tasks = {name: Task(chosen, training.load_data(chosen, root)) for name, (chosen, root) in configs.items()}
    _check_target(tasks["target"].dataset)
    auxiliary = combining.without_copies(training.load_data(config, data_root), tasks["target"].dataset)
    if splits == "FER32":
        auxiliary = combining.with_splits(auxiliary, {"validation": "train", "test": "validation"})
    elif splits != "FER28":
        raise ValueError(f'`splits` must be "FER28" or "FER32". Received: {splits!r}')
    if not len(auxiliary.split("validation")):
        raise ValueError(
            f"`splits` leaves {auxiliary.name} without images to validate on. Received: {splits!r}"
        )
    return tasks | {"auxiliary": Task(config, auxiliary)}


def _check_target(target: FaceDataset) -> None:
    """Raises ValueError unless every emotion can be learned, and validation and test have ten images each."""
    counts = target.counts()
    if counts.loc["train"].min() < 1 or counts.loc[["validation", "test"]].sum(axis=1).min() < LEAST_JUDGED:
        raise ValueError(
            f"A target needs an image of every emotion in train, and {LEAST_JUDGED} images in validation and "
            f"in test. Received:\n{counts.to_string()}"
        )


def strategies(
    tasks: Mapping[str, Task], fine_tuning_rate: float, fine_tuning_epochs: int
) -> dict[str, list[Task]]:
    """Returns the ways to a network for a small target.

    * target only: from random weights, on the target alone;
    * one stage: from the weights of another task to the target;
    * auxiliary only: from these to the auxiliary faces; the target is never learned;
    * two stages: from these to the auxiliary faces, then, fine-tuning, to the target;
    * joint: from these to the auxiliary faces and the target together.

    Source: Ng, Nguyen, Vonikakis and Winkler 2015, Deep learning for emotion recognition on small datasets
    using transfer learning, ICMI.

    Args:
        tasks: "auxiliary", "target" and, where the model does not bring weights along, "general".
        fine_tuning_rate: Learning rate on the target of a network that knows emotions.
        fine_tuning_epochs: Epochs of it.
    """
    auxiliary, target = tasks["auxiliary"], tasks["target"]
    first = [tasks["general"]] if "general" in tasks else []
    config = target.config
    options = {name: value for name, value in config.model_options.items() if name != "weights"}
    tune = config.replace(learning_rate=fine_tuning_rate, epochs=fine_tuning_epochs)
    both = combining.join(auxiliary.dataset, target.dataset, config.image_size, config.channels)
    return {
        "target only": [Task(config.replace(model_options=options), target.dataset)],
        "one stage": [*first, target],
        "auxiliary only": [*first, auxiliary, Task(tune.replace(**UNTOUCHED), target.dataset)],
        "two stages": [*first, auxiliary, Task(tune, target.dataset)],
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
            found = train_all(configs.values(), dataset, executor=executor, runs=runs, progress=progress)
            trained |= {key: found[config] for key, config in configs.items()}
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
    tasks: Mapping[str, Task],
    fine_tuning: tuple[float, int],
    sizes: Sequence[int],
    seeds: Sequence[int],
    names: Sequence[str] = ("target only", "one stage", "auxiliary only", "two stages"),
    **options,
) -> pd.DataFrame:
    """Compares strategies for several numbers of training images of the target, and for all of them.

    The validation and test images of the target are all there for every number. With ``steps_per_epoch`` a
    training on few images makes as many steps as one on all of them.

    Args:
        tasks: As in ``strategies``.
        fine_tuning: Learning rate and epochs of it, as in ``strategies``.
        sizes: Numbers of training images of the target.
        seeds: Seeds of the chains.
        names: The strategies that are compared.
        **options: Those of ``compare_chains``.

    Returns:
        ``Comparison.results`` of every size, with ``training_images``: how many there were in fact.
    """
    target = tasks["target"]
    n = len(target.dataset.split("train"))
    tables = []
    for size in [*(size for size in sizes if size < n), n]:
        few = Task(target.config, target.dataset.limit_training(size))
        chains = strategies({**tasks, "target": few}, *fine_tuning)
        chosen = {name: chains[name] for name in names}
        results = compare_chains(chosen, few.dataset, seeds, **options).results
        tables.append(results.assign(training_images=len(few.dataset.split("train"))))
    return pd.concat(tables, ignore_index=True)
