"""compare: a protocol that gives every arm of an experiment the same chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from fer import paths, training
from fer.datasets import FaceDataset
from fer.evaluation import statistics
from fer.evaluation.metrics import wilson_interval
from fer.experiments.executors import Train
from fer.experiments.sweeping import histories, start, train_all
from fer.experiments.tuning import TRIAL_COLUMNS, tune
from fer.experiments.wording import verdict
from fer.training import Run, TrainingConfig


@dataclass(frozen=True, eq=False)
class Comparison:
    """What came of a comparison.

    Attributes:
        split: Where the arms are compared: "test", or "validation" if the test split was left closed.
        learning_rates: The learning rate of each arm.
        trials: The tuning: ``arm``, ``learning_rate``, ``val_accuracy`` and ``val_loss`` of the best epoch,
            ``status``; empty without tuning.
        epochs: One row an epoch and run, as ``sweep`` returns them, with ``arm``.
        results: One row an arm and seed: ``arm``, ``seed``, ``run``, ``status``, ``best_epoch``,
            ``best_val_accuracy``, ``final_val_accuracy``, ``accuracy`` and ``macro_f1`` of the best epoch on
            ``split``, ``n`` (its images), ``epochs_to_target``, ``seconds_to_target`` (NaN: not reached).
        pairs: One row a pair of arms: ``first``, ``second``, mean ``difference`` in accuracy over the seeds
            with its 95 % interval ``low`` and ``high``, ``p_value`` of the paired t test and ``p_holm``
            corrected for all pairs; ``p_mcnemar`` of the runs of the first seed, and ``p_mcnemar_holm``.
        target_accuracy: Validation accuracy to which the speed is measured.
    """

    split: str
    learning_rates: dict[str, float]
    trials: pd.DataFrame
    epochs: pd.DataFrame
    results: pd.DataFrame
    pairs: pd.DataFrame
    target_accuracy: float

    @cached_property
    def summary(self) -> pd.DataFrame:
        """One row an arm, the best first: means, standard deviations and counts over its seeds.

        ``accuracy_low`` and ``accuracy_high`` are the 95 % interval of the mean accuracy for other images (as
        many as were judged, Wilson); ``accuracy_sd`` tells what other seeds do.
        """
        arms = self.results.groupby("arm", sort=False)
        accuracy, n = arms["accuracy"].mean(), self.results["n"].max()
        intervals = [wilson_interval(value * n, n) if value == value else (np.nan,) * 2 for value in accuracy]
        low, high = (pd.Series(ends, index=accuracy.index) for ends in zip(*intervals, strict=True))
        table = pd.DataFrame(
            {
                "learning_rate": pd.Series(self.learning_rates),
                "seeds": arms.size(),
                "diverged": arms["status"].agg(lambda status: int((status == "diverged").sum())),
                "accuracy": accuracy,
                "accuracy_low": low,
                "accuracy_high": high,
                "accuracy_sd": arms["accuracy"].std(),
                "macro_f1": arms["macro_f1"].mean(),
                "best_val_accuracy": arms["best_val_accuracy"].mean(),
                "final_val_accuracy": arms["final_val_accuracy"].mean(),
                "reached_target": arms["epochs_to_target"].count(),
                "epochs_to_target": arms["epochs_to_target"].median(),
                "seconds_to_target": arms["seconds_to_target"].median(),
            }
        )
        return table.rename_axis("arm").sort_values("accuracy", ascending=False)

    @cached_property
    def groups(self) -> list[list[str]]:
        """Arms that cannot be told apart, the best first (``statistics.groups`` on ``p_holm``).

        An arm of which every run diverged is in none.
        """
        p_values = {frozenset((row.first, row.second)): row.p_holm for row in self.pairs.itertuples()}
        return statistics.groups(list(self.summary["accuracy"].dropna().index), p_values)

    def contrast(self, first: str, second: str) -> pd.Series:
        """Returns the row of ``pairs`` of two arms, turned so that its difference is first minus second."""
        names = self.pairs[["first", "second"]].to_numpy().tolist()
        if [first, second] in names:
            return self.pairs.iloc[names.index([first, second])]
        row = self.pairs.iloc[names.index([second, first])].copy()
        row[["first", "second"]] = first, second
        row[["difference", "low", "high"]] = -row["difference"], -row["high"], -row["low"]
        return row

    def recall(self, runs: Path | None = None) -> pd.DataFrame:
        """Returns which share of an emotion's images is named rightly: one row an arm, one column an emotion.

        Args:
            runs: Folder of all runs; ``fer.paths.runs()`` if None.
        """
        finished = self.results[self.results["status"] == "finished"]
        rows = {
            (row.arm, row.seed): Run.open((runs or paths.runs()) / row.run)
            .evaluation(self.split)
            .per_class["recall"]
            for row in finished.itertuples()
        }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        return frame.groupby(level=0, sort=False).mean().rename_axis("arm")

    @property
    def verdict(self) -> str:
        """The result in words."""
        return verdict(self)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, without the summary."""
        return {name: getattr(self, name) for name in ("trials", "epochs", "results", "pairs")}


def compare(
    arms: Mapping[str, TrainingConfig],
    dataset: FaceDataset,
    *,
    learning_rates: Mapping[str, Sequence[float]] | Sequence[float] | None = None,
    seeds: Sequence[int] = (1, 2, 3),
    tuning_seed: int = 0,
    target_accuracy: float | None = None,
    test: bool = True,
    executor: str | Train = "local",
    runs: Path | None = None,
    progress: bool = True,
    **executor_options,
) -> Comparison:
    """Compares arms that differ in one thing, with everything else equal.

    1. If ``learning_rates`` are given, each arm is trained with every one of its grid, with ``tuning_seed``.
       An arm whose best is at an edge of its grid gets more beyond it, and all arms get as many trials as
       the one that has most. The best epoch on the validation split chooses.
    2. Each arm is trained anew with every one of ``seeds``, which had no part in the choice. For one seed all
       arms have the same initial weights, order of images and augmentation.
    3. The best epoch of each of these runs is evaluated on the test split, once.

    Args:
        arms: Configuration by name; their seeds are not used.
        dataset: The data of all arms.
        learning_rates: Grid, ascending, at even distances on a log scale: one for all arms or one for each.
            None: every arm has the learning rate of its configuration, and nothing is tuned.
        seeds: Seeds of the runs that are compared, at least two for an interval.
        tuning_seed: Seed of the tuning runs; not among ``seeds``.
        target_accuracy: Validation accuracy to which the speed is measured; None for nine tenths of the best
            arm's mean final validation accuracy.
        test: Whether to open the test split. Otherwise, or where it is empty, the validation split, on which
            the epoch was chosen, stands for it.
        executor: As in ``sweep``, as are the following.
        runs: Folder of all runs.
        progress: Whether to show progress bars.
        **executor_options: Those of the executor.

    Returns:
        The comparison.

    Raises:
        ValueError: An argument is not as described, or all runs of an arm's grid diverged.

    Example:
        >>> arms = {name: config.replace(optimizer=name) for name in ("sgd", "adam")}
        >>> print(compare(arms, faces, learning_rates=[1e-4, 3e-4, 1e-3, 3e-3, 1e-2]).verdict)
    """
    if len(arms) < 2:
        raise ValueError(f"`arms` must hold at least two configurations. Received: {list(arms)}")
    if tuning_seed in seeds and learning_rates is not None:
        raise ValueError(
            f"`tuning_seed` must not be among `seeds`, whose runs have no part in the choice of the learning "
            f"rate. Received: {tuning_seed} and {list(seeds)}"
        )
    trials = None
    chosen = {name: config.learning_rate for name, config in arms.items()}
    with start(executor, dataset, runs, **executor_options) as train:
        options = {"executor": train, "runs": runs, "progress": progress}
        if learning_rates is not None:
            tuned = {name: config.replace(seed=tuning_seed) for name, config in arms.items()}
            trials, chosen = tune(tuned, dataset, learning_rates, **options)
        configs = {
            (name, seed): config.replace(learning_rate=chosen[name], seed=seed)
            for name, config in arms.items()
            for seed in seeds
        }
        trained = train_all(configs.values(), dataset, **options)
    by_arm = {key: trained[config] for key, config in configs.items()}
    return judge(by_arm, dataset, trials=trials, target_accuracy=target_accuracy, test=test)


def judge(
    runs: Mapping[tuple[str, int], Run],
    dataset: FaceDataset,
    *,
    trials: pd.DataFrame | None = None,
    target_accuracy: float | None = None,
    test: bool = True,
) -> Comparison:
    """Compares runs that have been trained: the last step of ``compare``.

    Args:
        runs: By arm and seed; every arm has the same seeds.
        dataset: The data on whose test split they are compared.
        trials: The tuning, if there was one.
        target_accuracy: As in ``compare``.
        test: As in ``compare``.
    """
    epochs = histories(list(dict.fromkeys(runs.values())))
    arm_of = {run.id: name for (name, _), run in runs.items()}
    epochs.insert(0, "arm", epochs["run"].map(arm_of))
    split = "test" if test and len(dataset.split("test")) else "validation"
    if target_accuracy is None:
        target_accuracy = 0.9 * _final_accuracy(epochs).groupby("arm").mean().max()
    rows = [
        {"arm": name, "seed": seed, **_result(run, dataset, split, target_accuracy)}
        for (name, seed), run in runs.items()
    ]
    results = pd.DataFrame(rows)
    rates = {name: run.config.learning_rate for (name, _), run in runs.items()}
    pairs = _pairs(results, runs, split, list(rates))
    trials = pd.DataFrame(columns=TRIAL_COLUMNS) if trials is None else trials
    return Comparison(split, rates, trials, epochs, results, pairs, target_accuracy)


def _final_accuracy(epochs: pd.DataFrame) -> pd.Series:
    """Validation accuracy of the last epoch by arm and run."""
    return epochs.groupby(["arm", "run"], sort=False)["val_accuracy"].last()


def _result(run: Run, dataset: FaceDataset, split: str, target_accuracy: float) -> dict:
    row = {"run": run.id, "status": run.status}
    if run.status == "diverged":
        return row
    training.evaluate(run, dataset, split)
    history, metrics = run.history, run.evaluation(split)
    best = run.metrics["best_epoch"]
    reached = history.loc[history["val_accuracy"] >= target_accuracy, "epoch"]
    return row | {
        "best_epoch": best,
        "best_val_accuracy": history.loc[history["epoch"] == best, "val_accuracy"].item(),
        "final_val_accuracy": history["val_accuracy"].iloc[-1],
        "accuracy": metrics.accuracy,
        "macro_f1": metrics.macro_f1,
        "n": metrics.n,
        "epochs_to_target": reached.min(),
        "seconds_to_target": reached.min() * training.seconds_an_epoch(history),
    }


def _pairs(
    results: pd.DataFrame, runs: Mapping[tuple[str, int], Run], split: str, arms: Sequence[str]
) -> pd.DataFrame:
    accuracy = results.pivot(index="seed", columns="arm", values="accuracy")
    rows = []
    for first, second in combinations(arms, 2):
        both = accuracy[[first, second]].dropna()
        row = {"first": first, "second": second, "seeds": len(both)}
        if len(both):
            result = statistics.paired_difference(
                both[first], both[second], resolution=1 / results["n"].max()
            )
            row |= {"difference": result.mean, "low": result.low, "high": result.high}
            row["p_value"] = result.p_value
            correct = [_correct(runs[name, both.index[0]], split) for name in (first, second)]
            row["p_mcnemar"] = statistics.mcnemar(*correct)
        rows.append(row)
    columns = ["first", "second", "seeds", "difference", "low", "high", "p_value", "p_mcnemar"]
    pairs = pd.DataFrame(rows, columns=columns)
    pairs["p_holm"] = statistics.holm(pairs["p_value"])
    pairs["p_mcnemar_holm"] = statistics.holm(pairs["p_mcnemar"])
    return pairs


def _correct(run: Run, split: str) -> np.ndarray:
    probabilities, labels = run.predictions(split)
    return probabilities.argmax(axis=1) == labels
