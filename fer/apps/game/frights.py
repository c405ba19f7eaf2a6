"""Scary clips of the higher levels: ``fer.apps.game.scary`` says to which level each belongs."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from fer.apps.game import animation as stage
from fer.apps.game.animation import HEIGHT, WIDTH, pulse, track
from fer.synthetic.backdrop import fill, oval


def portrait(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """A portrait hangs on the wall. Only its eyes move. They find the viewer, and it leaves its frame."""
    leap = 4.5
    faces = stage.people(
        len(times),
        skin_tone=3,
        age=1,
        hair_style="receding",
        hair_color="gray",
        beard="full",
        texture=1,
        gaze_x=track(times, (0.8, 0), (1.1, -1), (1.7, -1), (2.4, 1), (3, 1), (3.2, 0)),
        au04=track(times, (3.3, 0.2), (3.8, 1), (4.4, 1), (4.5, 0)),
        au12=0.45 * pulse(times, 3.9, 4.4, 0.3),
        au05=track(times, (3.2, 0), (3.4, 0.6), (4.4, 0.6), (4.5, 1)),
        au25=track(times, (4.4, 0), (4.5, 1)),
        au26=track(times, (4.4, 0), (4.5, 1)),
        au01=track(times, (4.4, 0), (4.5, 1)),
    )
    free = times >= leap
    swell = 1.0 * free

    def bend(drawing):
        drawing = stage.eyes(drawing, 1 + 0.9 * swell, 1 - 0.45 * swell)
        return stage.scaled(drawing, stage.MOUTH, 1 + 0.35 * swell, 1 + 0.4 * swell)

    wall = stage.gradient((66, 78, 62), (40, 46, 40))
    for column in range(0, WIDTH, 40):
        fill(
            wall,
            np.array([[column, 0], [column + 14, 0], [column + 14, HEIGHT], [column, HEIGHT]]),
            (58, 70, 56),
        )
    painting = wall.copy()
    for inset, color in ((0, (146, 108, 44)), (7, (196, 156, 76)), (14, (110, 78, 30)), (18, (52, 40, 36))):
        fill(painting, _rectangle(118 + inset, 22 + inset, 164 - 2 * inset, 236 - 2 * inset), color)
    inside = np.zeros((HEIGHT, WIDTH, 1), dtype=bool)
    inside[40:240, 136:264] = True
    for k, head in enumerate(stage.heads(faces, 320, bend)):
        t, frame = times[k], painting.copy()
        if not free[k]:
            stage.lay(frame, stage.tinted(head, (0.92, 0.84, 0.68)), 200, 250, 44, middle=2.6)
            frame = np.where(inside, frame, painting)
            candle = 120 + 4 * np.sin(9 * t) + 3 * np.sin(23 * t)
            frame = stage.lit(frame, 0.22, 200, 140, candle)
            yield stage.seen(frame, 1 + 0.09 * t)
            continue
        out = t - leap
        come, tremble = min(out / 0.14, 1), 9 * np.exp(-2.5 * out)
        frame = stage.seen(stage.lit(frame, 0.22, 200, 140, 120), 1.4)
        shake = tremble * np.sin(18 * t), tremble * np.cos(17 * t)
        unit = 60 + come * 62 + 8 * out
        stage.lay(
            frame, head, 200 + shake[0], 150 + 20 * come + shake[1], unit, 14 * np.exp(-out) - 4, middle=0.35
        )
        yield frame


def _rectangle(left: float, top: float, width: float, height: float) -> np.ndarray:
    return [left, top] + np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * [width, height]


def corridor(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Someone stands at the end of a corridor. Each time the light fails it is nearer. Then it is gone."""
    blinks = np.array([1.2, 2.0, 2.7, 3.4])
    dark = np.minimum(np.abs(times[:, None] - blinks).min(axis=1) / 0.12, 1)
    place = np.searchsorted(blinks, times)
    jump = 5.0
    ghost = stage.people(
        len(times),
        skin_tone=1,
        hair_style="long",
        texture=3,
        au05=1,
        au25=np.where(times >= jump, 1.0, 0.0),
        au26=np.where(times >= jump, 1.0, 0.0),
        pitch=-20 * (times < jump),
        light_strength=0.9,
    )
    wide = 1.0 * (times >= jump)

    def bend(drawing):
        drawing = stage.eyes(drawing, 1.3 + 0.8 * wide, 1 - 0.6 * wide)
        return stage.scaled(drawing, stage.MOUTH, 1 + 0.2 * wide, 1 + 0.9 * wide, down=0.08 * wide)

    hall = _hall()
    for k, head in enumerate(stage.heads(ghost, 448, bend)):
        t, frame = times[k], hall.copy()
        near = place[k]
        if near < len(blinks):
            unit = (5, 9, 17, 34)[near]
            foot = 166 + 2.2 * unit
            stage.lay(frame, head, 200, foot - 5.4 * unit, unit)
            gown = unit * np.array([[-2.22, -2.9], [2.22, -2.9], [2.6, 0.1], [-2.6, 0.1]])
            fill(frame, np.add([200, foot], gown), (205, 201, 193))
        light = 0.03 + 0.75 * dark[k]
        if t < jump:
            zoom = 1 + 0.03 * t
            yield stage.seen(stage.lit(frame, light), zoom)
            continue
        out = t - jump
        come, tremble = min(out / 0.1, 1), 10 * np.exp(-2 * out)
        frame = stage.lit(frame, 0.12)
        side = 460 - 250 * come
        cold = stage.tinted(head, (0.82, 0.95, 1.0))
        stage.lay(
            frame,
            cold,
            side + tremble * np.sin(18 * t),
            150 + tremble * np.cos(17 * t),
            112 + 14 * out,
            -14 + 8 * out,
            middle=0.3,
        )
        yield frame


def _hall() -> np.ndarray:
    """A corridor with doors in perspective."""
    frame = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    corners = np.array([[0, 0], [400, 0], [400, 300], [0, 300]], dtype=float)
    vanishing = np.array([200, 132])
    end = vanishing + (corners - [200, 150]) * 0.13
    sides = (
        ((0, 1), (96, 98, 104)),
        ((1, 2), (122, 116, 106)),
        ((2, 3), (84, 70, 60)),
        ((3, 0), (122, 116, 106)),
    )
    for (first, second), color in sides:
        fill(frame, np.array([corners[first], corners[second], end[second], end[first]]), color)
    fill(frame, end, (44, 42, 46))
    for depth in (0.18, 0.4, 0.57, 0.68):
        near, far = 1 - depth, 1 - depth - 0.16 * (1 - depth)
        for side in (-1, 1):
            x = [side * 200 * near, side * 200 * far]
            door = [[x[0], 150 * near], [x[1], 150 * far], [x[1], -62 * far], [x[0], -62 * near]]
            fill(frame, vanishing + np.array(door), (74, 52, 40))
    for depth in (0.1, 0.35, 0.55, 0.7):
        near, far = 1 - depth, 1 - depth - 0.12 * (1 - depth)
        lamp = [
            [-40 * near, -146 * near],
            [40 * near, -146 * near],
            [40 * far, -146 * far],
            [-40 * far, -146 * far],
        ]
        fill(frame, vanishing + np.array(lamp), (246, 240, 214))
    return frame


def lake(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """The moon over a still lake, a small boat, bubbles. A fin passes. Then the whole picture is a mouth."""
    bite = 4.9
    sky = stage.gradient((14, 20, 52), (44, 58, 104))
    fill(sky, oval((316, 58), 24, 24), (240, 236, 208))
    for x, y in random.uniform([0, 0], [400, 110], (40, 2)):
        fill(sky, oval((x, y), 0.8, 0.8), (220, 224, 240))
    hills = np.stack([np.linspace(0, 400, 41), 138 - 16 * np.sin(np.linspace(0, 7, 41)) ** 2], axis=1)
    fill(sky, np.concatenate([hills, [[400, 160], [0, 160]]]), (20, 26, 44))
    fill(sky, _rectangle(0, 150, 400, 150), (18, 34, 66))
    spots = random.uniform([0, 158], [400, 296], (70, 2))
    for t in times:
        frame = sky.copy()
        for number, (x, y) in enumerate(spots):
            long = (y - 140) * 0.16 * (1 + 0.4 * np.sin(2 * t + number))
            bright = np.array([40, 62, 104]) + 70 * np.exp(-(((x - 316) / 34) ** 2))
            fill(frame, oval((x, y), long, 1 + (y - 150) / 120), bright)
        fear = track(times, (3.9, 0), (4.4, 1))[times.searchsorted(t)]
        _boat(frame, 170 + 10 * t, 190 + 2 * np.sin(2.4 * t) - 6 * fear * abs(np.sin(20 * t)), fear)
        fin = track(times, (1.6, 430), (3.4, 60))[times.searchsorted(t)]
        sunk = track(times, (1.4, 30), (1.8, 0), (3.1, 0), (3.5, 34))[times.searchsorted(t)]
        if 1.4 < t < 3.5:
            shape = np.array([[-16, 0], [14, 0], [10, -16], [16, -34], [-2, -24]])
            frame[:232] = _drawn(frame, np.add([fin, 232 + sunk], shape), (58, 66, 78))[:232]
            fill(frame, oval((fin, 232), 26, 2), (150, 170, 200))
        for number in range(int(22 * track(times, (3.5, 0), (4.8, 1))[times.searchsorted(t)])):
            phase = (t * 1.7 + number * 0.37) % 1
            x = 200 + 80 * np.sin(number * 2.4) * (0.4 + 0.6 * phase)
            fill(
                frame,
                oval((x, 262 - 10 * phase + 6 * np.cos(number)), 2 + 6 * phase, 1 + 4 * phase),
                (120, 146, 184),
            )
        if t >= bite:
            out = t - bite
            rise = min(out / 0.16, 1)
            _shark(frame, 200, 330 - 190 * rise, 60 + 150 * rise + 10 * out, 0.3 + 0.7 * min(out / 0.25, 1))
            tremble = 9 * np.exp(-2.5 * out)
            frame = stage.seen(frame, 1, tremble * np.sin(18 * t), tremble * np.cos(17 * t))
        yield frame


def _drawn(frame: np.ndarray, outline: np.ndarray, color: tuple[int, int, int]) -> np.ndarray:
    copy = frame.copy()
    fill(copy, outline, color)
    return copy


def _boat(frame: np.ndarray, x: float, y: float, fear: float) -> None:
    """A small boat with a man whose arms go up."""
    for side in (-1, 1):
        arm = np.array([[2, -14], [5, -14], [9 + 2 * fear, -8 - 20 * fear], [6 + 2 * fear, -8 - 20 * fear]])
        fill(frame, np.add([x, y], arm * [side, 1]), (150, 60, 50))
    fill(frame, np.add([x, y], [[-6, 0], [6, 0], [5, -16], [-5, -16]]), (170, 70, 56))
    fill(frame, oval((x, y - 21), 5, 6), (214, 176, 140))
    fill(frame, np.add([x, y], [[-28, -4], [28, -4], [18, 9], [-18, 9]]), (104, 66, 40))


def _shark(frame: np.ndarray, x: float, y: float, size: float, opened: float) -> None:
    """A shark from the front; ``size`` is half the width of its head in pixels."""
    place, across = np.array([x, y]), np.linspace(-1, 1, 19)
    angle = np.linspace(0, 2 * np.pi, 60)
    head = np.stack(
        [np.cos(angle) * (1 - 0.22 * (np.sin(angle) < 0) * np.sin(angle) ** 2), np.sin(angle)], axis=1
    )
    fill(frame, place + size * head * [1, 1.15], (84, 98, 116))
    fill(frame, place + size * (head * [0.82, 0.72] + [0, 0.4]), (206, 212, 218))
    mouth = head * [0.72, 0.62 * opened] + [0, 0.3]
    fill(frame, place + size * mouth, (70, 10, 22))
    fill(frame, place + size * (head * [0.5, 0.3 * opened] + [0, 0.3 + 0.24 * opened]), (170, 66, 76))
    for row, way in ((-1, 1), (1, -1)):
        for left, right in pairwise(across[1:-1]):
            edge = [0.3 + row * 0.62 * opened * np.sqrt(1 - value**2) for value in (left, right)]
            middle = 0.36 * (left + right), (edge[0] + edge[1]) / 2 + way * 0.2 * (0.4 + 0.6 * opened)
            tooth = np.array([[0.72 * left, edge[0]], [0.72 * right, edge[1]], middle])
            fill(frame, place + size * tooth, (248, 246, 236))
    for side in (-1, 1):
        eye = place + size * np.array([side * 0.56, -0.5])
        fill(frame, oval(eye, 0.13 * size, 0.15 * size), (236, 236, 226))
        fill(frame, oval(eye, 0.06 * size, 0.1 * size), (10, 10, 14))
        brow = np.array([[0.34, -0.5], [0.76, -0.76], [0.78, -0.66], [0.36, -0.4]]) * [side, 1]
        fill(frame, place + size * brow, (58, 70, 86))
        fill(
            frame, oval(place + size * np.array([side * 0.13, -0.68]), 0.05 * size, 0.03 * size), (40, 46, 56)
        )
