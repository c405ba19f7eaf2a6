"""Hair and beards as contours."""

import numpy as np

from fer.synthetic.contours import Contour, mirrored, rim, surface
from fer.synthetic.curves import smooth
from fer.synthetic.features import Part, Values
from fer.synthetic.head import face_outline, plane

STYLES = {
    "short": (
        ((0, -1.45), (0.55, -1.37), (0.96, -0.98), (1.07, -0.4), (1.03, 0.12)),
        ((0, -0.75), (0.38, -0.79), (0.68, -0.68), (0.83, -0.36), (0.99, 0.12)),
    ),
    "side_part": (
        ((0, -1.5), (0.6, -1.41), (1.02, -0.98), (1.1, -0.4), (1.03, 0.15)),
        ((0.1, -0.72), (0.45, -0.62), (0.74, -0.52), (0.86, -0.26), (0.99, 0.15)),
    ),
    "fringe": (
        ((0, -1.47), (0.62, -1.36), (1.06, -0.9), (1.17, -0.1), (1.1, 0.85)),
        ((0, -0.46), (0.36, -0.5), (0.7, -0.4), (0.88, -0.1), (0.97, 0.85)),
    ),
    "long": (
        ((0, -1.47), (0.62, -1.36), (1.08, -0.85), (1.24, -0.1), (1.28, 0.8), (1.22, 2.4)),
        ((0, -0.9), (0.34, -0.74), (0.7, -0.48), (0.88, -0.02), (0.94, 0.75), (0.86, 2.4)),
    ),
    "curly": (
        ((0, -1.72), (0.7, -1.56), (1.2, -1.05), (1.34, -0.35), (1.15, 0.4)),
        ((0, -0.7), (0.4, -0.73), (0.72, -0.58), (0.86, -0.28), (0.98, 0.4)),
    ),
    "receding": (
        ((0, -1.38), (0.5, -1.3), (0.93, -0.92), (1.05, -0.4), (1.02, 0.12)),
        ((0, -0.9), (0.36, -1.02), (0.66, -0.86), (0.84, -0.42), (0.99, 0.12)),
    ),
}
"""For each style, the right half of the outer edge and of the hairline, from the middle outwards."""

_BACK = ((0, -1.4), (1.05, -0.9), (1.18, 0.3), (1.16, 1.4), (1.05, 2.4))
_POINTS = 10

_STRANDS = (
    (0.08, "hair_shade", 0.03),
    (0.2, "hair_light", 0.016),
    (0.27, "hair_shade", 0.02),
    (0.41, "hair_shade", 0.012),
    (0.48, "hair_light", 0.03),
    (0.6, "hair_shade", 0.024),
    (0.72, "hair_light", 0.014),
    (0.79, "hair_shade", 0.03),
    (0.92, "hair_light", 0.02),
)
"""Strands between the hairline (0) and the outer edge (1): place, colour and width."""

_CHEEK = ((0, -0.2), (0.3, -0.17), (0.52, -0.02), (0.7, -0.1), (0.86, -0.5))
_GOATEE = (((0, 0.1), (0.2, 0.14), (0.27, 0.3)), ((0, 0.5), (0.2, 0.46)))
_MOUSTACHE = (((0, -0.17), (0.2, -0.15), (0.37, 0.02)), ((0, -0.07), (0.2, -0.05)))
"""Edges of beards, right half, as offsets from the middle of the lips."""


def back_hair(values: Values, moves: Values) -> Part:
    """Long hair behind the neck."""
    long = np.isin(values["hair_style"], ["long", "fringe"]).astype(float)
    hair = smooth(mirrored(plane(len(long), _BACK, z=-0.6)))
    return {"back_hair": Contour(hair, "hair_shade", strength=long)}, {}


def hair(values: Values, moves: Values) -> Part:
    """Hair over the forehead and beside the face, with strands for large pictures."""
    outer, hairline = np.zeros((2, len(values["age"]), 2 * _POINTS - 1, 3))
    for style, (edge, line) in STYLES.items():
        worn = values["hair_style"] == style
        outer[worn], hairline[worn] = mirrored(_on_head(edge, edge=True)), mirrored(_on_head(line))
    for curve in (outer, hairline):
        curve[..., 0] *= values["head_width"]
    outer, hairline = rim(smooth(outer, steps=3), values["yaw"]), smooth(hairline, steps=3)
    worn = (values["hair_style"] != "bald").astype(float)
    contours = {"hair": Contour(np.concatenate([outer, hairline[:, ::-1]], axis=1), "hair", strength=worn)}
    profile = 0.3 + 0.7 * np.abs(np.cos(np.linspace(0, 3 * np.pi, outer.shape[1])))
    for number, (share, role, width) in enumerate(_STRANDS):
        strand = outer * share + hairline * (1 - share)
        contours[f"strand{number}"] = Contour(strand, role, False, width * profile[None], worn)
    return contours, {}


def beard(values: Values, moves: Values) -> Part:
    """Full beard and stubble along the jaw, goatee on the chin, moustache over the lip."""
    worn = values["beard"]
    lip = values["mouth_height"] - moves["lip_line_up"].mean(axis=1, keepdims=True)
    drop = moves["jaw_down"].mean(axis=1, keepdims=True)

    def line(points: tuple[tuple[float, float], ...]) -> np.ndarray:
        x, y = np.array(points, dtype=float).T
        return mirrored(surface(x, lip + y + drop * np.clip(y * 2, 0, 1)))

    def patch(edges: tuple) -> np.ndarray:
        upper, lower = (line(edge) for edge in edges)
        return smooth(np.concatenate([upper, lower[:, ::-1]], axis=1), closed=True)

    outline = face_outline(values, moves)
    jaw = np.concatenate([outline[:, -4:], outline[:, :5]], axis=1)
    cheek = rim(line(_CHEEK), values["yaw"])
    full = np.concatenate([smooth(cheek), smooth(jaw)], axis=1)
    shown = {name: np.isin(worn, names).astype(float) for name, names in _WORN_WITH.items()}
    return {
        "stubble": Contour(full, "stubble", strength=shown["stubble"]),
        "beard": Contour(full, "beard", strength=shown["full"]),
        "goatee": Contour(patch(_GOATEE), "beard", strength=shown["goatee"]),
        "moustache": Contour(patch(_MOUSTACHE), "beard", strength=shown["moustache"]),
    }, {}


_WORN_WITH = {
    "stubble": ["stubble"],
    "full": ["full"],
    "goatee": ["goatee"],
    "moustache": ["moustache", "goatee"],
}
"""The kinds of beard of which each patch is a part."""


def _on_head(points: tuple[tuple[float, float], ...], edge: bool = False) -> np.ndarray:
    """Brings a half line to ``_POINTS`` points on the surface of the head, or on its edge: (m, 3)."""
    curve = smooth(np.array(points, dtype=float), steps=18)
    curve = curve[np.linspace(0, len(curve) - 1, _POINTS).round().astype(int)]
    solid = surface(curve[:, 0], curve[:, 1], height=0.04)
    if edge:
        solid[:, 2] = -0.4
    return solid
