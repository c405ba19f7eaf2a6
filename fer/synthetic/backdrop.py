"""What may be behind faces, and what may be taken for one: drawn, no photos."""

from collections.abc import Callable

import cv2
import numpy as np

from fer.synthetic.colors import MONK_SKIN_TONES
from fer.synthetic.curves import ribbon, smooth

FRACTION = 4
"""Bits of a pixel's fraction in the polygons that OpenCV takes."""


def backdrop(random: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Paints a place: clouds, a gradient, stripes or a room, with shapes, leaves or lights, at times blurred.

    Args:
        random: Decides the result together with the size.
        height, width: Size in pixels.

    Returns:
        uint8, shape (height, width, 3) RGB.
    """
    palette = colors(random, 8)
    picture = _SURFACES[random.integers(len(_SURFACES))](random, height, width, palette)
    for name in random.permutation(list(_DETAILS))[: random.integers(0, 3)]:
        _DETAILS[name](picture, random, palette)
    if random.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.5, 0.02 * min(height, width) + 0.6))
    return picture


def distract(picture: np.ndarray, random: np.random.Generator) -> None:
    """Paints up to four things into a picture that are no faces: skin, balls, clocks, hands, writing.

    Args:
        picture: uint8, shape (height, width, 3) RGB, changed in place.
        random: Decides what, where and how large.
    """
    for _ in range(random.integers(0, 5)):
        side = min(picture.shape[:2]) * np.exp(random.uniform(np.log(0.03), np.log(0.4)))
        center = random.uniform(0, 1, 2) * picture.shape[1::-1]
        _THINGS[random.integers(len(_THINGS))](picture, random, center, side)


def colors(random: np.random.Generator, n: int) -> np.ndarray:
    """Returns colours that go together, RGB 0…255, shape (n, 3), more of them dull than bright."""
    hue = random.uniform(0, 360) + random.normal(0, random.choice([15, 60, 180]), n)
    saturation, value = random.beta(1.2, 2.6, n), random.uniform(0.1, 1, n)
    rows = np.stack([hue % 360, saturation, value], axis=1).astype(np.float32)
    return 255 * cv2.cvtColor(rows[None], cv2.COLOR_HSV2RGB)[0]


def skin(random: np.random.Generator) -> np.ndarray:
    """Returns a colour of skin, RGB 0…255, shape (3,)."""
    tone = MONK_SKIN_TONES[random.integers(len(MONK_SKIN_TONES))]
    return (tone * random.uniform(0.75, 1.1)).clip(0, 255)


def fill(picture: np.ndarray, points: np.ndarray, color: np.ndarray) -> None:
    """Fills a polygon, shape (m, 2) in pixels, with smooth edges, in place."""
    points = np.rint(points.clip(-8000, 8000) * 2**FRACTION).astype(np.int32)
    cv2.fillPoly(picture, [points], np.asarray(color, dtype=float).tolist(), cv2.LINE_AA, FRACTION)


def oval(center: np.ndarray, radius_x: float, radius_y: float, turn: float = 0) -> np.ndarray:
    """Returns the outline of an ellipse turned by an angle in radians: shape (40, 2)."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x, y = radius_x * np.cos(angle), radius_y * np.sin(angle)
    turned = [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)]
    return np.asarray(center) + np.stack(turned, axis=1)


def _rectangle(left: float, top: float, width: float, height: float) -> np.ndarray:
    return [left, top] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [width, height]


def _mix(share: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    share = share.astype(np.float32)[..., None]
    return (first * share + second * (1 - share)).astype(np.uint8)


def _grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the pixels, y as a column and x as a row, in shares of the longer side."""
    longest = max(height, width)
    return np.arange(height)[:, None] / longest, np.arange(width) / longest


def _clouds(random: np.random.Generator, height: int, width: int, palette: np.ndarray) -> np.ndarray:
    field = np.zeros((height, width), dtype=np.float32)
    for octave in range(random.integers(1, 6)):
        cells = random.standard_normal((3 * 2**octave, 3 * 2**octave), dtype=np.float32)
        field += cv2.resize(cells, (width, height), interpolation=cv2.INTER_CUBIC) / 1.7**octave
    return _mix(1 / (1 + np.exp(-random.uniform(1, 3) * field)), palette[0], palette[1])


def _gradient(random: np.random.Generator, height: int, width: int, palette: np.ndarray) -> np.ndarray:
    y, x = _grid(height, width)
    if random.random() < 0.5:
        turn = random.uniform(0, 2 * np.pi)
        share = 0.5 + (x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn)
    else:
        share = np.hypot(x - random.random(), y - random.random())
    return _mix(share.clip(0, 1), palette[0], palette[1])


def _stripes(random: np.random.Generator, height: int, width: int, palette: np.ndarray) -> np.ndarray:
    y, x = _grid(height, width)
    turn, period = random.choice([0, np.pi / 2, random.uniform(0, np.pi)]), random.uniform(0.03, 0.3)
    along = 2 * np.pi / period * (x * np.cos(turn) + y * np.sin(turn))
    wave = np.sin(along)
    if random.random() < 0.4:
        wave = wave * np.sin(2 * np.pi / period * (y * np.cos(turn) - x * np.sin(turn)))
    share = (0.5 + random.uniform(0.5, 8) * wave).clip(0, 1)
    return _mix(share * random.uniform(0.2, 1), palette[0], palette[1])


def _room(random: np.random.Generator, height: int, width: int, palette: np.ndarray) -> np.ndarray:
    """A wall with light on it, a floor, and doors, windows, pictures and shelves."""
    picture = _gradient(random, height, width, np.clip(palette[0] * [[1.1], [0.8]], 0, 255))
    floor = random.uniform(0.55, 0.95) * height
    fill(picture, _rectangle(0, floor, width, height - floor), palette[2])
    for color in palette[3 : 3 + random.integers(1, 5)]:
        w, h = random.uniform(0.08, 0.35, 2) * [width, height]
        left, top = random.uniform(-0.1, 1) * width, random.uniform(-0.1, 0.5) * height
        for inset, shade in ((0, 0.6), (0.012 * width, 1)):
            fill(picture, _rectangle(left + inset, top + inset, w - 2 * inset, h - 2 * inset), color * shade)
        for share in np.linspace(0, 1, random.integers(2, 5))[1:-1]:
            fill(picture, _rectangle(left, top + h * share - 2, w, 4), color * 0.6)
    return picture


def _shapes(picture: np.ndarray, random: np.random.Generator, palette: np.ndarray) -> None:
    """Ellipses, bars and polygons of all sizes."""
    height, width = picture.shape[:2]
    for _ in range(random.integers(4, 40)):
        center, size = random.uniform(0, 1, 2) * [width, height], random.uniform(0.01, 0.2, 2) * width
        if random.random() < 0.4:
            outline = oval(center, *size, random.uniform(0, np.pi))
        else:
            corners = oval((0, 0), *size, random.uniform(0, np.pi))[:: random.choice([5, 8, 10, 13])]
            outline = center + corners * random.uniform(0.6, 1.2, (len(corners), 1))
        fill(picture, outline, palette[random.integers(len(palette))] * random.uniform(0.7, 1))


def _foliage(picture: np.ndarray, random: np.random.Generator, palette: np.ndarray) -> None:
    """Many leaves of nearly one colour, below or above a line."""
    height, width = picture.shape[:2]
    side, line = random.uniform(0.008, 0.03) * width, random.uniform(0.2, 0.7) * height
    low, high = (line, height) if random.random() < 0.6 else (0, line)
    color = palette[random.integers(len(palette))]
    n = 250
    centers = np.stack([random.uniform(0, width, n), random.uniform(low, high, n)], axis=1)
    turns, shades, lengths = random.uniform(0, np.pi, n), random.uniform(0.5, 1.2, n), random.uniform(1, 3, n)
    for center, turn, shade, length in zip(centers, turns, shades, lengths, strict=True):
        fill(picture, oval(center, side * length, side, turn)[::4], (color * shade).clip(0, 255))


def _lights(picture: np.ndarray, random: np.random.Generator, palette: np.ndarray) -> None:
    """Lamps out of focus before a darkened place."""
    height, width = picture.shape[:2]
    picture[:] = (picture * random.uniform(0.2, 0.7)).astype(np.uint8)
    layer = np.zeros_like(picture)
    for _ in range(random.integers(5, 30)):
        center, radius = random.uniform(0, 1, 2) * [width, height], random.uniform(0.005, 0.05) * width
        color = 80 + 0.6 * palette[random.integers(len(palette))]
        fill(layer, oval(center, radius, radius), color * random.uniform(0.3, 1))
    cv2.add(picture, cv2.GaussianBlur(layer, (0, 0), 0.004 * width + 0.5), dst=picture)


def _blob(picture: np.ndarray, random: np.random.Generator, center: np.ndarray, side: float) -> None:
    """Bare skin: an ellipse without a face, lit from one side."""
    color, turn, slim = skin(random), random.uniform(0, np.pi), random.uniform(0.5, 0.95)
    for step in np.linspace(0, 1, 5):
        shift = side * 0.12 * step * np.array([np.cos(turn), np.sin(turn)])
        outline = oval(center + shift, side / 2 * (1 - 0.2 * step), side / 2 * slim * (1 - 0.2 * step), turn)
        fill(picture, outline, color * (0.75 + 0.25 * step))


def _ball(picture: np.ndarray, random: np.random.Generator, center: np.ndarray, side: float) -> None:
    """A ball with a pattern, or a clock."""
    first, second, third = colors(random, 3)
    fill(picture, oval(center, side / 2, side / 2), first)
    fill(picture, oval(center, side * 0.43, side * 0.43), second)
    for turn in random.uniform(0, 2 * np.pi, random.integers(1, 4)):
        end = center + side * random.uniform(0.2, 0.4) * np.array([np.cos(turn), np.sin(turn)])
        fill(picture, ribbon(np.stack([center, end]), np.array([0.05, 0.03]) * side), third)


def _hand(picture: np.ndarray, random: np.random.Generator, center: np.ndarray, side: float) -> None:
    """A hand with an arm."""
    color, turn = skin(random), random.uniform(-np.pi, np.pi)
    along = np.array([np.cos(turn), np.sin(turn)])
    arm = np.stack([center, center + along * side * random.uniform(1, 3)])
    fill(picture, ribbon(arm, np.array([0.4, 0.55]) * side), color * 0.85)
    fill(picture, oval(center, side * 0.36, side * 0.3, turn), color)
    for number, spread in enumerate(np.linspace(-0.7, 0.7, 4) * random.uniform(0.4, 1)):
        direction = -np.array([np.cos(turn + spread), np.sin(turn + spread)])
        length = side * (0.62 + 0.1 * (number in (1, 2)))
        finger = center + direction * length * np.array([[0.3], [0.8], [0.95], [1]])
        fill(picture, ribbon(finger, np.array([0.15, 0.13, 0.1, 0.02]) * side), color * 0.95)


def _writing(picture: np.ndarray, random: np.random.Generator, center: np.ndarray, side: float) -> None:
    """A board with lines of strokes."""
    paper, ink = colors(random, 2)
    size = side * random.uniform(0.5, 1.5, 2)
    fill(picture, _rectangle(*(center - size / 2), *size), paper)
    rows = random.integers(1, 6)
    step = size[1] / (rows + 0.5)
    for row in range(rows):
        x = center[0] - 0.42 * size[0]
        while x < center[0] + 0.38 * size[0]:
            strokes = np.array([x, center[1] - size[1] / 2 + step * (row + 0.25)])
            strokes = strokes + random.uniform(0, 0.55, (4, 2)) * step
            fill(picture, ribbon(smooth(strokes), np.full(13, 0.09 * step)), ink)
            x += step * random.uniform(0.6, 1.1)


def _face_from_behind(
    picture: np.ndarray, random: np.random.Generator, center: np.ndarray, side: float
) -> None:
    """A head seen from behind: hair, ears, neck and shoulders."""
    hair, clothes = colors(random, 2) * [[0.5], [1]]
    color = skin(random)
    left, right = center + side * np.array([[-0.5, 0.05], [0.5, 0.05]])
    shoulders = np.array([[-0.3, 0.85], [0.3, 0.85], [1.1, 1.15], [1.2, 6], [-1.2, 6], [-1.1, 1.15]])
    fill(picture, center + side * np.array([[-0.28, 0], [0.28, 0], [0.32, 1], [-0.32, 1]]), color * 0.8)
    fill(picture, center + side * shoulders, clothes)
    for ear in (left, right):
        fill(picture, oval(ear, 0.07 * side, 0.14 * side), color * 0.9)
    fill(picture, oval(center, 0.5 * side, 0.62 * side), hair)
    for turn in np.linspace(-0.35, 0.35, 5):
        strand = center + side * np.array([[turn * 0.5, -0.5], [turn, 0], [turn * 0.9, 0.45]])
        fill(picture, ribbon(smooth(strand), np.full(9, 0.02 * side)), hair * 1.25)


Surface = Callable[[np.random.Generator, int, int, np.ndarray], np.ndarray]
_SURFACES: tuple[Surface, ...] = (_clouds, _gradient, _stripes, _room)
_DETAILS: dict[str, Callable[[np.ndarray, np.random.Generator, np.ndarray], None]] = {
    "shapes": _shapes,
    "foliage": _foliage,
    "lights": _lights,
}
_THINGS: tuple[Callable[[np.ndarray, np.random.Generator, np.ndarray, float], None], ...] = (
    _blob,
    _ball,
    _hand,
    _writing,
    _face_from_behind,
)
