"""Head, ears, neck, hair and beard as contours and landmarks."""

import numpy as np

from fer.synthetic.contours import Contour, both, mirrored, surface
from fer.synthetic.curves import smooth
from fer.synthetic.features import Part, Values

OUTLINE = np.array(
    [
        (0, -1.32),
        (0.5, -1.22),
        (0.86, -0.86),
        (0.99, -0.3),
        (0.97, 0.25),
        (0.87, 0.72),
        (0.62, 1.08),
        (0.3, 1.3),
        (0, 1.34),
    ]
)
"""Right half of the face from the crown to the chin on the mean head; jaw and chin follow the parameters."""

_OUTLINE_Z = -0.24

HAIR = {
    "short": (
        [(0, -1.45), (0.55, -1.36), (0.98, -0.95), (1.07, -0.4), (1.03, 0.1)],
        [(0, -0.76), (0.4, -0.78), (0.72, -0.66), (0.86, -0.36), (0.93, 0.1)],
    ),
    "side_part": (
        [(0, -1.5), (0.6, -1.4), (1.02, -0.98), (1.1, -0.4), (1.04, 0.15)],
        [(0.1, -0.66), (0.45, -0.6), (0.76, -0.5), (0.88, -0.28), (0.94, 0.15)],
    ),
    "fringe": (
        [(0, -1.47), (0.6, -1.38), (1.06, -0.9), (1.17, -0.1), (1.12, 0.7)],
        [(0, -0.5), (0.36, -0.5), (0.7, -0.44), (0.9, -0.12), (0.93, 0.7)],
    ),
    "long": (
        [(0, -1.47), (0.62, -1.38), (1.1, -0.85), (1.24, -0.1), (1.28, 0.8), (1.22, 2.4)],
        [(0, -0.86), (0.34, -0.72), (0.72, -0.48), (0.89, -0.05), (0.93, 0.7), (0.86, 2.4)],
    ),
    "curly": (
        [(0, -1.7), (0.7, -1.58), (1.22, -1.05), (1.36, -0.35), (1.2, 0.35)],
        [(0, -0.7), (0.4, -0.72), (0.74, -0.58), (0.88, -0.3), (0.95, 0.35)],
    ),
    "receding": (
        [(0, -1.38), (0.5, -1.3), (0.93, -0.92), (1.05, -0.4), (1.02, 0.1)],
        [(0, -0.98), (0.36, -1.05), (0.66, -0.88), (0.86, -0.42), (0.94, 0.1)],
    ),
}
"""For each style, the right half of the outer edge and of the hairline, from the middle outwards."""

_STRANDS = (0.2, 0.35, 0.5, 0.65, 0.8)


def back(values: Values, moves: Values) -> Part:
    """What lies behind the face: back hair, clothes, neck and ears."""
    n = len(values["age"])
    long = np.isin(values["hair_style"], ["long", "fringe"]).astype(float)
    hair = smooth(mirrored(_solid(n, [(0, -1.4), (1.1, -0.9), (1.22, 0.3), (1.2, 1.4), (1.1, 2.4)], -0.6)))
    clothes = mirrored(_solid(n, [(0, 1.75), (0.55, 1.7), (1.3, 1.95), (2.2, 2.3), (2.4, 4)], -0.6))
    neck = mirrored(_solid(n, [(0, 0.9), (0.62, 0.9), (0.58, 1.4), (0.66, 2.0)], -0.55))
    ear_angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    ear = np.stack(
        [0.98 + 0.12 * np.cos(ear_angle), 0.2 + 0.27 * np.sin(ear_angle), np.full(16, -0.4)], axis=-1
    )
    ears = (
        np.stack([ear * [-1, 1, 1], ear])
        * np.stack([values["head_width"], *[np.ones((n, 1))] * 2], -1)[:, None]
    )
    contours = {
        "back_hair": Contour(hair, "hair_shade", strength=long),
        "neck": Contour(neck, "neck"),
        "clothes": Contour(smooth(clothes), "clothes"),
    }
    return contours | both("ear", ears, "ear"), {}


def face(values: Values, moves: Values) -> Part:
    """The outline of the face, and the beard that follows it."""
    half = _outline(values, moves)
    outline = smooth(mirrored(half))
    chin = half[:, -1]
    contours = {"face": Contour(outline, "skin")}
    contours |= _beard(values, moves, half)
    landmarks = {
        "chin": chin,
        "jaw_left": half[:, 5] * [-1, 1, 1],
        "jaw_right": half[:, 5],
        "forehead": surface(np.zeros(len(half)), np.full(len(half), -0.6)),
        "cheek_left": surface(np.full(len(half), -0.55), 0.45 - 0.06 * moves["cheek_up"][:, 0]),
        "cheek_right": surface(np.full(len(half), 0.55), 0.45 - 0.06 * moves["cheek_up"][:, 1]),
    }
    return contours, landmarks


def hair(values: Values, moves: Values) -> Part:
    """Hair over the forehead and beside the face, with strands for large pictures."""
    n = len(values["age"])
    m = 6
    outer, hairline = np.zeros((n, 2 * m - 1, 3)), np.zeros((n, 2 * m - 1, 3))
    for style, (edge, line) in HAIR.items():
        rows = values["hair_style"] == style
        outer[rows] = mirrored(_resampled(edge, m, -0.35))
        hairline[rows] = mirrored(_resampled(line, m, None))
    wide = np.stack([values["head_width"], *[np.ones((n, 1))] * 2], -1)
    outer, hairline = smooth(outer * wide), smooth(hairline * wide)
    worn = (values["hair_style"] != "bald").astype(float)
    contours = {"hair": Contour(np.concatenate([outer, hairline[:, ::-1]], axis=1), "hair", strength=worn)}
    for number, share in enumerate(_STRANDS):
        strand = outer * share + hairline * (1 - share)
        role = "hair_light" if number % 2 else "hair_shade"
        width = np.full((1, strand.shape[1]), 0.03)
        contours[f"strand{number}"] = Contour(strand, role, False, width, worn)
    return contours, {}


def _outline(values: Values, moves: Values) -> np.ndarray:
    """Right half of the face, shape (n, 9, 3), with the jaw dropped as far as the mouth says."""
    n = len(values["age"])
    x, y = np.repeat(OUTLINE[None], n, axis=0).transpose(2, 0, 1).copy()
    x[:, :6] *= values["head_width"]
    x[:, 5] += values["jaw_width"][:, 0] - 0.8
    x[:, 6] += 0.6 * (values["jaw_width"][:, 0] - 0.8) + 0.4 * (values["chin_width"][:, 0] - 0.36)
    x[:, 7] += values["chin_width"][:, 0] - 0.36
    lower = np.clip((y - 0.2) / 1.1, 0, 1)
    y = np.where(y > 0, y * values["face_length"] / 1.34, y)
    y += lower**1.5 * (moves["jaw_down"] - moves["chin_up"] * 0.4).mean(axis=1, keepdims=True)
    z = _OUTLINE_Z + 0.35 * lower**2
    return np.stack([x, y, z], axis=-1)


def _beard(values: Values, moves: Values, half: np.ndarray) -> dict[str, Contour]:
    """Full beard and stubble along the jaw, goatee on the chin, moustache over the lip."""
    n = len(half)
    jaw = half[:, 4:]
    lip = values["mouth_height"] - moves["lip_line_up"].mean(axis=1, keepdims=True)
    drop = moves["jaw_down"].mean(axis=1, keepdims=True)

    def line(points: list[tuple[float, float]]) -> np.ndarray:
        x, y = np.array(points).T
        return surface(np.broadcast_to(x, (n, len(x))), lip + y + drop * np.clip(y * 2, 0, 1))

    cheek = line([(0, -0.2), (0.3, -0.17), (0.55, -0.05), (0.78, -0.3)])
    full = np.concatenate([mirrored(cheek), mirrored(jaw[:, ::-1])[:, ::-1]], axis=1)
    goatee = np.concatenate(
        [
            mirrored(line([(0, 0.1), (0.2, 0.14), (0.3, 0.3)])),
            mirrored(line([(0, 0.5), (0.2, 0.46)]))[:, ::-1],
        ],
        axis=1,
    )
    moustache = np.concatenate(
        [
            mirrored(line([(0, -0.19), (0.2, -0.16), (0.36, 0)])),
            mirrored(line([(0, -0.07), (0.2, -0.05)]))[:, ::-1],
        ],
        axis=1,
    )
    worn = values["beard"]
    return {
        "stubble": Contour(full, "stubble", strength=(worn == "stubble").astype(float)),
        "beard": Contour(full, "beard", strength=(worn == "full").astype(float)),
        "goatee": Contour(smooth(goatee, closed=True), "beard", strength=(worn == "goatee").astype(float)),
        "moustache": Contour(
            smooth(moustache, closed=True),
            "beard",
            strength=np.isin(worn, ["moustache", "goatee"]).astype(float),
        ),
    }


def _solid(n: int, points: list[tuple[float, float]], z: float) -> np.ndarray:
    x, y = np.array(points).T
    return np.repeat(np.stack([x, y, np.full(len(x), z)], axis=-1)[None], n, axis=0)


def _resampled(points: list[tuple[float, float]], m: int, z: float | None) -> np.ndarray:
    """Brings a half line to m points, at depth z or on the surface of the head: shape (m, 3)."""
    curve = smooth(np.array(points, dtype=float), steps=8)
    curve = curve[np.linspace(0, len(curve) - 1, m).round().astype(int)]
    solid = surface(curve[:, 0], curve[:, 1], height=0.04)
    if z is not None:
        solid[:, 2] = z
    return solid
