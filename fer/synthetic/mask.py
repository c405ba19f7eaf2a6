"""Face masks of random kind and colour, painted onto a photo."""

import cv2
import numpy as np

from fer.synthetic.curves import smooth
from fer.synthetic.overlay import Overlay

SURGICAL = ((168, 206, 226), (200, 222, 232), (236, 240, 242), (160, 210, 196), (232, 190, 204), (40, 42, 46))
CLOTH = (
    (24, 24, 27),
    (38, 40, 46),
    (120, 122, 126),
    (236, 234, 230),
    (36, 46, 84),
    (150, 30, 42),
    (210, 170, 60),
    (60, 110, 80),
    (222, 200, 180),
    (190, 120, 150),
)
FILTERING = ((244, 244, 242), (236, 238, 240), (228, 226, 222), (30, 30, 32), (238, 206, 70))


def face_mask(overlay: Overlay, random: np.random.Generator) -> None:
    """Paints a pleated surgical mask, a cloth mask or a filtering half mask such as FFP2."""
    kind = random.choice(["surgical", "cloth", "filtering"], p=[0.45, 0.37, 0.18])
    colors = {"surgical": SURGICAL, "cloth": CLOTH, "filtering": FILTERING}[kind]
    color = np.array(colors[random.integers(len(colors))]) * random.uniform(0.85, 1.1)
    color = (color + random.normal(0, 8, 3)).clip(0, 255)
    top, bottom = _edges(kind, random)
    _straps(overlay, top[-1], bottom[-1], color, random)
    outline = np.concatenate([_mirrored(top), _mirrored(bottom)[::-1]])
    solid = np.concatenate([outline, [[0, 0.62, 0.9 if kind != "surgical" else 0.8]]])
    inside = overlay.area(solid, hull=True)
    overlay.paint(overlay.soften(inside, 0.03) * np.float32(random.uniform(0.1, 0.35)), (35, 22, 18))
    paint = color * _relief(overlay, random)[..., None]
    if kind == "cloth" and random.random() < 0.4:
        paint = _printed(overlay, paint, random)
    overlay.paint(inside, paint.clip(0, 255))
    {"surgical": _pleats, "cloth": _seam, "filtering": _seam}[kind](overlay, top, bottom, inside, random)
    if kind == "filtering" and random.random() < 0.35:
        _valve(overlay, random)


def _edges(kind: str, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Returns the viewer's right half of the upper and the lower edge, from the middle out: (4, 3) each."""
    height = random.uniform(0.16, 0.42)
    side = random.uniform(0.74, 0.94)
    chin = random.uniform(1.26, 1.5)
    slope = {"surgical": 0.1, "cloth": 0.16, "filtering": 0.3}[kind] * random.uniform(0.7, 1.3)
    x = side * np.array([0, 0.25, 0.6, 1])
    top_y = height + slope * np.array([0, 0.35, 0.9, 1.2])
    top_z = np.array([0.66, 0.52, 0.36, 0.02])
    shrink = {"surgical": 0.4, "cloth": 0.44, "filtering": 0.48}[kind]
    bottom_x = side * np.array([0, 0.35, 0.68, 0.97])
    bottom_y = chin - shrink * np.array([0, 0.08, 0.4, 1])
    bottom_z = np.array([0.45, 0.42, 0.22, 0.0])
    return np.stack([x, top_y, top_z], axis=1), np.stack([bottom_x, bottom_y, bottom_z], axis=1)


def _mirrored(half: np.ndarray) -> np.ndarray:
    """Half an edge to a smooth whole one, from the viewer's left to right."""
    return smooth(np.concatenate([half[:0:-1] * [-1, 1, 1], half]))


def _straps(
    overlay: Overlay, upper: np.ndarray, lower: np.ndarray, color: np.ndarray, random: np.random.Generator
) -> None:
    """Paints loops to the ears, on the sides where the head does not hide them."""
    shown = color if random.random() < 0.3 else np.full(3, random.choice([235, 225, 40]))
    width = random.uniform(0.02, 0.045)
    heights = (random.uniform(0.0, 0.15), random.uniform(0.35, 0.55))
    for side in (-1, 1):
        for corner, height in zip((upper, lower), heights, strict=True):
            points = np.stack([corner, [0.95, height, -0.4]]) * [side, 1, 1]
            middle, start, end = overlay.project(np.concatenate([[[0, 0.7, 0.7]], points]))
            if (end - start) @ (start - middle) > 0:
                overlay.paint(overlay.line(points, width), shown)


def _relief(overlay: Overlay, random: np.random.Generator) -> np.ndarray:
    """Returns the light on the cloth: darker towards the sides and the chin, and uneven."""
    lit = 1.08 - 0.3 * overlay.x**2 - 0.22 * (overlay.y - 0.62) ** 2 + random.uniform(-0.18, 0.18) * overlay.x
    height, width = lit.shape
    cells = random.integers(5, 14)
    folds = random.normal(0, random.uniform(0.02, 0.07), (cells, cells)).astype(np.float32)
    return (lit + cv2.resize(folds, (width, height), interpolation=cv2.INTER_CUBIC)).clip(0.3, 1.25)


def _printed(overlay: Overlay, paint: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Prints stripes, checks, dots or patches in a second colour."""
    period, turn = random.uniform(0.08, 0.3), random.uniform(0, np.pi)
    along = (overlay.x * np.cos(turn) + overlay.y * np.sin(turn)) * 2 * np.pi / period
    across = (overlay.y * np.cos(turn) - overlay.x * np.sin(turn)) * 2 * np.pi / period
    pattern = random.choice(["stripes", "checks", "dots", "patches"])
    if pattern == "stripes":
        field = np.sin(along)
    elif pattern == "checks":
        field = np.sin(along) * np.sin(across)
    elif pattern == "dots":
        field = np.cos(along) + np.cos(across) - 1
    else:
        coarse = random.normal(0, 1, (12, 12)).astype(np.float32)
        field = cv2.resize(coarse, overlay.x.shape[::-1], interpolation=cv2.INTER_CUBIC)
    second = random.uniform(10, 245, 3)
    share = (0.5 + 4 * field).clip(0, 1)[..., None] * random.uniform(0.5, 1)
    return paint * (1 - share) + second * share


def _pleats(
    overlay: Overlay, top: np.ndarray, bottom: np.ndarray, inside: np.ndarray, random: np.random.Generator
) -> None:
    """Paints the folds across a surgical mask, and the wire over the nose."""
    upper, lower = _mirrored(top), _mirrored(bottom)
    count, strength = random.integers(2, 5), random.uniform(0.15, 0.5)
    for share in np.linspace(0.28, 0.72, count) + random.normal(0, 0.02, count):
        line = upper * (1 - share) + lower * share
        line[:, 2] += 0.12
        fold = overlay.soften(overlay.line(line, 0.022), 0.008)
        overlay.paint(inside * fold * np.float32(strength), (50, 60, 70))
        overlay.paint(
            inside * overlay.soften(overlay.line(np.add(line, [0, 0.035, 0]), 0.02), 0.012) * np.float32(0.3),
            (250, 252, 255),
        )
    wire = np.add(upper[len(upper) // 4 : -len(upper) // 4], [0, 0.05, 0])
    overlay.paint(inside * overlay.soften(overlay.line(wire, 0.02), 0.01) * np.float32(0.25), (80, 90, 95))


def _seam(
    overlay: Overlay, top: np.ndarray, bottom: np.ndarray, inside: np.ndarray, random: np.random.Generator
) -> None:
    """Paints the seam down the middle, with light and dark sides of the fold, and a hem."""
    if random.random() < 0.7:
        seam = smooth(np.stack([top[0], [0, 0.62, 0.9], [0, 1.0, 0.75], bottom[0]]))
        line = overlay.soften(overlay.line(seam, 0.02), 0.006)
        overlay.paint(inside * line * np.float32(random.uniform(0.2, 0.6)), (45, 45, 48))
    if random.random() < 0.5:
        hem = overlay.line(np.add(_mirrored(top), [0, 0.05, 0]), 0.014)
        overlay.paint(inside * hem * np.float32(random.uniform(0.15, 0.5)), (60, 60, 64))


def _valve(overlay: Overlay, random: np.random.Generator) -> None:
    """Paints an exhalation valve beside the middle."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    radius, x, y = random.uniform(0.1, 0.16), random.choice([-0.3, 0.0, 0.3]), random.uniform(0.75, 0.95)
    ring = np.stack([x + radius * np.cos(angles), y + radius * np.sin(angles), np.full(24, 0.75)], axis=1)
    shade = random.uniform(60, 245)
    overlay.paint(overlay.area(ring), np.full(3, shade))
    overlay.paint(overlay.line(ring, 0.02, closed=True), np.full(3, 0.6 * shade))
