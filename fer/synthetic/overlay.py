"""A transparent picture over a photo, painted with shapes that are given in face units."""

import cv2
import numpy as np

_FRACTION = 4
_CANVAS = 300
"""Pixels that the shorter side of a canvas has at least: small photos are painted enlarged, then reduced."""


class Overlay:
    """Premultiplied colour and coverage, painted layer over layer.

    Args:
        shape: Height and width of the photo in pixels.
        camera: Shape (2, 4), face units (x, y, z, 1) to pixels, as ``worn.fit_camera`` returns it.

    Attributes:
        scale: Pixels of the photo in a face unit.
        x, y: Face units of each pixel of the canvas on the plane of the face, float32, (height, width) of
            the canvas, for patterns and gradients.
    """

    def __init__(self, shape: tuple[int, int], camera: np.ndarray):
        self._shape = shape
        self._factor = max(1, round(_CANVAS / min(shape)))
        self._camera = camera
        self.scale = float(np.sqrt(abs(np.linalg.det(camera[:, :2]))))
        height, width = (length * self._factor for length in shape)
        self._color = np.zeros((height, width, 3), dtype=np.float32)
        self._alpha = np.zeros((height, width), dtype=np.float32)
        inverse = np.linalg.inv(camera[:, :2])
        origin = self.project(np.array([[0, 0, 0.4]]))[0]
        columns = (np.arange(width) + 0.5) / self._factor - 0.5 - origin[0]
        rows = ((np.arange(height) + 0.5) / self._factor - 0.5 - origin[1])[:, None]
        self.x, self.y = ((across * columns + down * rows).astype(np.float32) for across, down in inverse)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Face units, shape (n, 3), to pixels of the photo, shape (n, 2)."""
        return points @ self._camera[:, :3].T + self._camera[:, 3]

    def area(self, points: np.ndarray, *, hull: bool = False) -> np.ndarray:
        """Returns the coverage of a closed outline: float32, shape of the canvas, 0…1.

        Args:
            points: Shape (n, 3), face units.
            hull: Whether to cover the convex hull, which is how a solid body looks from any side.
        """
        polygon = self.project(points)
        if hull:
            polygon = cv2.convexHull(polygon.astype(np.float32))[:, 0]
        coverage = np.zeros(self._alpha.shape, dtype=np.uint8)
        cv2.fillPoly(coverage, [self._fixed(polygon)], 255, cv2.LINE_AA, _FRACTION)
        return coverage * np.float32(1 / 255)

    def line(self, points: np.ndarray, width: float, *, closed: bool = False) -> np.ndarray:
        """Returns the coverage of a line: float32, shape of the canvas, 0…1.

        Args:
            points: Shape (n, 3), face units.
            width: Face units. What is thinner than a pixel of the canvas is fainter instead.
            closed: Whether the last point joins the first.
        """
        pixels = width * self.scale * self._factor
        coverage = np.zeros(self._alpha.shape, dtype=np.uint8)
        points = [self._fixed(self.project(points))]
        cv2.polylines(coverage, points, closed, 255, max(1, round(pixels)), cv2.LINE_AA, _FRACTION)
        return coverage * np.float32(min(1.0, pixels) / 255)

    def soften(self, coverage: np.ndarray, radius: float) -> np.ndarray:
        """Blurs a coverage by a standard deviation in face units."""
        return cv2.GaussianBlur(coverage, (0, 0), max(radius * self.scale * self._factor, 0.3))

    def paint(self, coverage: np.ndarray, color: np.ndarray) -> None:
        """Lays a colour over what is painted.

        Args:
            coverage: float32, shape of the canvas, 0…1.
            color: RGB, range 0…255: shape (3,), or one that broadcasts to (height, width, 3).
        """
        rest = (1 - coverage)[..., None]
        self._color *= rest
        self._color += coverage[..., None] * np.asarray(color, dtype=np.float32)
        self._alpha *= rest[..., 0]
        self._alpha += coverage

    def reduced(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns colour times coverage, float32, (height, width, 3), and coverage, (height, width, 1)."""
        size = self._shape[::-1]
        color = cv2.resize(self._color, size, interpolation=cv2.INTER_AREA)
        return color, cv2.resize(self._alpha, size, interpolation=cv2.INTER_AREA)[..., None]

    def _fixed(self, points: np.ndarray) -> np.ndarray:
        """Pixels of the photo to fixed-point pixels of the canvas, as OpenCV takes them."""
        canvas = (points + 0.5) * self._factor - 0.5
        return np.rint(canvas.clip(-4000, 8000) * 2**_FRACTION).astype(np.int32)
