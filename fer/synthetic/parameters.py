"""What a face is: one row of a table, one column a parameter.

Lengths are face units: the mean head is 2 wide, the origin lies between the eyes, x points to the
viewer's right, y down and z to the viewer. Left and right are always the viewer's. Angles are degrees.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.synthetic import expression
from fer.synthetic.draws import Draws


class Number(NamedTuple):
    """A numeric parameter: its value on the average face, and the smallest and largest allowed."""

    default: float
    low: float
    high: float


IDENTITY = {
    "head_width": (0.96, 0.035),
    "face_length": (1.42, 0.055),
    "jaw_width": (0.76, 0.05),
    "chin_width": (0.36, 0.06),
    "eye_distance": (0.82, 0.03),
    "eye_width": (0.40, 0.022),
    "eye_height": (0.165, 0.016),
    "eye_tilt": (0.03, 0.04),
    "iris_size": (0.083, 0.004),
    "brow_height": (0.27, 0.026),
    "brow_thickness": (0.062, 0.014),
    "brow_arch": (0.045, 0.02),
    "brow_slope": (0.0, 0.022),
    "nose_length": (0.57, 0.035),
    "nose_width": (0.19, 0.022),
    "mouth_height": (0.90, 0.03),
    "mouth_width": (0.35, 0.026),
    "mouth_corner": (0.0, 0.014),
    "upper_lip": (0.066, 0.014),
    "lower_lip": (0.095, 0.016),
}
"""Measures of a person: mean and standard deviation in face units. Widths of head, jaw, chin, nose and mouth
are half widths; ``brow_slope``, ``eye_tilt`` and ``mouth_corner`` are how much higher the outer end is."""

NUMBERS = (
    {name: Number(mean, mean - 4 * spread, mean + 4 * spread) for name, (mean, spread) in IDENTITY.items()}
    | {column: Number(0, 0, 1) for column in expression.COLUMNS}
    | {
        "age": Number(0.3, 0, 1),
        "skin_tone": Number(4, 1, 10),
        "asymmetry": Number(0, -1, 1),
        "gaze_x": Number(0, -1, 1),
        "gaze_y": Number(0, -1, 1),
        "yaw": Number(0, -45, 45),
        "pitch": Number(0, -30, 30),
        "roll": Number(0, -180, 180),
        "zoom": Number(1, 0.2, 2),
        "shift_x": Number(0, -1, 1),
        "shift_y": Number(0, -1, 1),
        "light_direction": Number(-35, -180, 180),
        "light_strength": Number(0.6, 0, 1),
        "brightness": Number(1, 0.3, 1.7),
        "blur": Number(0, 0, 0.1),
        "noise": Number(0, 0, 0.5),
        "occlusion": Number(0, 0, 1),
        "texture": Number(0, 0, 2**31),
    }
)

CHOICES = {
    "hair_style": {"short": 3, "side_part": 3, "fringe": 2, "long": 4, "curly": 2, "receding": 1, "bald": 1},
    "hair_color": {
        "black": 5,
        "dark_brown": 4,
        "brown": 3,
        "auburn": 1,
        "blond": 2,
        "gray": 1.5,
        "white": 0.5,
    },
    "iris_color": {"dark_brown": 4, "brown": 3, "hazel": 1, "green": 1, "blue": 2, "gray": 1},
    "beard": {"none": 7, "stubble": 1, "moustache": 0.5, "goatee": 0.5, "full": 1},
    "accessory": {"none": 1, "glasses": 0, "sunglasses": 0, "mask": 0},
    "frame": {"round": 1, "square": 1},
}
"""Parameters that are words, each with its values and their shares; the first value is the default."""


@dataclass(frozen=True)
class Difficulty:
    """How far pictures stray from a clear, frontal portrait. Spreads are standard deviations.

    Attributes:
        intensity: Range of the strength of an expression, 0…1.
        blend: Share of faces that show a second emotion, and the largest strength of it.
        spontaneous: Upper bound of movements that belong to no emotion, 0…1.
        yaw, pitch, roll: Spread of the pose in degrees.
        shift, zoom: Spread of the crop: share of the picture, and relative size.
        light: Range of the strength of the light, 0…1.
        brightness: Spread of the exposure.
        blur: Largest blur, as a share of the picture's width.
        noise: Largest noise, as a share of the range 0…255.
        occluded: Share of faces with something in front of them.
        accessories: Share of each accessory; the rest wear none.
    """

    intensity: tuple[float, float]
    blend: tuple[float, float]
    spontaneous: float
    yaw: float
    pitch: float
    roll: float
    shift: float
    zoom: float
    light: tuple[float, float]
    brightness: float
    blur: float
    noise: float
    occluded: float
    accessories: dict[str, float] = field(default_factory=dict)


DIFFICULTIES = {
    "easy": Difficulty(
        intensity=(0.85, 1),
        blend=(0, 0),
        spontaneous=0.1,
        yaw=5,
        pitch=3,
        roll=2.5,
        shift=0.01,
        zoom=0.015,
        light=(0.3, 0.6),
        brightness=0.04,
        blur=0.005,
        noise=0.015,
        occluded=0,
        accessories={"glasses": 0.1},
    ),
    "standard": Difficulty(
        intensity=(0.6, 1),
        blend=(0.2, 0.25),
        spontaneous=0.2,
        yaw=9,
        pitch=5,
        roll=4,
        shift=0.015,
        zoom=0.025,
        light=(0.2, 0.8),
        brightness=0.08,
        blur=0.012,
        noise=0.025,
        occluded=0.05,
        accessories={"glasses": 0.12, "sunglasses": 0.03, "mask": 0.03},
    ),
    "hard": Difficulty(
        intensity=(0.3, 1),
        blend=(0.4, 0.4),
        spontaneous=0.3,
        yaw=13,
        pitch=7,
        roll=6,
        shift=0.022,
        zoom=0.04,
        light=(0.15, 0.95),
        brightness=0.12,
        blur=0.018,
        noise=0.035,
        occluded=0.12,
        accessories={"glasses": 0.13, "sunglasses": 0.05, "mask": 0.07},
    ),
}
"""Presets of ``Difficulty``.

Accuracy of ``small_cnn`` on 900 faces of people it has not seen, trained with Adam on
4,200 faces of 48×48 pixels without augmentation for 15 epochs (easy: 10 and 12), mean of two seeds:
easy 96 %, standard 89 %, hard 68 %.
"""


def default(n: int = 1) -> pd.DataFrame:
    """Returns the parameters of ``n`` average faces: neutral, frontal, without accessories."""
    values = {name: number.default for name, number in NUMBERS.items()}
    values |= {name: next(iter(shares)) for name, shares in CHOICES.items()}
    return pd.DataFrame(values, index=range(n))


def sample(
    emotions: np.ndarray, subjects: np.ndarray, seed: int = 0, difficulty: str = "standard"
) -> pd.DataFrame:
    """Draws the parameters of faces.

    Args:
        emotions: Name of the emotion of each face, shape (n,).
        subjects: Number of the person of each face, int, shape (n,). The same number is the same person.
        seed: Seed; another seed gives other people.
        difficulty: A key of ``DIFFICULTIES``.

    Returns:
        One row a face, one column a parameter.
    """
    if difficulty not in DIFFICULTIES:
        raise ValueError(f"`difficulty` must be one of {list(DIFFICULTIES)}. Received: {difficulty!r}")
    preset = DIFFICULTIES[difficulty]
    draws = Draws(seed, len(emotions), stream=0)
    people = _people(Draws(seed, int(subjects.max(initial=-1)) + 1, stream=1))
    values = {name: column[subjects] for name, column in people.items()}
    values |= _expressions(emotions, preset, draws) | _scene(preset, draws)
    return pd.DataFrame(values)[[*NUMBERS, *CHOICES]]


def check(parameters: pd.DataFrame) -> None:
    """Raises a ValueError that names the first parameter that is missing or out of its range."""
    missing = sorted((NUMBERS.keys() | CHOICES.keys()) - set(parameters.columns))
    if missing:
        raise ValueError(f"`faces` must have every parameter as a column. Missing: {missing}")
    for name, (_, low, high) in NUMBERS.items():
        outside = ~parameters[name].between(low, high)
        if outside.any():
            received = parameters[name][outside].iloc[0]
            raise ValueError(f"`{name}` must be in {low:g}…{high:g}. Received: {received!r}")
    for name, shares in CHOICES.items():
        unknown = ~parameters[name].isin(shares)
        if unknown.any():
            received = parameters[name][unknown].iloc[0]
            raise ValueError(f"`{name}` must be one of {list(shares)}. Received: {received!r}")


def _people(draws: Draws) -> dict[str, np.ndarray]:
    """Draws persons. Darker skin comes with darker hair and eyes, gray hair with age, more often than not."""
    people = {name: draws.normal(name, mean, spread) for name, (mean, spread) in IDENTITY.items()}
    people["age"] = draws.uniform("age") ** 1.5
    people["skin_tone"] = draws.integers("skin_tone", 1, 11)
    for name in ("hair_style", "hair_color", "iris_color", "beard", "frame"):
        people[name] = draws.choice(name, CHOICES[name])
    dark = people["skin_tone"] >= 6
    fair = np.isin(people["hair_color"], ["brown", "auburn", "blond"])
    people["hair_color"][dark & fair] = "black"
    people["iris_color"][dark & ~np.isin(people["iris_color"], ["brown"])] = "dark_brown"
    people["hair_color"][(people["age"] < 0.4) & np.isin(people["hair_color"], ["gray", "white"])] = "black"
    people["beard"][people["hair_style"] == "long"] = "none"
    return people


def _expressions(emotions: np.ndarray, preset: Difficulty, draws: Draws) -> dict[str, np.ndarray]:
    """Draws action units: the emotion, at times a weaker second one, and movements of no emotion."""
    intensity = draws.uniform("intensity", *preset.intensity)
    main = expression.action_units(emotions, intensity, draws, preset.spontaneous)
    share, largest = preset.blend
    second = draws.choice("second emotion", dict.fromkeys(expression.EMOTIONS, 1))
    strength = draws.uniform("blend", 0, largest) * intensity * (draws.uniform("blended") < share)
    other = expression.action_units(second, strength, Draws(draws.seed, draws.n, stream=2))
    return {column: np.maximum(main[column], other[column]) for column in main}


def _scene(preset: Difficulty, draws: Draws) -> dict[str, np.ndarray]:
    values = {name: draws.normal(name, 0, getattr(preset, name)) for name in ("yaw", "pitch", "roll")}
    values |= {name: draws.normal(name, 0, preset.shift) for name in ("shift_x", "shift_y")}
    values |= {name: draws.normal(name, 1, getattr(preset, name)) for name in ("zoom", "brightness")}
    values |= {name: draws.uniform(name, 0, getattr(preset, name)) for name in ("blur", "noise")}
    hidden = draws.uniform("occluded") < preset.occluded
    accessories = {"none": 1 - sum(preset.accessories.values())} | preset.accessories
    return values | {
        "asymmetry": draws.normal("asymmetry", 0, 0.2),
        "gaze_x": draws.normal("gaze_x", 0, 0.25),
        "gaze_y": draws.normal("gaze_y", 0, 0.12),
        "light_direction": draws.normal("light_direction", 0, 50),
        "light_strength": draws.uniform("light_strength", *preset.light),
        "occlusion": hidden * draws.uniform("occlusion", 0.3, 1),
        "accessory": draws.choice("accessory", accessories),
        "texture": draws.integers("texture", 0, 2**31),
    }
