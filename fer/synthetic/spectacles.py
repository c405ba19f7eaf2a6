"""Eyeglasses and sunglasses of random shape and colour, painted onto a photo."""

from dataclasses import dataclass

import numpy as np

from fer.synthetic.overlay import Overlay

_ANGLES = np.linspace(0, 2 * np.pi, 60, endpoint=False)
_Z = 0.5

DARK = ((18, 17, 17), (30, 24, 22), (58, 36, 24), (84, 52, 30), (26, 30, 48))
METAL = ((176, 176, 180), (120, 120, 124), (196, 160, 92), (168, 122, 96), (70, 70, 74))
BRIGHT = ((170, 30, 40), (30, 60, 150), (120, 40, 120), (240, 236, 228), (30, 110, 90), (206, 170, 140))
TINTS = ((12, 12, 14), (20, 18, 18), (46, 30, 22), (28, 40, 32), (24, 30, 50), (70, 44, 40))
MIRRORS = ((90, 130, 190), (190, 130, 70), (150, 160, 170), (120, 80, 140), (70, 150, 140))


@dataclass(frozen=True)
class Shape:
    """The outline of a pair of lenses, in face units.

    Attributes:
        width, height: Half width and half height of a lens.
        bridge: Distance between the lenses.
        drop: How far the middle of the lenses lies below the eyes.
        corners: Exponent of the superellipse |x|ⁿ + |y|ⁿ = 1: 2 is an ellipse, 6 nearly a rectangle.
        taper: How much narrower the lens is at its bottom, as a share of its width.
        sweep: How much higher the outer upper corner is.
    """

    width: float
    height: float
    bridge: float
    drop: float
    corners: float
    taper: float
    sweep: float

    def lens(self, side: int) -> np.ndarray:
        """Returns the outline of the viewer's right (1) or left (-1) lens: shape (60, 3)."""
        cosine, sine = np.cos(_ANGLES), np.sin(_ANGLES)
        x = np.sign(cosine) * np.abs(cosine) ** (2 / self.corners)
        y = np.sign(sine) * np.abs(sine) ** (2 / self.corners)
        y = self.height * y - self.sweep * x.clip(0) ** 2 * (y < 0.3)
        x = self.center + self.width * x * (1 - self.taper * y / self.height)
        return _bent(side * x, y + self.drop)

    @property
    def center(self) -> float:
        """Distance of the middle of a lens from the middle of the face."""
        return self.width + self.bridge / 2


def random_shape(random: np.random.Generator, largest: float = 1.0) -> Shape:
    """Draws a round, oval, square or trapezoid frame.

    Args:
        random: Source of the draw.
        largest: Factor of the size.
    """
    width = random.uniform(0.27, 0.37) * largest
    corners = random.choice([2.0, 2.3, 3.0, 4.5, 6.0])
    ratio = random.uniform(0.8, 1.0) if corners < 2.3 else random.uniform(0.5, 0.85)
    return Shape(
        width=width,
        height=width * ratio,
        bridge=random.uniform(0.14, 0.28),
        drop=random.uniform(-0.02, 0.1) + 0.15 * (random.random() < 0.08),
        corners=corners,
        taper=random.uniform(0, 0.14),
        sweep=random.uniform(0.04, 0.1) if random.random() < 0.2 else 0.0,
    )


def eyeglasses(overlay: Overlay, random: np.random.Generator) -> None:
    """Paints eyeglasses: full, half-rimmed or rimless, with clear lenses that may reflect."""
    shape = random_shape(random)
    kind = random.choice(["full", "half", "rimless"], p=[0.76, 0.14, 0.1])
    colors = (DARK, METAL, BRIGHT)[random.choice(3, p=[0.6, 0.27, 0.13])]
    color = _near(colors[random.integers(len(colors))], random)
    width = random.uniform(0.015, 0.035) if colors is METAL else random.uniform(0.02, 0.075)
    if kind == "rimless":
        width = random.uniform(0.01, 0.02)
    strength = random.uniform(0.8, 1)
    _shadow(overlay, shape, width, random.uniform(0.05, 0.3))
    tint = random.uniform(0, 0.12)
    for side in (-1, 1):
        lens = shape.lens(side)
        inside = overlay.area(lens)
        overlay.paint(inside * tint, (235, 238, 240) if random.random() < 0.7 else (120, 90, 60))
        if random.random() < 0.4:
            _glare(overlay, inside, random.uniform(0.1, 0.55), random)
        if kind == "full":
            overlay.paint(strength * overlay.line(lens, width, closed=True), color)
        elif kind == "half":
            upper = lens[[*range(28, 60), 0, 1, 2]]
            overlay.paint(strength * overlay.line(upper, width), color)
            overlay.paint(0.25 * overlay.line(lens, 0.012, closed=True), (200, 200, 205))
        else:
            overlay.paint(0.4 * overlay.line(lens, width, closed=True), (200, 200, 205))
    _bridge_and_temples(overlay, shape, width, color, strength, random)


def sunglasses(overlay: Overlay, random: np.random.Generator) -> None:
    """Paints sunglasses: aviator, round, square or shield; plain, graded or mirrored lenses."""
    shape = random_shape(random, largest=1.18)
    style = random.choice(["frame", "aviator", "shield"], p=[0.62, 0.25, 0.13])
    if style == "aviator":
        height = 0.82 * shape.width
        shape = Shape(shape.width, height, shape.bridge, 0.09, 2.5, random.uniform(0.12, 0.22), 0.0)
    if style == "shield":
        shape = Shape(0.42, random.uniform(0.2, 0.32), 0.02, shape.drop, 4.5, 0.1, 0.0)
    mirrored = random.random() < 0.2
    tints = MIRRORS if mirrored else TINTS
    tint = _near(tints[random.integers(len(tints))], random)
    frames = METAL if style == "aviator" or random.random() < 0.15 else (*DARK, *DARK, *BRIGHT)
    frame = _near(frames[random.integers(len(frames))], random)
    width = random.uniform(0.015, 0.03) if frames is METAL else random.uniform(0.03, 0.09)
    upper = random.uniform(0.86, 1)
    lower = upper if random.random() < 0.5 else random.uniform(0.5, 0.95)
    down = ((overlay.y - shape.drop) / shape.height).clip(-1, 1)
    density = (upper + (lower - upper) * (down + 1) / 2).astype(np.float32)
    _shadow(overlay, shape, width, random.uniform(0.1, 0.35))
    lenses = [shape.lens(side) for side in (-1, 1)]
    inside = np.maximum(*(overlay.area(lens) for lens in lenses))
    if mirrored:
        # A mirror shows the sky above and the ground below.
        tint = tint * (1 - 0.45 * down[..., None] * random.uniform(0.4, 1))
    overlay.paint(inside * density, tint)
    if random.random() < 0.75:
        _glare(overlay, inside, random.uniform(0.08, 0.45), random)
    if style != "shield" or random.random() < 0.5:
        for lens in lenses:
            overlay.paint(overlay.line(lens, width, closed=True), frame)
    _bridge_and_temples(overlay, shape, max(width, 0.03), frame, 1.0, random)


def _bent(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Places points on the surface of glasses, which bend back towards the temples."""
    return np.stack([x, y, _Z - 0.16 * x**2], axis=1)


def _shadow(overlay: Overlay, shape: Shape, width: float, strength: float) -> None:
    """Darkens the skin a little below the frame."""
    below = [0, 0.05, 0]
    for side in (-1, 1):
        line = overlay.line(shape.lens(side) + below, width + 0.03, closed=True)
        overlay.paint(strength * overlay.soften(line, 0.03), (40, 25, 20))


def _glare(overlay: Overlay, inside: np.ndarray, strength: float, random: np.random.Generator) -> None:
    """Paints reflections inside the lenses: a slanting band, or a soft spot on each."""
    slant, place = random.uniform(-1.2, 1.2), random.uniform(-0.15, 0.15)
    from_middle = overlay.x - np.sign(overlay.x) * 0.42 - place
    if random.random() < 0.5:
        light = np.exp(-(((from_middle + slant * overlay.y) / random.uniform(0.04, 0.12)) ** 2))
    else:
        across = from_middle / random.uniform(0.05, 0.15)
        down = (overlay.y - random.uniform(-0.12, 0.1)) / random.uniform(0.04, 0.12)
        light = np.exp(-(across**2) - down**2)
    overlay.paint(inside * np.float32(strength) * light, (240, 244, 250))


def _bridge_and_temples(
    overlay: Overlay,
    shape: Shape,
    width: float,
    color: np.ndarray,
    strength: float,
    random: np.random.Generator,
) -> None:
    height = shape.drop - shape.height * random.uniform(0.1, 0.5)
    x = shape.bridge / 2 * np.array([-1.1, -0.5, 0, 0.5, 1.1])
    y = height + np.array([0, -0.03, -0.04, -0.03, 0])
    overlay.paint(strength * overlay.line(np.add(_bent(x, y), [0, 0, 0.03]), width), color)
    end = shape.center + shape.width
    for side in (-1, 1):
        hinge = _bent(np.array([side * end]), np.array([height]))[0]
        ear = np.array([side * 0.95, -0.02, -0.45])
        outward = overlay.project(np.stack([[0, height, _Z], hinge, ear]))
        # On the side that is turned away, the head hides what runs to the ear.
        if (outward[2] - outward[1]) @ (outward[1] - outward[0]) > 0:
            overlay.paint(strength * overlay.line(np.stack([hinge, ear]), width * 0.9), color)


def _near(color: tuple[int, int, int], random: np.random.Generator) -> np.ndarray:
    """Returns a colour beside a given one: float64, (3,)."""
    return (np.array(color) * random.uniform(0.8, 1.2) + random.normal(0, 6, 3)).clip(0, 255)
