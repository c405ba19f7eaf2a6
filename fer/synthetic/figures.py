"""The people of a crowd: who they are, where the boxes of their faces lie, and their bodies."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from fer import labels
from fer.synthetic import geometry, parameters
from fer.synthetic.draws import Draws

HAIRLINE = -0.75
"""Top of a box in face units: the hairline, three quarters of a unit above the eyes."""

CHEEKS = 0.92
"""Width of a box as a share of the outline's."""

BULGE = 0.32
"""Depth in face units by which a box lies before the outline: it moves to where a turned head looks.

The three were chosen so that the boxes of large faces agree best with those of a detector that has learned
from WIDER FACE (YuNet)."""

ACCESSORIES = {"none": 0.55, "glasses": 0.15, "sunglasses": 0.05, "mask": 0.25}
"""Share of the faces that wear each accessory, unless others are asked for."""

# Right half of the body below the neck, in face units, a little larger than the clothes that `head` draws.
# The last two points are the legs'.
_BODY = ((0.5, 1.8), (1.3, 1.94), (2.2, 2.2), (2.45, 3.4), (2.45, 7), (1.75, 8), (1.7, 18))
LEGS = slice(len(_BODY) - 2, len(_BODY) + 2)
"""The points of ``body`` that are the legs' corners."""


def draw_people(n: int, seed: int, accessories: Mapping[str, float]) -> pd.DataFrame:
    """Draws people with all emotions, who look about more than in portraits."""
    draws = Draws(seed, n, stream=12)
    emotions = draws.choice("emotion", dict.fromkeys(labels.FER2013, 1))
    people = parameters.sample(emotions, np.arange(n), seed, "hard")
    aside = draws.uniform("looks aside") < 0.35
    leans = draws.uniform("leans") < 0.1
    return people.assign(
        emotion=emotions,
        yaw=np.where(aside, draws.uniform("yaw", -45, 45), people["yaw"]),
        roll=np.where(leans, draws.uniform("roll", -35, 35), people["roll"]),
        brightness=people["brightness"].clip(upper=1.05),
        accessory=draws.choice("accessory", accessories),
        occlusion=0.0,
    )


def outline(drawing: geometry.Geometry, people: pd.DataFrame) -> np.ndarray:
    """The outline of faces without forehead and temples, on which their boxes are: face units, (n, m, 2)."""
    points = drawing.contours["face"].points
    yaw, roll = np.radians(people[["yaw", "roll"]].to_numpy().T)
    cosine, sine = np.cos(roll), np.sin(roll)
    turn = np.array([[cosine, -sine], [sine, cosine]]).transpose(2, 0, 1)
    upright = points @ turn
    middle = (upright[..., 0].min(axis=1) + upright[..., 0].max(axis=1))[:, None] / 2
    x = middle + CHEEKS * (upright[..., 0] - middle) + BULGE * np.sin(yaw)[:, None]
    return np.stack([x, upright[..., 1].clip(HAIRLINE)], axis=-1) @ turn.transpose(0, 2, 1)


def body(roll: float) -> np.ndarray:
    """The outline of a body in face units, (m, 2): the shoulders follow the head, the rest hangs down."""
    half = np.array(_BODY)
    x, y = np.concatenate([half * [-1, 1], half[::-1]]).T
    angle = np.radians(roll)
    upper = y.clip(None, 2.3)
    down = y - upper
    return np.stack(
        [x * np.cos(angle) - upper * np.sin(angle), x * np.sin(angle) + upper * np.cos(angle) + down], 1
    )
