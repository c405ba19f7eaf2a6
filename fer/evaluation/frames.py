"""From end to end: known faces pasted into larger pictures, found and classified from the whole frame."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from fer import images, labels, synthetic
from fer.datasets import FaceDataset
from fer.evaluation.metrics import wilson_interval
from fer.faces import LANDMARKS, Detector, Face
from fer.inference import FacePrediction
from fer.inference.association import Box, associate

HEIGHT, WIDTH = 480, 640
"""Of a frame, in pixels."""

SIDES = (144, 288)
"""Least and largest side of a pasted face in pixels: FER-2013's 48 pixels enlarged 3 to 6 times."""


@dataclass(frozen=True, eq=False)
class Scene:
    """A frame with one pasted face.

    Attributes:
        frame: uint8, (480, 640, 3) RGB.
        square: x and y of the top left corner and side of the pasted image, in pixels.
    """

    frame: np.ndarray
    square: tuple[int, int, int]

    def find(self, boxes: Sequence[Box]) -> int | None:
        """Returns which of the boxes is the pasted face, the one that overlaps most, or None."""
        x, y, side = self.square
        return associate([(x, y, side, side)], boxes).get(0)


class Recognizer(Protocol):
    """What is evaluated: a ``fer.inference.Predictor``, or anything that answers alike."""

    emotions: Sequence[str]

    def predict(self, image: np.ndarray) -> Sequence[FacePrediction]: ...

    def classify(self, crops: Sequence[np.ndarray]) -> np.ndarray: ...


def scenes(faces: FaceDataset, backgrounds: Path | str | None = None, seed: int = 0) -> Iterator[Scene]:
    """Pastes every face of a data set into a frame of its own, enlarged and at a random place.

    Args:
        faces: Images in FER-2013's framing.
        backgrounds: A folder of photos without faces, which fill the frame. None draws soft noise.
        seed: Decides places, sizes and backgrounds.

    Raises:
        ValueError: The folder holds no photo.
    """
    pictures = None if backgrounds is None else photos(backgrounds)
    for row in range(len(faces)):
        random = np.random.default_rng([seed, row])
        frame = _noise(random) if pictures is None else _filling(pictures[random.integers(len(pictures))])
        side = int(random.integers(SIDES[0], SIDES[1], endpoint=True))
        left, top = (int(random.integers(0, length - side, endpoint=True)) for length in (WIDTH, HEIGHT))
        frame[top : top + side, left : left + side] = images.convert(faces.image(row), side, 3)
        yield Scene(frame, (left, top, side))


def predict_scenes(
    recognizer: Recognizer, faces: FaceDataset, backgrounds: Path | str | None = None, seed: int = 0
) -> pd.DataFrame:
    """Lets a recognizer answer to every face twice: as a crop, and pasted into a frame.

    Args:
        recognizer: Finds and classifies.
        faces: Images in FER-2013's framing.
        backgrounds: See ``scenes``.
        seed: See ``scenes``.

    Returns:
        One row a face: ``emotion`` (the true one), ``side`` of the pasted face in pixels, ``on_crop`` (the
        emotion it got as a crop), ``in_frame`` (in the frame, missing where it was not found) and
        ``strays`` (number of other faces found in the frame, where there are none).
    """
    rows = []
    for row, scene in enumerate(_shown(faces, backgrounds, seed)):
        found = recognizer.predict(scene.frame)
        position = scene.find([face.box for face in found])
        on_crop = recognizer.classify([faces.image(row)])[0].argmax()
        rows.append(
            {
                "emotion": faces.table["emotion"].iloc[row],
                "side": scene.square[2],
                "on_crop": recognizer.emotions[on_crop],
                "in_frame": None if position is None else found[position].emotion,
                "strays": len(found) - (position is not None),
            }
        )
    return pd.DataFrame(rows)


def locate_faces(
    detector: Detector, faces: FaceDataset, backgrounds: Path | str | None = None, seed: int = 0
) -> pd.DataFrame:
    """Compares a detector's boxes with the squares of pasted faces: the source of its ``Framing``.

    Args:
        detector: The detector.
        faces: Images in FER-2013's framing.
        backgrounds: See ``scenes``.
        seed: See ``scenes``.

    Returns:
        One row a face, NaN where it was not found: ``middle`` and ``side`` of its square, as ``Framing`` has
        them; ``across``, by how much the square's middle is to the right of the box's, in heights of the box;
        and the detector's landmarks ``left_eye_x`` …, shares of the square.
    """
    rows = []
    for scene in _shown(faces, backgrounds, seed):
        found = detector.detect(scene.frame)
        position = scene.find([face.box for face in found])
        rows.append({} if position is None else _placed(found[position], *scene.square))
    columns = ["middle", "side", "across", *(f"{name}_{axis}" for name in LANDMARKS for axis in "xy")]
    return pd.DataFrame(rows, columns=columns, dtype=float).dropna(axis="columns", how="all")


def found_by_tone(detector: Detector, people: int = 20, seed: int = 0) -> pd.DataFrame:
    """Measures how many faces a detector finds in each of the ten tones of the Monk Skin Tone Scale.

    The faces are synthetic, and nothing but the tone differs: person, expression, pose, light, place, size
    and background are the same. Every person shows the seven emotions of FER-2013 once.

    Args:
        detector: The detector.
        people: Number of people.
        seed: Seed of the faces and of ``scenes``.

    Returns:
        One row a tone: ``tone`` (1…10, lightest first), ``found`` (share), ``n`` (faces).
    """
    table = synthetic.generate(7 * people, seed, SIDES[0], difficulty="standard").table
    rows = []
    for tone in range(1, 11):
        pictures = synthetic.render(table.assign(skin_tone=tone), SIDES[0]).images
        drawn = FaceDataset("tones", labels.FER2013, table.assign(split="test"), pictures)
        found = [
            scene.find([face.box for face in detector.detect(scene.frame)]) is not None
            for scene in _shown(drawn, None, seed)
        ]
        rows.append({"tone": tone, "found": float(np.mean(found)), "n": len(found)})
    return pd.DataFrame(rows)


def summarize(predictions: pd.DataFrame) -> dict[str, float | int | list[float]]:
    """Returns what whole frames cost against given crops, and which part of it finding and framing have.

    Args:
        predictions: From ``predict_scenes``.

    Returns:
        ``n``; ``found`` (share); ``accuracy_crops`` (on the given crops); ``accuracy_found`` (in the frame,
        of the found); ``accuracy_frames`` (in the frame; not found counts as wrong) and the 95 % interval
        ``accuracy_frames_interval``; ``loss`` = ``accuracy_crops`` - ``accuracy_frames``, the sum of
        ``loss_missed`` (share that was rightly named as a crop and not found) and ``loss_framing`` (of the
        found: rightly named as a crop, less rightly named in the frame); ``strays`` a frame.
    """
    n = len(predictions)
    found = predictions["in_frame"].notna()
    on_crop = predictions["on_crop"] == predictions["emotion"].astype(str)
    in_frame = predictions["in_frame"] == predictions["emotion"].astype(str)
    return {
        "n": n,
        "found": float(found.mean()),
        "accuracy_crops": float(on_crop.mean()),
        "accuracy_found": float(in_frame[found].mean()),
        "accuracy_frames": float(in_frame.mean()),
        "accuracy_frames_interval": list(wilson_interval(int(in_frame.sum()), n)),
        "loss": float(on_crop.mean() - in_frame.mean()),
        "loss_missed": float((on_crop & ~found).mean()),
        "loss_framing": float((on_crop & found).mean() - in_frame.mean()),
        "strays": float(predictions["strays"].mean()),
    }


def _shown(faces: FaceDataset, backgrounds: Path | str | None, seed: int) -> Iterable[Scene]:
    """Gives the scenes, with a progress bar in a terminal."""
    return tqdm(scenes(faces, backgrounds, seed), total=len(faces), unit="frame", disable=None)


def _placed(face: Face, left: int, top: int, side: int) -> dict[str, float]:
    x, y, width, height = face.box
    values = {
        "middle": (top + side / 2 - y) / height,
        "side": side / height,
        "across": (left + side / 2 - x - width / 2) / height,
    }
    for name, point in (face.landmarks or {}).items():
        values |= {f"{name}_x": (point[0] - left) / side, f"{name}_y": (point[1] - top) / side}
    return values


def photos(backgrounds: Path | str) -> list[Path]:
    """Returns the photos of a folder of backgrounds.

    Raises:
        ValueError: The folder holds no photo.
    """
    found = sorted(path for path in Path(backgrounds).iterdir() if path.suffix.lower() in images.SUFFIXES)
    if not found:
        raise ValueError(f"`backgrounds` must be a folder of photos. Received: {backgrounds}, which has none")
    return found


def _filling(path: Path) -> np.ndarray:
    """Reads a photo and enlarges or shrinks it until it fills the frame; what is too much is cut off."""
    photo = images.convert(images.read(path), None, 3)
    height, width = photo.shape[:2]
    scale = max(HEIGHT / height, WIDTH / width)
    size = max(round(scale * width), WIDTH), max(round(scale * height), HEIGHT)
    photo = cv2.resize(photo, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    top, left = (photo.shape[0] - HEIGHT) // 2, (photo.shape[1] - WIDTH) // 2
    return photo[top : top + HEIGHT, left : left + WIDTH].copy()


def _noise(random: np.random.Generator) -> np.ndarray:
    """Draws soft patches of colour."""
    patches = random.integers(40, 216, (12, 16, 3), dtype=np.uint8)
    return cv2.resize(patches, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
