"""Activation functions compared on several data sets."""

from collections.abc import Mapping, Sequence

import pandas as pd

from fer import paths, training
from fer.evaluation import statistics
from fer.experiments.comparison import Comparison, compare
from fer.experiments.task import Task
from fer.experiments.wording import directions
from fer.training import TrainingConfig

FRACTIONS = (0.6, 0.2, 0.2)
"""Shares of train, validation and test in the source's study."""

SOURCE = pd.DataFrame(
    {"relu": [0.9598, 0.6792, 0.8144, 0.8178], "leaky_relu": [0.9798, 0.7200, 0.8328, 0.8442]},
    index=["CK+", "MMI", "KDEF", "average"],
)
"""Accuracies that the source reports for AlexNet; its average of the differences is +0.0264."""

REAL = {"CK+": "ckplus", "MMI": "mmi", "KDEF": "kdef"}
"""Readers of the source's data sets."""


def title(name: str) -> str:
    """Returns the source's name of a reader, "CK+" of "ckplus"; of another one its own."""
    return {reader: title for title, reader in REAL.items()}.get(name, name)


def stand_ins(config: TrainingConfig, n: int) -> dict[str, Task]:
    """Returns synthetic data sets that differ as those of the source do.

    Like CK+: gray, to the front, posed. Like MMI: in colour, a third as many, five expressions, unbalanced.
    Like KDEF: in colour, balanced, seen from five angles, as far as the synthetic head turns.

    Args:
        config: What to train on each.
        n: Faces of the first and the last.
    """
    common = {"difficulty": "easy", "image_size": config.image_size, "fractions": list(FRACTIONS)}
    shares = {"angry": 0.15, "disgust": 0.1, "happy": 0.35, "sad": 0.15, "surprise": 0.25}
    angles = [-45, -22.5, 0, 22.5, 45]
    options = {
        "like CK+": {"n": n, "seed": 1},
        "like MMI": {"n": n // 3, "seed": 2, "color": True, "emotions": shares},
        "like KDEF": {"n": n, "seed": 3, "color": True, "angles": angles},
    }
    configs = {
        name: config.replace(dataset="synthetic", dataset_options=common | chosen, subset=None)
        for name, chosen in options.items()
    }
    return {name: Task(chosen, training.load_data(chosen)) for name, chosen in configs.items()}


def real_data(config: TrainingConfig) -> dict[str, Task]:
    """Returns those of the source's data sets that lie in their folders, by the source's names.

    Args:
        config: What to train on each.
    """
    present = {title: name for title, name in REAL.items() if (paths.data() / name).is_dir()}
    configs = {
        title: config.replace(dataset=name, dataset_options={"fractions": list(FRACTIONS)})
        for title, name in present.items()
    }
    return {title: Task(chosen, training.load_data(chosen)) for title, chosen in configs.items()}


def compare_on(tasks: Mapping[str, Task], activations: Sequence[str], **options) -> dict[str, Comparison]:
    """Compares activations on each data set.

    Args:
        tasks: By name of the data set; the activation of their configurations is replaced.
        activations: Names as in ``fer.models.blocks.activate``.
        **options: Those of ``compare``.
    """
    return {
        name: compare(
            {activation: task.config.replace(activation=activation) for activation in activations},
            task.dataset,
            **options,
        )
        for name, task in tasks.items()
    }


def difference_by_dataset(
    comparisons: Mapping[str, Comparison], first: str = "leaky_relu", second: str = "relu"
) -> pd.DataFrame:
    """Returns what two activations reach on each data set, and on average over the data sets.

    The average is taken seed by seed, every data set counting alike, as in the source: over the source's own
    data sets where all of them are there, else over the others.

    Args:
        comparisons: By data set, over the same seeds.
        first: An activation that was compared.
        second: Another one.

    Returns:
        One row a data set, the last is "average": the mean accuracy of each, in columns of their names,
        ``difference`` (first - second) with its 95 % interval ``low`` and ``high``, ``p_value`` (paired t
        test) and ``p_holm`` (corrected for the number of rows), ``seeds``, ``n`` (test images) and
        ``verdict``: "higher", "lower" or "no difference shown".
    """
    accuracy = pd.concat(
        {name: comparison.results for name, comparison in comparisons.items()}, names=["dataset"]
    ).pivot_table(index=["dataset", "seed"], columns="arm", values="accuracy", sort=False)[[first, second]]
    images = {name: int(comparison.results["n"].max()) for name, comparison in comparisons.items()}
    values = {name: accuracy.loc[name].dropna() for name in comparisons}
    averaged = (
        list(REAL) if set(REAL) <= set(comparisons) else [name for name in comparisons if name not in REAL]
    )
    if len(averaged) > 1:
        by_seed = accuracy.loc[averaged].dropna().groupby(level="seed")
        values["average"] = by_seed.mean()[by_seed.size() == len(averaged)]
        images["average"] = sum(images[name] for name in averaged)
    rows = {}
    for name, pair in values.items():
        result = statistics.paired_difference(pair[first], pair[second], resolution=1 / images[name])
        rows[name] = {
            first: pair[first].mean(),
            second: pair[second].mean(),
            "difference": result.mean,
            "low": result.low,
            "high": result.high,
            "p_value": result.p_value,
            "seeds": result.n,
            "n": images[name],
        }
    frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("dataset")
    frame["p_holm"] = statistics.holm(frame["p_value"])
    return frame.assign(verdict=directions(frame))
