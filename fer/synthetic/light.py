"""Light of another colour or strength on a picture that was taken under white light."""

import numpy as np

XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
"""CIE XYZ of linear sRGB (IEC 61966-2-1)."""


def planckian(kelvin: float) -> np.ndarray:
    """Returns the gains of linear sRGB from light of 6,500 K to that of another black body.

    The chromaticities are those of Kim et al. 2002 (US patent 7,024,034).

    Args:
        kelvin: Temperature of the black body, 2,222 to 25,000: a bulb has 2,800, a blue shade 10,000.

    Returns:
        float64, shape (3,); the largest is 1.
    """
    warm = [-0.2661239, -0.2343589, 0.8776956, 0.17991], [-0.9549476, -1.37418593, 2.09137015, -0.16748867]
    cool = [-3.0258469, 2.1070379, 0.2226347, 0.24039], [3.081758, -5.8733867, 3.75112997, -0.37001483]

    def white(kelvin: float) -> np.ndarray:
        of_reciprocal, of_x = warm if kelvin <= 4000 else cool
        x = np.polyval(of_reciprocal, 1000 / kelvin)
        y = np.polyval(of_x, x)
        return np.linalg.solve(XYZ, [x / y, 1, (1 - x - y) / y])

    gains = white(kelvin) / white(6500)
    return gains / gains.max()


def relight(photo: np.ndarray, gains: np.ndarray, exposure: float) -> np.ndarray:
    """Changes the light of a photo.

    Args:
        photo: uint8, shape (height, width, 3) RGB under white light.
        gains: Factors of red, green and blue in linear sRGB, shape (3,), such as ``planckian`` gives.
        exposure: Factor of the values 0…255.

    Returns:
        uint8, shape of ``photo``; what is too bright is cut off at 255.
    """
    value = photo / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4) * gains
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (255 * exposure * value).round().clip(0, 255).astype(np.uint8)
