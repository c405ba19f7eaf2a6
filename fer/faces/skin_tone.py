"""The tone of a face's skin on the Monk Skin Tone Scale, measured in a photo.

In a photo, dark skin in bright light may have the colour of light skin in dim light, and white light on one
skin that of warm light on another. So each step of the scale is taken in turn: the light that would give its
skin the colour seen is compared with what the white of the eyes and the surroundings say about the light, and
with how cameras render light at all (Bayesian colour constancy: Brainard and Freeman 1997,
doi:10.1364/JOSAA.14.001393). The steps that agree best are the answer. Their angle is that of the individual
typology angle, arctan((L* - 50) / b*) in CIELAB under white light, which falls from light skin to dark
(Chardon, Cretois and Hourseau 1991, doi:10.1111/j.1467-2494.1991.tb00561.x).

Example:
    >>> face = detector.detect(photo)[0]
    >>> measure(photo, face, detector.framing)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fer import images
from fer.faces import face_colors
from fer.faces.base import Face
from fer.faces.framing import Framing
from fer.synthetic.light import XYZ

# Degrees of freedom of Student's t distribution: some references are none, as where the eyes are closed.
_FREEDOM = 3

# Half of the probability is on skin as the scale has it, half on skin as photos of people show it: of about
# the same warmth at every step, and not as light as the lightest steps. Chosen by looking at photos.
_SCALE = 0.5
_SCALE_SPREAD = (0.0, 0.0, 0.04)
_PEOPLE_WARMTH, _PEOPLE_GREENNESS, _PEOPLE_DARKER = 0.9, -0.1, 0.15
_PEOPLE_SPREAD = (0.0, 0.25, 0.1)

# Light as photos show it. Most of it is balanced, the rest has the colours of black bodies, whose greenness
# follows from their warmth. Exposure is right, or too short. Shares, means and spreads are assumed.
_BALANCED = 0.8, (0.05, 0.12), (0.0, 0.06)
_COLOURED = 0.2, (0.6, 0.8), (0.0, 0.06)
_BLACK_BODIES = 0.01, 0.125, 0.0  # coefficients of warmth², warmth and 1; 2,800 to 10,000 K
_EXPOSED = 0.6, (-0.15, 0.4)
_DIM = 0.4, (-1.1, 0.5)

_WHOLE_STEPS = np.arange(1, 11)
_STEPS = np.linspace(1, 10, 37)
_D65 = np.array([0.9505, 1.0, 1.089])


@dataclass(frozen=True, eq=False)
class Calibration:
    """What is measured on faces of known tone. Colours are those of ``face_colors``.

    Attributes:
        skin: Colour of the skin of each step under white light as a camera shows it, shape (10, 3).
        references: Name → by how much a reference's colour is above that of the light on the face, and the
            spread of that difference, shape (3,) each.
        tail: Share of the probability beyond each end of ``SkinTone.lowest`` … ``highest``.
    """

    skin: np.ndarray
    references: dict[str, tuple[np.ndarray, np.ndarray]]
    tail: float


CALIBRATION = Calibration(
    skin=np.array(
        [
            (-0.28, 0.159, 0.0),
            (-0.358, 0.219, 0.002),
            (-0.327, 0.353, 0.064),
            (-0.462, 0.49, 0.091),
            (-0.722, 0.743, 0.096),
            (-1.169, 1.213, 0.117),
            (-1.48, 1.275, -0.056),
            (-1.774, 1.143, -0.183),
            (-2.137, 0.548, -0.027),
            (-2.523, 0.383, -0.023),
        ]
    ),
    references={
        "lens": (np.array([-3.843, -0.192, -0.087]), np.array([9.0, 0.2, 0.07])),
        "sclera": (np.array([-0.46, 0.151, 0.013]), np.array([0.401, 0.12, 0.027])),
        "surroundings": (np.array([-0.641, 0.069, 0.006]), np.array([0.315, 0.158, 0.057])),
    },
    tail=0.21,
)
"""Made by ``python -m tests.benchmarks.skin_tone calibrate`` from 2,990 synthetic photos. They show dark skin
brighter than it is, as a camera's metering does, and so does ``skin``."""


@dataclass(frozen=True)
class SkinTone:
    """A measured tone.

    Attributes:
        tone: Step of the Monk Skin Tone Scale (E. Monk 2022, skintone.google), 1 (lightest) … 10 (darkest).
        lowest, highest: Range of steps that holds the true one of synthetic faces in about 90 % of cases.
        angle: Individual typology angle of the skin under white light, degrees.
        spread: Uncertainty of the angle, degrees: half of the range that holds it in 68 % of cases.
    """

    tone: int
    lowest: int
    highest: int
    angle: float
    spread: float


def measure(
    image: np.ndarray, face: Face, framing: Framing, glasses: str = "none", mask: bool = False
) -> SkinTone | None:
    """Measures the tone of a face's skin.

    On synthetic faces it is at most one step off in more than nine of ten cases, as
    ``python -m tests.benchmarks.skin_tone evaluate`` measures. With real people it is less sure: their true
    tone is not known, and one person's tones in several photos have a standard deviation of over a step.

    Args:
        image: The photo, uint8, shape (height, width) for gray or (height, width, 3) for RGB, range 0…255.
        face: Where a detector found it. Its landmarks are used where it has some.
        framing: The detector's, ``Detector.framing``.
        glasses: "none", "glasses" or "sunglasses".
        mask: Whether a mask is worn.

    Returns:
        None where nothing can be measured: the photo is gray or the face is too small, too dark or covered.

    Raises:
        ValueError: ``image`` is not an image of this package, or ``glasses`` is unknown.
    """
    images.check(image, "image")
    if glasses not in face_colors.GLASSES:
        raise ValueError(f"`glasses` must be one of {list(face_colors.GLASSES)}. Received: {glasses!r}")
    colors = face_colors.observe(image, face, framing, glasses, mask)
    if colors is None:
        return None
    shares = CALIBRATION.tail, 0.16, 0.5, 0.84, 1 - CALIBRATION.tail
    lightest, first, middle, last, darkest = steps(colors, shares).tolist()
    angles = np.interp([first, middle, last], _WHOLE_STEPS, typology_angle(CALIBRATION.skin)).tolist()
    return SkinTone(
        tone=round(middle),
        lowest=round(lightest),
        highest=round(darkest),
        angle=angles[1],
        spread=(angles[0] - angles[2]) / 2,
    )


def steps(
    colors: face_colors.FaceColors, shares: Sequence[float], calibration: Calibration = CALIBRATION
) -> np.ndarray:
    """Returns quantiles of the tone, not rounded: steps up to which ``shares`` of the probability lie."""
    scale = np.stack([np.interp(_STEPS, _WHOLE_STEPS, axis) for axis in calibration.skin.T], axis=1)
    people = np.column_stack(
        [
            scale[:, 0] - _PEOPLE_DARKER * np.clip((9 - _STEPS) / 4, 0, 1),
            np.full(len(_STEPS), _PEOPLE_WARMTH),
            np.full(len(_STEPS), _PEOPLE_GREENNESS),
        ]
    )
    logarithm = np.logaddexp(
        np.log(_SCALE) + _log_agreement(colors, scale, np.array(_SCALE_SPREAD), calibration.references),
        np.log(1 - _SCALE) + _log_agreement(colors, people, np.array(_PEOPLE_SPREAD), calibration.references),
    )
    probability = np.exp(logarithm - logarithm.max())
    probability /= probability.sum()
    return np.interp(shares, np.cumsum(probability) - probability / 2, _STEPS)


def typology_angle(colors: np.ndarray) -> np.ndarray:
    """Returns individual typology angles, degrees, (n,), of colours (see ``face_colors``), shape (n, 3)."""
    linear = np.exp(np.linalg.solve(face_colors.AXES, colors.T)).T
    relative = linear @ XYZ.T / _D65
    root = np.where(relative > 0.008856, np.cbrt(relative), 7.787 * relative + 16 / 116)
    lightness, yellow = 116 * root[:, 1] - 16, 200 * (root[:, 1] - root[:, 2])
    return np.degrees(np.arctan2(lightness - 50, yellow))


def _log_agreement(
    colors: face_colors.FaceColors, skin: np.ndarray, spread: np.ndarray, references: dict
) -> np.ndarray:
    """How well the light that skin of each step would need agrees with everything known about light.

    Args:
        colors: What is seen.
        skin: Colour of the skin of each step under white light, shape (n, 3).
        spread: How far skin strays from it, shape (3,).
        references: ``Calibration.references``.

    Returns:
        Logarithm of the density, but for a constant: shape (n,).
    """
    light = colors.skin - skin
    total = _log_prior(light, spread)
    for name, color in colors.references.items():
        offset, own = references[name]
        width = np.hypot(own, spread)
        distance = (color - offset - light) / width
        total = total - ((_FREEDOM + 1) / 2 * np.log1p(distance**2 / _FREEDOM) + np.log(width)).sum(axis=1)
    return total


def _log_prior(light: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Logarithm of the density of lights, shape (n, 3), in photos, but for a constant: shape (n,)."""
    strength, warmth, greenness = light.T
    black_body = greenness - np.polyval(_BLACK_BODIES, warmth)
    color = sum(
        share * _normal(warmth, *warm, spread[1]) * _normal(green, *narrow, spread[2])
        for (share, warm, narrow), green in ((_BALANCED, greenness), (_COLOURED, black_body))
    )
    exposure = sum(share * _normal(strength, *exposed, spread[0]) for share, exposed in (_EXPOSED, _DIM))
    return np.log(color + 1e-12) + np.log(exposure + 1e-12)


def _normal(value: np.ndarray, mean: float, deviation: float, spread: float) -> np.ndarray:
    deviation = np.hypot(deviation, spread)
    return np.exp(-0.5 * ((value - mean) / deviation) ** 2) / deviation
