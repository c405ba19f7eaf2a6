"""The tone of skin: its constants, and how near it comes on synthetic faces in white, coloured and dim light.

    python -m tests.benchmarks.skin_tone calibrate
    python -m tests.benchmarks.skin_tone evaluate [--detector mtcnn]

``calibrate`` gives the constants of ``fer.faces.skin_tone``. ``evaluate`` measures with them on other photos.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import NamedTuple

import numpy as np
import pandas as pd
from tqdm import tqdm

from fer import faces, kernel, labels, synthetic
from fer.datasets import FaceDataset
from fer.evaluation import frames
from fer.faces import Detector, Face, face_colors, skin_tone
from fer.inference.association import associate
from fer.synthetic import parameters
from fer.synthetic.crowd import Crowd
from fer.synthetic.light import planckian, relight

LIGHTS = ("neutral", "coloured", "dim", "coloured and dim")
KELVIN = 2800, 10000
EXPOSURE = 0.4, 0.8
"""Factors of the values 0…255 in dim light."""

BEARDS = {"none": 4, "stubble": 1, "moustache": 1, "goatee": 1, "full": 1}
ACCESSORIES = dict.fromkeys(parameters.CHOICES["accessory"], 1)
GROUPS = ("light", "accessory", "beard", "hair_style", "place", "skin_tone")
SIDES = 160, 320
"""Least and largest side of a crop in pixels."""

LENS_SPREAD = np.array([9.0, 0.2, 0.07])
"""Assumed, since real sunglasses are less alike than those drawn: any darkness, and more colours."""

VISIBLE = 0.6
"""Faces of scenes that are hidden more than that are left out."""


class Sample(NamedTuple):
    """A photo with one face.

    Attributes:
        photo: uint8, (height, width, 3) RGB.
        box: x, y, width and height of the face, roughly.
        known: What ``GROUPS`` names, and ``white``: the colour of white (see ``face_colors``), shape (3,).
    """

    photo: np.ndarray
    box: tuple[float, float, float, float]
    known: dict


def photos(n: int, seed: int) -> Iterator[Sample]:
    """Draws n photos, in turn a crop, a frame of soft patches and a scene, three in a row in the same light.

    Scenes are those of ``Crowd``: heads turned by up to 45°, light that is uneven, things before the face.
    """
    random = np.random.default_rng([seed, 0])
    count = -(-n // 3)
    people = _people(2 * count, seed)
    places = (_crops(people[:count], seed), _framed(people[count:], seed), _scenes(count, seed))
    drawn = (sample for three in zip(*places, strict=False) for sample in three)
    for number, (sample, _) in enumerate(zip(drawn, range(n), strict=False)):
        light = LIGHTS[number // 3 % len(LIGHTS)]
        low, high = (1e6 / kelvin for kelvin in reversed(KELVIN))
        gains = planckian(1e6 / random.uniform(low, high)) if "coloured" in light else np.ones(3)
        exposure = random.uniform(*EXPOSURE) if "dim" in light else 1.0
        white = face_colors.of_levels(relight(np.full((1, 3), 255, dtype=np.uint8), gains, exposure))[0]
        known = sample.known | {"light": light, "white": white}
        yield Sample(relight(sample.photo, gains, exposure), sample.box, known)


def calibrate(options: argparse.Namespace) -> str:
    """Gives the constants of fer.faces.skin_tone."""
    detector = faces.detector(options.detector)
    seen, known = [], []
    for sample, face in _found(_shown(options), detector):
        colors = face and face_colors.observe(sample.photo, face, detector.framing, **_worn(sample.known))
        if colors is not None:
            seen.append(colors)
            known.append(sample.known)
    tones = np.array([one["skin_tone"] for one in known])
    skin = np.array([colors.skin for colors in seen])
    white = np.array([one["white"] for one in known])
    scale = np.array([np.median((skin - white)[tones == tone], axis=0) for tone in range(1, 11)]).round(3)
    references = {}
    for name in sorted({name for colors in seen for name in colors.references}):
        rows = [row for row, colors in enumerate(seen) if name in colors.references]
        light = (skin - scale[tones - 1])[rows]
        above = np.array([seen[row].references[name] for row in rows]) - light
        offset = np.median(above, axis=0)
        spread = 1.4826 * np.median(np.abs(above - offset), axis=0)
        references[name] = offset.round(3), spread.round(3)
    references["lens"] = references["lens"][0], LENS_SPREAD
    made = skin_tone.Calibration(scale, references, tail=0.0)
    tails = np.arange(0.02, 0.3, 0.01)
    ends = np.array([skin_tone.steps(colors, [*tails, *(1 - tails)], made) for colors in seen]).round()
    low, high = np.split(ends, 2, axis=1)
    held = ((low <= tones[:, None]) & (tones[:, None] <= high)).mean(axis=0)
    best = np.abs(held - 0.9).argmin()
    lines = [f"{len(seen)} photos; ranges hold {held[best]:.3f}", "skin:"]
    lines += [f"    {tuple(color.tolist())}," for color in scale]
    lines += ["references:"]
    lines += [
        f"    {name!r}: {tuple(tuple(part.tolist()) for part in parts)}" for name, parts in references.items()
    ]
    return "\n".join([*lines, f"tail: {tails[best]:.2f}"])


def evaluate(options: argparse.Namespace) -> str:
    """Measures on photos that the constants were not made from."""
    table = measured(_shown(options), faces.detector(options.detector))
    judged = table[table["light"] != "coloured and dim"].dropna(subset="tone")
    confusion = pd.crosstab(judged["skin_tone"], judged["tone"].astype(int))
    found, tone = table["found"].sum(), table["tone"].notna().sum()
    return "\n\n".join(
        [
            f"{len(table)} photos, {found} faces found, {tone} tones measured. "
            "Light that is coloured and dim is only in the group of that name.",
            agreement(table).to_string(float_format="{:.3f}".format),
            confusion.to_string(),
        ]
    )


def measured(samples: Iterable[Sample], detector: Detector) -> pd.DataFrame:
    """Returns one row a photo: ``GROUPS``, ``found``, and what a ``SkinTone`` has, missing where none is."""
    rows = []
    for sample, face in _found(samples, detector):
        tone = face and skin_tone.measure(sample.photo, face, detector.framing, **_worn(sample.known))
        known = {name: sample.known[name] for name in GROUPS}
        rows.append(known | {"found": face is not None} | (asdict(tone) if tone else {}))
    return pd.DataFrame(rows)


def agreement(table: pd.DataFrame) -> pd.DataFrame:
    """Returns shares of tones that are right, at most one step off and in the range, one row a group.

    ``steps`` is the mean number of steps in a range. The table is that of ``measured``. Light that is
    coloured and dim is a group of its own and in no other.
    """
    table = table.dropna(subset="tone")
    off = (table["tone"] - table["skin_tone"]).abs()
    values = pd.DataFrame(
        {
            "exact": off == 0,
            "within one": off <= 1,
            "in range": table["skin_tone"].between(table["lowest"], table["highest"]),
            "steps": table["highest"] - table["lowest"] + 1,
        }
    )
    judged = table["light"] != "coloured and dim"
    groups = {"all": judged}
    for name in GROUPS:
        for value in sorted(table[name].unique()):
            groups[f"{name} {value}"] = (table[name] == value) & (judged | (name == "light"))
    rows = {
        group: values[chosen].astype(float).mean().to_dict() | {"n": int(chosen.sum())}
        for group, chosen in groups.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _people(n: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng([seed, 1])
    emotions = random.choice(labels.FER2013, n)
    beards = np.array(list(BEARDS.values())) / sum(BEARDS.values())
    return parameters.sample(emotions, np.arange(n), seed, "standard").assign(
        emotion=emotions,
        skin_tone=random.permutation(np.arange(n) % 10 + 1),
        beard=random.choice(list(BEARDS), n, p=beards),
        accessory=random.choice(list(ACCESSORIES), n),
    )


def _crops(people: pd.DataFrame, seed: int) -> Iterator[Sample]:
    random = np.random.default_rng([seed, 2])
    for row in range(len(people)):
        drawn = synthetic.render(people[row : row + 1], int(random.integers(*SIDES)))
        yield _sample(drawn.images[0], drawn.table.iloc[0], "crop")


def _framed(people: pd.DataFrame, seed: int) -> Iterator[Sample]:
    for row in range(len(people)):
        drawn = synthetic.render(people[row : row + 1], frames.SIDES[1])
        data = FaceDataset("tones", labels.FER2013, drawn.table.assign(split="test"), drawn.images)
        (scene,) = frames.scenes(data, seed=seed + row)
        left, top, side = scene.square
        yield _sample(scene.frame, drawn.table.iloc[0], "frame")._replace(box=(left, top, side, side))


def _scenes(n: int, seed: int) -> Iterator[Sample]:
    crowd = Crowd(2 * n, seed, (240, 320), faces=(1, 1), sizes=(70, 0.8), accessories=ACCESSORIES)
    seen = (number for number in range(len(crowd)) if crowd.faces_of(number)["visible"].iloc[0] > VISIBLE)
    for number, _ in zip(seen, range(n), strict=False):
        yield _sample(crowd[number], crowd.faces_of(number).iloc[0], "scene")


def _sample(photo: np.ndarray, row: pd.Series, place: str) -> Sample:
    box = tuple(row[f"box_{side}"] for side in ("x", "y", "width", "height"))
    known = {name: row[name] for name in ("accessory", "beard", "hair_style")}
    return Sample(photo, box, known | {"place": place, "skin_tone": int(row["skin_tone"])})


def _found(samples: Iterable[Sample], detector: Detector) -> Iterator[tuple[Sample, Face | None]]:
    """Gives each photo with its face, or None where the detector has not found it."""
    for sample in samples:
        answers = detector.detect(sample.photo)
        number = associate([sample.box], [face.box for face in answers]).get(0)
        yield sample, None if number is None else answers[number]


def _worn(known: dict) -> dict[str, str | bool]:
    """What the accessory is to ``fer.faces.skin_tone.measure``."""
    accessory = known["accessory"]
    return {"glasses": "none" if accessory == "mask" else accessory, "mask": accessory == "mask"}


def _shown(options: argparse.Namespace) -> Iterable[Sample]:
    return tqdm(photos(options.n, options.seed), total=options.n, unit="photo", disable=None)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.skin_tone",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True)
    for function, seed in ((calibrate, 100), (evaluate, 200)):
        command = commands.add_parser(function.__name__, help=function.__doc__)
        command.set_defaults(function=function)
        command.add_argument("--n", type=int, default=3000, help="photos (default: 3000)")
        command.add_argument("--seed", type=int, default=seed, help=f"default: {seed}")
        command.add_argument(
            "--detector", choices=sorted(faces.DETECTORS), default="yolo", help="default: yolo"
        )
    options = parser.parse_args()
    kernel.device_report()  # quiet start, before Keras is imported
    print(options.function(options))
    return 0


if __name__ == "__main__":
    sys.exit(main())
