"""Funny clips, two for each level: the first sing and make faces, the later ones are slapstick."""

from collections.abc import Iterator
from functools import partial

import cv2
import numpy as np

from fer.apps.game import animation as stage
from fer.apps.game import slapstick
from fer.apps.game.animation import HEIGHT, WIDTH, Scene, pulse, spring, track
from fer.synthetic.backdrop import fill, oval
from fer.synthetic.curves import smooth


def _grimaces(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """A serious man makes faces: a kiss, fat cheeks, a long tongue, a pig's nose, a rubber head."""
    kiss, fat, tongue, pig = (pulse(times, start, start + 0.75) for start in (0.9, 1.95, 3.0, 4.05))
    smile = track(times, (5.3, 0), (5.5, 1))
    rubber = np.sin(np.pi * track(times, (4.95, 0), (5.15, 0.5), (5.3, 1)))
    faces = stage.people(
        len(times),
        skin_tone=4,
        hair_style="side_part",
        beard="moustache",
        texture=4,
        au01=np.maximum(kiss, tongue),
        au02=np.maximum(kiss, tongue),
        au05=kiss,
        au26=0.35 * kiss + 0.6 * tongue,
        au25=0.5 * kiss + tongue + 0.6 * smile,
        au09=pig,
        au10=pig,
        au43=0.35 * pig,
        au12=smile,
        au06=smile,
        yaw=track(times, (3.9, 0), (4.1, -14), (4.9, 14), (5.1, 0)),
    )

    def bend(drawing):
        drawing = stage.cheeks(drawing, 0.5 * fat)
        size = 1 + 0.9 * kiss + 0.5 * fat + 0.6 * rubber
        drawing = stage.eyes(drawing, size, 1 - 0.2 * fat, 0.1 * np.maximum(fat, tongue))
        drawing = stage.scaled(drawing, stage.MOUTH, 1 - 0.6 * np.maximum(kiss, fat), 1 + 0.8 * kiss)
        return stage.scaled(drawing, stage.NOSE, 1 + 1.5 * pig, 1 + 2 * pig, down=-0.1 * pig)

    wall = slapstick.rays((240, 176, 104), (250, 220, 150), 12)
    stretch = 1 + 0.75 * rubber - 0.25 * (1 - spring(times, 5.3, 3.5, 6)) * (times > 5.3)
    for k, head in enumerate(stage.heads(faces, bend=bend)):
        t, frame, out = times[k], wall.copy(), tongue[k]
        turn = 8 * fat[k] * np.sin(2 * np.pi * 3 * t) - 12 * out
        place = {"x": 200, "y": 318, "unit": 78, "turn": turn, "stretch": stretch[k], "middle": 2.2}
        stage.lay(frame, head, **place)
        if out > 0.05:
            long = (0.95 + 0.1 * np.sin(2 * np.pi * 5 * t)) * out
            half = np.array([[-0.2, 0.98], [-0.23, 1 + 0.5 * long], [-0.15, 1 + 0.9 * long], [0, 1 + long]])
            outline = smooth(np.concatenate([half, half[-2::-1] * [-1, 1]]))
            fill(frame, stage.placed(outline, **place), (208, 86, 98))
            groove = np.array([[-0.015, 1.03], [0.015, 1.03], [0, 1 + 0.75 * long]])
            fill(frame, stage.placed(groove, **place), (160, 52, 66))
        yield frame


_CHOIR = (
    {"skin_tone": 6, "hair_style": "curly", "texture": 1},
    {"skin_tone": 4, "hair_style": "long", "hair_color": "auburn", "texture": 9},
    {"skin_tone": 7, "hair_style": "short", "beard": "full", "texture": 15},
    {"skin_tone": 5, "hair_style": "receding", "hair_color": "gray", "accessory": "glasses", "texture": 35},
)


def _choir(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Four sing in time. The small one in front comes in late, loud and alone, and all look at him."""
    beat = 0.5 - 0.5 * np.cos(2 * np.pi * 2 * times)
    sings, alone = pulse(times, 0.2, 2.9), pulse(times, 3.2, 4.2)
    stare, sorry = track(times, (3.4, 0), (3.7, 1)), track(times, (4.7, 0), (5, 1))
    caught = pulse(times, 4.4, 4.8)
    singers = []
    for person, side in zip(_CHOIR, (0.8, 0.35, -0.35, -0.8), strict=True):
        faces = stage.people(
            len(times),
            **person,
            au25=sings * beat,
            au26=0.95 * sings * beat,
            au01=0.6 * sings,
            au02=0.4 * sings + 0.6 * stare,
            au43=0.8 * sings,
            au05=0.7 * stare,
            au24=0.8 * stare,
            gaze_x=side * stare,
            gaze_y=stare,
            yaw=26 * side * stare,
            pitch=-14 * stare,
        )
        singers.append(head for head in stage.heads(faces.iloc[::2], 192) for _ in range(2))
    loud = alone * (0.8 + 0.2 * np.cos(2 * np.pi * 6 * times))
    small = stage.people(
        len(times),
        skin_tone=5,
        hair_style="fringe",
        texture=12,
        age=0,
        face_length=1.25,
        au25=np.maximum(loud, 0.4 * sorry),
        au26=loud,
        au43=alone,
        au01=np.maximum(alone, sorry),
        au02=alone,
        au05=caught,
        au12=0.7 * sorry,
        au20=0.8 * sorry,
        gaze_x=track(times, (4.3, 0), (4.5, -1), (4.8, -1), (5, 1), (5.4, 1), (5.6, 0)),
    )
    bend = partial(stage.eyes, size=1.25 + 0.5 * caught)
    # The four are drawn for every second frame: they are half of the work.
    curtain, spot = _curtain(), track(times, (3.0, 0), (3.3, 1))
    for k, (*four, boy) in enumerate(zip(*singers, stage.heads(small, 192, bend), strict=True)):
        t, frame = times[k], curtain.copy()
        for head, x, y in zip(four, (58, 152, 248, 342), (122, 106, 106, 122), strict=True):
            sway = sings[k] * np.sin(2 * np.pi * t)
            stage.lay(frame, head, x + 8 * sway, y, 42, 5 * sway)
        fill(frame, np.array([[0, 205], [400, 205], [400, 300], [0, 300]]), (120, 78, 46))
        fill(frame, np.array([[0, 205], [400, 205], [400, 215], [0, 215]]), (158, 108, 66))
        frame = stage.lit(frame, 1 - 0.45 * spot[k], 200, 215, 90)
        jump = 14 * alone[k] * abs(np.sin(2 * np.pi * 3 * t))
        stage.lay(frame, boy, 200, 238 - jump, 48 + 16 * alone[k], 0, 1 + 0.2 * loud[k], middle=0.6)
        for number in range(5):
            rise = t - 0.3 - 0.5 * number
            if 0 < rise < 1.4 and t < 3:
                _note(frame, 70 + 65 * number + 10 * np.sin(6 * rise), 75 - 45 * rise, 8, (250, 224, 130))
            rise = t - 3.3 - 0.18 * number
            if 0 < rise < 1:
                _note(frame, 200 + (number - 2) * 75 * (0.4 + rise), 190 - 150 * rise, 14, (255, 130, 120))
        yield frame


def _curtain() -> np.ndarray:
    frame = np.zeros((HEIGHT, WIDTH, 3), dtype=np.uint8)
    across = np.arange(WIDTH)
    folds = 0.72 + 0.28 * np.sin(across / 9 + 0.6 * np.sin(across / 31))
    frame[:] = (np.array([168, 34, 48]) * folds[:, None]).astype(np.uint8)
    return frame


def _note(frame: np.ndarray, x: float, y: float, size: float, color: tuple[int, int, int]) -> None:
    fill(frame, oval((x, y), size, 0.7 * size, -0.4), color)
    stem = [[0.75, 0], [1, 0], [1, -2.4], [1.9, -1.8], [1.8, -1.2], [1, -1.8], [1, -3], [0.75, -3]]
    fill(frame, [x, y] + size * np.array(stem), color)


_GLASSES = ("bridge", *(f"{side}_{part}" for side in ("left", "right") for part in ("frame", "temple")))


def _wig(times: np.ndarray, random: np.random.Generator) -> Iterator[np.ndarray]:
    """A fly tickles a fine lady. She sneezes, hair and glasses fly off, and the hair comes back wrong."""
    settled = track(times, (1.2, 0), (1.7, 1))
    held, sneeze = pulse(times, 2.3, 2.75), pulse(times, 2.95, 3.25, 0.06)
    tickle = track(times, (1.5, 0), (2.6, 1), (2.75, 1), (2.9, 0))
    calm, shocked = track(times, (2.7, 1), (2.9, 0)), pulse(times, 3.7, 5.0, 0.1)
    fly_x = 200 + 150 * np.cos(2.6 * times + 0.5) * (1 - settled)
    fly_y = 150 + 70 * np.sin(4.1 * times) * (1 - settled) + 24 * settled - 34 * held
    look = {"skin_tone": 5, "texture": 29, "age": 0.6}
    faces = stage.people(
        len(times),
        **look,
        hair_style="bald",
        gaze_x=((fly_x - 200) / 120).clip(-1, 1) * calm,
        gaze_y=((fly_y - 120) / 90).clip(-1, 1) * calm,
        yaw=((fly_x - 200) / 12).clip(-12, 12) * calm,
        pitch=20 * held - 25 * sneeze,
        au01=np.maximum(0.7 * tickle, shocked),
        au02=shocked,
        au09=np.maximum(tickle, sneeze),
        au43=np.maximum(0.85 * held, sneeze),
        au25=np.maximum(np.maximum(held, sneeze), 0.7 * shocked),
        au26=np.maximum(np.maximum(0.7 * held, 0.9 * sneeze), 0.6 * shocked),
        au05=shocked,
        au24=0.6 * pulse(times, 5.3, 7),
    )
    squint = 0.1 * pulse(times, 1.9, 2.2, 0.2)
    bend = partial(stage.eyes, size=1 + 0.6 * shocked, iris=1 - 0.3 * shocked, cross=squint)
    wig, glasses = (
        next(stage.heads(stage.people(1, **look, **worn), bend=partial(stage.only, names=names)))
        for worn, names in (
            ({"hair_style": "curly", "hair_color": "blond"}, stage.HAIR),
            ({"accessory": "glasses"}, _GLASSES),
        )
    )
    high = 1 + 0.12 * held - 0.14 * sneeze
    wall = stage.gradient((180, 210, 206), (126, 164, 170))
    for k, head in enumerate(stage.heads(faces, bend=bend)):
        t, frame = times[k], wall.copy()
        nod = 26 * sneeze[k] - 10 * held[k]
        place = {"x": 200, "y": 330 + nod, "unit": 72, "middle": 2.6, "stretch": high[k]}
        stage.lay(frame, head, **place)
        away, back = max(t - 2.98, 0), max(t - 4.9, 0)
        if not away:
            stage.lay(frame, glasses, **place)
            stage.lay(frame, wig, **place)
        elif not back:
            stage.lay(frame, wig, 200 - 60 * away, 130 - 700 * away + 330 * away**2, 72, -400 * away)
            stage.lay(frame, glasses, 200 + 420 * away, 140 - 260 * away + 500 * away**2, 72, 620 * away)
        else:
            fallen = min(-200 + 1100 * back, 150) + 30 * np.exp(-5 * back) * np.sin(20 * back)
            stage.lay(frame, wig, 206, fallen, 78, 170, middle=-0.3)
        if sneeze[k] > 0:
            slapstick.spray(frame, 200, 225 + nod, t - 2.85, random)
            for color, thick in (((40, 30, 60), 12), ((255, 236, 90), 3)):
                cv2.putText(
                    frame, "A-CHOO!", (78, 66), cv2.FONT_HERSHEY_TRIPLEX, 1.6, color, thick, cv2.LINE_AA
                )
        if t < 2.9:
            _fly(frame, fly_x[k] + 2 * np.sin(50 * t), fly_y[k], t)
        yield frame


def _fly(frame: np.ndarray, x: float, y: float, t: float) -> None:
    for side in (-1, 1):
        fill(frame, oval((x + side * 8, y - 6), 9, 5, side * (0.5 + 0.5 * np.sin(60 * t))), (232, 238, 244))
    fill(frame, oval((x, y), 6, 8), (30, 30, 36))
    for side in (-1, 1):
        fill(frame, oval((x + 3 * side, y - 7), 3, 3), (190, 40, 40))


SCENES = {
    1: (Scene("grimaces", 6, _grimaces), Scene("choir", 6.2, _choir)),
    2: (Scene("wig", 6.5, _wig), Scene("ball", 6.5, slapstick.ball)),
    3: (Scene("balloon", 6.8, slapstick.balloon), Scene("tower", 6.6, slapstick.tower)),
}
