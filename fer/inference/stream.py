"""FaceStream: the frames of one video in, steady faces with emotions and a number each out."""

from dataclasses import dataclass

import numpy as np

from fer import images
from fer.inference.association import associate
from fer.inference.motion import follow
from fer.inference.predictor import FacePrediction, Predictor
from fer.inference.smoothing import weight
from fer.inference.track import Track

MOST_MISSED = 2
"""A face that so many detections in a row do not find is gone, even where its place could be followed."""


@dataclass(frozen=True)
class TrackedFace(FacePrediction):
    """A face of a video.

    Attributes:
        track: Number of the track: the same face keeps it from frame to frame. Numbers are not used twice.
    """

    track: int


class FaceStream:
    """Follows the faces of one video and smooths their emotions. One stream serves one thread.

    Faces are detected every few frames and followed by optical flow in between; every face is classified in
    every frame. A face that cannot be followed (a cut, a quick turn) is looked for at once. Only the last
    frame and the faces in it are kept, however long the video.

    Args:
        predictor: Detects and classifies.
        detect_every: Frames from one detection to the next, at least 1; 1 detects in every frame.
        smoothing: Seconds after which 63 % of a sudden change of the emotions have come through, whatever the
            frame rate; 0 for no smoothing.

    Example:
        >>> stream = FaceStream(predictor)
        >>> for number, frame in enumerate(frames):
        ...     for face in stream.update(frame, time=number / 30):
        ...         print(face.track, face.emotion)
    """

    def __init__(self, predictor: Predictor, detect_every: int = 5, smoothing: float = 0.3):
        if not isinstance(detect_every, int) or detect_every < 1:
            raise ValueError(f"`detect_every` must be a positive integer. Received: {detect_every!r}")
        if not 0 <= smoothing < float("inf"):
            raise ValueError(f"`smoothing` must be a number of seconds, at least 0. Received: {smoothing!r}")
        self._predictor = predictor
        self._detect_every = detect_every
        self._smoothing = smoothing
        self._previous: np.ndarray | None = None
        self._time = 0.0
        self._tracks: list[Track] = []
        self._next_number = 1
        self._undetected = 0

    def update(self, frame: np.ndarray, time: float) -> list[TrackedFace]:
        """Takes in the next frame.

        Args:
            frame: uint8, shape (height, width) for gray or (height, width, 3) for RGB, range 0…255. A frame
                of another size than before begins a new video.
            time: When the frame was taken, in seconds from any start. Where it stands still or jumps back,
                the emotions stay as they were for this frame and go on with the next.

        Returns:
            The faces in this frame, longest known first.

        Raises:
            ValueError: The frame has another shape or dtype.
        """
        images.check(frame, "frame")
        gray = images.convert(frame, None, 1)[..., 0]
        if self._previous is None or self._previous.shape != gray.shape:
            self._tracks, self._undetected = [], self._detect_every
        for track in self._tracks:
            track.move(follow(self._previous, gray, track.box))
        self._undetected += 1
        if self._undetected >= self._detect_every or any(track.lost for track in self._tracks):
            self._detect(frame)
        faces = {track: track.face(*gray.shape) for track in self._tracks}
        self._tracks = [track for track, face in faces.items() if face is not None]
        share = weight(max(0.0, time - self._time), self._smoothing)
        found = [faces[track] for track in self._tracks]
        for track, row in zip(self._tracks, self._predictor.classify_faces(frame, found), strict=True):
            track.classified(row, share)
        self._previous, self._time = gray, time
        return [
            TrackedFace(
                face.box, face.score, face.landmarks, self._predictor.named(track.probabilities), track.number
            )
            for track, face in zip(self._tracks, found, strict=True)
        ]

    def _detect(self, frame: np.ndarray) -> None:
        """Corrects the tracks by what is detected, begins new ones and drops those that are gone."""
        self._undetected = 0
        found = self._predictor.detect(frame)
        pairs = associate([track.box for track in self._tracks], [face.box for face in found])
        for position, track in enumerate(self._tracks):
            if position in pairs:
                track.detected(found[pairs[position]])
            else:
                track.missed += 1
        self._tracks = [track for track in self._tracks if not track.lost and track.missed < MOST_MISSED]
        for position, face in enumerate(found):
            if position not in pairs.values():
                self._tracks.append(Track(self._next_number, face))
                self._next_number += 1
