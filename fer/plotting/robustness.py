"""How far a classifier carries: one small figure for each way to spoil an image."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from fer.plotting import style

COLUMNS = 5


def robustness(table: pd.DataFrame) -> Figure:
    """Draws accuracy over the levels of every distortion, with its 95 % interval.

    Args:
        table: From ``fer.evaluation.robustness.measure``.
    """
    names = table["distortion"].unique()
    rows = -(-len(names) // COLUMNS)
    columns = min(len(names), COLUMNS)
    figure, grid = plt.subplots(
        rows, columns, figsize=(2.7 * columns, 2.6 * rows), sharey=True, squeeze=False, layout="constrained"
    )
    for ax in grid.flat[len(names) :]:
        ax.remove()
    for ax, name in zip(grid.flat, names, strict=False):
        curve = table[table["distortion"] == name]
        ax.fill_between(
            curve["level"], curve["low"], curve["high"], color=style.SERIES_COLORS[0], alpha=0.2, linewidth=0
        )
        ax.plot(curve["level"], curve["accuracy"], color=style.SERIES_COLORS[0], marker="o", markersize=4)
        ax.set_title(name, fontsize="medium")
        ax.set_xlabel(curve["label"].iloc[0], fontsize="small")
        ax.set_ylim(0, 1)
    for ax in grid[:, 0]:
        ax.set_ylabel("accuracy")
    figure.suptitle(f"Accuracy on distorted images, n = {table['n'].iloc[0]:,} each, with 95 % interval")
    return figure
