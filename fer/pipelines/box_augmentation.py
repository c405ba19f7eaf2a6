"""Photos with boxes: brought to the size of a network, and augmented with the boxes kept exact.

Positions are continuous: the pixel in column 3 covers 3…4, and a box that covers columns 3 to 5 has x 3 and
width 3. A placement is a scale, one or (x, y), and an offset (left, top): x' = scale · x + left.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from fer import images
from fer.boxes import area

SCALES = (0.5, 1.6)
"""Least and largest size of a photo that is placed alone; 1 for one that just covers the square."""

MOSAIC_SCALES = (0.9, 1.4)
"""The same for a photo of a mosaic and its field: hardly anything stays gray, and most of it is seen."""

MOSAIC_SIDES = (2, 3)
"""Photos along a side of a mosaic. Small faces are those of many small photos, not of a photo on gray."""

SHIFT = 0.35
"""How far the lines of a mosaic stray from an even grid, as a share of a field."""

ASPECT = 1.15
"""Largest factor by which the ratio of width to height changes."""

OVERSHOOT = 0.1
"""Share of a photo that may needlessly lie outside, so that faces are cut at every size."""

IGNORED_BELOW, DROPPED_BELOW = 0.5, 0.05
"""Visible share of a face below which it is ignored, and below which it does not count as there."""

SMALLEST = 8
"""Faces whose longest side has fewer pixels are ignored."""

_LUMA = np.array([0.299, 0.587, 0.114])


class Sample(NamedTuple):
    """A photo and the faces in it.

    Attributes:
        picture: uint8, shape (height, width, 3) RGB.
        boxes: float, shape (n, 4): x, y, width, height in pixels.
        ignore: bool, shape (n,): faces that neither a missing nor an additional detection of is to count.
        labels: int, shape (n,): class numbers.
    """

    picture: np.ndarray
    boxes: np.ndarray
    ignore: np.ndarray
    labels: np.ndarray


def move(boxes: np.ndarray, scale: float | np.ndarray, offset: Sequence[float]) -> np.ndarray:
    """Returns where boxes, shape (n, 4), come to lie in a placement."""
    boxes = np.asarray(boxes, dtype=float) * np.resize(scale, 4)
    boxes[..., :2] += offset
    return boxes


def move_back(boxes: np.ndarray, scale: float | np.ndarray, offset: Sequence[float]) -> np.ndarray:
    """Returns where boxes of a placement, shape (n, 4), lie in the photo: undoes ``move``."""
    return move(boxes, 1 / np.asarray(scale), -np.asarray(offset) / scale)


def shrink(sample: Sample, longest: int) -> Sample:
    """Shrinks a photo and its boxes so that no side has more than this many pixels."""
    small = images.resize(sample.picture, min(longest / max(sample.picture.shape[:2]), 1))
    scale = np.divide(small.shape[1::-1], sample.picture.shape[1::-1])
    return sample._replace(picture=small, boxes=move(sample.boxes, scale, (0, 0)))


def place(sample: Sample, scale: Sequence[float], offset: Sequence[float], canvas: np.ndarray) -> Sample:
    """Draws a photo on a canvas, which cuts off what is beyond it.

    Args:
        sample: The photo.
        scale: Factors of its width and height.
        offset: Left and top of the photo on the canvas in pixels.
        canvas: uint8, shape (height, width, 3); changed in place.

    Returns:
        The canvas, and the faces as ``visible`` leaves them.
    """
    picture, scale = sample.picture, np.asarray(scale, dtype=float)
    boxes = move(sample.boxes, scale, offset)
    # What the photo covers is drawn, no more: OpenCV is slow where it has to fill.
    end = offset + scale * picture.shape[1::-1]
    limits = canvas.shape[1::-1]
    left, top = np.clip(np.rint(offset), 0, limits).astype(int)
    right, bottom = np.clip(np.rint(end), 0, limits).astype(int)
    if left < right and top < bottom:
        if scale.min() < 0.5:  # linear interpolation would skip pixels, and small faces with them
            small = images.resize(picture, scale)
            scale = scale * picture.shape[1::-1] / small.shape[1::-1]
            picture = small
        # From continuous positions to those of pixel centres, which OpenCV counts in.
        shift = np.asarray(offset) - (left, top) + (scale - 1) / 2
        matrix = np.column_stack([np.diag(scale), shift])
        canvas[top:bottom, left:right] = cv2.warpAffine(
            picture, matrix, (int(right - left), int(bottom - top)), borderMode=cv2.BORDER_REPLICATE
        )
    return visible(Sample(canvas, boxes, sample.ignore, sample.labels))


def visible(sample: Sample) -> Sample:
    """Clips the boxes to the picture; ignores faces of which too little is left, drops those all but gone."""
    picture, boxes, ignore, labels = sample
    limits = picture.shape[1::-1]
    low = np.clip(boxes[:, :2], 0, limits)
    clipped = np.hstack([low, np.clip(boxes[:, :2] + boxes[:, 2:], 0, limits) - low])
    whole = area(boxes)
    share = np.divide(area(clipped), whole, out=np.zeros(len(boxes)), where=whole > 0)
    ignore = ignore | (share < IGNORED_BELOW) | (clipped[:, 2:].max(axis=1, initial=0) < SMALLEST)
    kept = share >= DROPPED_BELOW
    return Sample(picture, clipped[kept], ignore[kept], labels[kept])


def random_placement(sample: Sample, size: int, random: np.random.Generator) -> Sample:
    """Places a photo on a square of this size: scaled, stretched a little, shifted and cut at random."""
    return _scatter(sample, SCALES, _canvas(size), random)


def mosaic(samples: Sequence[Sample], size: int, random: np.random.Generator) -> Sample:
    """Puts photos, each placed at random, into the fields of an uneven grid.

    Source: Bochkovskiy, Wang and Liao (2020), YOLOv4: Optimal speed and accuracy of object detection,
    arXiv:2004.10934, with four photos.

    Args:
        samples: The photos row by row, as many along as down: 4, 9, …
        size: Height and width of the result in pixels.
        random: Decides the result together with the photos.

    Returns:
        The mosaic, picture of shape (size, size, 3), and the faces of all photos.
    """
    whole = _canvas(size)
    side = math.isqrt(len(samples))
    places = (np.arange(1, side) + random.uniform(-SHIFT, SHIFT, (2, side - 1))) / side
    columns, rows = ([0, *np.rint(line * size).astype(int), size] for line in places)
    parts = []
    for number, sample in enumerate(samples):
        row, column = divmod(number, side)
        left, top = columns[column], rows[row]
        field = whole[top : rows[row + 1], left : columns[column + 1]]
        part = _scatter(sample, MOSAIC_SCALES, field, random)
        parts.append(part._replace(boxes=move(part.boxes, 1, (left, top))))
    return Sample(whole, *(np.concatenate([part[i] for part in parts]) for i in (1, 2, 3)))


def flip(sample: Sample) -> Sample:
    """Mirrors left and right."""
    boxes = sample.boxes.copy()
    boxes[:, 0] = sample.picture.shape[1] - boxes[:, 0] - boxes[:, 2]
    return sample._replace(picture=cv2.flip(sample.picture, 1), boxes=boxes)


def random_color(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Changes brightness, contrast, gamma, white balance, saturation and hue; one picture in ten turns gray.

    Args:
        picture: uint8, shape (height, width, 3) RGB.
        random: Decides the result together with the picture.

    Returns:
        uint8, same shape.
    """
    contrast, gamma, saturation = np.exp(random.uniform(-1, 1, 3) * np.log([1.4, 1.4, 1.6]))
    brightness, hue = random.uniform(-0.15, 0.15), np.deg2rad(random.uniform(-12, 12))
    balance = np.exp(random.uniform(-0.08, 0.08, 3))
    if random.random() < 0.1:
        saturation = 0.0
    levels = np.linspace(0, 1, 256)[:, None] ** gamma * balance
    levels = (levels - 0.5) * contrast + 0.5 + brightness
    table = np.clip(np.rint(255 * levels), 0, 255).astype(np.uint8)[None]
    # A colour is its brightness and what is left: that is scaled, and turned round the gray axis.
    across = np.cross(np.eye(3), np.full(3, 1 / math.sqrt(3)))
    turn = math.cos(hue) * np.eye(3) + math.sin(hue) * across + (1 - math.cos(hue)) / 3
    gray = np.tile(_LUMA, (3, 1))
    return cv2.transform(cv2.LUT(picture, table), gray + saturation * (np.eye(3) - gray) @ turn)


def random_damage(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Blurs one picture in ten, compresses one in ten as JPEG, and adds noise to one in ten.

    Args:
        picture: uint8, shape (height, width, 3) RGB.
        random: Decides the result together with the picture.

    Returns:
        uint8, same shape.
    """
    kind = random.random()
    if kind < 0.1:
        return cv2.GaussianBlur(picture, (0, 0), random.uniform(0.5, 1.5))
    if kind < 0.2:
        quality = int(random.integers(30, 90))
        _, code = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return cv2.imdecode(code, cv2.IMREAD_COLOR)
    if kind < 0.3:
        noise = random.standard_normal(picture.shape, dtype=np.float32)
        noise *= random.uniform(2, 12)
        return cv2.add(picture, noise, dtype=cv2.CV_8U)
    return picture


def _canvas(size: int) -> np.ndarray:
    return np.full((size, size, 3), images.FILL, dtype=np.uint8)


def _scatter(
    sample: Sample, scales: tuple[float, float], canvas: np.ndarray, random: np.random.Generator
) -> Sample:
    """Places a photo on a canvas at random; ``scales`` are relative to a photo that just covers it."""
    lengths = np.array(sample.picture.shape[1::-1])
    factor = np.exp(random.uniform(*np.log(scales))) * np.divide(canvas.shape[1::-1], lengths).max()
    stretch = ASPECT ** random.uniform(-0.5, 0.5)
    scale = factor * np.array([stretch, 1 / stretch])
    # A photo larger than the canvas covers it, a smaller one lies within, both but for the overshoot.
    free = canvas.shape[1::-1] - scale * lengths
    overshoot = OVERSHOOT * np.minimum(scale * lengths, canvas.shape[1::-1])
    low, high = np.minimum(free, 0) - overshoot, np.maximum(free, 0) + overshoot
    return place(sample, scale, random.uniform(low, high), canvas)
