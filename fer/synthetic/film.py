"""Films of one face before a camera: a script in, frames and the truth out.

Example:
    >>> film = Film([Moment("talking", 1.0, 2.0), Moment("smile", 4.0, 3.0)], seconds=8.0, seed=3)
    >>> times = film.times(15)
    >>> for time, frame in zip(times, film.frames(times)): ...
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from fer import images, synthetic
from fer.synthetic import expression, parameters


class Gesture(NamedTuple):
    """What a face does for a while.

    Attributes:
        moves: Parameters of the face and how far they go at full strength.
        emotion: The emotion that a still of it shows.
        seconds: Shortest and longest time for which it is done.
        strengths: Weakest and strongest that is drawn by chance.
        flutter: Whether the movement goes to and fro a few times a second.
    """

    moves: Mapping[str, float]
    emotion: str
    seconds: tuple[float, float]
    strengths: tuple[float, float] = (0.6, 1.0)
    flutter: bool = False


_SMILE = {"au06": 0.85, "au12": 0.95, "au25": 0.8}

GESTURES = {
    "smile": Gesture(_SMILE, "happy", (2.0, 4.0), (1.0, 1.0)),
    "half smile": Gesture(_SMILE, "happy", (0.3, 0.9), (0.5, 1.0)),
    "held back": Gesture(
        {"au06": 0.4, "au12": 0.6, "au17": 0.5, "au24": 0.7}, "happy", (0.8, 2.0), (0.4, 0.8)
    ),
    "talking": Gesture(
        {"au12": 0.15, "au20": 0.25, "au25": 0.7, "au26": 0.4}, "neutral", (1.5, 3.5), flutter=True
    ),
    "yawn": Gesture({"au01": 0.3, "au25": 0.8, "au26": 1.0, "au43": 0.9}, "surprise", (2.0, 3.5)),
    "bared teeth": Gesture({"au10": 0.4, "au20": 0.8, "au25": 0.9}, "disgust", (0.5, 1.5)),
    "raised brows": Gesture({"au01": 0.9, "au02": 0.9, "au05": 0.5}, "surprise", (0.5, 1.5)),
    "screwed-up eyes": Gesture({"au06": 0.7, "au07": 0.7}, "neutral", (0.8, 2.0)),
    "turned head": Gesture({"yaw": 32.0}, "neutral", (0.8, 2.0)),
    "nod": Gesture({"pitch": 16.0}, "neutral", (0.5, 1.0)),
    "blink": Gesture({"au43": 1.0}, "neutral", (0.15, 0.25), (1.0, 1.0)),
}
"""What a face can do. A "smile" is the only one that counts as a smile; a "half smile" moves the same muscles
for tenths of a second."""

# Shares of the gestures between which `script` chooses.
_OTHERS = {
    "half smile": 3,
    "held back": 1,
    "talking": 3,
    "yawn": 1,
    "bared teeth": 1,
    "raised brows": 1,
    "screwed-up eyes": 1,
    "turned head": 2,
    "nod": 1,
}
_LONGEST_RISE = 0.4  # seconds until a movement has reached its strength
_FLUTTER = (3.1, 4.7)  # a second: two rhythms, so that no syllable is as long as the next
_SWAY = {"yaw": 4.0, "pitch": 2.5, "roll": 2.0, "shift_x": 0.015, "shift_y": 0.01}
_FACE = {"zoom": 0.52, "shift_y": 0.05}
_NOISE = 4.0  # standard deviation of a pixel, of 255
_CHUNK = 16


class Moment(NamedTuple):
    """A gesture at its time: its name, seconds, and its strength, 0…1, or negative for the other way."""

    gesture: str
    start: float
    seconds: float
    strength: float = 1.0

    @property
    def end(self) -> float:
        """When it is over, in seconds."""
        return self.start + self.seconds


class Film:
    """One person who does one thing after the other before a camera.

    Args:
        moments: What the person does; moments at the same time add up.
        seconds: Length of the film.
        seed: Decides who it is, how the head sways and the noise of the camera.

    Raises:
        ValueError: A gesture is unknown, or a moment is not within the film.
    """

    def __init__(self, moments: Sequence[Moment], seconds: float, seed: int = 0):
        for moment in moments:
            if moment.gesture not in GESTURES:
                raise ValueError(f"`moments` may have {list(GESTURES)}. Received: {moment.gesture!r}")
            if not 0 <= moment.start < moment.end <= seconds or not -1 <= moment.strength <= 1:
                raise ValueError(
                    f"A moment must lie in 0…{seconds:g} seconds, with a strength in -1…1. Received: {moment}"
                )
        self.moments, self.seconds, self.seed = tuple(moments), seconds, seed

    @property
    def smiles(self) -> tuple[tuple[float, float], ...]:
        """The truth: beginning and end of every smile in seconds."""
        return tuple((moment.start, moment.end) for moment in self.moments if moment.gesture == "smile")

    def times(self, rate: float) -> np.ndarray:
        """Returns the times of the frames in seconds for a number of frames a second: float64, shape (n,)."""
        return np.arange(round(self.seconds * rate)) / rate

    def parameters(self, times: np.ndarray) -> pd.DataFrame:
        """Returns the face at these times: one row a time, the parameters of ``fer.synthetic.render``."""
        person = parameters.sample(np.array(["neutral"], dtype=object), np.array([0]), self.seed, "easy")
        person = person.assign(noise=0.0, zoom=_FACE["zoom"] * person["zoom"])
        person["shift_y"] += _FACE["shift_y"]
        moved = {name: np.full(len(times), person[name].item()) for name in (*expression.COLUMNS, *_SWAY)}
        generator = np.random.default_rng([self.seed, 1])
        for name, reach in _SWAY.items():
            periods, phases = generator.uniform(2, 6, 2), generator.uniform(0, 2 * np.pi, 2)
            moved[name] += reach * np.sin(2 * np.pi * times[:, None] / periods + phases).mean(axis=1)
        for moment in self.moments:
            course = _course(moment, times)
            for name, reach in GESTURES[moment.gesture].moves.items():
                moved[name] += reach * course
        moved = {name: values.clip(*parameters.NUMBERS[name][1:]) for name, values in moved.items()}
        return person.loc[np.zeros(len(times), dtype=int)].reset_index(drop=True).assign(**moved)

    def frames(
        self, times: np.ndarray, width: int = 320, stills: Mapping[str, np.ndarray] | None = None
    ) -> Iterator[np.ndarray]:
        """Draws the film.

        Args:
            times: When the frames are taken, in seconds, shape (n,).
            width: Of a frame in pixels; its height is three quarters of it.
            stills: Pictures of a face, by emotion, uint8, gray or RGB: frames are then blended of these
                instead of drawn. "neutral" must be there; other emotions without a picture are neutral, too.

        Yields:
            uint8, shape (3/4 width, width, 3) RGB.

        Raises:
            ValueError: There are stills, but none of "neutral".
        """
        if stills is not None and "neutral" not in stills:
            raise ValueError(f'`stills` must have the emotion "neutral". Received: {list(stills)}')
        height = 3 * width // 4
        generator = np.random.default_rng([self.seed, 2])
        grain = generator.normal(0, _NOISE, (2 * height, 2 * width, 1)).astype(np.float32)
        pictures = self._drawn(times, width) if stills is None else self._blended(times, width, stills)
        for picture in pictures:
            top, left = generator.integers(0, (height, width))
            noisy = picture + grain[top : top + height, left : left + width]
            yield np.clip(np.rint(noisy), 0, 255).astype(np.uint8)

    def _drawn(self, times: np.ndarray, width: int) -> Iterator[np.ndarray]:
        faces = self.parameters(times)
        top = width // 8
        for start in range(0, len(times), _CHUNK):
            pictures = synthetic.render(faces.iloc[start : start + _CHUNK], width).images
            yield from pictures[:, top : top + 3 * width // 4]

    def _blended(
        self, times: np.ndarray, width: int, stills: Mapping[str, np.ndarray]
    ) -> Iterator[np.ndarray]:
        """Blends stills by the strength of what is shown, in a room of middle gray."""
        border = width // 8
        placed = {}
        for emotion, still in stills.items():
            still = cv2.resize(images.convert(still, None, 3), (width // 2, width // 2)).astype(np.float32)
            placed[emotion] = np.full((3 * width // 4, width, 3), 128, dtype=np.float32)
            placed[emotion][border : border + width // 2, 2 * border : 2 * border + width // 2] = still
        neutral = placed["neutral"]
        moves = [
            (placed[GESTURES[moment.gesture].emotion] - neutral, np.abs(_course(moment, times)))
            for moment in self.moments
            if GESTURES[moment.gesture].emotion in placed
        ]
        for number in range(len(times)):
            yield sum((share[number] * move for move, share in moves if share[number]), start=neutral)


def script(seconds: float, seed: int, smile: bool = True) -> list[Moment]:
    """Draws what a person does: gestures with pauses between them, blinks at all times, and one smile.

    Args:
        seconds: Length of the film, at least 9 for one with a smile.
        seed: Decides everything.
        smile: Whether there is one. It lies in the second half and is over half a second before the end.

    Raises:
        ValueError: The film has no room for the smile.
    """
    generator = np.random.default_rng([seed, 3])
    moments, stretches = [], [(0.0, seconds)]
    if smile:
        length = generator.uniform(*GESTURES["smile"].seconds)
        if seconds / 2 < length + 0.5:
            raise ValueError(f"`seconds` must be at least 9 for a film with a smile. Received: {seconds!r}")
        start = generator.uniform(seconds / 2, seconds - length - 0.5)
        moments.append(Moment("smile", start, length))
        stretches = [(0.0, start), (start + length, seconds)]
    names = list(_OTHERS)
    shares = np.array(list(_OTHERS.values())) / sum(_OTHERS.values())
    for time, end in stretches:
        while True:
            time += generator.uniform(0.3, 1.2)
            moment = _drawn_moment(names[generator.choice(len(names), p=shares)], time, generator)
            if moment.end > end:
                break
            moments.append(moment)
            time = moment.end
    time = generator.uniform(0, 3)
    while time < seconds - 0.3:
        moments.append(_drawn_moment("blink", time, generator))
        time += generator.uniform(2, 5)
    return sorted(moments, key=lambda moment: moment.start)


def _drawn_moment(name: str, time: float, generator: np.random.Generator) -> Moment:
    gesture = GESTURES[name]
    strength = generator.uniform(*gesture.strengths)
    if "yaw" in gesture.moves and generator.random() < 0.5:
        strength = -strength
    return Moment(name, time, generator.uniform(*gesture.seconds), strength)


def _course(moment: Moment, times: np.ndarray) -> np.ndarray:
    """How far a moment has come at these times, 0…its strength: up and down along smooth slopes."""
    rise = min(_LONGEST_RISE, moment.seconds / 2)
    share = np.clip(np.minimum(times - moment.start, moment.end - times) / rise, 0, 1)
    course = moment.strength * share**2 * (3 - 2 * share)
    if GESTURES[moment.gesture].flutter:
        first, second = (np.sin(np.pi * rate * (times - moment.start)) for rate in _FLUTTER)
        course *= np.abs(first * 0.7 + second * 0.3)
    return course
