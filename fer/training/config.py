"""TrainingConfig: everything that decides the result of a training, and the hash that names its run."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

OPTIMIZERS = ("sgd", "adam", "adamw", "adagrad", "rmsprop", "adamax", "nadam", "adadelta")

LATER = {"later": True}
"""Marks a field that came after runs had been named: at its default, None, 0 or empty, it is no part of their
names."""


@dataclass(frozen=True)
class TrainingConfig:
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
        for name in ("image_size", "batch_size", "epochs"):
            _require(name, getattr(self, name), "a positive integer", _is_positive_integer)
        for name in ("subset", "steps_per_epoch"):
            _require(
                name,
                getattr(self, name),
                "a positive integer or None",
                lambda n: n is None or _is_positive_integer(n),
            )
        _require("channels", self.channels, "1 (gray) or 3 (RGB)", lambda n: n in (1, 3))
        for name in ("learning_rate", "max_loss"):
            _require(name, getattr(self, name), "a positive finite number", lambda x: 0 < x < math.inf)
        for name in ("erasing", "teacher_weight"):
            _require(name, getattr(self, name), "a share in 0…1", lambda share: 0 <= share <= 1)
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
        _require(
            "pretrained",
            self.pretrained,
            "the name of a run or None",
            lambda name: name is None or isinstance(name, str),
        )
        _require("weight_decay", self.weight_decay, "a number in 0…1", lambda share: 0 <= share <= 1)
        for name in ("learning_rate_multipliers", "frozen_epochs"):
            _require(name, getattr(self, name), "numbers from 0 by the beginning of a name", _holds_numbers)
        _require("class_weight", self.class_weight, '"balanced" or None', (None, "balanced").__contains__)
        _require("seed", self.seed, "an integer in 0…2³²-1", _is_seed)
        _require("optimizer", self.optimizer, f"one of {list(OPTIMIZERS)}", OPTIMIZERS.__contains__)
        try:
            self.to_json()
        except TypeError as error:
            raise ValueError(
                f"A TrainingConfig holds plain scalars, strings and lists. Received: {error}"
            ) from error

    def __hash__(self) -> int:
        return hash(self.to_json())

    @property
    def teacher_configs(self) -> list["TrainingConfig"]:
        """The configurations of the teachers."""
        return [TrainingConfig.from_json(json.dumps(teacher)) for teacher in self.teachers]

    def replace(self, **changes: Any) -> "TrainingConfig":
        """Returns a copy with some fields changed."""
        return replace(self, **changes)

    def _require_same_data(self, teacher: "TrainingConfig") -> None:
        for name in ("dataset", "dataset_options", "subset", "image_size", "channels"):
            if getattr(teacher, name) != getattr(self, name):
                raise ValueError(
                    f"`teachers` must have the `{name}` of what is trained, {getattr(self, name)}. "
                    f"Received: {getattr(teacher, name)}"
                )

    def to_json(self) -> str:
        """Returns the canonical JSON: keys sorted, so that equal configurations give equal text."""
        return _to_json(asdict(self))

    @property
    def sha256(self) -> str:
        """Hash of the configuration without the data."""
        return hashlib.sha256(self._identity.encode()).hexdigest()

    @property
    def _identity(self) -> str:
        """The canonical JSON of what names a run."""
        return _to_json(self._naming_values())

    def _naming_values(self) -> dict[str, Any]:
        """All fields, but those marked ``LATER`` that are at their default; so for the teachers."""
        values = asdict(self)
        for entry in fields(self):
            if entry.metadata == LATER and not values[entry.name]:
                del values[entry.name]
        values["teachers"] = [teacher._naming_values() for teacher in self.teacher_configs]
        return values

    @classmethod
    def from_json(cls, text: str) -> "TrainingConfig":
        """Reads what ``to_json`` wrote.

        Raises:
            ValueError: The text is no JSON object, or has a field that no TrainingConfig has.
        """
        values = json.loads(text)
        known = {entry.name for entry in fields(cls)}
        if not isinstance(values, dict) or not set(values) <= known:
            unknown = sorted(set(values) - known) if isinstance(values, dict) else values
            raise ValueError(f"A TrainingConfig has the fields {sorted(known)}. Received also: {unknown}")
        return cls(**values)

    def run_id(self, fingerprint: str) -> str:
        """Returns the name of the run: a hash of this configuration and of the data it is given.

        Args:
            fingerprint: ``FaceDataset.fingerprint`` of the data, so that two folders that are read under one
                name never share a run.
        """
        return hashlib.sha256(f"{self._identity}\n{fingerprint}".encode()).hexdigest()[:12]


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


def _to_json(values: dict[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, indent=2, ensure_ascii=False)


def _is_positive_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _holds_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(0 <= number < math.inf for number in value.values())


def _is_seed(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 2**32


def _require(name: str, value: Any, expected: str, holds) -> None:
    try:
        fits = holds(value)
    except TypeError:
        fits = False
    if not fits:
        raise ValueError(f"`{name}` must be {expected}. Received: {value!r}")
