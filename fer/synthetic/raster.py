"""Geometry and scene to pictures: polygons with OpenCV, then light, blur and noise."""

import cv2
import numpy as np
import pandas as pd

from fer.synthetic import colors, geometry, shading
from fer.synthetic.contours import Contour
from fer.synthetic.curves import ribbon

EYE_LINE = 0.385
"""Where the middle of the eyes lies, as a share of the picture's height (FER-2013: about 0.39)."""

UNIT = 0.463
"""Length of a face unit as a share of the picture's width: the eyes are 0.38 of it apart."""

_CHUNK = 64
_FRACTION = 4
_FOLD_DEPTH = 0.55
_FOLD_BLUR = 0.0035
_SMALL = 72
_TINT = np.array([0.92, 1.0, 1.06], dtype=np.float32)
_COVERS = ("hair", "mask", "dark_lens", "occluder")
_LIGHT = dict.fromkeys(("neck", "ear", "skin", "hair", "mask"), 255) | {"occluder": 0}
_TILE = np.random.default_rng(0).standard_normal((1024, 1024)).astype(np.float32)


def draw(
    parameters: pd.DataFrame, image_size: int, color: bool
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Draws faces.

    Args:
        parameters: One row a face, as ``parameters.default`` and ``parameters.sample`` make them.
        image_size: Height and width in pixels.
        color: RGB if true, else gray.

    Returns:
        Images, uint8, shape (n, size, size, 3) or (n, size, size); landmarks by name in pixels, shape (n, 2),
        where whole numbers are the middles of pixels; and boxes of the face from crown to chin, shape (n, 4):
        x, y, width, height in pixels, cut at the border of the picture.
    """
    images, landmarks, boxes = [], [], []
    for start in range(0, len(parameters), _CHUNK):
        rows = parameters.iloc[start : start + _CHUNK]
        picture = _Pictures(rows, image_size, color)
        images.append(picture.paint())
        landmarks.append(
            np.stack([picture.place(p[:, None])[:, 0] for p in picture.geometry.landmarks.values()], 1)
        )
        boxes.append(picture.boxes())
    points = np.concatenate(landmarks)
    return (
        np.concatenate(images),
        {name: points[:, number] for number, name in enumerate(picture.geometry.landmarks)},
        np.concatenate(boxes),
    )


class _Pictures:
    """A chunk of faces on its way to pixels."""

    def __init__(self, parameters: pd.DataFrame, size: int, color: bool):
        self.parameters, self.size, self.color = parameters, size, color
        self.values = {
            name: parameters[name].to_numpy(dtype=float) for name in parameters.select_dtypes("number")
        }
        self.geometry = geometry.build(parameters)
        self.supersampling = 2 if size <= 256 else 1
        self.scale = UNIT * size * self.values["zoom"]
        shift = np.stack([0.5 + self.values["shift_x"], EYE_LINE + self.values["shift_y"]], axis=1)
        self.origin = shift * size - 0.5

    def place(self, points: np.ndarray) -> np.ndarray:
        """Face units, (n, m, 2), to pixels."""
        return points * self.scale[:, None, None] + self.origin[:, None]

    def boxes(self) -> np.ndarray:
        outline = self.place(self.geometry.contours["face"].points)
        low, high = outline.min(axis=1), outline.max(axis=1)
        low, high = (edge.clip(-0.5, self.size - 0.5) for edge in (low, high))
        return np.concatenate([low, high - low], axis=1)

    def paint(self) -> np.ndarray:
        paint, folds, lit = self._polygons()
        n, size = len(paint), self.size
        light = np.stack(
            shading.light(
                self.geometry.anchors,
                self.values["light_direction"] - self.values["roll"],
                self.values["light_strength"],
            ),
            axis=-1,
        )
        scene = np.stack(
            [
                shading.to_picture(light[i], size, self.origin[i], self.scale[i], self.values["roll"][i])
                for i in range(n)
            ]
        )
        inside = lit.astype(np.float32) / 255
        factor = 1 + inside * (scene[..., 0] - 1)
        factor *= 1 - folds * np.float32(_FOLD_DEPTH / 255)
        shine = 255 * inside * scene[..., 1]
        if self.color:
            factor = 1 + (factor[..., None] - 1) * _TINT
            shine = shine[..., None]
        exposure = self.values["brightness"].astype(np.float32).reshape(-1, *[1] * (paint.ndim - 1))
        return self._photograph((paint * factor + shine) * exposure)

    def _photograph(self, pictures: np.ndarray) -> np.ndarray:
        """Blurs, adds the sensor's noise and rounds."""
        texture = self.values["texture"].astype(np.int64)
        for i in range(len(pictures)):
            sigma = self.values["blur"][i] * self.size
            if sigma > 0.2:
                pictures[i] = cv2.GaussianBlur(pictures[i], (0, 0), sigma)
            if self.values["noise"][i] > 0:
                noise = _tile(texture[i], self.size) * np.float32(255 * self.values["noise"][i])
                pictures[i] += noise[..., None] if self.color else noise
        return np.clip(np.rint(pictures), 0, 255).astype(np.uint8)

    def _polygons(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Paints flat colours, folds and the area that receives light: uint8, (n, size, size[, 3])."""
        contours = {name: c for name, c in self.geometry.contours.items() if self._visible(name)}
        palette = colors.palette(self.parameters)
        if not self.color:
            palette = {role: color @ colors.LUMINANCE[:, None] for role, color in palette.items()}
        palette = {role: np.clip(color, 0, 255).round().tolist() for role, color in palette.items()}
        n, s = len(self.parameters), self.supersampling
        outlines, program, start = [], [], 0
        for contour in contours.values():
            outline = self._outline(contour)
            outlines.append(outline)
            strength = np.ones(n) if contour.strength is None else np.broadcast_to(contour.strength, n)
            if contour.role == "fold":
                pixels = contour.width.max() * self.scale * s
                strength = strength * np.minimum(1, pixels / 2)
            program.append((contour.role, start, start + outline.shape[1], strength.tolist()))
            start += outline.shape[1]
        occluder = self._occluders()
        outlines.append(occluder)
        program.append(("occluder", start, start + occluder.shape[1], self.values["occlusion"].tolist()))
        points = (np.concatenate(outlines, axis=1) * s + (s - 1) / 2) * 2**_FRACTION
        points = np.rint(points).astype(np.int32)
        shape = (n, self.size * s, self.size * s)
        canvas = np.empty(shape + (3,) * self.color, dtype=np.uint8)
        folds, lit = np.zeros(shape, dtype=np.uint8), np.zeros(shape, dtype=np.uint8)
        self._backgrounds(canvas)
        for i in range(n):
            paint, fold, light, polygons = canvas[i], folds[i], lit[i], points[i]
            for role, first, last, strength in program:
                shown = strength[i]
                if shown <= 0.03:
                    continue
                polygon = [polygons[first:last]]
                if role == "fold":
                    cv2.fillPoly(fold, polygon, 255 * min(shown, 1), cv2.LINE_AA, _FRACTION)
                    continue
                cv2.fillPoly(paint, polygon, palette[role][i], cv2.LINE_AA, _FRACTION)
                if role in _COVERS:
                    cv2.fillPoly(fold, polygon, 0, cv2.LINE_AA, _FRACTION)
                if role in _LIGHT:
                    cv2.fillPoly(light, polygon, _LIGHT[role], cv2.LINE_AA, _FRACTION)
            if self.size >= _SMALL:
                cv2.GaussianBlur(fold, (0, 0), _FOLD_BLUR * self.size * s, dst=fold)
        return tuple(np.stack([self._reduced(image) for image in layer]) for layer in (canvas, folds, lit))

    def _visible(self, name: str) -> bool:
        return self.size >= _SMALL or not name.startswith(("strand", "lower_teeth"))

    def _outline(self, contour: Contour) -> np.ndarray:
        """The polygon of a contour in pixels. Anti-aliasing adds a pixel of width: strokes give it back."""
        points = self.place(contour.points)
        if contour.closed:
            return points
        width = contour.width * self.scale[:, None] - 1 / self.supersampling
        return ribbon(points, np.maximum(width, 0.05))

    def _occluders(self) -> np.ndarray:
        """Rounded bars that reach from outside into the picture, in pixels: a hand, a scarf, a microphone."""
        texture = self.values["texture"].astype(np.int64)
        angle = 2 * np.pi * (texture // 31 % 997 / 997)[:, None]
        along = np.array([0, 0.5, 0.8, 0.9, 0.97, 1])
        reach = 0.8 - (0.3 + 0.4 * self.values["occlusion"])[:, None] * along
        middle = 0.5 + np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1)
        width = (0.14 + 0.12 * (texture // 13 % 101 / 101))[:, None] * [1, 1, 0.95, 0.75, 0.45, 0.1]
        return ribbon(middle, width) * self.size - 0.5

    def _backgrounds(self, canvas: np.ndarray) -> None:
        first, second = colors.backgrounds(self.parameters)
        if not self.color:
            first, second = first @ colors.LUMINANCE[:, None], second @ colors.LUMINANCE[:, None]
        size = canvas.shape[1]
        for i, texture in enumerate(self.values["texture"].astype(np.int64)):
            share = 1 / (1 + np.exp(-_tile(texture // 3, 5)))[..., None]
            cloud = (first[i] * share + second[i] * (1 - share)).astype(np.uint8)
            canvas[i] = cv2.resize(cloud, (size, size), interpolation=cv2.INTER_CUBIC)

    def _reduced(self, image: np.ndarray) -> np.ndarray:
        if self.supersampling == 1:
            return image
        return cv2.resize(image, (self.size, self.size), interpolation=cv2.INTER_AREA)


def _tile(texture: int, size: int) -> np.ndarray:
    """A patch of normal noise, the same for the same texture."""
    rows = (texture // 1024 % 1024 + np.arange(size)) % 1024
    columns = (texture % 1024 + np.arange(size)) % 1024
    return _TILE[rows[:, None], columns]
