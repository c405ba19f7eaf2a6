"""One framing for every detector: from a detected box to the square that FER-2013 cuts around a face."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Framing:
    """Where the square of FER-2013's framing lies in a detector's boxes.

    In FER-2013 the eyes are at (0.31, 0.39) and (0.69, 0.39) of the crop's width and height, the mouth's
    corners at (0.35, 0.76) and (0.66, 0.76), with a standard deviation of 0.08; the synthetic faces are
    framed alike. Each detector draws its boxes in its own way, and a network fails on faces that are framed
    otherwise than those it has learned. Across, the middles of square and box agree. The height of the box
    tells the size, since the width changes when a head turns; landmarks did not place the square better, and
    levelling the eyes did not help.

    ``python -m tests.benchmarks.framing boxes`` measures both numbers of a detector on faces whose square is
    known.

    Attributes:
        middle: Middle of the square below the top edge of the box, in heights of the box.
        side: Side of the square in heights of the box.
    """

    middle: float
    side: float

    def square(self, box: tuple[int, int, int, int]) -> tuple[int, int, int]:
        """Returns the square of a face.

        Args:
            box: x and y of the top left corner, width and height in pixels, at least 1 × 1.

        Returns:
            x and y of the top left corner and the side: whole pixels, possibly outside the picture.
        """
        x, y, width, height = box
        side = max(round(self.side * height), 1)
        return round(x + (width - side) / 2), round(y + self.middle * height - side / 2), side

    def cut(self, image: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
        """Cuts the square of a face out of a picture; what lies outside repeats the border's pixels.

        Args:
            image: uint8, (height, width) or (height, width, 3).
            box: Where the face was found, inside the picture; see ``square``.

        Returns:
            uint8, (side, side) or (side, side, 3); a view of the picture where the square lies inside.
        """
        left, top, side = self.square(box)
        right, bottom = left + side, top + side
        height, width = image.shape[:2]
        inside = image[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
        outside = [max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)]
        return cv2.copyMakeBorder(inside, *outside, cv2.BORDER_REPLICATE) if any(outside) else inside
