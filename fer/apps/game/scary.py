"""Scary clips, two for each level: it gets quiet, and then something jumps out. Harmless, without blood.

Bright and dark change at most three times a second, the limit for people whom flashing pictures make ill
(WCAG 2.2, success criterion 2.3.1).
"""

from collections.abc import Iterator

import numpy as np

from fer.apps.game import animation as stage
from fer.apps.game import frights
from fer.apps.game.animation import HEIGHT, WIDTH, Scene, pulse, track
from fer.synthetic.backdrop import fill, oval
from fer.synthetic.curves import ribbon, smooth


def _box(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """A music box turns, slower and slower. It stops, and Jack jumps out at the viewer."""
    jump = 4.3
    out = track(times, (jump, 0), (jump + 0.14, 1))
    faces = stage.people(
        len(times),
        skin_tone=2,
        hair_style="curly",
        hair_color="auburn",
        au12=1,
        au25=1,
        au26=0.9,
        au05=1,
        au01=1,
        au02=1,
    )

    def bend(drawing):
        drawing = stage.eyes(stage.without(drawing, stage.BODY), 1.7, 0.75)
        return stage.scaled(drawing, stage.MOUTH, 1.35, 1.2)

    wall = stage.gradient((86, 66, 96), (40, 30, 52))
    fill(wall, np.array([[0, 236], [WIDTH, 236], [WIDTH, HEIGHT], [0, HEIGHT]]), (70, 48, 38))
    turned = np.cumsum(track(times, (0, 9), (2.8, 6), (3.9, 0))) / stage.RATE
    heads = stage.heads(faces[out > 0], 384, bend)
    for k, t in enumerate(times):
        frame = wall.copy()
        shake = 2.5 * np.sin(45 * t) * pulse(times, 2.6, 3.3)[k]
        if out[k] > 0:
            spring_x = 200 + 14 * np.sin(np.linspace(0, 12 * np.pi, 60))
            coil = np.stack([spring_x, np.linspace(200, 200 - 60 * out[k], 60)], axis=1)
            fill(frame, ribbon(coil, np.full(60, 5.0)), (150, 150, 160))
        _music_box(frame, 200 + shake, turned[k], out[k])
        frame = stage.lit(frame, 0.5, 200, 210, 120)
        if out[k] > 0:
            wobble = np.exp(-2.5 * (t - jump)) * np.sin(18 * (t - jump))
            unit = 22 + out[k] * (82 + 16 * wobble)
            stage.lay(frame, next(heads), 200 + 26 * wobble, 236 - 90 * out[k], unit, 10 * wobble)
            frame = stage.seen(frame, 1 + 0.08 * abs(wobble), 6 * wobble)
        yield frame


def _music_box(frame: np.ndarray, x: float, turned: float, opened: float) -> None:
    left, right, top, bottom = x - 58, x + 58, 168, 256
    fill(frame, np.array([[left, top], [right, top], [right, bottom], [left, bottom]]), (176, 44, 60))
    for number in range(4):
        column = left + 14.5 + 29 * number
        diamond = np.add([column, (top + bottom) / 2], [[0, -18], [11, 0], [0, 18], [-11, 0]])
        fill(frame, diamond, (240, 196, 80))
    lid = np.array([[left - 4, top], [right + 4, top], [right + 4, top - 12], [left - 4, top - 12]])
    angle = -1.9 * opened
    hinge = np.array([right + 4, top])
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    fill(frame, (lid - hinge) @ rotation.T + hinge, (130, 28, 44))
    grip = np.array([right + 20 + 22 * np.cos(turned), 212 + 22 * np.sin(turned)])
    fill(frame, ribbon(np.array([[right, 212.0], [right + 20, 212]]), np.full(2, 6.0)), (190, 180, 150))
    fill(frame, ribbon(np.array([[right + 20, 212.0], grip]), np.full(2, 5.0)), (190, 180, 150))
    fill(frame, oval(grip, 6, 6), (230, 220, 190))


def _spider(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """A girl reads by lamplight. A spider comes down on its thread, climbs back, and falls on the viewer."""
    drop = 4.6
    down = track(times, (0.6, -40), (2.6, 120), (3.3, 120), (4.1, -60))
    there = pulse(times, 2.0, 3.6, 0.4)
    near = times >= drop
    faces = stage.people(
        len(times),
        skin_tone=5,
        hair_style="long",
        hair_color="brown",
        texture=0,
        gaze_x=0.8 * there,
        gaze_y=track(times, (1.8, 0.9), (2.3, -0.2), (3.4, -0.2), (4, -1)),
        yaw=14 * there,
        pitch=track(times, (1.8, -10), (2.4, 0), (3.4, 0), (4, 12)),
        au01=0.5 * there,
        au43=track(times, (1.6, 0.35), (2, 0)),
    )
    room = _night_room()
    for k, head in enumerate(stage.heads(faces)):
        t, frame = times[k], room.copy()
        stage.lay(frame, head, 170, 330, 60, middle=2.9)
        frame = stage.lit(frame, 0.35, 130, 140, 130)
        fill(frame, ribbon(np.array([[300.0, 0], [300, down[k]]]), np.full(2, 1.6)), (190, 190, 190))
        draw_spider(frame, 300, down[k], 13, t)
        if near[k]:
            fallen = t - drop
            size = 22 + 62 * min(fallen / 0.16, 1) + 3 * np.sin(30 * fallen)
            shake = np.exp(-4 * fallen) * 12
            draw_spider(frame, 200, min(-80 + 1600 * fallen, 150), size, 2.5 * t)
            frame = stage.seen(frame, 1, shake * np.sin(18 * t), shake * np.cos(17 * t))
        yield frame


def _night_room() -> np.ndarray:
    frame = stage.gradient((70, 62, 92), (46, 38, 60))
    fill(frame, np.array([[276, 34], [384, 34], [384, 168], [276, 168]]), (92, 70, 54))
    fill(frame, np.array([[284, 42], [376, 42], [376, 160], [284, 160]]), (22, 28, 62))
    fill(frame, oval((346, 74), 15, 15), (236, 232, 200))
    for bar in (
        [[327, 42], [333, 42], [333, 160], [327, 160]],
        [[284, 98], [376, 98], [376, 104], [284, 104]],
    ):
        fill(frame, np.array(bar), (92, 70, 54))
    return frame


def draw_spider(frame: np.ndarray, x: float, y: float, size: float, t: float) -> None:
    """A hairy spider that kicks; ``size`` is half the width of its body in pixels."""
    for number in range(8):
        side = -1 if number % 2 else 1
        spread = -0.9 + 0.55 * (number // 2) + 0.16 * np.sin(9 * t + 1.7 * number)
        knee = np.array([side * np.cos(spread), 0.9 * np.sin(spread) - 0.5]) * 1.7
        foot = np.array([side * np.cos(spread) * 2.5, 2.2 * np.sin(spread) + 0.6])
        leg = smooth(np.array([[0.4 * side, 0], knee, foot]), steps=6)
        fill(frame, [x, y] + size * ribbon(leg, np.linspace(0.34, 0.1, len(leg))), (26, 20, 24))
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    fur = 1 + 0.09 * (np.arange(72) % 2)
    for high, wide, low in ((0.55, 1.05, 0.75), (0, 0.85, 0)):
        outline = np.stack([wide * fur * np.cos(angle), (0.7 + high / 2) * fur * np.sin(angle) - low], axis=1)
        fill(frame, [x, y] + size * outline, (44, 32, 38))
    for across, up, radius in ((0.3, 0.1, 0.24), (-0.3, 0.1, 0.24), (0.62, -0.1, 0.14), (-0.62, -0.1, 0.14)):
        place = np.array([x, y]) + size * np.array([across, up])
        fill(frame, oval(place, radius * size, radius * size), (236, 60, 50))
        fill(frame, oval(place, 0.45 * radius * size, 0.6 * radius * size), (20, 8, 10))
    for side in (-1, 1):
        fang = np.array([[0.12, 0.5], [0.36, 0.5], [0.2, 0.98]]) * [side, 1]
        fill(frame, [x, y] + size * fang, (232, 226, 210))


_PAIRS = ((60, 80, 9), (330, 60, 12), (110, 210, 8), (300, 215, 10), (38, 150, 6), (368, 140, 7))
"""x, y and size of the eyes in the dark."""


def _dark(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """The lamp over a man fails. In the dark there are his eyes, then many eyes, then one face."""
    at, strength = np.array([(1.2, 1), (1.3, 0.3), (1.55, 1), (2, 1), (2.1, 0)]).T
    light, jump = np.interp(times, at, strength), 4.7
    gaze = track(times, (1.5, 0), (1.7, -1), (2, 1), (2.3, 0), (2.9, 0), (3.1, 1), (3.4, 1), (3.6, -1))
    man = stage.people(
        len(times),
        skin_tone=6,
        beard="stubble",
        texture=4,
        gaze_x=gaze,
        gaze_y=track(times, (0.9, 0), (1.1, -1), (1.5, -0.8), (1.8, 0)),
    )
    monster = stage.people(
        len(times),
        skin_tone=1,
        hair_style="long",
        au04=1,
        au05=1,
        au20=1,
        au25=1,
        au26=1,
        light_direction=180,
    )

    def bend(drawing):
        drawing = stage.eyes(stage.without(drawing, stage.BODY), 2.1, 0.5)
        return stage.scaled(drawing, stage.MOUTH, 1.5, 1.5, down=0.1)

    men, monsters = stage.heads(man[light > 0]), stage.heads(monster[times >= jump], 384, bend)
    starts = random.uniform(2.9, 3.9, len(_PAIRS))
    opened = [track(times, (start, 0), (start + 0.15, 1), (4.35, 1), (4.4, 0)) for start in starts]
    blink = 1 - pulse(times, 4.05, 4.15, 0.05)
    wall = stage.gradient((120, 112, 96), (74, 66, 58))
    for k, t in enumerate(times):
        frame = wall.copy() if light[k] else np.zeros_like(wall)
        if light[k]:
            stage.lay(frame, next(men), 200, 322, 60, middle=2.9)
            swing = 200 + 16 * np.sin(1.6 * t)
            frame = (stage.lit(frame, 0.25, swing, 120, 110) * light[k]).astype(np.uint8)
            fill(frame, ribbon(np.array([[200.0, 0], [swing, 26]]), np.full(2, 2.0)), (20, 20, 20))
            fill(frame, oval((swing, 30), 9, 11), np.array([255, 240, 180]) * (0.3 + 0.7 * light[k]))
        elif t < jump:
            _glowing(frame, 200, 148, 11, gaze[k], blink[k])
            for (x, y, size), share in zip(_PAIRS, opened, strict=True):
                _glowing(frame, x, y, size, (200 - x) / 200, share[k])
        else:
            come, tremble = min((t - jump) / 0.15, 1), 7 * np.exp(-2 * (t - jump))
            pale = stage.tinted(next(monsters), (0.95, 1.0, 0.9))
            x, y = 200 + tremble * np.sin(18 * t), 150 + tremble * np.cos(17 * t)
            stage.lay(frame, pale, x, y, 30 + 85 * come + 6 * (t - jump))
        yield frame


def _glowing(frame: np.ndarray, x: float, y: float, size: float, gaze: float, opened: float) -> None:
    """A pair of eyes in the dark, ``size`` being half their width in pixels."""
    if opened < 0.05:
        return
    for side in (-1, 1):
        place = np.array([x + 1.75 * side * size, y])
        fill(frame, oval(place, size, 0.75 * size * opened), (250, 246, 210))
        pupil = np.add([0.5 * size * gaze, 0], place)
        fill(frame, oval(pupil, 0.4 * size, 0.55 * size * opened), (16, 12, 10))


SCENES = {
    1: (Scene("music_box", 6, _box), Scene("spider", 6.2, _spider)),
    2: (Scene("dark", 6.4, _dark), Scene("portrait", 6, frights.portrait)),
    3: (Scene("corridor", 6.6, frights.corridor), Scene("lake", 6.5, frights.lake)),
}
