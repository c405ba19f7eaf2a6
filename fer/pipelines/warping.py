"""The affine transformations of ImageDataGenerator, in one OpenCV call an image."""

import cv2
import numpy as np

BORDERS = {
    "nearest": cv2.BORDER_REPLICATE,  # aaaa|abcd|dddd
    "reflect": cv2.BORDER_REFLECT,  # dcba|abcd|dcba
    "constant": cv2.BORDER_REPLICATE,  # kkkk|abcd|kkkk: what lies outside is overwritten
    "wrap": cv2.BORDER_REPLICATE,  # abcd|abcd|abcd: positions are folded back first
}
"""Fill modes, and what OpenCV does at the border."""

INTERPOLATIONS = {0: cv2.INTER_NEAREST, 1: cv2.INTER_LINEAR}
"""Interpolation orders: the nearest pixel, linear."""

AFFINE = frozenset({"theta", "tx", "ty", "shear", "zx", "zy"})
"""Parameters that move pixels to places between others."""


def matrices(parameters: dict[str, np.ndarray], height: int, width: int) -> np.ndarray:
    """Returns the maps from positions in the result to positions in the image.

    A position p = (column, row) is taken from L·(p - o) + R(θ)·(tx, ty) + o with o the centre and

        L = R(θ) · ((1, -sin φ), (0, cos φ)) · diag(zx, zy),

    θ the rotation, φ the shear. The stock class counts rows first when it finds the centre and the lengths of
    the shifts, and columns first when it uses them: ``tx``, a share of the height, moves along the columns,
    and an image that is not square turns around a point beside its centre. So it does here.

    Args:
        parameters: Name (see ``AFFINE``; also flip_horizontal, flip_vertical) → shape (n,). Angles in
            degrees, shifts in pixels. A parameter that is missing changes nothing.
        height: Height of the images in pixels.
        width: Width of the images in pixels.

    Returns:
        float64, shape (n, 2, 3): position in the image = matrix · (column, row, 1).
    """
    theta, shear, tx, ty = (parameters.get(name, 0.0) for name in ("theta", "shear", "tx", "ty"))
    zx, zy = (parameters.get(name, 1.0) for name in ("zx", "zy"))
    theta, shear = np.deg2rad(theta), np.deg2rad(shear)
    cos, sin = np.cos(theta), np.sin(theta)
    result = np.empty((len(next(iter(parameters.values()))), 2, 3))
    result[:, 0, 0] = zx * cos
    result[:, 1, 0] = zx * sin
    result[:, 0, 1] = -zy * np.sin(theta + shear)
    result[:, 1, 1] = zy * np.cos(theta + shear)
    center = np.array([(height - 1) / 2, (width - 1) / 2])
    result[:, :, 2] = center - result[:, :, :2] @ center
    result[:, 0, 2] += cos * tx - sin * ty
    result[:, 1, 2] += sin * tx + cos * ty
    for axis, (name, length) in enumerate((("flip_horizontal", width), ("flip_vertical", height))):
        flipped = np.asarray(parameters.get(name, False), dtype=bool)
        result[:, :, 2] += np.where(flipped, length - 1, 0)[..., None] * result[:, :, axis]
        result[:, :, axis] *= np.where(flipped, -1, 1)[..., None]
    return result


def warp(
    images: np.ndarray,
    matrices: np.ndarray,
    result: np.ndarray,
    *,
    fill_mode: str,
    cval: float,
    order: int,
) -> None:
    """Moves every image by an affine transformation of its own.

    Args:
        images: uint8 or float32, shape (n, height, width, 1 to 4 channels).
        matrices: As ``matrices`` returns them, shape (n, 2, 3).
        result: Where the moved images are put; same shape and dtype.
        fill_mode: What stands outside an image, one of ``BORDERS``.
        cval: Value outside for "constant".
        order: One of ``INTERPOLATIONS``.
    """
    height, width = images.shape[1:3]
    if images.shape[3] == 1:
        images, result = images[..., 0], result[..., 0]
    border, interpolation = BORDERS[fill_mode], INTERPOLATIONS[order]
    # OpenCV takes a slow path for every pixel from outside: a margin spares it most of them.
    margin = min(height, width) // 8 if border == cv2.BORDER_REPLICATE else 0
    shifted = matrices + np.array([0, 0, margin])
    for image, matrix, shifted_matrix, target in zip(images, matrices, shifted, result, strict=True):
        if fill_mode == "wrap":
            columns, rows = _positions(matrix, height, width)
            columns, rows = _fold(columns, width), _fold(rows, height)
            cv2.remap(image, columns, rows, interpolation, target, border)
            continue
        if margin:
            image = cv2.copyMakeBorder(image, margin, margin, margin, margin, border)
        flags = interpolation | cv2.WARP_INVERSE_MAP
        cv2.warpAffine(image, shifted_matrix, (width, height), target, flags, border)
        if fill_mode == "constant":
            columns, rows = _positions(matrix, height, width)
            target[(columns < 0) | (columns > width - 1) | (rows < 0) | (rows > height - 1)] = cval


def _positions(matrix: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the column and the row that each pixel of the result is taken from."""
    column, row = np.arange(width), np.arange(height)[:, None]
    return tuple(
        along_column * column + (along_row * row + offset) for along_column, along_row, offset in matrix
    )


def _fold(positions: np.ndarray, length: int) -> np.ndarray:
    """Folds positions outside back into the image as SciPy does: the last pixel lies on the first.

    Returns float32, as ``cv2.remap`` takes it.
    """
    period = max(length - 1, 1)
    below, above = positions < 0, positions > length - 1
    positions[below] += period * (np.floor(-positions[below] / period) + 1)
    positions[above] -= period * np.floor(positions[above] / period)
    return positions.astype(np.float32)
