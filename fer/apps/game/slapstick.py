"""Funny clips with balls, balloons and towers: ``fer.apps.game.funny`` says to which level each belongs."""

from collections.abc import Iterator
from functools import partial

import cv2
import numpy as np

from fer.apps.game import animation as stage
from fer.apps.game.animation import HEIGHT, WIDTH, pulse, spring, track
from fer.synthetic.backdrop import fill, oval


def ball(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Two play football with their heads, faster and faster, until a far larger ball comes down."""
    hits = np.array([0.6, 1.3, 1.9, 2.4, 2.8, 3.1, 3.35, 3.55])
    end, crash = hits[-1], 4.6
    faces, bends = [], []
    flat = track(times, (crash - 0.05, 0), (crash, 1), (5.3, 1), (5.5, 0))
    looks_up = track(times, (3.7, 0), (3.9, 1))
    scared = np.maximum(pulse(times, 4.15, 4.6), flat)
    for side, person in (
        (-1, {"skin_tone": 7, "hair_style": "receding", "beard": "goatee", "texture": 5}),
        (1, {"skin_tone": 3, "hair_style": "fringe", "hair_color": "blond", "texture": 2}),
    ):
        own = hits[(side > 0) :: 2]
        near = np.exp(-np.abs(times[:, None] - own).min(axis=1) / 0.09)
        playing = track(times, (3.6, 1), (3.8, 0))
        dizzy = track(times, (5.5, 0), (5.7, 1))
        faces.append(
            stage.people(
                len(times),
                **person,
                yaw=-28 * side * playing,
                pitch=22 * looks_up * (1 - flat),
                gaze_x=-side * playing,
                gaze_y=-looks_up * (1 - flat),
                au12=0.7 * playing + 0.6 * dizzy,
                au25=np.maximum(scared, 0.7 * dizzy),
                au26=0.8 * scared,
                au01=np.maximum(scared, dizzy),
                au02=scared,
                au05=scared,
                au43=np.maximum(near * playing, 0.3 * dizzy),
            )
        )
        bends.append((near * playing, partial(stage.eyes, size=1 + 0.5 * scared, cross=0.09 * dizzy)))
    players = [stage.heads(face, 224, bend) for face, (_, bend) in zip(faces, bends, strict=True)]
    meadow = stage.gradient((150, 206, 240), (206, 234, 246))
    meadow[232:] = (112, 176, 84)
    for k, pair in enumerate(zip(*players, strict=True)):
        t, frame = times[k], meadow.copy()
        bounce = 1 + 0.35 * (1 - spring(times, 5.3, 3, 4))[k] * (t > 5.3)
        for head, x, (near, _) in zip(pair, (105, 295), bends, strict=True):
            stretch = (1 - 0.3 * near[k]) * (1 - 0.6 * flat[k]) * bounce
            stage.lay(frame, head, x, 330, 52, 0, stretch, middle=2.9)
            for number in range(4 if t > 5.6 else 0):
                angle = 7 * t + number * np.pi / 2
                _star(frame, x + 52 * np.cos(angle), 96 + 13 * np.sin(angle), 10)
        if t < 4.2:
            x, y = _flight(t, hits, end)
            _football(frame, x, y, 24, 400 * t)
        fall = t - (crash - 0.25)
        if fall > 0:
            y = min(-170 + 1030 * fall, 88) if t < 5.3 else 88 - 900 * (t - 5.3)
            _football(frame, 200, y, 128, 20)
            if t < 5.2:
                frame = stage.seen(frame, 1, 0, 14 * np.exp(-6 * max(t - crash, 0)) * np.cos(18 * t))
        if 3.9 < t < crash:  # the shadow of what is coming
            radius = 200 * (t - 3.9)
            shadow = frame.copy()
            fill(shadow, oval((200, 262), radius, 0.2 * radius), (40, 66, 30))
            frame = cv2.addWeighted(frame, 0.45, shadow, 0.55, 0)
        yield frame


def _flight(t: float, hits: np.ndarray, end: float) -> tuple[float, float]:
    """Where the ball is: between the heads, and after the last hit straight up."""
    if t > end:
        return 200 + 90 * np.exp(-5 * (t - end)), 120 - 500 * (t - end)
    number = int(np.searchsorted(hits, t))
    start = hits[number - 1] if number else hits[0] - 0.6
    share = (t - start) / (hits[number] - start)
    left, right = 128, 272
    begin, goal = (right, left) if number % 2 == 0 else (left, right)
    high = 320 * (hits[number] - start) ** 2
    return begin + share * (goal - begin), 112 - 4 * high * share * (1 - share)


def _football(frame: np.ndarray, x: float, y: float, radius: float, turn: float) -> None:
    fill(frame, oval((x, y), radius, radius), (60, 60, 64))
    fill(frame, oval((x, y), 0.95 * radius, 0.95 * radius), (246, 246, 242))
    angle = np.radians(turn) + 2 * np.pi * np.arange(5) / 5
    star = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    fill(frame, [x, y] + 0.32 * radius * star, (40, 40, 46))
    for corner, direction in zip(0.72 * radius * star, angle, strict=True):
        fill(frame, oval(np.add([x, y], corner), 0.12 * radius, 0.24 * radius, direction), (40, 40, 46))


def _star(frame: np.ndarray, x: float, y: float, size: float) -> None:
    angle = np.pi * np.arange(10) / 5 - np.pi / 2
    radius = size * np.where(np.arange(10) % 2, 0.45, 1)
    fill(frame, np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1), (255, 226, 70))


def balloon(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """A man holds his breath until his head is a balloon. It slips off, whizzes about and lands small."""
    blown, gone, landed = track(times, (0.8, 0), (3, 1)), 3.2, 5.1
    flies, small = (times > gone) & (times < landed), times >= landed
    faces = stage.people(
        len(times),
        skin_tone=5,
        hair_style="receding",
        beard="moustache",
        texture=3,
        au24=blown * ~(flies | small),
        au04=0.7 * blown * ~(flies | small),
        au05=np.maximum(0.7 * blown, small),
        au25=1.0 * flies,
        au26=0.5 * flies,
        au01=1.0 * (flies | small),
        au02=1.0 * (flies | small),
        gaze_x=track(times, (5.3, 0), (5.5, -1), (5.8, -1), (6, 1), (6.3, 1), (6.5, 0)),
    )

    def bend(drawing):
        puff = blown * ~small
        drawing = stage.cheeks(stage.without(drawing, stage.BODY), 0.35 * puff)
        drawing = stage.eyes(drawing, 1 + 0.5 * puff + 0.4 * small, 1 - 0.25 * puff)
        return stage.scaled(drawing, stage.MOUTH, np.where(flies, 0.35, 1 - 0.55 * puff), 1 + 0.6 * flies)

    shirt = next(stage.heads(stage.people(1, texture=3), bend=partial(stage.only, names=stage.BODY[1:])))
    share = ((times - gone) / (landed - gone)).clip(0, 1)
    angle, radius = 2 * np.pi * (0.25 + 2.4 * share**0.8), 1 - 0.8 * share**2
    x, y = 200 + 165 * radius * np.cos(angle + 1.2), 150 - 110 * radius * np.sin(1.7 * angle)
    wall = stage.gradient((190, 160, 214), (128, 104, 170))
    for k, head in enumerate(stage.heads(faces, bend=bend)):
        t, frame, puff = times[k], wall.copy(), blown[k] * ~small[k]
        shake = 3 * blown[k] * np.sin(70 * t) * (t < gone)
        stage.lay(frame, shirt, 200 + shake, 322, 56, middle=2.9)
        fill(frame, oval((200 + shake, 268), 34, 11), (150, 146, 138))
        fill(frame, oval((200 + shake, 267), 27, 8), (84, 80, 78))
        red = 1 - 0.42 * puff, 1 - 0.45 * puff
        head = stage.tinted(head, (1, *red))
        if t < gone:
            unit = 56 * (1 + 0.75 * puff + 0.04 * puff * np.sin(2 * np.pi * 4 * t))
            stage.lay(frame, head, 200 + shake, 272, unit, shake, 1 - 0.12 * puff, middle=1.5)
        elif t < landed:
            for before in range(max(k - 7, 0), k):
                place = np.array([x[before], y[before]]) + random.normal(0, 8, 2)
                size = (3 + 2 * (k - before)) * (1.3 - share[k])
                fill(frame, oval(place, size, size), (226, 216, 240))
            squirm = 1 + 0.25 * np.sin(18 * t)
            stage.lay(frame, head, x[k], y[k], 92 - 72 * share[k], 800 * share[k], squirm)
        else:
            fallen = t - landed
            bounce = abs(np.cos(9 * fallen)) * np.exp(-5 * fallen)
            squeak = 1 + 0.3 * np.exp(-5 * fallen) * np.sin(30 * fallen)
            stage.lay(frame, head, 200, 268 - 90 * bounce, 20, 0, squeak, middle=1.4)
        yield frame


def tower(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Heads hop on each other to a beat, dance as one tower, and the lowest one has to sneeze."""
    crowd = (
        {"skin_tone": 7, "hair_style": "bald", "beard": "full", "texture": 2},
        {"skin_tone": 4, "hair_style": "bald", "accessory": "sunglasses", "texture": 1},
        {"skin_tone": 9, "hair_style": "bald", "texture": 3},
        {
            "skin_tone": 5,
            "hair_style": "curly",
            "hair_color": "auburn",
            "accessory": "glasses",
            "texture": 29,
        },
    )
    n, beat = len(times), 2 * np.pi * 2 * times
    arrival = (0, 0.6, 1.2, 1.8)
    tickle, boom = pulse(times, 4.2, 4.65), 4.75
    heads = []
    for number, person in enumerate(crowd):
        merry = track(times, (arrival[number] + 0.5, 0), (arrival[number] + 0.7, 1))
        calm = track(times, (4.1, 1), (4.3, 0))
        lowest = float(number == 0)
        fright = (1 - lowest) * track(times, (4.2, 0), (4.4, 1))
        sneeze = lowest * pulse(times, boom, boom + 0.3, 0.08)
        faces = stage.people(
            n,
            **person,
            yaw=24 * np.sin(beat / 2 + np.pi * number) * merry * calm,
            au12=np.maximum(0.9 * merry * calm, 0.8 * lowest * track(times, (5.6, 0), (5.8, 1))),
            au06=0.8 * merry * calm,
            au25=np.clip(0.8 * merry * calm + fright + sneeze + lowest * tickle, 0, 1),
            au26=np.clip(0.5 * merry * calm * (0.5 + 0.5 * np.sin(beat)) + 0.8 * fright + sneeze, 0, 1),
            au01=np.clip(fright + lowest * tickle, 0, 1),
            au05=fright,
            au09=np.clip(lowest * tickle + sneeze, 0, 1),
            au43=np.clip(0.9 * lowest * tickle + sneeze, 0, 1),
            gaze_y=fright,
        )

        def bend(drawing, fright=fright):
            return stage.eyes(stage.without(drawing, stage.BODY), 1 + 0.6 * fright)

        heads.append(stage.heads(faces, 192, bend))
    spin = random.uniform(-900, 900, len(crowd))
    for k, shown in enumerate(zip(*heads, strict=True)):
        t = times[k]
        frame = rays((58, 40, 120), (92, 62, 170), 10, 0.04 * t)
        burst = max(t - boom, 0)
        swing = track(times, (2.4, 0), (2.8, 1), (4.1, 1), (4.3, 0))[k]
        for number, head in enumerate(shown):
            come = t - arrival[number]
            if come < 0:
                continue
            hop = 0.12 * abs(np.sin(beat[k])) * (t < 4.2)
            high = 250 - 62 * number
            drop = max(1 - come / 0.5, 0) ** 2
            x = 200 + swing * 22 * number * np.sin(beat[k] / 2)
            y = high - 260 * drop - 12 * hop * number
            squash = 1 - 0.28 * np.exp(-9 * max(come - 0.5, 0)) * (come > 0.5) - hop + 0.1
            turn = swing * 7 * number * np.sin(beat[k] / 2)
            if number and burst:
                x += (180 * number - 330) * burst * 1.4
                y += -560 * burst + 700 * burst**2
                turn += spin[number] * burst
            shiver = 2 * np.sin(60 * t) * tickle[k]
            stage.lay(frame, head, x + shiver, y, 33, turn, squash)
        if 0 < burst < 0.35:
            spray(frame, 200, 262, burst + 0.05, random)
        if t > 5.6:
            _sorry(frame, track(times, (5.6, 0), (5.9, 1))[k])
        yield frame


def _sorry(frame: np.ndarray, share: float) -> None:
    place, style = (int(262 + 20 * (1 - share)), 232), cv2.FONT_HERSHEY_TRIPLEX
    for color, thick in (((30, 20, 60), 8), ((255, 255, 255), 2)):
        cv2.putText(frame, "Sorry!", place, style, 0.9 * share + 0.05, color, thick, cv2.LINE_AA)


def rays(color: tuple[int, int, int], ray: tuple[int, int, int], n: int, turn: float = 0) -> np.ndarray:
    """Rays from the middle."""
    frame = np.full((HEIGHT, WIDTH, 3), color, dtype=np.uint8)
    for angle in 2 * np.pi * (np.arange(n) / n + turn):
        sides = angle + np.array([-0.5, 0.5]) * np.pi / n
        corners = 300 * np.stack([np.cos(sides), np.sin(sides)], axis=1)
        fill(frame, np.add([200, 160], np.concatenate([[[0, 0]], corners])), ray)
    return frame


def spray(frame: np.ndarray, x: float, y: float, passed: float, random: np.random.Generator) -> None:
    """Drops that have flown for some seconds."""
    for angle, speed in zip(random.uniform(0, np.pi, 40), random.uniform(150, 700, 40), strict=True):
        radius = passed * speed
        place = (x + radius * np.cos(angle), y + 0.6 * radius * np.sin(angle))
        fill(frame, oval(place, 4, 4), (226, 244, 255))
