"""Random erasing: a network that misses a part of the face must use the others."""

import numpy as np

AREAS = (0.02, 0.2)
"""Least and largest share of the image that is erased."""

ASPECTS = (1 / 3, 3.0)
"""Least and largest ratio of height to width of the rectangle."""


def random_erasing(images: np.ndarray, random: np.random.Generator, share: float) -> None:
    """Fills a rectangle of some images with one random gray level or colour, in place.

    Source: Zhong, Zheng, Kang, Li and Yang (2020), Random erasing data augmentation, arXiv:1708.04896, here
    with at most a fifth of the image, since an erased mouth is an erased emotion.

    Args:
        images: float32, shape (n, height, width, channels), range 0…1.
        random: Decides the result together with the images.
        share: Probability that an image is changed, 0…1.
    """
    n, height, width, channels = images.shape
    chosen = random.random(n) < share
    area = random.uniform(*AREAS, n) * height * width
    aspect = np.exp(random.uniform(*np.log(ASPECTS), n))
    heights = np.clip(np.rint(np.sqrt(area * aspect)), 1, height).astype(int)
    widths = np.clip(np.rint(np.sqrt(area / aspect)), 1, width).astype(int)
    tops = np.floor(random.random(n) * (height - heights + 1)).astype(int)
    lefts = np.floor(random.random(n) * (width - widths + 1)).astype(int)
    colors = random.random((n, channels), dtype=np.float32)
    for row in np.flatnonzero(chosen):
        bottom, right = tops[row] + heights[row], lefts[row] + widths[row]
        images[row, tops[row] : bottom, lefts[row] : right] = colors[row]
