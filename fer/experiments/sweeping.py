"""sweep: many trainings in, one tidy frame out."""

import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from fer import paths, training
from fer.datasets import FaceDataset
from fer.experiments.executors import EXECUTORS, Train
from fer.training import Run, TrainingConfig


def sweep(
    configs: Iterable[TrainingConfig],
    dataset: FaceDataset | None = None,
    *,
    executor: str | Train = "local",
    runs: Path | None = None,
    progress: bool = True,
    **executor_options,
) -> pd.DataFrame:
    """Trains every configuration and returns all histories.

    Finished runs are used again, interrupted ones go on after their last epoch, and a diverged one is
    recorded and does not stop the others. Runs that differ only in learning rate, seed, initializer or batch
    size follow each other, since they share one compiled training step.

    Args:
        configs: What to train; equal ones are trained once.
        dataset: The data of all; if None each configuration's own, as ``training.load_data`` gives it.
        executor: "local" (this process), "processes" (several on this machine) or "ray" (a cluster); or what
            ``start`` gave, so that several sweeps share its workers.
        runs: Folder of all runs; ``fer.paths.runs()`` if None.
        progress: Whether to show a progress bar with a time estimate.
        **executor_options: ``workers`` of "processes" and "ray", ``address`` of "ray".

    Returns:
        One row an epoch and run, in the order of ``configs``: ``run`` (its name), ``status`` ("finished" or
        "diverged"), every field of the configuration (a field that is a dict has a column for each key, such
        as ``optimizer_options.momentum``), ``epoch``, ``seconds``, ``current_learning_rate``, ``loss``,
        ``accuracy``, ``val_loss`` and ``val_accuracy`` as in ``Run.history``.

    Raises:
        ValueError: ``executor`` is unknown, there are no configurations, or one cannot be trained.

    Example:
        >>> sweep([config.replace(learning_rate=rate) for rate in (1e-3, 1e-2, 1e-1)], faces)
    """
    trained = train_all(configs, dataset, executor=executor, runs=runs, progress=progress, **executor_options)
    return histories(list(trained.values()))


def train_all(
    configs: Iterable[TrainingConfig],
    dataset: FaceDataset | None = None,
    *,
    executor: str | Train = "local",
    runs: Path | None = None,
    progress: bool = True,
    **executor_options,
) -> dict[TrainingConfig, Run]:
    """Trains every configuration as ``sweep`` does, with its arguments, and returns the run of each."""
    configs = list(dict.fromkeys(configs))
    if not configs:
        raise ValueError("`configs` must hold at least one TrainingConfig. Received: none")
    runs = runs or paths.runs()
    all_runs = {}
    for data, members in _by_dataset(configs, dataset):
        found = {config: Run.find(config, data, runs) for config in members}
        all_runs |= found
        pending = [config for config, run in found.items() if not run.is_complete]
        if pending:
            with (
                _progress_bar([found[config] for config in pending], len(data.split("train")), progress),
                start(executor, data, runs, **executor_options) as train,
            ):
                for _ in train(pending):
                    pass
    return {config: all_runs[config] for config in configs}


def start(
    executor: str | Train, dataset: FaceDataset, runs: Path | None = None, **options
) -> AbstractContextManager[Train]:
    """Returns the context in which an executor has its workers; one that is running is left as it is.

    Args:
        executor: As in ``sweep``.
        dataset: The data.
        runs: Folder of all runs; ``fer.paths.runs()`` if None.
        **options: ``workers`` of "processes" and "ray", ``address`` of "ray".

    Raises:
        ValueError: ``executor`` is unknown, or has no such option.

    Example:
        >>> with start("processes", faces, workers=4) as executor:
        ...     for configs in batches_of_configs:
        ...         sweep(configs, faces, executor=executor)
    """
    if callable(executor):
        return nullcontext(executor)
    if executor not in EXECUTORS:
        raise ValueError(f"`executor` must be one of {list(EXECUTORS)}. Received: {executor!r}")
    try:
        return EXECUTORS[executor](dataset, runs or paths.runs(), **options)
    except TypeError as error:
        raise ValueError(f"Options of the executor {executor!r}: {error}") from error


def histories(runs: Sequence[Run]) -> pd.DataFrame:
    """Returns the histories of runs in one tidy frame, as ``sweep`` does.

    Args:
        runs: Runs that have been trained.
    """
    tables = []
    for run in runs:
        history = run.history.rename(columns={"learning_rate": "current_learning_rate"})
        fields = {"run": run.id, "status": run.status, **_flat(asdict(run.config))}
        tables.append(pd.DataFrame([fields] * len(history)).join(history))
    return pd.concat(tables, ignore_index=True)


def _flat(fields: dict) -> dict:
    flat = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{key}": entry for key, entry in value.items()}
        else:
            flat[name] = value
    return flat


def _by_dataset(configs: Sequence[TrainingConfig], dataset: FaceDataset | None):
    """Yields each data set with its configurations."""
    if dataset is not None:
        yield dataset, configs
        return
    groups = {}
    for config in configs:
        groups.setdefault((config.dataset, repr(config.dataset_options), config.subset), []).append(config)
    for members in groups.values():
        yield training.load_data(members[0]), members


@contextmanager
def _progress_bar(runs: Sequence[Run], images: int, show: bool):
    """One line over all runs and epochs, drawn from what the runs write, wherever they are trained."""
    if not show:
        yield
        return
    work = {run.id: _images_an_epoch(run.config, images) for run in runs}
    done = dict.fromkeys(work, 0)
    bar = tqdm(
        total=sum(work[run.id] * run.config.epochs for run in runs),
        file=sys.stdout,
        ncols=110,
        bar_format="{desc} |{bar}| {percentage:3.0f}% [{elapsed}<{remaining}]{postfix}",
    )

    def refresh():
        ended = sum(run.is_complete for run in runs)
        for run in runs:
            done[run.id] = run.config.epochs if run.is_complete else max(done[run.id], _epochs(run))
        bar.n = sum(work[name] * epochs for name, epochs in done.items())
        bar.set_description_str(f"{ended} of {len(runs)} runs", refresh=False)
        bar.refresh()

    stop = threading.Event()

    def watch():
        while not stop.wait(1.0):
            refresh()

    refresh()
    bar.initial = bar.n  # what an earlier sweep has done tells nothing about the speed of this one
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    except KeyboardInterrupt:
        tqdm.write("Interrupted. What is finished is kept: sweep again, and it goes on.", file=sys.stdout)
        raise
    finally:
        stop.set()
        thread.join()
        refresh()
        bar.close()


def _images_an_epoch(config: TrainingConfig, images: int) -> int:
    return images if config.steps_per_epoch is None else config.steps_per_epoch * config.batch_size


def _epochs(run: Run) -> int:
    path = run.folder / "history.csv"
    return max(0, path.read_text().count("\n") - 2) if path.is_file() else 0
