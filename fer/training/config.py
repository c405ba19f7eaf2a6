"""TrainingConfig: everything that decides the result of a training, and the hash that names its run."""

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fer.training.base_config import (
    LATER,
    OPTIMIZERS,
    Config,
    is_positive_integer,
    is_positive_number,
    is_seed,
    is_share,
)


@dataclass(frozen=True)
class TrainingConfig(Config):
    """What decides the result of a training: plain scalars and strings.

    Attributes:
        dataset: Name of a registered data set.
        dataset_options: Options of its reader, for example ``{"n": 2000, "difficulty": "easy"}``.
        subset: Number of images of all splits together, drawn with the shares of splits and emotions kept;
            None takes all.
        image_size: Height and width of the network's input in pixels.
        channels: 1 for gray, 3 for RGB.
        soft_labels: Whether to learn the data set's soft labels in place of one emotion an image.
        augmentation: Name of an augmentation preset of ``fer.pipelines``: "none", "source", "aligned", …
        engine: What augments: "fast" and "keras" on the processor, "graph" inside the training step.
        erasing: Share of the training images of which a random rectangle is erased.
        model: Name of a registered model.
        model_options: Further arguments of its builder, for example ``{"head": "gap"}``.
        pretrained: Name of a finished run, trained on these data or others, whose weights are the initial
            ones, layer by layer; None for those that the builder gives.
        kernel_initializer: Keras initializer of every layer with a kernel.
        activation: Activation of every hidden layer.
        optimizer: Keras optimizer: "sgd", "adam", "adamw", "adagrad", "rmsprop", "adamax", …
        optimizer_options: Further arguments of the optimizer, for example ``{"momentum": 0.9}``.
        learning_rate: Learning rate at the start of the schedule.
        schedule: "constant", "warmup", "cosine" or "step", see ``fer.training.schedules``.
        schedule_options: Its arguments, for example ``{"warmup_epochs": 2}``.
        weight_decay: Share of every kernel that is added to its gradient, as in Caffe (L2 regularization).
        learning_rate_multipliers: Factor of the learning rate by the beginning of a layer's name, such as
            ``{"": 0.1, "logits": 1.0}``; 1 where none fits, and the longest that fits counts. A layer with 0
            is frozen, its batch normalization too. ``build_model(…).summary()`` names the layers.
        frozen_epochs: Epochs before a layer begins to learn, by the beginning of its name. The statistics of
            batch normalization follow the images meanwhile.
        class_weight: "balanced" makes every emotion count as much in the loss as it would if all were equally
            frequent in the train split; None counts every image alike.
        batch_size: Images in a batch.
        epochs: Passes over the training split, each followed by an evaluation on the validation split.
        steps_per_epoch: Number of batches that count as an epoch, through the training split pass after pass;
            None for one whole pass.
        seed: Seed of the initial weights, the order of the batches and the augmentation.
        precision: Keras dtype policy: "float32", "mixed_bfloat16" or "mixed_float16".
        teachers: Configurations of networks that are trained first, on the same data, and whose mean
            probabilities for each augmented image this one learns beside its label.
        teacher_weight: Share of the teachers in what is learned, 0…1.
        max_loss: Mean training loss of an epoch above which the run counts as diverged. Guessing among seven
            emotions has 1.9.
    """

    dataset: str = "synthetic"
    dataset_options: dict[str, Any] = field(default_factory=dict)
    subset: int | None = None
    image_size: int = 48
    channels: int = 1
    soft_labels: bool = False
    augmentation: str = "source"
    engine: str = "fast"
    erasing: float = 0.0
    model: str = "resnet50"
    model_options: dict[str, Any] = field(default_factory=dict)
    pretrained: str | None = field(default=None, metadata=LATER)
    kernel_initializer: str = "glorot_uniform"
    activation: str = "relu"
    optimizer: str = "adam"
    optimizer_options: dict[str, Any] = field(default_factory=dict)
    learning_rate: float = 1e-3
    schedule: str = "constant"
    schedule_options: dict[str, Any] = field(default_factory=dict)
    weight_decay: float = field(default=0.0, metadata=LATER)
    learning_rate_multipliers: dict[str, float] = field(default_factory=dict, metadata=LATER)
    frozen_epochs: dict[str, float] = field(default_factory=dict, metadata=LATER)
    class_weight: str | None = field(default=None, metadata=LATER)
    batch_size: int = 32
    epochs: int = 10
    steps_per_epoch: int | None = None
    seed: int = 0
    precision: str = "float32"
    teachers: list[dict[str, Any]] = field(default_factory=list)
    teacher_weight: float = 0.0
    max_loss: float = 100.0

    def __post_init__(self):
        self._require("a positive integer", is_positive_integer, "image_size", "batch_size", "epochs")
        self._require(
            "a positive integer or None",
            lambda n: n is None or is_positive_integer(n),
            "subset",
            "steps_per_epoch",
        )
        self._require("1 (gray) or 3 (RGB)", lambda n: n in (1, 3), "channels")
        self._require("a positive finite number", is_positive_number, "learning_rate", "max_loss")
        self._require("a share in 0…1", is_share, "erasing", "teacher_weight", "weight_decay")
        if bool(self.teachers) != bool(self.teacher_weight):
            raise ValueError(
                "`teachers` and `teacher_weight` are of use together only. "
                f"Received: {len(self.teachers)} teachers and {self.teacher_weight}"
            )
        if self.teachers and self.engine == "graph":
            raise ValueError(
                '`engine` must be "fast" or "keras" with `teachers`, who see what the student sees. '
                "Received: 'graph'"
            )
        for teacher in self.teacher_configs:
            self._require_same_data(teacher)
        self._require(
            "the name of a run or None", lambda name: name is None or isinstance(name, str), "pretrained"
        )
        self._require(
            "numbers from 0 by the beginning of a name",
            _holds_numbers,
            "learning_rate_multipliers",
            "frozen_epochs",
        )
        self._require('"balanced" or None', (None, "balanced").__contains__, "class_weight")
        self._require("an integer in 0…2³²-1", is_seed, "seed")
        self._require(f"one of {list(OPTIMIZERS)}", OPTIMIZERS.__contains__, "optimizer")
        self._require_plain_values()

    __hash__ = Config.__hash__  # a dataclass that compares its fields would make its own

    @property
    def teacher_configs(self) -> list["TrainingConfig"]:
        """The configurations of the teachers."""
        return [TrainingConfig.from_json(json.dumps(teacher)) for teacher in self.teachers]

    def _require_same_data(self, teacher: "TrainingConfig") -> None:
        for name in ("dataset", "dataset_options", "subset", "image_size", "channels"):
            if getattr(teacher, name) != getattr(self, name):
                raise ValueError(
                    f"`teachers` must have the `{name}` of what is trained, {getattr(self, name)}. "
                    f"Received: {getattr(teacher, name)}"
                )

    def _naming_values(self) -> dict[str, Any]:
        """As of every configuration, so for the teachers."""
        return super()._naming_values() | {
            "teachers": [teacher._naming_values() for teacher in self.teacher_configs]
        }


def read_configs(path: Path) -> dict[str, TrainingConfig]:
    """Reads the configurations of a file, by the name of what is learned.

    Args:
        path: A ``config.json``: the fields of a TrainingConfig, those that are missing at their defaults. Or
            the ``card.json`` of a trained model, which has one configuration or several in "configs".

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is neither.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise ValueError(f"a {type(content).__name__}, not an object with fields")
        configs = content.get("configs", {path.stem: content})
        return {name: TrainingConfig.from_json(json.dumps(config)) for name, config in configs.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no configuration of a training: {error}") from error


def _holds_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(0 <= number < math.inf for number in value.values())
