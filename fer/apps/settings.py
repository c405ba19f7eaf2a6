"""The settings of a training as fields of a notebook: a TrainingConfig in, another one or the reasons out."""

import html
import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets
import keras

from fer import models, pipelines
from fer.training import TrainingConfig
from fer.training.base_config import OPTIMIZERS

INITIALIZERS = (
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_uniform",
    "lecun_normal",
    "orthogonal",
    "random_normal",
    "zeros",
)
SETTINGS = {
    "model": models.architectures(),
    "optimizer": OPTIMIZERS,
    "learning_rate": float,
    "kernel_initializer": INITIALIZERS,
    "batch_size": int,
    "epochs": int,
    "augmentation": list(pipelines.PRESETS),
    "seed": int,
}
"""What the form shows, in its order: the type of a number, or the choices."""

DECAYS = ("momentum", "beta_1", "beta_2", "rho")
"""Hyperparameters that say which share of the past is kept."""


class SettingsForm(widgets.VBox):
    """Fields for what a lesson changes. What else a configuration holds stays as it is.

    The reason why a value is refused stands below its field as soon as the field is left.

    Args:
        config: The values to begin with.

    Example:
        >>> form = SettingsForm(TrainingConfig(optimizer="sgd"))
        >>> form.fields["momentum"].value = 0.9
        >>> form.read().optimizer_options
        {'momentum': 0.9}
    """

    def __init__(self, config: TrainingConfig):
        self._config = config
        self._settings = {
            name: Field(_label(name), getattr(config, name), kind) for name, kind in SETTINGS.items()
        }
        self._hyperparameters: dict[str, dict[str, Field]] = {}
        super().__init__()
        self._arrange()
        self._settings["optimizer"].input.observe(lambda change: self._arrange(), "value")
        self._check_when_changed(self._settings)

    @property
    def fields(self) -> "dict[str, Field]":
        """The fields by name of the setting, with the hyperparameters that the chosen optimizer has."""
        return self._settings | self._hyperparameters[self._settings["optimizer"].value]

    def read(self) -> TrainingConfig | None:
        """Returns the configuration that the fields state; None, and shows the reasons, if one is refused."""
        values = {name: field.value for name, field in self._settings.items()}
        options = {name: field.value for name, field in self.fields.items() if name not in values}
        for name, value in values.items():
            self._settings[name].refuse(_refusal(self._config.replace, **{name: value}))
        for name, value in options.items():
            self.fields[name].refuse(_refusal(_check_hyperparameter, name, value))
        if any(field.reason for field in self.fields.values()):
            return None
        # Only what differs, so that a field left alone asks for no other run.
        given = self._given(values["optimizer"])
        defaults = hyperparameters(values["optimizer"]) | given
        changes = {name: value for name, value in values.items() if value != getattr(self._config, name)}
        changes["optimizer_options"] = given | {
            name: value for name, value in options.items() if value != defaults[name]
        }
        if "model" in changes:
            changes["model_options"] = {}  # the options of one network mean nothing to another
        return self._config.replace(**changes)

    def _given(self, optimizer: str) -> dict[str, Any]:
        return self._config.optimizer_options if optimizer == self._config.optimizer else {}

    def _arrange(self) -> None:
        """Puts the hyperparameters of the chosen optimizer below its learning rate."""
        optimizer = self._settings["optimizer"].value
        if optimizer not in self._hyperparameters:
            given = self._given(optimizer)
            self._hyperparameters[optimizer] = {
                name: Field(_label(name), given.get(name, default), type(default))
                for name, default in hyperparameters(optimizer).items()
            }
            self._check_when_changed(self._hyperparameters[optimizer])
        rows = list(self._settings.values())
        below = list(self._settings).index("learning_rate") + 1
        rows[below:below] = self._hyperparameters[optimizer].values()
        self.children = rows

    def _check_when_changed(self, fields: "dict[str, Field]") -> None:
        for field in fields.values():
            field.input.observe(lambda change: self.read(), "value")


class Field(widgets.VBox):
    """A labelled input, with room for the reason why its value is refused.

    Args:
        label: What stands before the input.
        value: What the input shows first.
        kind: ``float``, ``int`` or ``bool``; or the choices.

    Attributes:
        input: The widget that holds the value.
        reason: Why the value is refused; "" if it is not.
    """

    def __init__(self, label: str, value: Any, kind: type | Sequence[str]):
        self.reason = ""
        self._kind = kind
        if kind is bool:
            self.input = widgets.Checkbox(value=value, indent=False)
        elif kind in (float, int):
            self.input = widgets.Text(value=str(value), continuous_update=False)
        else:
            self.input = widgets.Dropdown(value=value, options=list(dict.fromkeys([*kind, value])))
        self.input.layout.width = "160px"
        self._message = widgets.HTML(layout={"display": "none"})
        name = widgets.Label(label, layout={"width": "120px"})
        super().__init__([widgets.HBox([name, self.input]), self._message])

    @property
    def value(self) -> Any:
        """The value in the type of the field; the text as it stands if it is no number of that type."""
        if self._kind not in (float, int):
            return self.input.value
        try:
            return self._kind(self.input.value)
        except ValueError:
            return self.input.value

    @value.setter
    def value(self, value: Any) -> None:
        self.input.value = str(value) if self._kind in (float, int) else value

    def refuse(self, reason: str) -> None:
        """Shows why the value is refused; "" takes the reason away."""
        self.reason = reason
        self._message.value = f'<div class="fer-reason">{html.escape(reason)}</div>'
        self._message.layout.display = "block" if reason else "none"


def hyperparameters(optimizer: str) -> dict[str, float | bool]:
    """Returns the numbers and switches that a Keras optimizer has beside its learning rate, with defaults.

    What any optimizer takes (clipping, averaging of weights) is left out, and so is weight decay where it is
    off by default.

    Example:
        >>> hyperparameters("rmsprop")
        {'rho': 0.9, 'momentum': 0.0, 'epsilon': 1e-07, 'centered': False}
    """
    signature = inspect.signature(type(keras.optimizers.get(optimizer)))
    return {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if isinstance(parameter.default, float | bool)
        and name not in ("learning_rate", "use_ema", "ema_momentum")
    }


def differences(configs: Sequence[TrainingConfig]) -> list[str]:
    """Returns what sets each configuration apart from the others, in the words of the form.

    A single one is told by its optimizer and learning rate.

    Example:
        >>> differences([TrainingConfig(seed=0), TrainingConfig(seed=1)])
        ['seed 0', 'seed 1']
    """
    settings = [
        {name: getattr(config, name) for name in SETTINGS} | config.optimizer_options for config in configs
    ]
    names = dict.fromkeys(name for values in settings for name in values)
    varying = [name for name in names if len({repr(values.get(name)) for values in settings}) > 1]
    texts = []
    for values in settings:
        full = hyperparameters(values["optimizer"]) | values
        shown = [name for name in varying or ("optimizer", "learning_rate") if name in full]
        texts.append(", ".join(f"{_label(name)} {full[name]}" for name in shown))
    return texts


def _label(name: str) -> str:
    return name.removeprefix("kernel_").replace("_", " ")


def _check_hyperparameter(name: str, value: Any) -> None:
    """Keras itself checks few of them, and those as late as the model is compiled."""
    if isinstance(value, bool):
        return
    limit, words = (1, "at least 0 and below 1") if name in DECAYS else (math.inf, "a number of at least 0")
    if not isinstance(value, float) or not 0 <= value < limit:
        raise ValueError(f"`{name}` must be {words}. Received: {value!r}")


def _refusal(check: Callable, *arguments: Any, **keywords: Any) -> str:
    try:
        check(*arguments, **keywords)
    except ValueError as error:
        return str(error)
    return ""
