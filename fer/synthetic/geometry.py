"""Parameters to named contours and landmarks in face units: no pixels, no colours."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from fer.synthetic import accessories, features, hair, head, muscles
from fer.synthetic.contours import Contour
from fer.synthetic.expression import COLUMNS
from fer.synthetic.parameters import CHOICES, NUMBERS

_PARTS = (
    hair.back_hair,
    head.back,
    head.face,
    hair.beard,
    features.nose,
    features.eyes,
    features.mouth,
    features.brows,
    hair.hair,
)
"""Makers of contours, in the order in which they are painted."""


@dataclass(frozen=True)
class Geometry:
    """The drawing of n faces.

    Attributes:
        contours: Curves by name, in the order in which they are painted.
        landmarks: Points by name, shape (n, 2), x to the viewer's right and y down.
        anchors: The landmarks before the roll, on which the shading is built.
    """

    contours: dict[str, Contour]
    landmarks: dict[str, np.ndarray]
    anchors: dict[str, np.ndarray]

    def take(self, row: int) -> "Geometry":
        """Returns the drawing of one face, without the contours that do not show on it."""

        def of_row(array: np.ndarray | None) -> np.ndarray | None:
            return array if array is None or len(array) == 1 else array[row : row + 1]

        contours = {}
        for name, contour in self.contours.items():
            strength = of_row(contour.strength)
            if strength is None or strength[0] > 0:
                contours[name] = replace(
                    contour, points=of_row(contour.points), width=of_row(contour.width), strength=strength
                )
        landmarks, anchors = (
            {name: of_row(point) for name, point in points.items()}
            for points in (self.landmarks, self.anchors)
        )
        return Geometry(contours, landmarks, anchors)


def build(parameters: pd.DataFrame | Mapping[str, np.ndarray]) -> Geometry:
    """Builds the geometry of faces, one a row of ``parameters``.

    The face is laid on a curved surface, turned (yaw, pitch, roll) and projected along the z axis.
    """
    values = {name: np.asarray(parameters[name], dtype=float)[:, None] for name in NUMBERS}
    values |= {name: np.asarray(parameters[name]) for name in CHOICES}
    moves = muscles.movements({unit: values[unit][:, 0] for unit in COLUMNS}, values["asymmetry"][:, 0])
    solid: dict[str, Contour] = {}
    landmarks: dict[str, np.ndarray] = {}
    for part in _PARTS:
        contours, points = part(values, moves)
        solid |= contours
        landmarks |= points
    solid |= accessories.accessories(values, landmarks)
    upright = _rotation(values["yaw"][:, 0], values["pitch"][:, 0])
    turned = _roll(values["roll"][:, 0]) @ upright
    return Geometry(
        contours={
            name: replace(contour, points=_project(contour.points, turned)) for name, contour in solid.items()
        },
        landmarks={name: _project(point[:, None], turned)[:, 0] for name, point in landmarks.items()},
        anchors={name: _project(point[:, None], upright)[:, 0] for name, point in landmarks.items()},
    )


def _project(points: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    return points @ rotation[:, :2].transpose(0, 2, 1)


def _rotation(yaw: np.ndarray, pitch: np.ndarray) -> np.ndarray:
    """Positive yaw turns the nose to the viewer's right, positive pitch turns it up. Shape (n, 3, 3)."""
    yaw, pitch = np.radians(yaw), np.radians(pitch)
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)
    around_y = [[np.cos(yaw), zero, np.sin(yaw)], [zero, one, zero], [-np.sin(yaw), zero, np.cos(yaw)]]
    around_x = [
        [one, zero, zero],
        [zero, np.cos(pitch), -np.sin(pitch)],
        [zero, np.sin(pitch), np.cos(pitch)],
    ]
    return np.moveaxis(np.array(around_x), 2, 0) @ np.moveaxis(np.array(around_y), 2, 0)


def _roll(roll: np.ndarray) -> np.ndarray:
    """Positive roll turns the face clockwise in the picture. Shape (n, 3, 3)."""
    angle = np.radians(roll)
    zero, one = np.zeros_like(angle), np.ones_like(angle)
    matrix = [[np.cos(angle), -np.sin(angle), zero], [np.sin(angle), np.cos(angle), zero], [zero, zero, one]]
    return np.moveaxis(np.array(matrix), 2, 0)
