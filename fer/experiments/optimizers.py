"""The optimizers of the lesson, from scratch: each is its equation and little else.

Every function takes hyperparameters and returns an update ``step(weights, gradient)`` that gives the new
weights, a NumPy array of the same shape and dtype. What an optimizer remembers between two steps stands above
its ``step``. All operations are element by element: each weight is treated by itself.

The names in the equations are the same throughout:

    w    weights                 g    gradient of the loss at w        t    number of the step, from 1
    η    learning rate           ε    a small number that keeps a division from failing

The details are those of ``keras.optimizers``, so that both give the same numbers; where Keras differs from
the paper, the docstring says so.

Example:
    >>> step = adam(learning_rate=0.1)
    >>> weights = step(weights, gradient)
"""

from collections.abc import Callable

import numpy as np

Step = Callable[[np.ndarray, np.ndarray], np.ndarray]


def sgd(learning_rate: float = 0.01) -> Step:
    """Stochastic gradient descent: a step against the gradient.

        w ← w − η g

    The gradient of a random batch is right on average, which is enough to arrive. With a fixed η the noise of
    the batches keeps w moving around the minimum; the paper lets η fall.

    Source: Robbins & Monro 1951, A Stochastic Approximation Method.

    Args:
        learning_rate: η, the length of the step per unit of gradient.
    """

    def step(weights, gradient):
        return weights - learning_rate * gradient

    return step


def momentum(learning_rate: float = 0.01, momentum: float = 0.9) -> Step:
    """Momentum: a heavy ball that keeps its velocity.

        v ← μ v − η g
        w ← w + v

    v is the velocity, the sum of all past steps, each forgotten by the factor μ a step. Where gradients agree
    it grows up to 1 / (1 − μ) times one step; where they alternate, as across a ravine, they cancel.

    Source: Polyak 1964, Some Methods of Speeding up the Convergence of Iteration Methods.

    Args:
        learning_rate: η.
        momentum: μ, from 0 (plain SGD) to below 1.
    """
    velocity = 0.0

    def step(weights, gradient):
        nonlocal velocity
        velocity = momentum * velocity - learning_rate * gradient
        return weights + velocity

    return step


def nesterov(learning_rate: float = 0.01, momentum: float = 0.9) -> Step:
    """Nesterov's momentum: look where the velocity leads, and take the gradient there.

        v ← μ v − η g
        w ← w + μ v − η g

    The paper takes the gradient at the point ahead, θ + μ v. Keras keeps that point itself as the weights,
    w = θ + μ v, so that the gradient of the ordinary backward pass is already the one ahead. Both forms visit
    the same points.

    Source: Nesterov 1983, A Method for Solving the Convex Programming Problem with Convergence Rate O(1/k²);
    for networks Sutskever et al. 2013, On the Importance of Initialization and Momentum in Deep Learning.

    Args:
        learning_rate: η.
        momentum: μ, from 0 (plain SGD) to below 1.
    """
    velocity = 0.0

    def step(weights, gradient):
        nonlocal velocity
        velocity = momentum * velocity - learning_rate * gradient
        return weights + momentum * velocity - learning_rate * gradient

    return step


def adagrad(
    learning_rate: float = 0.001, initial_accumulator_value: float = 0.1, epsilon: float = 1e-7
) -> Step:
    """Adagrad: a learning rate for each weight, smaller the more gradient it has already seen.

        a ← a + g²
        w ← w − η g / √(a + ε)

    a is the sum of all squared gradients. A weight with rare or small gradients takes larger steps. The sum
    never shrinks: with gradients of constant size the step falls as 1 / √t.

    Keras differs from the paper: a starts at 0.1, the paper has 0, and ε stands under the root, the paper
    adds it outside. Where gradients are small, 0.1 outweighs their squares for a long time.

    Source: Duchi, Hazan & Singer 2011, Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization.

    Args:
        learning_rate: η. The default is that of Keras, which is low for Adagrad.
        initial_accumulator_value: a before the first step.
        epsilon: ε.
    """
    accumulator = initial_accumulator_value

    def step(weights, gradient):
        nonlocal accumulator
        accumulator = accumulator + gradient**2
        return weights - learning_rate * gradient / np.sqrt(accumulator + epsilon)

    return step


def rmsprop(learning_rate: float = 0.001, rho: float = 0.9, epsilon: float = 1e-7) -> Step:
    """RMSProp: Adagrad that forgets.

        s ← ρ s + (1 − ρ) g²
        w ← w − η g / √(s + ε)

    s is an exponential moving average of the squared gradients, over about the last 1 / (1 − ρ) steps. It
    shrinks again when the gradients do, so the step does not die.

    s starts at 0 and is not corrected for that: the first step is 1 / √(1 − ρ) times η, whatever the
    gradient. The lecture has no ε; Keras puts it under the root.

    Source: Tieleman & Hinton 2012, Lecture 6.5 of Neural Networks for Machine Learning.

    Args:
        learning_rate: η.
        rho: ρ, from 0 to below 1: how much of the average is kept a step.
        epsilon: ε.
    """
    mean_square = 0.0

    def step(weights, gradient):
        nonlocal mean_square
        mean_square = rho * mean_square + (1 - rho) * gradient**2
        return weights - learning_rate * gradient / np.sqrt(mean_square + epsilon)

    return step


def adam(
    learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7
) -> Step:
    """Adam: the velocity of momentum and the scale of RMSProp, both corrected for their start at 0.

        m ← β₁ m + (1 − β₁) g
        v ← β₂ v + (1 − β₂) g²
        η_t = η √(1 − β₂ᵗ) / (1 − β₁ᵗ)
        w ← w − η_t m / (√v + ε)

    m and v are exponential moving averages of the gradient and of its square. After t steps they have
    collected only the shares 1 − β₁ᵗ and 1 − β₂ᵗ of their weight; η_t makes up for it.

    Algorithm 1 of the paper divides by √(v / (1 − β₂ᵗ)) + ε, and ε is 1e-8. Keras has the second form of the
    paper's section 2, as here: ε is added before the correction, and is 1e-7. Keras takes the powers in
    float32, which rounds 1 − β₂ᵗ at the first step by 1e-5 of itself for β₂ = 0.999 and by 2e-4 for 0.9999;
    here they are exact.

    Source: Kingma & Ba 2015, Adam: A Method for Stochastic Optimization.

    Args:
        learning_rate: η, about the largest step of any weight.
        beta_1: β₁, memory of the gradient.
        beta_2: β₂, memory of the squared gradient.
        epsilon: ε.
    """
    mean = mean_square = 0.0
    t = 0

    def step(weights, gradient):
        nonlocal mean, mean_square, t
        t += 1
        mean = beta_1 * mean + (1 - beta_1) * gradient
        mean_square = beta_2 * mean_square + (1 - beta_2) * gradient**2
        corrected_rate = learning_rate * (1 - beta_2**t) ** 0.5 / (1 - beta_1**t)
        return weights - corrected_rate * mean / (np.sqrt(mean_square) + epsilon)

    return step


def adamax(
    learning_rate: float = 0.001, beta_1: float = 0.9, beta_2: float = 0.999, epsilon: float = 1e-7
) -> Step:
    """Adamax: Adam that scales by the largest gradient of late in place of the root of the mean square.

        m ← β₁ m + (1 − β₁) g
        u ← max(β₂ u, |g|)
        w ← w − η m / ((1 − β₁ᵗ) (u + ε))

    u is the largest |g|, fading by the factor β₂ a step. It needs no correction: the first gradient sets it.
    It is the limit of Adam when squares and root become p-th powers and roots with p → ∞.

    The paper has no ε, and divides 0 by 0 for a weight that has never had a gradient.

    Source: Kingma & Ba 2015, Adam: A Method for Stochastic Optimization, section 7.1.

    Args:
        learning_rate: η, about the largest step of any weight.
        beta_1: β₁, memory of the gradient.
        beta_2: β₂, memory of the largest gradient.
        epsilon: ε.
    """
    mean = largest = 0.0
    t = 0

    def step(weights, gradient):
        nonlocal mean, largest, t
        t += 1
        mean = beta_1 * mean + (1 - beta_1) * gradient
        largest = np.maximum(beta_2 * largest, np.abs(gradient))
        return weights - learning_rate * mean / ((1 - beta_1**t) * (largest + epsilon))

    return step


OPTIMIZERS: dict[str, Callable[..., Step]] = {
    "SGD": sgd,
    "Momentum": momentum,
    "Nesterov": nesterov,
    "Adagrad": adagrad,
    "RMSProp": rmsprop,
    "Adam": adam,
    "Adamax": adamax,
}
"""The optimizers from scratch by the name that the figures use."""

KERAS_OPTIMIZERS = {
    "SGD": {"optimizer": "sgd", "optimizer_options": {}},
    "Momentum": {"optimizer": "sgd", "optimizer_options": {"momentum": 0.9}},
    "Nesterov": {"optimizer": "sgd", "optimizer_options": {"momentum": 0.9, "nesterov": True}},
    "Adagrad": {"optimizer": "adagrad", "optimizer_options": {}},
    "RMSProp": {"optimizer": "rmsprop", "optimizer_options": {}},
    "Adam": {"optimizer": "adam", "optimizer_options": {}},
    "Adamax": {"optimizer": "adamax", "optimizer_options": {}},
}
"""The same optimizers in Keras: the two fields of a TrainingConfig, for ``config.replace(**…)``."""
