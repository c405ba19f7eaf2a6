"""How far a classifier carries: accuracy over distortions of the images, and over skin tones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import cv2
import numpy as np
import pandas as pd
from PIL import Image

from fer import images, synthetic
from fer.datasets import FaceDataset
from fer.evaluation.metrics import wilson_interval
from fer.evaluation.statistics import paired_difference

Classify = Callable[[list[np.ndarray]], np.ndarray]
"""Face images (uint8, (height, width) or (height, width, 3), any size) → probabilities (n, emotions):
``Predictor.classify``, or anything that answers alike."""

CHUNK = 256
"""Images that are distorted and classified at a time."""

MASK_GRAY = 205
MASK = ((0.10, 0.50), (0.50, 0.47), (0.90, 0.50), (0.84, 0.80), (0.66, 1.0), (0.34, 1.0), (0.16, 0.80))
"""Corners of a face mask in FER-2013's framing (eyes at 0.39 of the height, tip of the nose at 0.60, mouth at
0.76), as shares of width and height."""


@dataclass(frozen=True)
class Distortion:
    """One way to spoil an image.

    Attributes:
        label: What ``levels`` count, with its unit: the label of an axis.
        levels: Values to try, ascending.
        apply: Image (uint8, (height, width) or (height, width, 3)) and level → image.
    """

    label: str
    levels: tuple[float, ...]
    apply: Callable[[np.ndarray, float], np.ndarray]


def measure(
    classify: Classify, faces: FaceDataset, distortions: dict[str, Distortion] | None = None
) -> pd.DataFrame:
    """Measures the accuracy at every level of every distortion.

    Args:
        classify: Gives probabilities of the emotions of ``faces``, in their order.
        faces: The images, in FER-2013's framing where a mask is drawn.
        distortions: Name → distortion; None is ``DISTORTIONS``.

    Returns:
        One row a level: ``distortion``, ``label``, ``level``, ``accuracy``, ``low`` and ``high`` (95 % Wilson
        interval), ``n``.

    Raises:
        ValueError: ``faces`` is empty.
    """
    if len(faces) == 0:
        raise ValueError("`faces` must have images. Received: an empty data set")
    distortions = DISTORTIONS if distortions is None else distortions
    correct = {(name, level): 0 for name, kind in distortions.items() for level in kind.levels}
    for start in range(0, len(faces), CHUNK):
        rows = range(start, min(start + CHUNK, len(faces)))
        originals = [faces.image(row) for row in rows]
        for name, level in correct:
            distorted = [distortions[name].apply(image, level) for image in originals]
            hits = classify(distorted).argmax(axis=1) == faces.labels[start : rows.stop]
            correct[name, level] += int(hits.sum())
    table = []
    for (name, level), count in correct.items():
        low, high = wilson_interval(count, len(faces))
        row = {"distortion": name, "label": distortions[name].label, "level": level}
        table.append(row | {"accuracy": count / len(faces), "low": low, "high": high, "n": len(faces)})
    return pd.DataFrame(table)


def skin_tones(
    classify: Classify,
    emotions: Sequence[str],
    people: int = 40,
    seed: int = 0,
    image_size: int = 48,
    difficulty: str = "standard",
) -> pd.DataFrame:
    """Measures a classifier on the same synthetic faces in the ten tones of the Monk Skin Tone Scale.

    Nothing but the tone differs: person, expression, pose, light, hair and background are the same. Every
    person shows the seven emotions of FER-2013 once; people, not faces, are the pairs of the intervals.

    Args:
        classify: Gives probabilities, columns in the order of ``emotions``.
        emotions: The classifier's emotions, among them the seven of FER-2013.
        people: Number of people, at least 2.
        seed: Seed of the faces.
        image_size: Height and width in pixels.
        difficulty: Of ``fer.synthetic.generate``.

    Returns:
        One row a tone: ``tone`` (1…10, lightest first), ``accuracy``, ``probability`` (mean of the true
        emotion's), ``difference`` (of the accuracy from the mean of all tones), ``low`` and ``high`` (paired
        95 % interval of the difference), ``n`` (faces).
    """
    table = synthetic.generate(7 * people, seed, image_size, difficulty=difficulty).table
    labels = np.array([emotions.index(emotion) for emotion in table["emotion"]])
    tones = range(1, 11)
    correct, truth = (np.empty((len(tones), len(table))) for _ in range(2))
    for row, tone in enumerate(tones):
        drawn = synthetic.render(table.assign(skin_tone=tone), image_size, color=False)
        probabilities = classify(list(drawn.images))
        correct[row] = probabilities.argmax(axis=1) == labels
        truth[row] = probabilities[np.arange(len(labels)), labels]
    by_person = correct.reshape(len(tones), people, 7).mean(axis=2)
    rows = []
    for row, tone in enumerate(tones):
        difference = paired_difference(by_person[row], by_person.mean(axis=0))
        rows.append(
            {
                "tone": tone,
                "accuracy": float(correct[row].mean()),
                "probability": float(truth[row].mean()),
                "difference": difference.mean,
                "low": difference.low,
                "high": difference.high,
                "n": len(table),
            }
        )
    return pd.DataFrame(rows)


def _resized(image: np.ndarray, side: float) -> np.ndarray:
    resized = images.convert(image, int(side), 1 if image.ndim == 2 else 3)
    return resized[..., 0] if image.ndim == 2 else resized


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigma * image.shape[1]) if sigma else image


def _stretched(image: np.ndarray, factor: float, middle: float) -> np.ndarray:
    values = middle + factor * (image.astype(np.float32) - middle)
    return values.round().clip(0, 255).astype(np.uint8)


def _compressed(image: np.ndarray, quality: float) -> np.ndarray:
    with BytesIO() as file:
        Image.fromarray(image).save(file, "JPEG", quality=int(quality))
        return np.array(Image.open(file))


def _moved(
    image: np.ndarray, degrees: float = 0, scale: float = 1, across: float = 0, down: float = 0
) -> np.ndarray:
    """Turns and enlarges around the middle, then shifts by shares of width and height; the border repeats."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, scale)
    matrix[:, 2] += across * width, down * height
    return cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _masked(image: np.ndarray, pulled_up: float) -> np.ndarray:
    """Draws a mask from the chin up to a share of the way to the bridge of the nose."""
    height, width = image.shape[:2]
    masked = image.copy()
    corners = (np.array(MASK) * (width, height)).round().astype(np.int32)
    cv2.fillConvexPoly(masked, corners, (MASK_GRAY,) * 3, lineType=cv2.LINE_AA)
    bridge = corners[:, 1].min()
    top = round(height - pulled_up * (height - bridge))
    return np.concatenate([image[:top], masked[top:]])


DISTORTIONS = {
    "resolution": Distortion("side of the face in pixels", (24, 32, 48, 64, 96, 128, 224), _resized),
    "blur": Distortion(
        "standard deviation, share of the width", (0, 0.01, 0.02, 0.03, 0.045, 0.06), _blurred
    ),
    "brightness": Distortion(
        "factor", (0.2, 0.4, 0.7, 1, 1.4, 1.8, 2.4), lambda image, factor: _stretched(image, factor, 0)
    ),
    "contrast": Distortion(
        "factor",
        (0.1, 0.2, 0.4, 0.7, 1, 1.5, 2.5),
        lambda image, factor: _stretched(image, factor, float(image.mean())),
    ),
    "JPEG": Distortion("quality", (5, 10, 20, 40, 70, 95), _compressed),
    "rotation": Distortion("degrees", (-45, -30, -20, -10, 0, 10, 20, 30, 45), _moved),
    "scale": Distortion(
        "factor", (0.6, 0.75, 0.9, 1, 1.1, 1.25, 1.5), lambda image, factor: _moved(image, scale=factor)
    ),
    "shift across": Distortion(
        "share of the width",
        (-0.25, -0.15, -0.08, 0, 0.08, 0.15, 0.25),
        lambda image, share: _moved(image, across=share),
    ),
    "shift down": Distortion(
        "share of the height",
        (-0.25, -0.15, -0.08, 0, 0.08, 0.15, 0.25),
        lambda image, share: _moved(image, down=share),
    ),
    "mask": Distortion("pulled up from the chin, share", (0, 0.25, 0.5, 0.75, 1), _masked),
}
"""Name → distortion. Each has a level that leaves the image as it is, but for JPEG and, where the image has
another side, resolution."""
