"""What fine-tuning needs of an optimizer: learning rates by layer, gradual unfreezing and weight decay.

Layers are named by the beginning of their names, as in ``{"": 0.1, "logits": 1.0}``: of several beginnings
that fit, the longest counts, and the empty one fits every layer.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import keras
from keras import ops


def value_of(name: str, by_beginning: Mapping[str, float], default: float) -> float:
    """Returns the value of the longest beginning of a name, or the default where none fits."""
    fitting = [beginning for beginning in by_beginning if name.startswith(beginning)]
    return by_beginning[max(fitting, key=len)] if fitting else default


@cache
def layerwise(optimizer: type[keras.optimizers.Optimizer]) -> type[keras.optimizers.Optimizer]:
    """Returns a Keras optimizer whose step differs from layer to layer.

    Let L be the loss, λ the weight decay and η the learning rate. The optimizer is given the gradient
    ∂L/∂w + λ·w of every kernel, and of all other variables ∂L/∂w, as in Caffe: the decay passes through
    momentum and the adaptive scale. (Keras's own decay, ``optimizer_options={"weight_decay": λ}``, does not.)
    The layer's learning rate is η times its multiplier, and 0 before its epoch.

    Source: multipliers and decay, Caffe's ``lr_mult`` and ``weight_decay``; discriminative learning rates and
    gradual unfreezing, Howard and Ruder 2018, Universal Language Model Fine-tuning, arXiv:1801.06146.

    Args:
        optimizer: A class of ``keras.optimizers``.

    Returns:
        A class with further keyword arguments: ``l2`` (λ), ``multipliers`` and ``frozen_steps``, the last two
        by the beginning of a layer's name.
    """

    class Layerwise(optimizer):
        def __init__(self, *, l2: float, multipliers: dict, frozen_steps: dict, **options):
            super().__init__(**options)
            self._l2 = l2
            self._rules = (multipliers, frozen_steps)

        def build(self, variables):
            super().build(variables)
            multipliers, frozen_steps = self._rules
            self._multipliers = [value_of(variable.path, multipliers, 1.0) for variable in variables]
            self._frozen_steps = [value_of(variable.path, frozen_steps, 0) for variable in variables]
            self._decays = [variable.name.endswith("kernel") for variable in variables]

        def update_step(self, gradient, variable, learning_rate):
            index = self._get_variable_index(variable)
            if self._l2 and self._decays[index]:
                gradient = gradient + self._l2 * ops.cast(variable, gradient.dtype)
            if self._frozen_steps[index]:
                learns = ops.greater_equal(self.iterations, self._frozen_steps[index])
                learning_rate = learning_rate * ops.cast(learns, learning_rate.dtype)
            super().update_step(gradient, variable, learning_rate * self._multipliers[index])

    return Layerwise


def discriminative(layers: Sequence[str], factor: float = 2.6) -> dict[str, float]:
    """Returns learning rate multipliers that fall by a factor from layer to layer, away from the output.

    Source: Howard and Ruder 2018, section 3.2, with their factor 2.6.

    Args:
        layers: Names of layers, first to last.
        factor: Of neighbouring layers.
    """
    return {name: factor ** (position - len(layers) + 1) for position, name in enumerate(layers)}


def gradual(layers: Sequence[str], epochs: float = 1.0) -> dict[str, float]:
    """Returns the epochs that layers stay frozen if one after the other thaws, from the output to the image.

    Source: Howard and Ruder 2018, section 3.3.

    Args:
        layers: Names of layers, first to last.
        epochs: Between one layer and the next.
    """
    return {name: epochs * (len(layers) - 1 - position) for position, name in enumerate(layers)}
