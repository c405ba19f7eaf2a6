"""Figures of a data set: how many, what they look like, how they vary."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fer.datasets import FaceDataset
from fer.plotting import style


def class_balance(counts: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draws the number of images of each emotion, stacked by split.

    Args:
        counts: ``FaceDataset.counts()``: one row a split, one column an emotion.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=8.0)
    counts = counts.loc[counts.sum(axis="columns") > 0]
    base = np.zeros(counts.shape[1])
    for split, row in counts.iterrows():
        ax.bar(
            counts.columns,
            row,
            bottom=base,
            color=style.SPLIT_COLORS[split],
            label=f"{split} (n = {row.sum():,})",
        )
        base += row.to_numpy()
    for position, total in enumerate(base):
        share = total / base.sum()
        ax.text(position, total, f"{total:,.0f}\n{share:.1%}", ha="center", va="bottom", fontsize="small")
    ax.set(
        title=f"Class balance, n = {base.sum():,.0f}", xlabel="", ylabel="images", ylim=(0, base.max() * 1.2)
    )
    ax.grid(False, axis="x")
    ax.legend(ncols=len(counts), loc="upper center", bbox_to_anchor=(0.5, -0.1))
    return ax


def sample_grid(dataset: FaceDataset, *, columns: int = 10, seed: int = 0) -> Figure:
    """Draws random images, one row an emotion.

    Args:
        dataset: Where the images are drawn from.
        columns: Images an emotion.
        seed: Seed of the draw.
    """
    random = np.random.default_rng(seed)
    figure, grid = style.picture_grid(len(dataset.emotions), columns)
    for label, (emotion, axes) in enumerate(zip(dataset.emotions, grid, strict=True)):
        rows = np.flatnonzero(dataset.labels == label)
        axes[0].set_ylabel(f"{emotion}\nn = {len(rows):,}", rotation=0, ha="right", va="center")
        for ax, row in zip(axes, random.permutation(rows)[:columns], strict=False):
            style.show(ax, dataset.image(row))
    figure.suptitle(f"{dataset.name}: random images of each emotion")
    return figure


def mean_faces(dataset: FaceDataset, *, size: int = 48) -> Figure:
    """Draws the mean face of each emotion, and below it how it differs from the mean of all.

    Args:
        dataset: The images.
        size: Side in pixels to which they are brought.
    """
    images, labels = dataset.arrays(size=size)
    images = images[..., 0].astype(np.float32)
    overall = images.mean(axis=0)
    present = [label for label in range(len(dataset.emotions)) if np.any(labels == label)]
    means = [images[labels == label].mean(axis=0) for label in present]
    limit = max(np.abs(mean - overall).max() for mean in means)
    figure, grid = style.picture_grid(2, len(present), size=1.4)
    for column, (label, mean) in enumerate(zip(present, means, strict=True)):
        style.show(grid[0, column], mean.round().astype(np.uint8))
        grid[0, column].set_title(dataset.emotions[label], fontsize="medium", loc="center")
        shade = grid[1, column].imshow(mean - overall, cmap="RdBu_r", vmin=-limit, vmax=limit)
    grid[0, 0].set_ylabel("mean")
    grid[1, 0].set_ylabel("difference\nfrom all")
    figure.colorbar(shade, ax=grid[1], shrink=0.8, label="gray levels")
    figure.suptitle(f"{dataset.name}: mean faces, n = {len(dataset):,}")
    return figure


def pixel_statistics(dataset: FaceDataset, *, size: int = 48, ax: Axes | None = None) -> Axes:
    """Draws each image's brightness (mean) against its contrast (standard deviation).

    Args:
        dataset: The images.
        size: Side in pixels to which they are brought.
        ax: Axes to draw on; a new figure if None.
    """
    ax = style.axes(ax, width=6.0, height=4.5)
    images, _ = dataset.arrays(size=size)
    pixels = images.reshape(len(images), -1).astype(np.float32)
    frame = pd.DataFrame({"brightness": pixels.mean(axis=1), "contrast": pixels.std(axis=1)})
    frame["emotion"] = dataset.table["emotion"].to_numpy()
    sns.scatterplot(
        frame,
        x="brightness",
        y="contrast",
        hue="emotion",
        hue_order=dataset.emotions,
        palette=dict(zip(dataset.emotions, style.emotion_colors(dataset.emotions), strict=True)),
        s=12,
        alpha=0.5,
        linewidth=0,
        ax=ax,
    )
    sns.move_legend(ax, "center left", bbox_to_anchor=(1.0, 0.5), title=None, markerscale=2)
    ax.set(
        title=f"Brightness and contrast of each image, n = {len(frame):,}",
        xlabel="mean of the pixels (0…255)",
        ylabel="standard deviation of the pixels",
    )
    return ax


def pictures(
    images: Sequence[np.ndarray], titles: Sequence[str] | None = None, *, columns: int = 8, size: float = 1.3
) -> Figure:
    """Draws pictures in a grid, in order.

    Args:
        images: Gray or RGB pictures, uint8 (0…255) or float (0…1).
        titles: One a picture.
        columns: Pictures in a row.
        size: Side of a picture in inches.
    """
    rows = -(-len(images) // columns)
    figure, grid = style.picture_grid(rows, min(columns, len(images)), size=size)
    for index, image in enumerate(images):
        ax = grid.flat[index]
        style.show(ax, image)
        if titles is not None:
            ax.set_title(titles[index], fontsize="small", loc="center")
    return figure


def photo_to_crop(photo: np.ndarray, boxes: Sequence[tuple], crops: Sequence[np.ndarray]) -> Figure:
    """Draws a photo with the boxes of its faces, and beside it the crops that were made of them.

    Args:
        photo: uint8, gray or RGB.
        boxes: (x, y, width, height) in pixels.
        crops: One a box.
    """
    shares = [photo.shape[1] / photo.shape[0], *[1] * len(crops)]
    figure, grid = style.picture_grid(1, len(shares), size=2.4, width_ratios=shares)
    style.show(grid[0, 0], photo)
    grid[0, 0].set_title("photo and detected faces", fontsize="medium")
    for number, (x, y, width, height) in enumerate(boxes, start=1):
        grid[0, 0].add_patch(Rectangle((x, y), width, height, fill=False, edgecolor="#E69F00", linewidth=2.5))
        grid[0, 0].text(x, y - 4, str(number), color="#E69F00", weight="bold")
    for number, crop in enumerate(crops, start=1):
        style.show(grid[0, number], crop)
        grid[0, number].set_title(f"crop {number}, {crop.shape[1]}×{crop.shape[0]} px", fontsize="medium")
    return figure
