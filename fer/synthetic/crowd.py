"""Scenes: many synthetic faces of all sizes in one picture, with their boxes.

Example:
    >>> crowd = Crowd(100, image_size=416)
    >>> picture, faces = crowd[0], crowd.faces_of(0)
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
import pandas as pd

from fer.synthetic import backdrop, colors, figures, geometry, parameters, raster, scene
from fer.synthetic.curves import ribbon
from fer.synthetic.draws import Draws

HIDDEN = 0.12
"""Share of the faces that something is before, and of those that may reach beyond the border."""

BOX = ["box_x", "box_y", "box_width", "box_height"]
"""Columns of a face's box."""

# Side of a face's own canvas in face units, and where on it the eyes are, as a share of its height.
_SPAN, _EYES = 4.2, 0.43
_TRIES = 40
_CHUNK = 64


class Crowd(Sequence):
    """Pictures with faces, drawn when they are asked for; ``Crowd(50)`` is the beginning of ``Crowd(100)``.

    People stand before places that are drawn, too, among things that are no faces; who is nearer covers who
    is farther away.

    Args:
        n: Number of pictures.
        seed: Seed of everything.
        image_size: Height and width in pixels, at least 64, or one number for both.
        faces: Least and largest number of faces in a picture.
        sizes: Least and largest height of a box: pixels, and share of the picture's shorter side.
        overlap: Share of a face that other people may cover, 0…1, as long as there is room elsewhere.
        accessories: Share of each of ``parameters.CHOICES["accessory"]``; None is ``figures.ACCESSORIES``.

    Attributes:
        table: One row a face, those of a picture from the farthest to the nearest: ``picture`` (number),
            ``emotion``, every parameter, ``unit`` (pixels of a face unit), ``eyes_x``, ``eyes_y`` (the point
            between the eyes) and the landmarks ``left_eye_x`` … in pixels, whole numbers being the middles of
            pixels; ``box_x``, ``box_y``, ``box_width``, ``box_height``, whole numbers being the edges of
            pixels, from hairline to chin, without hair, possibly beyond the border; and ``visible``, the
            share of the face that is in the picture and not covered, 0…1.

    Raises:
        ValueError: An argument is out of its range.
    """

    def __init__(
        self,
        n: int,
        seed: int = 0,
        image_size: int | tuple[int, int] = 416,
        faces: tuple[int, int] = (0, 12),
        sizes: tuple[float, float] = (12, 0.8),
        overlap: float = 0.3,
        accessories: Mapping[str, float] | None = None,
    ):
        accessories = figures.ACCESSORIES if accessories is None else accessories
        self.n, self.seed, self.sizes, self.overlap = n, seed, sizes, overlap
        self.height, self.width = np.broadcast_to(image_size, 2).tolist()
        self._check(faces, accessories)
        counts = Draws(seed, n, stream=10).integers("faces", faces[0], faces[1] + 1)
        people = figures.draw_people(int(counts.sum()), seed, accessories)
        people.insert(0, "picture", np.repeat(np.arange(n), counts))
        self._begin = np.concatenate([[0], np.cumsum(counts)])
        numbers = np.array_split(np.arange(n), -(-n // _CHUNK))
        self.table = pd.concat([self._arranged(part, people) for part in numbers], ignore_index=True)

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, number: int) -> np.ndarray:
        """Draws a picture: uint8, shape (height, width, 3) RGB."""
        if not -self.n <= number < self.n:
            raise IndexError(f"There are {self.n} pictures. Received: {number}")
        number %= self.n
        faces = self.faces_of(number)
        random = self._random(number, 1)
        picture = backdrop.backdrop(random, self.height, self.width)
        backdrop.distract(picture, random)
        if len(faces):
            self._paint_people(picture, faces)
        for outline, color in self._things_before(faces, number):
            backdrop.fill(picture, outline, color)
        return scene.snapshot(picture, random)

    def faces_of(self, number: int) -> pd.DataFrame:
        """Returns the rows of ``table`` of a picture."""
        return self.table.iloc[self._begin[number] : self._begin[number + 1]]

    def _random(self, number: int, stream: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, 11, number, stream])

    def _arranged(self, numbers: np.ndarray, people: pd.DataFrame) -> pd.DataFrame:
        """Gives the people of some pictures their places."""
        people = people.iloc[self._begin[numbers[0]] : self._begin[numbers[-1] + 1]]
        if people.empty:
            return people.assign(**dict.fromkeys([*BOX, "visible"], 0.0))
        drawing = geometry.build(people)
        outline = figures.outline(drawing, people)
        low, high = outline.min(axis=1), outline.max(axis=1)
        rows, places = [], []
        for _, part in people.reset_index(drop=True).groupby("picture"):
            order, placed = self._placed(part["picture"].iloc[0], low[part.index], high[part.index])
            rows.append(part.index[order])
            places.append(placed)
        rows, places = np.concatenate(rows), np.concatenate(places)
        unit, origin = places[:, :1], places[:, 1:]
        low, high = low[rows] * unit + origin + 0.5, high[rows] * unit + origin + 0.5
        columns = {"unit": unit[:, 0]}
        for name, points in drawing.landmarks.items():
            columns |= dict(zip((f"{name}_x", f"{name}_y"), (points[rows] * unit + origin).T, strict=True))
        boxes = np.concatenate([low, high - low], axis=1)
        columns |= dict(zip(BOX, boxes.T, strict=True))
        columns |= {"eyes_x": origin[:, 0], "eyes_y": origin[:, 1]}
        table = pd.concat([people.iloc[rows].reset_index(drop=True), pd.DataFrame(columns)], axis=1)
        hair = drawing.contours["hair"].points[rows]
        visible = [
            self._visible(faces, outline[rows[faces.index]], hair[faces.index])
            for _, faces in table.groupby("picture")
        ]
        return table.assign(visible=np.concatenate(visible))

    def _placed(self, number: int, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places the faces of a picture, the nearest first, where nearer people leave them visible.

        Args:
            number: Of the picture.
            low, high: Corners of the boxes in face units, shape (n, 2).

        Returns:
            The faces from the farthest to the nearest, and pixels of a face unit, x and y of each in that
            order, shape (n, 3).
        """
        random = self._random(number, 0)
        size = np.array([self.width, self.height])
        height = self._heights(random, len(low))
        order = np.argsort(-height, kind="stable")
        placed = np.empty((len(low), 3))
        for position, face in enumerate(order):
            unit = height[face] / (high[face, 1] - low[face, 1])
            extent = (high[face] - low[face]) * unit
            if random.random() < HIDDEN:
                corners = random.random((_TRIES, 2)) * size - extent / 2
            else:
                corners = random.random((_TRIES, 2)) * (size - extent).clip(0)
            covered = _covered(corners, extent, placed[:position])
            best = np.argmin(np.maximum(covered, self.overlap))
            placed[position] = unit, *(corners[best] - low[face] * unit - 0.5)
        return order[::-1], placed[::-1]

    def _heights(self, random: np.random.Generator, n: int) -> np.ndarray:
        """Draws heights of boxes: people side by side or at all distances, fewer large ones in a crowd."""
        short = min(self.height, self.width)
        least, largest = np.log(self.sizes[0]), np.log(self.sizes[1] * short)
        if random.random() < 0.5:
            middle = random.uniform(least, max(least, largest - 0.4 * np.log(n)))
            values = random.normal(middle, 0.2, n)
        else:
            values = random.uniform(least, max(least, largest - 0.2 * np.log(n)), n)
        return np.exp(values.clip(least, largest))

    def _visible(self, faces: pd.DataFrame, outlines: np.ndarray, hair: np.ndarray) -> np.ndarray:
        """Counts the pixels of the faces of a picture that nothing covers, as shares: shape (n,)."""
        unit, origin = faces["unit"].to_numpy(), faces[["eyes_x", "eyes_y"]].to_numpy()
        outlines, hair = (points * unit[:, None, None] + origin[:, None] for points in (outlines, hair))
        roll, bald = faces["roll"].to_numpy(), (faces["hair_style"] == "bald").to_numpy()
        owner, own = np.zeros((2, self.height, self.width), dtype=np.uint8)
        for number, outline in enumerate(outlines):
            _mark(owner, figures.body(roll[number]) * unit[number] + origin[number], number + 1)
            if not bald[number]:
                _mark(owner, hair[number], number + 1)
            _mark(owner, outline, number + 1)
        for thing, _ in self._things_before(faces, faces["picture"].iloc[0]):
            _mark(owner, thing, 255)
        shares = []
        for number, outline in enumerate(outlines):
            own[:] = 0
            _mark(own, outline, 1)
            seen = np.count_nonzero(own[owner == number + 1])
            # A polygon of whole pixels is about half a pixel wider on every side.
            whole = cv2.contourArea(outline.astype(np.float32)) + np.ptp(outline, axis=0).sum()
            shares.append(min(seen / whole, 1))
        return np.array(shares)

    def _things_before(self, faces: pd.DataFrame, number: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Draws bars that reach into some faces, arms, scarves and poles: outlines in pixels and colours."""
        random = self._random(number, 2)
        things = []
        boxes = faces[BOX].to_numpy()
        for x, y, width, height in boxes[random.random(len(boxes)) < HIDDEN]:
            tip = [x, y] + random.uniform(0.15, 0.85, 2) * [width, height]
            turn = random.uniform(0.15, 0.85) * np.pi  # from below
            along = height * np.array([0, 0.03, 0.1, 0.25, 5, 5.1])
            middle = tip + along[:, None] * [np.cos(turn), np.sin(turn)]
            thick = random.uniform(0.1, 0.4) * height * np.array([0.1, 0.5, 0.85, 1, 1.2, 0.5])
            color = backdrop.skin(random) if random.random() < 0.5 else backdrop.colors(random, 1)[0]
            things.append((ribbon(middle, thick), color))
        return things

    def _paint_people(self, picture: np.ndarray, faces: pd.DataFrame) -> None:
        """Paints the people of a picture from the farthest to the nearest."""
        unit, origin = faces["unit"].to_numpy(), faces[["eyes_x", "eyes_y"]].to_numpy()
        sides = np.ceil(_SPAN * unit).astype(int)
        corners = np.rint(origin - sides[:, None] * [0.5, _EYES]).astype(int)
        own = (origin - corners + 0.5) / sides[:, None]
        faces = faces.assign(
            zoom=unit / (raster.UNIT * sides), shift_x=own[:, 0] - 0.5, shift_y=own[:, 1] - raster.EYE_LINE
        )
        clothes = colors.palette(faces)["clothes"] * faces["brightness"].to_numpy()[:, None]
        painted = raster.cut_outs(faces, sides.tolist(), geometry.build(faces))
        for number, face in enumerate(painted):
            body = figures.body(faces["roll"].iloc[number]) * unit[number] + origin[number]
            trousers = np.roll(clothes[number], 1) * 0.6
            backdrop.fill(picture, body, clothes[number].clip(0, 255))
            backdrop.fill(picture, body[figures.LEGS], trousers.clip(0, 255))
            scene.lay(picture, face, *corners[number])

    def _check(self, faces: tuple[int, int], accessories: Mapping[str, float]) -> None:
        if self.n < 1:
            raise ValueError(f"`n` must be a positive integer. Received: {self.n!r}")
        if min(self.height, self.width) < 64:
            raise ValueError(
                f"`image_size` must be at least 64 pixels. Received: {self.height} × {self.width}"
            )
        if not 0 <= faces[0] <= faces[1] <= 100:
            raise ValueError(
                f"`faces` must be two numbers in 0…100, the smaller one first. Received: {faces}"
            )
        low, high = self.sizes
        if not 4 <= low <= high * min(self.height, self.width) or high > 2:
            raise ValueError(
                "`sizes` must be at least 4 pixels, and a share of the picture's shorter side that is not "
                f"smaller and at most 2. Received: {self.sizes}"
            )
        if not 0 <= self.overlap <= 1:
            raise ValueError(f"`overlap` must be in 0…1. Received: {self.overlap!r}")
        known = parameters.CHOICES["accessory"]
        shares = list(accessories.values())
        if not set(accessories) <= set(known) or min(shares, default=-1) < 0 or not sum(shares):
            raise ValueError(
                f"`accessories` must have shares, not negative, of {list(known)}. "
                f"Received: {dict(accessories)}"
            )


def _covered(corners: np.ndarray, extent: np.ndarray, nearer: np.ndarray) -> np.ndarray:
    """Which share of a box heads and bodies of nearer people would cover, roughly.

    Args:
        corners: Possible places of the box, shape (n, 2).
        extent: Its width and height.
        nearer: Pixels of a face unit, x and y of the people, shape (m, 3).

    Returns:
        Shape (n,), 0…1 and beyond.
    """
    total = np.zeros(len(corners))
    for left, top, right, bottom in ((-1.2, -1.5, 1.2, 1.9), (-2.3, 1.9, 2.3, 18)):
        low = nearer[:, 1:] + nearer[:, :1] * [left, top]
        high = nearer[:, 1:] + nearer[:, :1] * [right, bottom]
        shared = np.minimum(corners[:, None] + extent, high) - np.maximum(corners[:, None], low)
        total += shared.clip(0).prod(axis=-1).sum(axis=1) / extent.prod()
    return total


def _mark(owner: np.ndarray, polygon: np.ndarray, number: int) -> None:
    """Fills a polygon, shape (m, 2) in pixels, with a number, in place."""
    cv2.fillPoly(owner, [np.rint(polygon).astype(np.int32)], number)
