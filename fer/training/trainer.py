"""train: a TrainingConfig and data in, a finished Run out; resumable after every epoch."""

import warnings
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np

from fer import datasets, pipelines
from fer.datasets import FaceDataset
from fer.evaluation.predictions import predict
from fer.training.compiled import CompiledModel, borrow
from fer.training.config import TrainingConfig
from fer.training.recorder import Recorder
from fer.training.reporting import ProgressBar, environment, say
from fer.training.run import Run
from fer.training.teacher import Teacher
from fer.training.transfer import take_weights


def load_data(config: TrainingConfig, root: Path | str | None = None) -> FaceDataset:
    """Returns the data of a configuration, all splits.

    Args:
        config: Its ``dataset``, ``dataset_options`` and ``subset`` count. The subset is the same for every
            seed of the training.
        root: Where the data set lies; None for its place under ``data/``.
    """
    return datasets.load(config.dataset, root=root, **config.dataset_options).subset(config.subset)


def train(
    config: TrainingConfig,
    dataset: FaceDataset | None = None,
    *,
    runs: Path | None = None,
    progress: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    devices: Sequence[str] | None = None,
) -> Run:
    """Trains a model, or returns the run if it has been trained before.

    An interrupted run goes on after its last finished epoch and reaches the history that it would have had.
    The best validation epoch is kept and evaluated on the validation split; the other splits are left to
    ``evaluate``. A loss that is not a number, or above the bound of the configuration, stops the run, which
    is recorded as diverged. Teachers are trained first. Runs of one process that differ only in learning
    rate, seed, initializer, batch size or data share one compiled training step.

    Args:
        config: What to train.
        dataset: The data; loaded as ``load_data`` does if None.
        runs: Folder of all runs; ``fer.paths.runs()`` if None.
        progress: Whether to show a progress bar with a time estimate.
        callbacks: Further Keras callbacks. One that sets ``self.model.stop_training`` leaves the run
            interrupted after its last whole epoch.
        devices: Devices that train together, such as ["GPU:0", "GPU:1"]; None for all GPUs.

    Returns:
        The run: finished, diverged or, after a callback stopped it, interrupted.

    Raises:
        ValueError: The training or the validation split is empty, or the configuration names something
            that does not exist, or the pretrained network has other layers.
        FileNotFoundError: There is no run of the name ``pretrained`` among the runs.
        RuntimeError: Another process is training this run, or a network that it needs (``teachers``,
            ``pretrained``) diverged or was stopped.
    """
    dataset = load_data(config) if dataset is None else dataset
    run = Run.find(config, dataset, runs)
    if run.is_complete:
        say(f"Run {run.id} {run.status} earlier: its result is used again.", progress)
        return run
    train_first = partial(_train_first, dataset=dataset, runs=runs, progress=progress, devices=devices)
    batches = pipelines.train_batches(
        dataset.split("train"),
        config.image_size,
        config.channels,
        config.batch_size,
        augmentation=config.augmentation,
        engine=config.engine,
        seed=config.seed,
        steps_per_epoch=config.steps_per_epoch,
        soft_labels=config.soft_labels,
        erasing=config.erasing,
        teacher=Teacher([train_first(teacher) for teacher in config.teacher_configs])
        if config.teachers
        else None,
        teacher_weight=config.teacher_weight,
    )
    pretrained = _find_pretrained(config.pretrained, run.folder.parent) if config.pretrained else None
    with (
        run.lock(),
        borrow(config, len(dataset.emotions), len(batches), devices) as compiled,
    ):
        try:
            if run.status == "finished":  # a process died between the last epoch and the evaluation
                compiled.load(run)
            else:
                run.write_json("environment.json", environment(config.precision, dataset.fingerprint))
                run.write_json("config.json", asdict(config))
                if pretrained:
                    take_weights(compiled.inference, pretrained, dataset.emotions)
                _fit(run, dataset, compiled, batches, callbacks, progress)
            if run.status == "finished":
                _evaluate(run, dataset, "validation", compiled)
        except KeyboardInterrupt:
            say(f"Run {run.id} interrupted: train it again, and it goes on after its last epoch.", progress)
            raise
    return run


def evaluate(run: Run, dataset: FaceDataset, split: str) -> None:
    """Predicts a split with the best model of a finished run and adds its metrics to the run, once.

    The second call for a split does nothing: test data is touched once.

    Args:
        run: A finished run.
        dataset: The data that the run was trained on, or another with the same emotions.
        split: "train", "validation" or "test".
    """
    if run.has_evaluated(split):
        return
    # Predicting needs no optimizer, augmentation or initial weights: all runs of one network share the model.
    config = run.config.replace(
        augmentation="none",
        optimizer="sgd",
        optimizer_options={},
        schedule="constant",
        schedule_options={},
        weight_decay=0.0,
        learning_rate_multipliers={},
        frozen_epochs={},
        class_weight=None,
        kernel_initializer="glorot_uniform",
        seed=0,
    )
    with borrow(config, len(dataset.emotions), steps_per_epoch=1) as compiled:
        compiled.load(run)
        _evaluate(run, dataset, split, compiled)


def _train_first(config: TrainingConfig, dataset: FaceDataset, **options: Any) -> Run:
    """Trains a network that another one needs, where it is not trained yet."""
    return _finished(train(config, dataset, **options))


def _find_pretrained(name: str, runs: Path) -> Run:
    if not (runs / name / "config.json").is_file():
        raise FileNotFoundError(f"`pretrained` is no run in {runs}: train it there first. Received: {name!r}")
    return _finished(Run.open(runs / name))


def _finished(run: Run) -> Run:
    if run.status != "finished":
        raise RuntimeError(f"Run {run.id} is to be trained first, but it is {run.status}.")
    return run


def _class_weight(data: FaceDataset) -> dict[int, float]:
    """Returns n / (emotions that occur × images of the emotion), as scikit-learn's "balanced" does."""
    counts = np.bincount(data.labels, minlength=len(data.emotions))
    return {
        label: len(data) / (np.count_nonzero(counts) * count) if count else 0.0
        for label, count in enumerate(counts)
    }


def _fit(
    run: Run,
    dataset: FaceDataset,
    compiled: CompiledModel,
    batches: pipelines.FaceBatches,
    callbacks: Sequence[keras.callbacks.Callback],
    progress: bool,
) -> None:
    config, model = run.config, compiled.model
    validation = _evaluation_batches(dataset.split("validation"), config)
    recorder = Recorder(run, compiled, {"emotions": list(dataset.emotions)}, len(batches))
    # Also before resuming: a model that was never evaluated takes training batches to build its metrics.
    untrained = model.evaluate(validation, return_dict=True, verbose=0)
    if recorder.resume():
        say(f"Run {run.id} goes on after epoch {recorder.epoch} of {config.epochs}.", progress)
    else:
        plain = _evaluation_batches(dataset.split("train"), config)
        recorder.start(model.evaluate(plain, return_dict=True, verbose=0), untrained)
    batches.epoch = recorder.epoch
    callbacks = [recorder, *callbacks]
    if progress:
        callbacks.append(ProgressBar(run.id, config.epochs, len(batches), recorder.epoch, "accuracy"))
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The model does not have any trainable weights")  # all are frozen
        model.fit(
            batches,
            validation_data=validation,
            initial_epoch=recorder.epoch,
            epochs=config.epochs,
            shuffle=False,  # `train_batches` shuffles by seed and epoch
            class_weight=_class_weight(dataset.split("train")) if config.class_weight else None,
            callbacks=callbacks,
            verbose=0,
        )
    recorder.finish()


def _evaluation_batches(data: FaceDataset, config: TrainingConfig) -> pipelines.FaceBatches:
    return pipelines.evaluation_batches(data, config.image_size, config.channels, batch_size=128)


def _evaluate(run: Run, dataset: FaceDataset, split: str, compiled: CompiledModel) -> None:
    """Predicts with the weights that the compiled model has."""
    data = dataset.split(split)
    batches = _evaluation_batches(data, run.config)
    run.write_predictions(split, predict(compiled.inference, batches), data.labels)
