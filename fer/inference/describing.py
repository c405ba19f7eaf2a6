"""Describer: a photo or frame in, faces with emotions, glasses, mask and skin tone out."""

from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from fer import faces
from fer.faces.skin_tone import SkinTone, measure
from fer.inference.classifier import Classifier
from fer.inference.predictor import FacePrediction, Predictor
from fer.inference.smoothing import weight
from fer.inference.stream import FaceStream


@dataclass(frozen=True)
class FaceDescription(FacePrediction):
    """A face, how it looks and what it wears.

    Attributes:
        glasses: "none", "glasses", "sunglasses" → probability; they sum to 1.
        mask: Probability that a mask is worn.
        skin_tone: Its step of the Monk Skin Tone Scale. None where it cannot be measured, as in gray.
    """

    glasses: dict[str, float]
    mask: float
    skin_tone: SkinTone | None

    def to_dict(self) -> dict:
        """Returns the description as JSON takes it: ``skin_tone`` is the step, 1 to 10, or None."""
        tone = self.skin_tone
        return {
            **faces.Face(self.box, self.score, self.landmarks).to_dict(),
            "emotions": _rounded(self.emotions),
            "glasses": _rounded(self.glasses),
            "mask": round(self.mask, 4),
            "skin_tone": tone and tone.tone,
            "skin_tone_range": tone and [tone.lowest, tone.highest],
        }


class Describer:
    """Finds the faces of a picture and describes them. One serves any number of threads at the same time.

    Args:
        model: Of emotions; see ``Predictor``.
        attributes: Of glasses and masks; see ``Classifier``.
        detector: Name of a face detector. None is ``fer.faces.best()``.
        threshold: Faces with a lower score are left out, 0…1. None is the detector's own default.

    Attributes:
        predictor: Finds faces and tells their emotions.

    Raises:
        FileNotFoundError, ValueError: As ``Predictor`` and ``Classifier`` do.

    Example:
        >>> describer = Describer()
        >>> [(face.emotion, face.mask) for face in describer.describe(images.read("photo.jpg"))]
    """

    def __init__(
        self,
        model: Path | str = "emotion-small",
        attributes: Path | str = "attributes",
        detector: str | None = None,
        threshold: float | None = None,
    ):
        self.predictor = Predictor(model, detector, threshold)
        self._classifier = Classifier(attributes)
        if not {"glasses", "mask"} <= self._classifier.classes.keys():
            raise ValueError(
                "`attributes` must tell glasses and mask. "
                f"Received: a model of {list(self._classifier.classes)}"
            )
        self._framing = faces.DETECTORS[self.predictor.detector].framing

    def describe(self, image: np.ndarray) -> list[FaceDescription]:
        """Returns the faces of a picture, best detection first.

        Args:
            image: uint8, shape (height, width) for gray or (height, width, 3) for RGB, range 0…255.

        Raises:
            ValueError: The image has another shape or dtype.
        """
        return [self.complete(image, face) for face in self.predictor.predict(image)]

    def complete(self, image: np.ndarray, face: FacePrediction) -> FaceDescription:
        """Adds to a face of a picture what it wears and its skin tone."""
        crop = self._framing.cut(image, face.box)
        told = self._classifier.split(self._classifier([crop]))
        shares = {
            name: dict(zip(self._classifier.classes[name], told[name][0].tolist(), strict=True))
            for name in ("glasses", "mask")
        }
        worn, mask = max(shares["glasses"], key=shares["glasses"].get), shares["mask"]["mask"]
        found = faces.Face(face.box, face.score, face.landmarks)
        tone = measure(image, found, self._framing, worn, mask >= 0.5)
        return FaceDescription(
            face.box, face.score, face.landmarks, face.emotions, shares["glasses"], mask, tone
        )


class DescriptionStream:
    """Describes the faces of one video, steadily. One stream serves one thread.

    Emotions follow every frame, see ``FaceStream``. What is worn and the skin tone change slowly: they are
    looked at in every few frames, and smoothed over a longer time.

    Args:
        describer: Detects and describes.
        describe_every: Frames from one look at what is worn to the next, at least 1.
        smoothing: Time constant of the emotions in seconds, 0 for none.
        attribute_smoothing: Time constant of the rest in seconds, 0 for none.

    Example:
        >>> stream = DescriptionStream(Describer())
        >>> for number, frame in enumerate(frames):
        ...     for track, face in stream.update(frame, time=number / 30).items():
        ...         print(track, face.emotion, face.glasses)
    """

    def __init__(
        self,
        describer: Describer,
        describe_every: int = 5,
        smoothing: float = 0.25,
        attribute_smoothing: float = 0.8,
    ):
        if not isinstance(describe_every, int) or describe_every < 1:
            raise ValueError(f"`describe_every` must be a positive integer. Received: {describe_every!r}")
        if not 0 <= attribute_smoothing < float("inf"):
            raise ValueError(
                "`attribute_smoothing` must be a number of seconds, at least 0. "
                f"Received: {attribute_smoothing!r}"
            )
        self._describer = describer
        self._describe_every = describe_every
        self._smoothing = attribute_smoothing
        self._faces = FaceStream(describer.predictor, smoothing=smoothing)
        self._known: dict[int, _Known] = {}
        self._frames = 0

    def update(self, frame: np.ndarray, time: float) -> dict[int, FaceDescription]:
        """Takes in the next frame; frame and time as in ``FaceStream.update``.

        Returns:
            Number of the track → face, longest known first.
        """
        tracked = self._faces.update(frame, time)
        looks = self._frames % self._describe_every == 0
        self._frames += 1
        known = {}
        for face in tracked:
            before = self._known.get(face.track)
            known[face.track] = before if before and not looks else self._looked(frame, time, face, before)
        self._known = known
        return {
            face.track: replace(
                known[face.track].face,
                box=face.box,
                score=face.score,
                landmarks=face.landmarks,
                emotions=face.emotions,
            )
            for face in tracked
        }

    def _looked(
        self, frame: np.ndarray, time: float, face: FacePrediction, before: "_Known | None"
    ) -> "_Known":
        """Describes a face and blends that with what was known."""
        described = self._describer.complete(frame, face)
        values = _values(described)
        if before is not None:
            elapsed, old = max(0.0, time - before.time), before.values
            values = np.where(np.isnan(values), old, values)
            old = np.where(np.isnan(old), values, old)
            values = old + weight(elapsed, self._smoothing) * (values - old)
        return _Known(time, values, _with(described, values))


class _Known(NamedTuple):
    """When a face was last looked at, and what is known of it, as numbers and in words."""

    time: float
    values: np.ndarray
    face: FaceDescription


def _values(face: FaceDescription) -> np.ndarray:
    """What is smoothed: glasses, mask and skin tone, NaN where there is none."""
    tone = [np.nan] * len(fields(SkinTone)) if face.skin_tone is None else astuple(face.skin_tone)
    return np.array([*face.glasses.values(), face.mask, *tone])


def _with(face: FaceDescription, values: np.ndarray) -> FaceDescription:
    *glasses, mask, tone, lowest, highest, angle, spread = values.tolist()
    steps = None if np.isnan(tone) else SkinTone(round(tone), round(lowest), round(highest), angle, spread)
    return replace(face, glasses=dict(zip(face.glasses, glasses, strict=True)), mask=mask, skin_tone=steps)


def _rounded(shares: dict[str, float]) -> dict[str, float]:
    return {name: round(share, 4) for name, share in shares.items()}
