"""DetectionConfig: everything that decides the result of training a detector."""

from dataclasses import dataclass, field
from typing import Any

from fer.training.base_config import (
    OPTIMIZERS,
    Config,
    is_positive_integer,
    is_positive_number,
    is_seed,
    is_share,
)


@dataclass(frozen=True)
class DetectionConfig(Config):
    """What decides the result of training YOLOv3 on MobileNetV2: plain scalars and strings.

    Attributes:
        image_size: Height and width of the network's input in pixels, a multiple of 32.
        width_multiplier: Of MobileNetV2.
        head_multiplier: Of the detection blocks' filters.
        kernel_initializer: Keras initializer of every layer with a kernel.
        activation: Activation of every hidden layer.
        pretrained: Name of a finished run of a detector with the same layers, whose weights and anchors are
            the initial ones, possibly at another ``image_size``; None for new weights and for anchors by
            k-means on the training boxes.
        box_loss: "coordinates" or "giou", see ``fer.models.yolo_loss.YoloLoss``.
        box_weight: Factor of the boxes' part of the loss.
        ignore_threshold: Overlap above which a prediction that is not responsible for a box may be sure of
            it.
        matching_threshold: Overlap of shapes above which further anchors are responsible; 1 for none.
        augmentation: "mosaic" or "none", see ``fer.pipelines.box_batches``.
        mosaic: Share of the images that are mosaics of four photos.
        paste: Share of the images that further faces are pasted into.
        optimizer: Keras optimizer: "sgd", "adam", "adamw", …
        optimizer_options: Further arguments of the optimizer, for example ``{"weight_decay": 5e-4}``.
        learning_rate: Learning rate at the peak of the schedule.
        schedule: "constant", "warmup", "cosine" or "step", see ``fer.training.schedules``.
        schedule_options: Its arguments, for example ``{"warmup_epochs": 2}``.
        batch_size: Images in a batch.
        epochs: Passes over the training split, each followed by an evaluation on the validation split.
        steps_per_epoch: Number of batches that count as an epoch; None for one whole pass.
        seed: Seed of the initial weights, the order of the batches and the augmentation.
        precision: Keras dtype policy: "float32", "mixed_bfloat16" or "mixed_float16".
        max_loss: Mean training loss of an epoch above which the run counts as diverged.
    """

    image_size: int = 416
    width_multiplier: float = 1.0
    head_multiplier: float = 1.0
    kernel_initializer: str = "glorot_uniform"
    activation: str = "relu6"
    pretrained: str | None = None
    box_loss: str = "giou"
    box_weight: float = 2.0
    ignore_threshold: float = 0.5
    matching_threshold: float = 1.0
    augmentation: str = "mosaic"
    mosaic: float = 0.5
    paste: float = 0.0
    optimizer: str = "adam"
    optimizer_options: dict[str, Any] = field(default_factory=dict)
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    schedule_options: dict[str, Any] = field(default_factory=lambda: {"warmup_epochs": 1})
    batch_size: int = 16
    epochs: int = 10
    steps_per_epoch: int | None = None
    seed: int = 0
    precision: str = "float32"
    max_loss: float = 1000.0

    def __post_init__(self):
        self._require("a multiple of 32", lambda n: is_positive_integer(n) and n % 32 == 0, "image_size")
        self._require("a positive integer", is_positive_integer, "batch_size", "epochs")
        self._require(
            "a positive integer or None", lambda n: n is None or is_positive_integer(n), "steps_per_epoch"
        )
        self._require(
            "a positive finite number",
            is_positive_number,
            "width_multiplier",
            "head_multiplier",
            "box_weight",
            "learning_rate",
            "max_loss",
        )
        self._require("a share in 0…1", is_share, "ignore_threshold", "matching_threshold", "mosaic", "paste")
        self._require("an integer in 0…2³²-1", is_seed, "seed")
        self._require(f"one of {list(OPTIMIZERS)}", OPTIMIZERS.__contains__, "optimizer")
        self._require_plain_values()

    __hash__ = Config.__hash__  # a dataclass that compares its fields would make its own
