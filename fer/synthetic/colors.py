"""Colours of skin, hair, eyes and things, RGB 0…255."""

import numpy as np
import pandas as pd

MONK_SKIN_TONES = np.array(
    [
        (0xF6, 0xED, 0xE4),
        (0xF3, 0xE7, 0xDB),
        (0xF7, 0xEA, 0xD0),
        (0xEA, 0xDA, 0xBA),
        (0xD7, 0xBD, 0x96),
        (0xA0, 0x7E, 0x56),
        (0x82, 0x5C, 0x43),
        (0x60, 0x41, 0x34),
        (0x3A, 0x31, 0x2A),
        (0x29, 0x24, 0x20),
    ],
    dtype=float,
)
"""The ten tones of the Monk Skin Tone Scale (E. Monk 2022, skintone.google, CC BY 4.0), lightest first."""

HAIR = {
    "black": (34, 29, 28),
    "dark_brown": (62, 43, 32),
    "brown": (98, 68, 45),
    "auburn": (124, 62, 38),
    "blond": (196, 160, 104),
    "gray": (146, 144, 142),
    "white": (222, 220, 216),
}

IRIS = {
    "dark_brown": (62, 38, 24),
    "brown": (98, 62, 34),
    "hazel": (122, 96, 52),
    "green": (92, 116, 76),
    "blue": (84, 124, 160),
    "gray": (112, 122, 130),
}

CLOTHES = np.array(
    [(62, 78, 110), (120, 62, 58), (70, 92, 72), (210, 206, 198), (48, 48, 54), (176, 146, 92)]
)
MASKS = np.array([(186, 214, 228), (226, 226, 224), (44, 46, 52), (214, 190, 206)])
FRAMES = np.array([(28, 26, 26), (84, 54, 34), (120, 120, 126), (110, 34, 40)])
BACKGROUNDS = np.array(
    [
        (200, 204, 206),
        (128, 140, 152),
        (92, 104, 92),
        (170, 150, 126),
        (58, 62, 74),
        (222, 214, 198),
        (150, 116, 110),
    ]
)

LUMINANCE = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in gray (ITU-R BT.601), as OpenCV's RGB2GRAY."""


def palette(parameters: pd.DataFrame, skin: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Returns the colour of each role on each face: float64, shape (n, 3).

    The colours of things (clothes, mask, frame) follow from ``texture``, so that a face keeps them.

    Args:
        parameters: One row a face.
        skin: Colours of the skin, RGB 0…255, shape (n, 3). None is that of ``skin_tone``, as a camera meters
            it.
    """
    texture = parameters["texture"].to_numpy(dtype=np.int64)
    if skin is None:
        skin = _exposed(
            MONK_SKIN_TONES[parameters["skin_tone"].to_numpy(dtype=int) - 1],
            parameters["light_strength"].to_numpy(dtype=float),
        )
    hair = np.array([HAIR[name] for name in parameters["hair_color"]], dtype=float)
    iris = np.array([IRIS[name] for name in parameters["iris_color"]], dtype=float)
    lips = _mix(skin * [0.88, 0.62, 0.6], np.array([150.0, 70, 70]), 0.25)
    whole = np.ones_like(skin)
    light = np.maximum(skin, 60)
    return {
        "skin": skin,
        "ear": skin * [0.9, 0.82, 0.8],
        "neck": skin * [0.72, 0.66, 0.63],
        "upper_lip": lips * 0.86,
        "lower_lip": lips,
        "lip_line": lips * 0.45,
        "mouth": whole * [58, 22, 24],
        "tongue": whole * [150, 78, 76],
        "teeth": whole * [236, 230, 218],
        "sclera": _mix(whole * [238, 236, 232], light, 0.15),
        "iris": iris,
        "pupil": whole * 14,
        "highlight": whole * 250,
        "lash": _mix(skin * 0.2, whole * 20, 0.5),
        "brow": _mix(_mix(hair, hair * 0 + [52, 40, 34], 0.45), skin, 0.12),
        "nostril": skin * [0.38, 0.28, 0.26],
        "hair": hair,
        "hair_shade": hair * 0.72,
        "hair_light": np.minimum(hair * 1.18 + 14, 255),
        "stubble": _mix(skin, hair * 0.8, 0.28),
        "beard": _mix(skin, hair * 0.9, 0.88),
        "clothes": CLOTHES[texture % len(CLOTHES)],
        "occluder": CLOTHES[texture // 5 % len(CLOTHES)],
        "mask": MASKS[texture // 7 % len(MASKS)],
        "frame": FRAMES[texture // 29 % len(FRAMES)],
        "dark_lens": whole * [26, 26, 30],
        "glare": whole * [48, 48, 55],
    }


def backgrounds(parameters: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Returns the two colours between which the background changes, each of shape (n, 3)."""
    texture = parameters["texture"].to_numpy(dtype=np.int64)
    count = len(BACKGROUNDS)
    return BACKGROUNDS[texture // 113 % count], BACKGROUNDS[texture // 1009 % count]


def _exposed(skin: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Meters a face as a camera does: dark skin is exposed longer than light skin, unless light is flat."""
    darkness = 1 - skin @ LUMINANCE / 255
    return skin * (1 + light * (3 * darkness**3 - 0.1 * (1 - darkness)))[:, None]


def _mix(first: np.ndarray, second: np.ndarray, share: float) -> np.ndarray:
    return first * (1 - share) + second * share
