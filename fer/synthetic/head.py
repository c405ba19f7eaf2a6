"""Face outline, ears, neck and clothes as contours and landmarks."""

import numpy as np

from fer.synthetic.contours import Contour, both, mirrored, rim, surface
from fer.synthetic.curves import smooth
from fer.synthetic.features import Part, Values

_OUTLINE = (
    (0, -1.32),
    (0.5, -1.22),
    (0.86, -0.86),
    (0.99, -0.3),
    (0.97, 0.25),
    (0.87, 0.76),
    (0.62, 1.12),
    (0.3, 1.38),
    (0, 1.42),
)
"""Right half of the face from the crown to the chin, where head, jaw and chin are 1, 0.8 and 0.36 wide."""

_NECK = ((0, 0.4), (0.52, 0.5), (0.52, 1.4), (0.62, 2.0))
_CLOTHES = ((0, 1.85), (0.5, 1.8), (1.3, 2.0), (2.2, 2.3), (2.4, 4))


def back(values: Values, moves: Values) -> Part:
    """What lies behind the face: clothes, neck and ears."""
    n = len(values["age"])
    angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    x = values["head_width"] * 1.0 + 0.11 * np.cos(angle)
    y = np.broadcast_to(0.2 + 0.27 * np.sin(angle) - 0.04 * np.cos(angle), x.shape)
    ear = np.stack([x, y, np.full_like(x, -0.4)], axis=-1)
    contours = {
        "neck": Contour(mirrored(plane(n, _NECK, z=-0.2)), "neck"),
        "clothes": Contour(smooth(mirrored(plane(n, _CLOTHES, z=-0.3))), "clothes"),
    }
    return contours | both("ear", np.stack([ear * [-1, 1, 1], ear], axis=1), "ear"), {}


def face(values: Values, moves: Values) -> Part:
    """The outline of the face."""
    outline = face_outline(values, moves)
    cheek = surface(np.array([-0.55, 0.55]), 0.45 - 0.06 * moves["cheek_up"])
    landmarks = {
        "chin": outline[:, 0],
        "jaw_left": outline[:, 3],
        "jaw_right": outline[:, -3],
        "forehead": surface(np.zeros(len(outline)), np.full(len(outline), -0.6)),
        "cheek_left": cheek[:, 0],
        "cheek_right": cheek[:, 1],
    }
    return {"face": Contour(smooth(outline, closed=True), "skin")}, landmarks


def face_outline(values: Values, moves: Values) -> np.ndarray:
    """Returns the closed outline from the chin over the left side, the crown and the right: (n, 16, 3)."""
    n = len(values["age"])
    half = plane(n, _OUTLINE, z=-0.4)
    x, y = half[..., 0], half[..., 1]
    x[:, :6] *= values["head_width"]
    wider, chin = values["jaw_width"][:, 0] - 0.8, values["chin_width"][:, 0] - 0.36
    x[:, 5:8] += np.stack([wider, 0.6 * wider + 0.4 * chin, chin], axis=1)
    lower = np.clip((y - 0.2) / 1.2, 0, 1)
    drop = (moves["jaw_down"] - 0.4 * moves["chin_up"]).mean(axis=1, keepdims=True)
    half[..., 1] = np.where(y > 0, y * values["face_length"] / 1.42, y) + lower**1.5 * drop
    half[..., 2] += 0.5 * lower**2
    return rim(np.concatenate([half[:, -1:], mirrored(half[:, :-1])], axis=1), values["yaw"])


def plane(n: int, points: tuple[tuple[float, float], ...], z: float) -> np.ndarray:
    """Returns the same points for n faces, all at depth z: (n, m, 3)."""
    x, y = np.array(points, dtype=float).T
    return np.repeat(np.stack([x, y, np.full(len(x), z)], axis=-1)[None], n, axis=0)
