"""Weights of a trained network for another one."""

import keras

from fer.training.run import Run

HEAD = "logits"
"""The layer with one column an emotion, in every network of ``fer.models``."""


def take_weights(model: keras.Model, run: Run, emotions: tuple[str, ...]) -> None:
    """Gives a network the weights of a run, layer by layer; layers are the same if their names are.

    Of the last layer the columns of the emotions that both know are taken; those of other emotions keep their
    initial weights.

    Args:
        model: Of ``fer.models``.
        run: A finished run.
        emotions: The vocabulary of the model, in order.

    Raises:
        ValueError: A layer but the last is missing in the run, or has another shape there.
    """
    trained = {layer.name: layer for layer in run.model.layers}
    shared = [emotion for emotion in emotions if emotion in run.metrics["emotions"]]
    here = [emotions.index(emotion) for emotion in shared]
    there = [run.metrics["emotions"].index(emotion) for emotion in shared]
    for layer in model.layers:
        taken = trained[layer.name].get_weights() if layer.name in trained else []
        weights = layer.get_weights()
        if layer.name == HEAD and len(taken) == len(weights) and taken[0].shape[0] == weights[0].shape[0]:
            for mine, theirs in zip(weights, taken, strict=True):
                mine[..., here] = theirs[..., there]
            taken = weights
        if [array.shape for array in taken] != [array.shape for array in weights]:
            raise ValueError(
                f"`pretrained` must have the layers of {model.name!r}. Received: run {run.id}, whose layer "
                f"{layer.name!r} has weights of shapes {[array.shape for array in taken]} in place of "
                f"{[array.shape for array in weights]}"
            )
        layer.set_weights(taken)
