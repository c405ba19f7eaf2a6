"""The emoticon: what is known of a face, drawn as SVG with the geometry of the synthetic face."""

import html
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache

import numpy as np

from fer.synthetic import expression, geometry, parameters
from fer.synthetic.colors import FRAMES, LUMINANCE, MONK_SKIN_TONES, palette
from fer.synthetic.contours import Contour
from fer.synthetic.curves import ribbon

SIDE = 1000
"""Width and height of the drawing in its own units."""

GLASSES = ("none", "glasses", "sunglasses")
CHOICES = {
    "frame": tuple(parameters.CHOICES["frame"]),
    "hair_style": ("bald", *(style for style in parameters.CHOICES["hair_style"] if style != "bald")),
    "hair_color": tuple(parameters.CHOICES["hair_color"]),
    "beard": tuple(parameters.CHOICES["beard"]),
}
"""What is chosen by hand, and the values; the first is the default."""

CHARACTER = {
    "head_width": 1.1,
    "face_length": 1.32,
    "jaw_width": 0.85,
    "chin_width": 0.48,
    "eye_distance": 0.92,
    "eye_width": 0.58,
    "eye_height": 0.31,
    "iris_size": 0.132,
    "brow_height": 0.37,
    "brow_thickness": 0.12,
    "nose_length": 0.47,
    "nose_width": 0.16,
    "mouth_height": 0.86,
    "mouth_width": 0.5,
    "upper_lip": 0.066,
    "lower_lip": 0.088,
    "age": 0.0,
}
"""The measures of the emoticon's face, see ``parameters.IDENTITY``: a round head with large eyes, larger than
those of people, for whom ``parameters.NUMBERS`` has bounds."""

_UNIT = 292
_ORIGIN = np.array([500.0, 514.0])
_LEFT_OUT = ("clothes", "neck")
_FAINT = 0.03
_EXAGGERATION = 1.25
_FOLDS = 0.5
_OUTLINE = 9
_GLASSES_SIZE = 1.36
_HAIR_END, _HAIR_LEFT = 0.8, 0.4
_SILVER, _DARK = 2, 0.7
_YELLOW = np.array([255.0, 204, 77])


@dataclass(frozen=True)
class Emoticon:
    """What an emoticon shows.

    Attributes:
        emotions: Emotion → share, 0…1, such as probabilities: half a smile is half a smile.
        glasses: One of ``GLASSES``.
        mask: Whether a mask is worn.
        skin_tone: Step of the Monk Skin Tone Scale, 1 (lightest) to 10. None, where it is unknown: yellow.
        frame: Shape of the glasses; this and what follows is one of ``CHOICES``.
        hair_style, hair_color, beard: As the names say.

    Raises:
        ValueError: A value is not as described.
    """

    emotions: Mapping[str, float] = field(default_factory=dict)
    glasses: str = "none"
    mask: bool = False
    skin_tone: int | None = None
    frame: str = "round"
    hair_style: str = "bald"
    hair_color: str = "black"
    beard: str = "none"

    def __post_init__(self):
        for name, allowed in (("glasses", GLASSES), *CHOICES.items()):
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"`{name}` must be one of {list(allowed)}. Received: {getattr(self, name)!r}"
                )
        if not isinstance(self.mask, bool):
            raise ValueError(f"`mask` must be True or False. Received: {self.mask!r}")
        whole = not isinstance(self.skin_tone, bool | float)
        if self.skin_tone is not None and not (whole and self.skin_tone in range(1, 11)):
            raise ValueError(f"`skin_tone` must be one of 1…10, or None. Received: {self.skin_tone!r}")
        shares = self.emotions.values() if isinstance(self.emotions, Mapping) else [None]
        if not all(isinstance(share, int | float) and 0 <= share <= 1 for share in shares):
            raise ValueError(f"`emotions` must give shares in 0…1. Received: {self.emotions!r}")
        if sum(shares) > 1 + 1e-3:
            raise ValueError(f"The shares of `emotions` must sum to at most 1. Received: {self.emotions!r}")

    def to_dict(self) -> dict:
        """Returns the attributes as JSON takes them; ``Emoticon(**values)`` makes it again."""
        return asdict(self) | {"emotions": dict(self.emotions)}


def draw(emoticon: Emoticon, label: str = "", size: int | None = None) -> str:
    """Draws an emoticon.

    Args:
        emoticon: What it shows.
        label: A text for those who do not see it.
        size: Width and height in pixels; None fills the place where it is shown.

    Returns:
        An SVG element with a transparent background, which is also a whole SVG file.
    """
    colors = _colors(emoticon.skin_tone, emoticon.hair_color)
    shapes = [_shape(contour, emoticon, colors) for contour in _contours(emoticon)]
    label = html.escape(label)
    sides = f' width="{size}" height="{size}"' if size else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {SIDE}"{sides} role="img"'
        f' aria-label="{label}"><title>{label}</title>{_gradient(emoticon.skin_tone, colors)}'
        f"{''.join(shapes)}</svg>"
    )


def action_units(emotions: Mapping[str, float]) -> dict[str, float]:
    """Returns the action units of an emoticon, 0…1: stronger than those of a face, as in cartoons."""
    units = expression.blend(emotions)
    return {column: min(1.0, _EXAGGERATION * intensity) for column, intensity in units.items()}


def _contours(emoticon: Emoticon) -> list[Contour]:
    """The curves of an emoticon in the order of painting.

    A face of the geometry wears one thing at most: glasses come from another one.
    """
    chosen = CHARACTER | action_units(emoticon.emotions)
    chosen |= {name: getattr(emoticon, name) for name in CHOICES}
    face = _built(chosen | {"accessory": "mask" if emoticon.mask else "none"})
    return [*face.values(), *_glasses(emoticon.glasses, emoticon.frame)]


@cache
def _glasses(glasses: str, frame: str) -> list[Contour]:
    """The curves of glasses: those of a smaller face, enlarged to fit the large eyes."""
    smaller = {name: CHARACTER[name] / _GLASSES_SIZE for name in ("eye_distance", "head_width")}
    drawn = _built(CHARACTER | smaller | {"accessory": glasses, "frame": frame})
    bare = _built(CHARACTER | smaller)
    return [
        replace(contour, points=contour.points * _GLASSES_SIZE)
        for name, contour in drawn.items()
        if contour.strength is not None and contour.strength[0] > bare[name].strength[0]
    ]


def _built(chosen: dict) -> dict[str, Contour]:
    """The curves of one face that differs from the average one, by name."""
    return geometry.build({name: [value] for name, value in (_average() | chosen).items()}).contours


@cache
def _average() -> dict:
    """The average face, parameter by parameter."""
    return parameters.default().iloc[0].to_dict()


@cache
def _colors(skin_tone: int | None, hair_color: str) -> dict[str, np.ndarray]:
    """The colour of each role, RGB 0…255. What is dark on the face stays visible on dark skin."""
    skin = _YELLOW if skin_tone is None else MONK_SKIN_TONES[skin_tone - 1]
    face = parameters.default().assign(hair_color=hair_color)
    colors = {role: color[0] for role, color in palette(face, skin[None]).items()}
    darkness = 1 - skin @ LUMINANCE / 255
    colors["outline"] = skin * 0.55
    colors["fold"] = skin * 0.45
    colors["shine"] = skin + (255 - skin) * (0.04 + 0.2 * darkness**2)
    colors["brow"] = np.minimum(colors["brow"], skin * 0.45)
    colors["lash"] = colors["lash"] * (1 - 0.6 * darkness)
    colors["nostril"] = colors["nostril"] * (1 - 0.5 * darkness)
    for role in ("upper_lip", "lower_lip"):
        colors[role] = colors[role] + 80 * darkness**2 * np.array([1.0, 0.45, 0.45])
    colors["frame"] = FRAMES[_SILVER if darkness > _DARK else 0]
    return colors


def _gradient(skin_tone: int | None, colors: dict[str, np.ndarray]) -> str:
    """Skin that is lighter where light falls on it."""
    stops = ((0, colors["shine"]), (0.55, colors["skin"]), (1, colors["skin"] * 0.88))
    shades = "".join(f'<stop offset="{at}" stop-color="{_hex(color)}"/>' for at, color in stops)
    return f'<radialGradient id="skin-{skin_tone}" cx="0.42" cy="0.36" r="0.7">{shades}</radialGradient>'


def _shape(contour: Contour, emoticon: Emoticon, colors: dict[str, np.ndarray]) -> str:
    strength = 1.0 if contour.strength is None else float(contour.strength[0])
    if contour.role == "fold":
        strength *= _FOLDS
    if contour.role in _LEFT_OUT or strength < _FAINT:
        return ""
    points = contour.points if contour.closed else ribbon(contour.points, contour.width)
    if contour.role.startswith("hair"):
        points = _cut_hair(points)
    pixels = np.rint(points[0] * _UNIT + _ORIGIN).astype(int)
    path = " ".join(map(str, pixels.ravel().tolist()))
    look = f'class="{contour.role}" fill="{_hex(colors[contour.role])}"'
    if contour.role == "skin":
        look = f'class="skin" fill="url(#skin-{emoticon.skin_tone})"'
    if contour.role in ("skin", "ear"):
        look += f' stroke="{_hex(colors["outline"])}" stroke-width="{_OUTLINE}"'
    if strength < 1:
        look += f' opacity="{strength:.2f}"'
    return f'<path d="M{path}Z" {look}/>'


def _cut_hair(points: np.ndarray) -> np.ndarray:
    """Long hair ends beside the chin: what hangs lower is drawn shorter."""
    y = points[..., 1]
    return np.stack(
        [points[..., 0], np.where(y > _HAIR_END, _HAIR_END + _HAIR_LEFT * (y - _HAIR_END), y)], -1
    )


def _hex(color: np.ndarray) -> str:
    return "#" + "".join(f"{round(min(max(level, 0), 255)):02x}" for level in color)
