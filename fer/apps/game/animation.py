"""A small stage for animated clips: synthetic heads that can be bent, shapes, light and a camera."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from fer import synthetic
from fer.synthetic import geometry, raster

WIDTH, HEIGHT = 400, 300
RATE = 20
"""Frames a second."""

MOUTH = ("upper_lip", "lower_lip", "mouth_opening", "tongue", "upper_teeth", "lower_teeth", "lip_line")
NOSE = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("nose_wing", "nostril"))
BODY = ("neck", "clothes")
HAIR = ("hair", *(f"strand{number}" for number in range(9)))
_EYE = ("sclera", "iris", "pupil", "highlight", "lid_shadow", "lash", "lower_lash", "crease")
_IRIS = ("iris", "pupil", "highlight")

_ZOOM = 0.45
"""Size of a face in its own picture, which leaves room for hair and shoulders."""


@dataclass(frozen=True)
class Scene:
    """An animated clip.

    Attributes:
        name: Name of its file, without an ending.
        seconds: How long it is.
        draw: Takes the times of the frames in seconds, shape (n,), and a generator; yields n pictures, RGB
            uint8, shape (HEIGHT, WIDTH, 3).
    """

    name: str
    seconds: float
    draw: Callable[[np.ndarray, np.random.Generator], Iterator[np.ndarray]]

    def frames(self, seed: int = 0) -> Iterator[np.ndarray]:
        """Yields its pictures, the same ones for the same seed."""
        times = np.arange(round(self.seconds * RATE)) / RATE
        yield from self.draw(times, np.random.default_rng(seed))


def write(path: Path, frames: Iterable[np.ndarray]) -> None:
    """Writes a video, VP9 in mp4, which every browser plays. It has no sound.

    Raises:
        OSError: The file cannot be written: no space, no permission, or an OpenCV without VP9.
    """
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"vp09"), RATE, (WIDTH, HEIGHT))
    try:
        if not writer.isOpened():
            raise OSError(f"{path}: cannot be written as a video")
        written = 0
        for frame in frames:
            writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
            written += 1
    finally:
        writer.release()
    readable = _readable(path)  # OpenCV does not tell that the disk is full
    if readable != written:
        raise OSError(f"{path}: {readable} of {written} frames could be written. Is the disk full?")


def _readable(path: Path) -> int:
    """How many frames of a video can be read."""
    capture = cv2.VideoCapture(str(path))
    try:
        count = 0
        while capture.grab():
            count += 1
        return count
    finally:
        capture.release()


def track(times: np.ndarray, *keys: tuple[float, float]) -> np.ndarray:
    """Returns a value over time that eases from key to key.

    Args:
        times: Seconds, shape (n,).
        *keys: Seconds and value of each key, in order.
    """
    at, values = np.array(keys, dtype=float).T
    piece = np.searchsorted(at, times, side="right").clip(1, len(at) - 1)
    share = ((times - at[piece - 1]) / (at[piece] - at[piece - 1])).clip(0, 1)
    share = share**2 * (3 - 2 * share)
    return values[piece - 1] + share * (values[piece] - values[piece - 1])


def spring(times: np.ndarray, start: float, frequency: float = 3, damping: float = 5) -> np.ndarray:
    """Returns a step from 0 to 1 that swings beyond 1 and comes to rest."""
    passed = np.maximum(times - start, 0)
    return 1 - np.exp(-damping * passed) * np.cos(2 * np.pi * frequency * passed)


def pulse(times: np.ndarray, start: float, end: float, ramp: float = 0.15) -> np.ndarray:
    """Returns 1 between two times and 0 elsewhere, with eased edges."""
    return track(times, (start - ramp, 0), (start, 1), (end, 1), (end + ramp, 0))


def people(n: int, **chosen) -> pd.DataFrame:
    """Returns the parameters of a face in n frames, like ``synthetic.face``, upright and with room around."""
    return synthetic.face(n=n, zoom=_ZOOM, **chosen)


def heads(
    faces: pd.DataFrame,
    size: int = 256,
    bend: Callable[[geometry.Geometry], geometry.Geometry] = lambda drawing: drawing,
) -> Iterator[np.ndarray]:
    """Draws faces with nothing behind them, for ``lay``.

    Args:
        faces: One row a frame, as ``people`` makes them.
        size: Height and width of the pictures in pixels.
        bend: Changes the drawing before it is painted.

    Yields:
        float32, shape (size, size, 4): colour times coverage, and coverage, 0…255.
    """
    return raster.cut_outs(faces, [size] * len(faces), bend(geometry.build(faces)))


def only(drawing: geometry.Geometry, names: Iterable[str]) -> geometry.Geometry:
    """Keeps some contours."""
    names = set(names)
    return replace(drawing, contours={name: c for name, c in drawing.contours.items() if name in names})


def without(drawing: geometry.Geometry, names: Iterable[str]) -> geometry.Geometry:
    """Leaves some contours out."""
    return only(drawing, drawing.contours.keys() - set(names))


def scaled(
    drawing: geometry.Geometry,
    names: Iterable[str],
    wide: np.ndarray | float = 1,
    high: np.ndarray | float = 1,
    right: np.ndarray | float = 0,
    down: np.ndarray | float = 0,
    about: str | None = None,
) -> geometry.Geometry:
    """Enlarges and moves contours together.

    Args:
        drawing: Of n faces.
        names: Contours.
        wide, high: Factors, shape (n,) or a number.
        right, down: Moves in face units, shape (n,) or a number.
        about: The contour whose middle stays; None for the middle of all of them.
    """
    names = [name for name in names if name in drawing.contours]
    fixed = names if about is None else [about]
    points = np.concatenate([drawing.contours[name].points for name in fixed], axis=1)
    middle = (points.min(axis=1) + points.max(axis=1))[:, None] / 2
    n = len(middle)
    factor = np.stack(np.broadcast_arrays(np.zeros(n) + wide, high), axis=1)[:, None]
    move = np.stack(np.broadcast_arrays(np.zeros(n) + right, down), axis=1)[:, None]
    changed = {}
    for name in names:
        contour = drawing.contours[name]
        width = None if contour.width is None else contour.width * factor.mean(axis=2).clip(0.5)
        changed[name] = replace(
            contour, points=middle + (contour.points - middle) * factor + move, width=width
        )
    return replace(drawing, contours=drawing.contours | changed)


def eyes(
    drawing: geometry.Geometry,
    size: np.ndarray | float = 1,
    iris: np.ndarray | float = 1,
    cross: np.ndarray | float = 0,
) -> geometry.Geometry:
    """Enlarges the eyes, and the irises once more, and turns them to each other (face units)."""
    for side, sign in (("left", 1), ("right", -1)):
        drawing = scaled(drawing, [f"{side}_{part}" for part in _EYE], size, size)
        parts = [f"{side}_{part}" for part in _IRIS]
        drawing = scaled(drawing, parts, iris, iris, right=sign * np.asarray(cross), about=parts[0])
    return drawing


def cheeks(drawing: geometry.Geometry, amount: np.ndarray) -> geometry.Geometry:
    """Blows the cheeks up: by ``amount`` times their distance from the middle, shape (n,)."""
    face = drawing.contours["face"]
    x, y = np.moveaxis(face.points, -1, 0)
    x = x * (1 + np.asarray(amount)[:, None] * np.exp(-(((y - 0.75) / 0.45) ** 2)))
    contours = drawing.contours | {"face": replace(face, points=np.stack([x, y], axis=-1))}
    return replace(drawing, contours=contours)


def lay(
    frame: np.ndarray,
    head: np.ndarray,
    x: float,
    y: float,
    unit: float,
    turn: float = 0,
    stretch: float = 1,
    middle: float = 0.2,
) -> None:
    """Lays a head on a frame, in place.

    Args:
        frame: uint8, shape (HEIGHT, WIDTH, 3).
        head: From ``heads``.
        x, y: Where its middle comes to lie, in pixels.
        unit: Pixels of a face unit: a head is 2 wide and 2.7 high.
        turn: Degrees clockwise.
        stretch: Factor of its height, the width changing the other way: 0.5 is flat, 2 is long.
        middle: The point of the head that turns, as face units below the eyes.
    """
    own = raster.UNIT * _ZOOM * len(head)
    if unit < 1:
        return
    while unit < own / 2:  # the warp takes single pixels: a smaller head first
        head = cv2.resize(head, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        own = raster.UNIT * _ZOOM * len(head)
    eyes_at = np.array([0.5, raster.EYE_LINE]) * len(head) - 0.5
    corners = (np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * len(head) - eyes_at) / own
    target = placed(corners, x, y, unit, turn, stretch, middle)
    left, top = np.floor(target.min(axis=0)).clip(0).astype(int)
    right, bottom = np.ceil(target.max(axis=0)).clip(0, (WIDTH, HEIGHT)).astype(int)
    if left >= right or top >= bottom:
        return
    source = np.float32([[0, 0], [1, 0], [0, 1]]) * len(head)
    matrix = cv2.getAffineTransform(source, (target[:3] - [left, top]).astype(np.float32))
    laid = cv2.warpAffine(head, matrix, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    part = frame[top:bottom, left:right]
    part[:] = (part * (1 - laid[..., 3:] / 255) + laid[..., :3]).clip(0, 255).astype(np.uint8)


def placed(
    points: np.ndarray,
    x: float,
    y: float,
    unit: float,
    turn: float = 0,
    stretch: float = 1,
    middle: float = 0.2,
) -> np.ndarray:
    """Returns where points of a head, shape (m, 2) in face units, come to lie: the arguments of ``lay``."""
    angle = np.radians(turn)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    size = unit * np.array([1 / stretch, stretch])
    return ((np.asarray(points) - [0, middle]) * size) @ rotation + [x, y]


def tinted(head: np.ndarray, color: tuple[float, float, float]) -> np.ndarray:
    """Returns a head in coloured light: factors of red, green and blue."""
    return head * np.array([*color, 1], dtype=np.float32)


def gradient(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> np.ndarray:
    """Returns a picture that changes from one colour to another downwards."""
    share = np.linspace(0, 1, HEIGHT)[:, None, None]
    rows = np.array(top) * (1 - share) + np.array(bottom) * share
    return np.repeat(rows, WIDTH, axis=1).round().astype(np.uint8)


def lit(
    frame: np.ndarray, amount: float, x: float = WIDTH / 2, y: float = HEIGHT / 2, radius: float = 0
) -> np.ndarray:
    """Returns a frame in dim light, with a soft lamp of a radius in pixels that shines on a place.

    Args:
        frame: uint8, shape (HEIGHT, WIDTH, 3).
        amount: Light away from the lamp, 0…1.
        x, y, radius: The lamp; radius 0 for none.
    """
    light = np.full((HEIGHT, WIDTH), amount, dtype=np.float32)
    if radius:
        rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
        light += (1 - amount) * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / (2 * radius**2))
    return (frame * light[..., None].clip(0, 1)).astype(np.uint8)


def seen(
    frame: np.ndarray, zoom: float = 1, shift_x: float = 0, shift_y: float = 0, turn: float = 0
) -> np.ndarray:
    """Returns what a camera sees that comes nearer, shakes (pixels) and turns (degrees)."""
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), turn, zoom)
    matrix[:, 2] += shift_x, shift_y
    return cv2.warpAffine(frame, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
