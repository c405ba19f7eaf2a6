"""One training at several batch sizes: equal epochs or equal steps, fixed, scaled or tuned learning rate."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fer.datasets import FaceDataset
from fer.experiments.contrasts import contrasts as contrasts_of_arms
from fer.experiments.sweeping import sweep
from fer.experiments.tuning import half_decades, tune
from fer.training import TrainingConfig, seconds_an_epoch

Arms = Mapping[tuple[str, int], TrainingConfig]
"""Configurations by name of the policy and batch size."""


def at_equal_epochs(config: TrainingConfig, batch_sizes: Sequence[int]) -> Arms:
    """Every batch size sees every image equally often, with the learning rate of the configuration.

    A batch k times as large then makes a k-th of the steps.
    """
    return {("fixed rate", size): config.replace(batch_size=size) for size in batch_sizes}


def at_equal_steps(config: TrainingConfig, batch_sizes: Sequence[int], steps: int) -> Arms:
    """Every batch size makes equally many steps, with the learning rate of the configuration.

    A batch k times as large then sees k times as many images. There are as many evaluations as the
    configuration has epochs, at equal distances.

    Args:
        config: What to train.
        batch_sizes: Numbers of images.
        steps: Number of steps, rounded up to a multiple of the number of epochs.
    """
    steps_per_epoch = math.ceil(steps / config.epochs)
    return {
        ("equal steps", size): config.replace(batch_size=size, steps_per_epoch=steps_per_epoch)
        for size in batch_sizes
    }


def with_linear_scaling(
    config: TrainingConfig, batch_sizes: Sequence[int], warmup_epochs: float = 1.0
) -> Arms:
    """Multiplies the learning rate by k where the batch is k times as large, and lets it rise to there.

    Below the batch size of the configuration the learning rate is divided and needs no warm-up.

    Source: Goyal et al. 2017, Accurate, Large Minibatch SGD, arXiv:1706.02677, sections 2.1 and 2.2.

    Args:
        config: Its learning rate belongs to its batch size. Its schedule is replaced.
        batch_sizes: Numbers of images.
        warmup_epochs: Length of the rise.
    """
    return {
        ("linear scaling", size): _with_rate(
            config, size, config.learning_rate * size / config.batch_size, warmup_epochs
        )
        for size in batch_sizes
    }


def tuned(
    config: TrainingConfig,
    batch_sizes: Sequence[int],
    dataset: FaceDataset,
    *,
    warmup_epochs: float = 1.0,
    points: int = 5,
    seed: int = 0,
    **options,
) -> tuple[Arms, pd.DataFrame]:
    """Chooses the learning rate of every batch size on the validation split, with the warm-up of scaling.

    The grid of a batch k times as large has the √k-fold learning rate in its middle, half way between a fixed
    one and linear scaling, and steps of half a decade. It grows where the best is at an edge.

    Args:
        config: What to train, at equal epochs. Its learning rate belongs to its batch size.
        batch_sizes: Numbers of images.
        dataset: The data.
        warmup_epochs: As in ``with_linear_scaling``.
        points: Learning rates in a grid.
        seed: Seed of the trials, not one of those that the arms are compared with.
        **options: Those of ``sweep``.

    Returns:
        The arms, and the trials as ``fer.experiments.tuning.tune`` returns them with ``batch_size``.
    """
    middles = {size: config.learning_rate * (size / config.batch_size) ** 0.5 for size in batch_sizes}
    trials, best = tune(
        {
            str(size): _with_rate(config.replace(seed=seed), size, middles[size], warmup_epochs)
            for size in middles
        },
        dataset,
        {str(size): half_decades(middle, points) for size, middle in middles.items()},
        **options,
    )
    arms = {("tuned", size): _with_rate(config, size, best[str(size)], warmup_epochs) for size in batch_sizes}
    return arms, trials.assign(batch_size=trials["arm"].astype(int))


def train_arms(arms: Arms, dataset: FaceDataset, seeds: Sequence[int], **options) -> pd.DataFrame:
    """Trains every arm with every seed. Arms of several policies that are the same training are trained once.

    Args:
        arms: From the functions above; ``|`` joins them.
        dataset: The data.
        seeds: Seeds.
        **options: Those of ``sweep``.

    Returns:
        The frame of ``sweep`` for every arm, with ``policy``, ``step`` (batches since the start) and
        ``steps_per_epoch`` filled in.
    """
    configs = {
        (policy, size, seed): config.replace(seed=seed)
        for seed in seeds  # outermost, since runs of one seed share their initial weights
        for (policy, size), config in arms.items()
    }
    by_run = dict(list(sweep(configs.values(), dataset, **options).groupby("run")))
    images = len(dataset.split("train"))
    frames = []
    for (policy, size, _), config in configs.items():
        steps = config.steps_per_epoch or math.ceil(images / size)
        frame = by_run[config.run_id(dataset.fingerprint)]
        frames.append(frame.assign(policy=policy, steps_per_epoch=steps, step=steps * frame["epoch"]))
    return pd.concat(frames, ignore_index=True)


def final_results(epochs: pd.DataFrame) -> pd.DataFrame:
    """Reduces every training to a row.

    Args:
        epochs: Result of ``train_arms``.

    Returns:
        ``policy``, ``batch_size``, ``seed``, ``learning_rate``, ``status``, ``steps_per_epoch``, ``steps``
        (of the whole training), ``seconds`` of an epoch (median without the first, in which the step may be
        traced; evaluation included), ``loss`` and ``accuracy`` on the training images in the last epoch, and
        ``val_accuracy`` of the best epoch. A diverged training has no accuracy.
    """
    rows = []
    for (policy, size, seed), history in epochs.groupby(["policy", "batch_size", "seed"], sort=False):
        last = history.iloc[-1]
        diverged = last["status"] == "diverged"
        rows.append(
            {
                "policy": policy,
                "batch_size": size,
                "seed": seed,
                "learning_rate": last["learning_rate"],
                "status": last["status"],
                "steps_per_epoch": last["steps_per_epoch"],
                "steps": last["step"],
                "seconds": seconds_an_epoch(history),
                "loss": np.nan if diverged else last["loss"],
                "accuracy": np.nan if diverged else last["accuracy"],
                "val_accuracy": np.nan if diverged else history["val_accuracy"].max(),
            }
        )
    return pd.DataFrame(rows)


def table(results: pd.DataFrame) -> pd.DataFrame:
    """Returns the table of the source: one row a policy and batch size, over its seeds.

    Args:
        results: Result of ``final_results``.

    Returns:
        ``policy``, ``batch_size``, ``learning_rate``, ``steps_per_epoch``, ``steps``, ``seconds`` of an
        epoch, ``lowest``, ``mean`` and ``highest`` validation accuracy, ``loss`` on the training images,
        ``seeds`` and how many of them ``diverged``.
    """
    groups = results.groupby(["policy", "batch_size"], sort=False)
    return groups.agg(
        learning_rate=("learning_rate", "first"),
        steps_per_epoch=("steps_per_epoch", "first"),
        steps=("steps", "max"),
        seconds=("seconds", "median"),
        lowest=("val_accuracy", "min"),
        mean=("val_accuracy", "mean"),
        highest=("val_accuracy", "max"),
        loss=("loss", "mean"),
        seeds=("seed", "size"),
        diverged=("status", lambda status: int((status == "diverged").sum())),
    ).reset_index()


def contrasts(
    results: pd.DataFrame,
    pairs: Mapping[str, tuple[tuple[str, int], tuple[str, int]]],
    *,
    metric: str = "val_accuracy",
) -> pd.DataFrame:
    """Compares pairs of arms, each a policy and a batch size; see ``fer.experiments.contrasts``."""
    return contrasts_of_arms(results, pairs, arms=["policy", "batch_size"], metric=metric)


def _with_rate(
    config: TrainingConfig, batch_size: int, learning_rate: float, warmup_epochs: float
) -> TrainingConfig:
    """A batch that is larger than that of the configuration gets a warm-up."""
    arm = config.replace(batch_size=batch_size, learning_rate=learning_rate)
    if batch_size <= config.batch_size:
        return arm
    return arm.replace(schedule="warmup", schedule_options={"warmup_epochs": warmup_epochs})
