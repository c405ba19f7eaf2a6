"""Eyes, brows, nose and mouth as contours and landmarks on the head.

Every part takes ``values``, the parameters as arrays of shape (n, 1), and ``moves``, the movements as arrays
of shape (n, 2), and returns contours and landmarks by name.
"""

import numpy as np

from fer.synthetic.contours import OUTWARD, SIDES, Contour, both, creases, surface, taper
from fer.synthetic.curves import smooth

Values = dict[str, np.ndarray]
Part = tuple[dict[str, Contour], dict[str, np.ndarray]]

_CIRCLE = np.linspace(0, 2 * np.pi, 24, endpoint=False)


def eyes(values: Values, moves: Values) -> Part:
    """Lids, sclera, iris and pupil. The iris is cut off where the lids cover it."""
    lids = _Lids(values, moves)
    u = np.linspace(-1, 1, 15)
    upper, lower = lids.points(u, lids.upper(u)), lids.points(u, lids.lower(u))
    contours = both("sclera", np.concatenate([upper, lower[:, :, -2:0:-1]], axis=2), "sclera")
    radius = values["iris_size"][:, :, None]
    gaze = np.stack([values["gaze_x"] * 0.09 * OUTWARD[:, 0], np.repeat(values["gaze_y"] * 0.04, 2, 1)], -1)
    for role, scale, shift in (("iris", 1, 0), ("pupil", 0.45, 0), ("highlight", 0.2, 0.32)):
        x = gaze[..., :1] - shift * radius * OUTWARD + scale * radius * np.cos(_CIRCLE)
        y = gaze[..., 1:] - shift * radius + scale * radius * np.sin(_CIRCLE)
        contours |= both(role, lids.clipped(x, y), role)
    middle = np.linspace(-0.8, 0.8, 9)
    lid_shadow = lids.points(u, lids.upper(u) + 0.012)
    contours |= creases("lid_shadow", lid_shadow, 0.5, 0.035)
    contours |= both("lash", upper, "lash", closed=False, width=taper(15, 0.032, 0.55))
    contours |= creases("lower_lash", lower, 0.4, 0.014, 0.5)
    crease = lids.points(u * 1.05, np.minimum(lids.upper(u) * 0.7, -0.03) - 0.055)
    contours |= creases("crease", crease, 0.45, 0.018, 0.6)
    bag = lids.points(middle, lids.lower(middle) + 0.075 + 0.02 * (1 - middle**2))
    strength = moves["eye_bags"] * 0.5 + values["age"] * 0.3
    contours |= creases("eye_bag", bag, strength, 0.026)
    for line, (slope, start) in enumerate(((-0.06, -0.03), (0.01, 0.02), (0.08, 0.06))):
        x = np.linspace(1.12, 1.5, 5)
        feet = lids.points(x, start + slope * (x - 1) * 2 + np.zeros((1, 1, 1)))
        crow = moves["crows_feet"] * (0.3 + 0.7 * values["age"])
        contours |= creases(f"crows_foot{line}", feet, crow, 0.014)
    inner, outer, middle = (lids.points(np.array([end]), np.zeros((1, 1, 1)))[:, :, 0] for end in (-1, 1, 0))
    landmarks = {}
    for half, side in enumerate(SIDES):
        landmarks |= {
            f"{side}_eye": middle[:, half],
            f"{side}_eye_inner": inner[:, half],
            f"{side}_eye_outer": outer[:, half],
            f"{side}_lid_upper": upper[:, half, 7],
            f"{side}_lid_lower": lower[:, half, 7],
        }
    return contours, landmarks


class _Lids:
    """The two lids of both eyes as curves over u: -1 at the inner corner, 1 at the outer one."""

    def __init__(self, values: Values, moves: Values):
        self.half_width = values["eye_width"][:, :, None] / 2
        self.center = values["eye_distance"][:, :, None] / 2
        self.tilt = values["eye_tilt"][:, :, None]
        lower = 0.42 * values["eye_height"] - moves["lower_lid_up"]
        upper = np.maximum(0.58 * values["eye_height"] + moves["upper_lid_up"], 0.003 - lower)
        self.lower_height, self.upper_height = lower[..., None], upper[..., None]
        self.lean = moves["inner_lid_up"][..., None]

    def upper(self, u: np.ndarray) -> np.ndarray:
        arch = np.abs(1 - u**2) ** 0.8
        height = self.upper_height * arch * (1 - self.lean * u) + 0.02 * (1 - u**2) * -u
        return np.minimum(-height, self.lower(u))

    def lower(self, u: np.ndarray) -> np.ndarray:
        return self.lower_height * np.abs(1 - u**2) * (1 + 0.25 * u)

    def points(self, u: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Places points on both eyes: (n, 2, m, 3)."""
        y = y - self.tilt * (u + 1) / 2
        x = (self.center + self.half_width * u) * OUTWARD
        return surface(np.broadcast_to(x, np.broadcast_shapes(x.shape, y.shape)), y)

    def clipped(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Places points of the eyeball, given from the middle of the eye, between the lids."""
        u = np.clip(x / self.half_width, -0.97, 0.97)
        y = y + self.tilt * (u + 1) / 2 - self.tilt / 2
        return self.points(u, np.clip(y, self.upper(u), self.lower(u)))


def brows(values: Values, moves: Values) -> Part:
    """Brows, with the lines that their movements fold into the forehead."""
    t = np.linspace(0, 1, 7)
    inner = values["eye_distance"] / 2 - values["eye_width"] * 0.56 - moves["brow_in"]
    outer = values["eye_distance"] / 2 + values["eye_width"] * 0.62
    x = inner[..., None] + (outer[..., None] - inner[..., None]) * t
    arch = np.sin(np.pi * t**1.3)
    up = (
        moves["inner_brow_up"][..., None] * (1 - t) * (1 - 2 * t)
        + moves["middle_brow_up"][..., None] * 4 * t * (1 - t)
        + moves["outer_brow_up"][..., None] * t * (2 * t - 1)
    )
    rest = values["brow_height"] + values["brow_arch"] * arch + values["brow_slope"] * t - 0.05 * t**3
    brow = surface(x * OUTWARD, -(rest[:, None] + up), height=0.05)
    profile = np.array([0.75, 1, 1.02, 0.95, 0.8, 0.55, 0.15])
    curve, thickness = smooth(brow, steps=3), smooth(profile[:, None], steps=3)[:, 0]
    contours = both("brow", curve, "brow", closed=False, width=values["brow_thickness"] * thickness)
    lines = np.minimum(moves["forehead_lines"] * 0.8 + values["age"] * 0.15, 1).mean(axis=1)
    across = np.linspace(-1, 1, 13)
    for row, (height, span, bend) in enumerate(((0.44, 0.5, 0.02), (0.54, 0.55, 0.03), (0.64, 0.45, 0.02))):
        y = -(height + 0.3 * up.mean(axis=(1, 2))[:, None] + bend * np.cos(4 * across + row))
        line = surface(np.broadcast_to(span * across, y.shape), y)
        contours[f"forehead_line{row}"] = Contour(line, "fold", False, taper(13, 0.02), lines)
    down = np.linspace(0, 1, 5)
    frown_x = (0.075 - 0.15 * moves["brow_in"])[..., None] + 0.02 * down
    frown_y = -values["brow_height"][:, None] + 0.1 - 0.19 * down - moves["inner_brow_up"][..., None] * 0.6
    frown = surface(frown_x * OUTWARD, frown_y, height=0.03)
    strength = np.clip(moves["frown_lines"] * 0.9, 0, 1)
    contours |= creases("frown_line", frown, strength, 0.024)
    landmarks = {}
    for half, side in enumerate(SIDES):
        landmarks[f"{side}_brow_inner"] = brow[:, half, 0]
        landmarks[f"{side}_brow_middle"] = brow[:, half, 3]
        landmarks[f"{side}_brow_outer"] = brow[:, half, 6]
    return contours, landmarks


def nose(values: Values, moves: Values) -> Part:
    """Nose wings, nostrils and the lines of a wrinkled nose."""
    base = values["nose_length"] - moves["nose_up"]
    width = values["nose_width"] + moves["nostril_out"]
    wing_x = width[..., None] * np.array([0.72, 1.0, 1.02, 0.8, 0.62])
    wing_y = base[..., None] + np.array([-0.13, -0.075, -0.01, 0.03, 0.015])
    wing = smooth(surface(wing_x * OUTWARD, wing_y, height=np.array([0.12, 0.07, 0.06, 0.09, 0.14])))
    contours = creases("nose_wing", wing, 0.6, 0.032)
    hole_x = width[..., None] * (0.45 + 0.24 * np.cos(_CIRCLE))
    hole_y = base[..., None] + 0.012 + 0.018 * np.sin(_CIRCLE) + 0.03 * (hole_x - 0.08)
    contours |= both("nostril", surface(hole_x * OUTWARD, hole_y, height=0.16), "nostril")
    down = np.linspace(0, 1, 7)
    fold_x = np.stack([width * 1.08, width * 1.35, width * 1.55], axis=-1)
    fold_y = np.stack([base - 0.1, base + 0.04, base + 0.2 - 0.3 * moves["corner_up"]], axis=-1)
    fold_x[..., 1:] += moves["corner_out"][..., None] * [0.6, 1.0]
    strength = np.clip(moves["nasolabial_folds"] + values["age"] * 0.4, 0, 1)
    fold = smooth(surface(fold_x * OUTWARD, fold_y), steps=5)
    contours |= creases("nasolabial_fold", fold, strength * 0.75, 0.034)
    for row, (height, span) in enumerate(((0.02, 0.10), (0.1, 0.12), (0.18, 0.13))):
        x = span * (0.25 + 0.75 * down)
        y = height + 0.05 * down**2 - 0.3 * moves["nose_up"][..., None]
        line = surface(x * OUTWARD, y, height=0.14)
        wrinkled = moves["nose_lines"] * 0.8
        contours |= creases(f"nose_line{row}", line, wrinkled, 0.02)
    middle = base.mean(axis=1, keepdims=True)
    landmarks = {
        "nose": surface(np.zeros_like(middle), middle - 0.07, height=0.3)[:, 0],
        "nose_base": surface(np.zeros_like(middle), middle + 0.03, height=0.16)[:, 0],
        "nose_bridge": surface(np.zeros_like(middle), np.zeros_like(middle), height=0.1)[:, 0],
    }
    return contours, landmarks


def mouth(values: Values, moves: Values) -> Part:
    """Lips around the opening of the mouth, with teeth and tongue."""
    u = np.linspace(-1, 1, 21)
    half = (u > 0).astype(int)
    whole = {name: movement.mean(axis=1, keepdims=True) for name, movement in moves.items()}
    reach = values["mouth_width"] + moves["corner_out"]
    rise = moves["corner_up"] + values["mouth_corner"]
    x = np.abs(u) * reach[:, half] * np.sign(u)
    line = values["mouth_height"] - whole["lip_line_up"]
    corner = values["mouth_height"] - rise + 0.45 * whole["jaw_down"]
    line = line + (corner[:, half] - line) * np.abs(u) ** 1.7
    # A dropped jaw rounds the opening: from a spindle towards an ellipse.
    span = (1 - np.abs(u) ** 2.4) ** (1 - 1.9 * np.clip(whole["jaw_down"], 0, 0.24))
    opening = np.maximum(whole["mouth_open"], 0)
    lift = np.minimum(whole["upper_lip_up"], opening * 0.5)
    inner_upper = line - lift * span
    inner_lower = line + (opening - lift) * span
    bow = (1 - np.abs(u) ** 1.9) * (1 - 0.22 * np.exp(-((u / 0.16) ** 2)))
    upper = values["upper_lip"] * np.maximum(1 + whole["upper_lip_thicker"], 0.15)
    lower = values["lower_lip"] * np.maximum(1 + whole["lower_lip_thicker"], 0.15)
    raised = whole["upper_lip_up"] - lift
    outer_upper = inner_upper - upper * bow - raised * span
    outer_lower = inner_lower + lower * (1 - np.abs(u) ** 2.6)
    bulge = 0.08 * (1 - u**2)

    def between(top: np.ndarray, bottom: np.ndarray, margin: int = 0) -> np.ndarray:
        """The area between two curves, without ``margin`` points at the corners of the mouth."""
        kept = slice(margin, 21 - margin)
        edges = [surface(x, y, bulge)[:, kept] for y in (top, bottom)]
        return np.concatenate([edges[0], edges[1][:, ::-1]], axis=1)

    shows = (opening[:, 0] > 0.015).astype(float)
    upper_teeth = np.minimum(inner_upper + 0.085 * span, inner_lower)
    lower_teeth = np.maximum(inner_lower - 0.045 * span - 0.5 * np.maximum(opening - 0.22, 0), upper_teeth)
    tongue = np.maximum(inner_lower - 0.4 * opening * np.maximum(1 - (u / 0.6) ** 2, 0), inner_upper)
    lower_shown = shows * np.clip(whole["corner_out"][:, 0] * 9 - 0.3, 0, 1) * (opening[:, 0] < 0.3)
    contours = {
        "upper_lip": Contour(between(outer_upper, inner_upper), "upper_lip"),
        "lower_lip": Contour(between(inner_lower, outer_lower), "lower_lip"),
        "mouth_opening": Contour(between(inner_upper, inner_lower), "mouth", strength=shows),
        "tongue": Contour(between(tongue, inner_lower, 4), "tongue", strength=shows * (opening[:, 0] > 0.12)),
        "upper_teeth": Contour(between(inner_upper, upper_teeth, 2), "teeth", strength=shows),
        "lower_teeth": Contour(between(lower_teeth, inner_lower, 3), "teeth", strength=lower_shown),
        "lip_line": Contour(surface(x, inner_upper, bulge), "lip_line", False, taper(21, 0.022, 0.7)),
    }
    below = np.linspace(-1, 1, 9)
    crease_y = outer_lower[:, [10]] + 0.07 - 0.02 * (1 - below**2) - 0.3 * whole["chin_up"]
    crease = surface(np.broadcast_to(below * 0.2, crease_y.shape), crease_y)
    strength = np.clip(0.35 + whole["chin_lines"][:, 0] * 0.6, 0, 1)
    contours["chin_crease"] = Contour(crease, "fold", False, taper(9, 0.045), strength)
    ends = x[:, [0, -1]]
    ends_y = line[:, [0, -1]]
    drop = np.linspace(0, 1, 5)
    down_x = np.abs(ends)[..., None] + 0.03 + 0.04 * drop
    down_y = ends_y[..., None] - 0.02 + 0.13 * drop
    marks = surface(down_x * OUTWARD, down_y)
    shown = np.clip(moves["corner_lines"] * 0.8 + 0.25 * values["age"], 0, 1)
    contours |= creases("corner_line", marks, shown, 0.03)
    landmarks = {
        "mouth_left": surface(x, line)[:, 0],
        "mouth_right": surface(x, line)[:, -1],
        "mouth_top": surface(x, outer_upper, bulge)[:, 10],
        "mouth_bottom": surface(x, outer_lower, bulge)[:, 10],
        "mouth_upper_inner": surface(x, inner_upper, bulge)[:, 10],
        "mouth_lower_inner": surface(x, inner_lower, bulge)[:, 10],
    }
    return contours, landmarks
