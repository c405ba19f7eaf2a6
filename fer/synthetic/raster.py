"""Geometry and scene to pictures: polygons with OpenCV, then light, blur and noise."""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
import pandas as pd

from fer.synthetic import colors, geometry, scene, shading
from fer.synthetic.contours import Contour
from fer.synthetic.curves import ribbon
from fer.synthetic.parameters import NUMBERS

EYE_LINE = 0.385
"""Where the middle of the eyes lies, as a share of the picture's height (FER-2013: about 0.39)."""

UNIT = 0.463
"""Length of a face unit as a share of the picture's width: the eyes are 0.38 of it apart."""

_CHUNK = 64
_FRACTION = 4
_FAINT = 0.03
_FOLD_DEPTH = 0.55
_FOLD_BLUR = 0.0035
# Shadows keep more red than blue.
_TINT = np.array([0.92, 1.0, 1.06], dtype=np.float32)
# Roles that hide the folds under them, and roles that the light of the face falls on.
_COVERS = ("hair", "mask", "dark_lens", "occluder")
_LIGHT = dict.fromkeys(("neck", "ear", "skin", "hair", "mask"), 255) | {"occluder": 0}
# Below this size these contours would be noise.
_SMALL = 72
_DETAILS = ("strand", "lower_teeth")


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


def cut_outs(
    parameters: pd.DataFrame, sizes: Sequence[int], drawing: geometry.Geometry
) -> Iterator[np.ndarray]:
    """Draws faces, each in its own size, with nothing behind them, to be laid on a picture.

    Args:
        parameters: One row a face; its blur and noise are left to the picture.
        sizes: Height and width of each in pixels.
        drawing: Their geometry, as ``geometry.build`` makes it.

    Yields:
        float32, shape (size, size, 4), 0…255: red, green and blue times coverage, and coverage. A picture
        becomes ``picture * (1 - coverage / 255) + color``.
    """
    for row, size in enumerate(sizes):
        yield _Pictures(parameters.iloc[row : row + 1], size, True, drawing.take(row)).cut_out()


class _Pictures:
    """A chunk of faces on its way to pixels."""

    def __init__(
        self, parameters: pd.DataFrame, size: int, color: bool, drawing: geometry.Geometry | None = None
    ):
        self.parameters, self.size, self.color = parameters, size, color
        self.values = {name: parameters[name].to_numpy(dtype=float) for name in NUMBERS}
        self.texture = parameters["texture"].to_numpy(dtype=np.int64)
        self.geometry = drawing or geometry.build(parameters)
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
        """Paints, lights and photographs the faces: uint8, (n, size, size[, 3])."""
        behind = map(self._levels, colors.backgrounds(self.parameters))
        canvas = scene.backgrounds(*behind, self.texture, self.size * self.supersampling)
        pictures = self._lit(*self._painted(canvas))
        return scene.photographed(pictures, self.values["blur"], self.values["noise"], self.texture)

    def cut_out(self) -> np.ndarray:
        """Paints and lights the first face on nothing: float32, (size, size, 4). See ``cut_outs``."""
        side = self.size * self.supersampling
        # What is painted on a transparent black is the colour times its coverage.
        canvas = np.zeros((1, side, side, 4), dtype=np.uint8)
        paint, folds, lit = self._painted(canvas)
        color = self._lit(paint[..., :3], folds, lit)
        return np.concatenate([color, paint[..., 3:]], axis=-1, dtype=np.float32)[0]

    def _lit(self, paint: np.ndarray, folds: np.ndarray, lit: np.ndarray) -> np.ndarray:
        """Lays light and folds on what ``_painted`` gives: float32, shape of ``paint``."""
        inside = lit.astype(np.float32) / 255
        brightness, reflection = self._light()
        factor = 1 + inside * (brightness - 1)
        factor *= 1 - folds * np.float32(_FOLD_DEPTH / 255)
        shine = 255 * inside * reflection
        exposure = self.values["brightness"].astype(np.float32)[:, None, None]
        if self.color:
            factor, shine, exposure = (
                1 + (factor[..., None] - 1) * _TINT,
                shine[..., None],
                exposure[..., None],
            )
        return (paint * factor + shine) * exposure

    def _light(self) -> tuple[np.ndarray, np.ndarray]:
        """Factor of the colours and reflection to add in each pixel: float32, (n, size, size)."""
        roll = self.values["roll"]
        grids = shading.light(
            self.geometry.anchors, self.values["light_direction"] - roll, self.values["light_strength"]
        )
        faces = zip(grids, self.origin, self.scale, roll, strict=True)
        laid = np.stack([shading.to_picture(grid, self.size, *placing) for grid, *placing in faces])
        return laid[..., 0], laid[..., 1]

    def _painted(self, canvas: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Paints flat colours, folds and the area that receives light.

        Args:
            canvas: What is behind the faces, supersampled, uint8, (n, side, side[, 3 or 4]); it is used up.

        Returns:
            uint8, (n, size, size[, 3 or 4]), and twice (n, size, size).
        """
        palette = colors.palette(self.parameters)
        palette = {role: self._levels(color).round().clip(0, 255).tolist() for role, color in palette.items()}
        if canvas.shape[3:] == (4,):
            palette = {role: [[*color, 255] for color in faces] for role, faces in palette.items()}
        points, program = self._program()
        n, size = canvas.shape[:2]
        folds, lit = np.zeros((2, n, size, size), dtype=np.uint8)
        for i in range(n):
            paint, fold, light, polygons = canvas[i], folds[i], lit[i], points[i]
            for role, first, last, strength in program:
                shown = strength[i]
                if shown < _FAINT:
                    continue
                polygon = [polygons[first:last]]
                if role == "fold":
                    cv2.fillPoly(fold, polygon, 255 * shown, cv2.LINE_AA, _FRACTION)
                    continue
                cv2.fillPoly(paint, polygon, palette[role][i], cv2.LINE_AA, _FRACTION)
                if role in _COVERS:
                    cv2.fillPoly(fold, polygon, 0, cv2.LINE_AA, _FRACTION)
                if role in _LIGHT:
                    cv2.fillPoly(light, polygon, _LIGHT[role], cv2.LINE_AA, _FRACTION)
            if self.size >= _SMALL:
                cv2.GaussianBlur(fold, (0, 0), _FOLD_BLUR * size, dst=fold)
        return tuple(np.stack([self._reduced(image) for image in layer]) for layer in (canvas, folds, lit))

    def _program(self) -> tuple[np.ndarray, list[tuple[str, int, int, list[float]]]]:
        """All polygons of a face in one array, and what to do with them.

        Returns:
            Fixed-point pixels, int32, shape (n, points, 2), and for each polygon in the order of painting its
            role, its first and last point, and how strongly it shows on each face, 0…1.
        """
        n, s = len(self.parameters), self.supersampling
        outlines, program, start = [], [], 0

        def add(role: str, outline: np.ndarray, strength: np.ndarray) -> None:
            nonlocal start
            end = start + outline.shape[1]
            program.append((role, start, end, strength.clip(0, 1).tolist()))
            outlines.append(outline)
            start = end

        for name, contour in self.geometry.contours.items():
            if self.size < _SMALL and name.startswith(_DETAILS):
                continue
            strength = np.ones(n) if contour.strength is None else contour.strength
            if contour.role == "fold":
                # A line thinner than two pixels of the canvas is drawn two wide, but fainter.
                strength = strength * np.minimum(1, contour.width.max() * self.scale * s / 2)
            add(contour.role, self._outline(contour), strength)
        add(
            "occluder",
            scene.occluders(self.texture, self.values["occlusion"]) * self.size - 0.5,
            self.values["occlusion"],
        )
        points = (np.concatenate(outlines, axis=1) * s + (s - 1) / 2) * 2**_FRACTION
        return np.rint(points).astype(np.int32), program

    def _outline(self, contour: Contour) -> np.ndarray:
        """The polygon of a contour in pixels. Anti-aliasing adds a pixel of width: strokes give it back."""
        points = self.place(contour.points)
        if contour.closed:
            return points
        width = contour.width * self.scale[:, None] - 1 / self.supersampling
        return ribbon(points, np.maximum(width, 0.05))

    def _levels(self, color: np.ndarray) -> np.ndarray:
        """RGB, (n, 3), as the picture stores it: (n, 3), or (n, 1) in gray."""
        return color if self.color else color @ colors.LUMINANCE[:, None]

    def _reduced(self, image: np.ndarray) -> np.ndarray:
        if self.supersampling == 1:
            return image
        return cv2.resize(image, (self.size, self.size), interpolation=cv2.INTER_AREA)
