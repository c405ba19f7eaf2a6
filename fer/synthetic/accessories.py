"""Glasses, sunglasses and masks as contours that follow the face."""

import numpy as np

from fer.synthetic.contours import OUTWARD, Contour, both, mirrored, rim, surface
from fer.synthetic.curves import smooth
from fer.synthetic.features import Values

_ANGLES = np.linspace(0, 2 * np.pi, 28, endpoint=False)
_LENS_Z = 0.5


def accessories(values: Values, landmarks: dict[str, np.ndarray]) -> dict[str, Contour]:
    """Returns the contours of all accessories; those that a face does not wear have strength 0."""
    return _mask(values, landmarks) | _glasses(values)


def _glasses(values: Values) -> dict[str, Contour]:
    n = len(values["age"])
    worn = values["accessory"]
    clear, dark = (worn == "glasses").astype(float), (worn == "sunglasses").astype(float)
    square = (values["frame"] == "square")[:, None]
    exponent = np.where(square, 0.45, 0.9)
    size = np.where(dark[:, None] > 0, 1.1, 1.0)
    cosine, sine = np.cos(_ANGLES), np.sin(_ANGLES)
    radius_x = np.where(square, 0.295, 0.265) * size
    radius_y = np.where(square, 0.2, 0.235) * size
    across = radius_x * np.sign(cosine) * np.abs(cosine) ** exponent
    along = radius_y * np.sign(sine) * np.abs(sine) ** exponent + 0.03
    center = values["eye_distance"] / 2 + 0.01
    x = (center + across)[:, None] * OUTWARD
    # The lenses bend back towards the temples a little.
    lens = np.stack([x, np.repeat(along[:, None], 2, axis=1), _LENS_Z - 0.18 * x**2], axis=-1)
    bridge_x = (center - radius_x) * np.array([-1, -0.5, 0, 0.5, 1])
    bridge_y = np.broadcast_to([0.0, -0.035, -0.045, -0.035, 0.0], bridge_x.shape)
    bridge = np.stack([bridge_x, bridge_y, np.full_like(bridge_x, _LENS_Z + 0.02)], axis=-1)
    ends = center + radius_x
    temple_x = ends + (values["head_width"] - ends) * np.array([0, 0.7, 1])
    temple = np.stack(
        [temple_x, np.full((n, 3), -0.02), np.broadcast_to([_LENS_Z - 0.1, 0.2, -0.4], (n, 3))], axis=-1
    )
    temples = np.stack([rim(temple * [side, 1, 1], values["yaw"]) for side in (-1, 1)], axis=1)
    frame = np.concatenate([lens, lens[:, :, :1]], axis=2)
    worn = clear + dark

    def rod(m: int, width: float) -> dict:
        return {"closed": False, "width": np.full((1, m), width)}

    return (
        both("lens", lens, "dark_lens", _pair(dark))
        | both("glare", lens[:, :, 14:], "glare", _pair(dark))
        | both("frame", frame, "frame", _pair(worn), **rod(29, 0.042))
        | both("temple", temples, "frame", _pair(worn), **rod(3, 0.03))
        | {"bridge": Contour(smooth(bridge), "frame", strength=worn, **rod(17, 0.042))}
    )


def _mask(values: Values, landmarks: dict[str, np.ndarray]) -> dict[str, Contour]:
    n = len(values["age"])
    worn = (values["accessory"] == "mask").astype(float)
    wide = values["head_width"]
    chin = landmarks["chin"][:, 1:2]
    top_x = wide * np.array([0, 0.16, 0.4, 0.88])
    top = surface(
        top_x, np.broadcast_to([0.22, 0.27, 0.38, 0.42], (n, 4)), height=np.array([0.24, 0.16, 0.06, 0.02])
    )
    bottom_x = wide * np.array([0, 0.3, 0.6, 0.86])
    bottom_y = chin + np.array([0.05, 0.0, -0.22, -0.52])
    bottom = surface(bottom_x, bottom_y, height=np.array([0.1, 0.06, 0.0, 0.0]))
    upper, lower = smooth(mirrored(top)), smooth(mirrored(bottom))
    contours = {"mask": Contour(np.concatenate([upper, lower[:, ::-1]], axis=1), "mask", strength=worn)}
    for number, share in enumerate((0.3, 0.5, 0.7)):
        pleat = upper * (1 - share) + lower * share
        contours[f"pleat{number}"] = Contour(pleat, "fold", False, np.full((1, 25), 0.03), worn * 0.45)
    for name, corner, height in (("strap_upper", top, 0.05), ("strap_lower", bottom, 0.45)):
        ear = np.stack([wide[:, 0], np.full(n, height), np.full(n, -0.35)], axis=1)
        strap = np.stack([corner[:, -1], ear], axis=1)
        straps = np.stack([rim(strap * [side, 1, 1], values["yaw"]) for side in (-1, 1)], axis=1)
        contours |= both(name, straps, "mask", _pair(worn), closed=False, width=np.full((1, 2), 0.03))
    return contours


def _pair(strength: np.ndarray) -> np.ndarray:
    """The same strength on both halves: shape (n, 2)."""
    return np.repeat(strength[:, None], 2, axis=1)
