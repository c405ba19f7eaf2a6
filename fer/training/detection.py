"""train_detector: a DetectionConfig and photos with boxes in, a finished DetectionRun out; resumable."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from fer.datasets.boxes import BoxDataset
from fer.evaluation.average_precision import Detections, match
from fer.models.anchors import k_means_anchors
from fer.models.yolo import with_boxes, yolov3
from fer.models.yolo_answers import best_boxes
from fer.models.yolo_loss import Parts, YoloLoss
from fer.pipelines.box_batches import FACE, PADDING, BoxBatches
from fer.training.detection_config import DetectionConfig
from fer.training.detection_run import DetectionRun
from fer.training.optimizers import create_optimizer
from fer.training.recorder import Recorder
from fer.training.reporting import ProgressBar, environment, say
from fer.training.variables import dtype_policy, seeded


def train_detector(
    config: DetectionConfig,
    dataset: BoxDataset,
    *,
    runs: Path | None = None,
    progress: bool = True,
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> DetectionRun:
    """Trains a detector, or returns the run if it has been trained before.

    An interrupted run goes on after its last finished epoch and reaches the history that it would have had.
    The epoch with the highest average precision on the validation split is kept; the test split is not used.
    A loss that is not a number, or above the bound of the configuration, stops the run as diverged.

    Args:
        config: What to train.
        dataset: Photos and boxes of train and validation.
        runs: Folder of all runs; ``fer.paths.runs()`` if None.
        progress: Whether to show a progress bar with a time estimate.
        callbacks: Further Keras callbacks. One that sets ``self.model.stop_training`` leaves the run
            interrupted after its last whole epoch.

    Raises:
        ValueError: A split is empty or too small, or the configuration names something that does not exist.
        FileNotFoundError: There is no run of the name ``pretrained`` among the runs.
        RuntimeError: Another process is training this run, or the pretrained run is not finished.
    """
    run = DetectionRun.find(config, dataset, runs)
    if run.status in ("finished", "diverged"):
        say(f"Run {run.id} {run.status} earlier: its result is used again.", progress)
        return run
    train, validation = dataset.split("train"), dataset.split("validation")
    batches = BoxBatches(
        train,
        config.image_size,
        config.batch_size,
        shuffle=True,
        augmentation=config.augmentation,
        seed=config.seed,
        steps_per_epoch=config.steps_per_epoch,
        mosaic=config.mosaic,
        paste=config.paste,
    )
    plain = BoxBatches(validation, config.image_size, config.batch_size)
    pretrained = _find_pretrained(config.pretrained, run.folder.parent) if config.pretrained else None
    with run.lock():
        try:
            run.write_json("environment.json", environment(config.precision, dataset.fingerprint))
            run.write_json("config.json", asdict(config))
            anchors = pretrained.anchors if pretrained else training_anchors(batches)
            trained = TrainedDetector(config, anchors, len(dataset.classes), len(batches))
            if pretrained:
                trained.inference.set_weights(pretrained.model.get_weights())
            described = {"classes": list(dataset.classes), "anchors": anchors.tolist()}
            _fit(run, trained, described, batches, plain, callbacks, progress)
        except KeyboardInterrupt:
            say(f"Run {run.id} interrupted: train it again, and it goes on after its last epoch.", progress)
            raise
    return run


def training_anchors(batches: BoxBatches, images: int = 256) -> np.ndarray:
    """Returns anchors by k-means on the boxes of augmented training images: float32, shape (9, 2), pixels.

    Args:
        batches: As the network sees them.
        images: How many to look at.
    """
    truth = [batches[index][1] for index in range(min(len(batches), -(-images // batches.batch_size)))]
    rows = np.concatenate([part.reshape(-1, 6) for part in truth])
    return k_means_anchors(rows[rows[:, 5] == FACE][:, 2:4]).astype("float32")


class DetectorModel(keras.Model):
    """A functional model whose ``fit`` reports the parts of ``YoloLoss`` beside the loss."""

    def prepare(self, loss: YoloLoss, optimizer: keras.optimizers.Optimizer) -> None:
        """Compiles the model with this loss."""
        self.parts = {name: keras.metrics.Mean(name=name) for name in Parts._fields}
        self.yolo_loss = loss
        self.compile(optimizer=optimizer)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Returns the sum of the parts."""
        parts = self.yolo_loss(y, y_pred)
        for mean, value in zip(self.parts.values(), parts, strict=True):
            mean.update_state(value)
        return sum(parts)


class TrainedDetector:
    """The network as it is trained, and as it is used.

    Args:
        config: What to train.
        anchors: Widths and heights in pixels, shape (9, 2).
        num_classes: Number of classes.
        steps_per_epoch: Batches in an epoch.

    Attributes:
        model: Trains; gives predictions.
        inference: Shares the weights; gives boxes and scores. It is what is saved.
    """

    def __init__(self, config: DetectionConfig, anchors: np.ndarray, num_classes: int, steps_per_epoch: int):
        with seeded(config.seed), dtype_policy(config.precision):
            network = yolov3(
                (config.image_size, config.image_size, 3),
                num_classes,
                width_multiplier=config.width_multiplier,
                head_multiplier=config.head_multiplier,
                activation=config.activation,
                kernel_initializer=config.kernel_initializer,
            )
            self.inference = with_boxes(network, anchors)
            self.model = DetectorModel(network.input, network.output, name=network.name)
            loss = YoloLoss(
                (config.image_size, config.image_size),
                anchors,
                ignore_threshold=config.ignore_threshold,
                matching_threshold=config.matching_threshold,
                box_loss=config.box_loss,
                box_weight=config.box_weight,
            )
            self.model.prepare(loss, create_optimizer(config, steps_per_epoch))
            self.model.optimizer.build(self.model.trainable_variables)

    @property
    def variables(self) -> list[keras.Variable]:
        """Every variable of model and optimizer."""
        return [*self.model.variables, *self.model.optimizer.variables]


def _find_pretrained(name: str, runs: Path) -> DetectionRun:
    if not (runs / name / "config.json").is_file():
        raise FileNotFoundError(f"`pretrained` is no run in {runs}: train it there first. Received: {name!r}")
    run = DetectionRun.open(runs / name)
    if run.status != "finished":
        raise RuntimeError(f"Run {run.id} is to be trained first, but it is {run.status}.")
    return run


def _fit(
    run: DetectionRun,
    trained: TrainedDetector,
    described: dict,
    batches: BoxBatches,
    validation: BoxBatches,
    callbacks: Sequence[keras.callbacks.Callback],
    progress: bool,
) -> None:
    config, model = run.config, trained.model
    measure = _Measure(trained.inference, validation)
    recorder = Recorder(run, trained, described, len(batches))
    untrained = model.evaluate(validation, return_dict=True, verbose=0)
    if recorder.resume():
        say(f"Run {run.id} goes on after epoch {recorder.epoch} of {config.epochs}.", progress)
    else:
        first = {"average_precision": measure(), **untrained}
        recorder.start(untrained, first)
    batches.epoch = recorder.epoch
    callbacks = [measure, recorder, *callbacks]
    if progress:
        callbacks.append(ProgressBar(run.id, config.epochs, len(batches), recorder.epoch, "loss"))
    model.fit(
        batches,
        validation_data=validation,
        initial_epoch=recorder.epoch,
        epochs=config.epochs,
        shuffle=False,  # the batches are shuffled by seed and epoch
        callbacks=callbacks,
        verbose=0,
    )
    recorder.finish()


class _Measure(keras.callbacks.Callback):
    """Adds the average precision on validation photos to what ``fit`` reports of an epoch."""

    def __init__(self, inference: keras.Model, batches: BoxBatches):
        super().__init__()
        self.inference = inference
        self.truth = np.concatenate([batches[index][1] for index in range(len(batches))])
        self.batches = batches

    def __call__(self) -> float:
        answers = self.inference.predict(self.batches, verbose=0)
        photos = []
        for answer, truth in zip(answers, self.truth, strict=True):
            truth = truth[truth[:, 5] != PADDING]
            boxes, scores = best_boxes(answer)
            photos.append(Detections(boxes, scores, truth[:, :4], truth[:, 5] != FACE))
        return float(match(photos).average_precision()[0])

    def on_epoch_end(self, epoch, logs=None):
        logs["val_average_precision"] = self()
