"""The face detectors by name."""

from fer.faces.base import Detector
from fer.faces.mtcnn import MTCNN
from fer.faces.ssd import SSD

DETECTORS: dict[str, type[Detector]] = {"mtcnn": MTCNN, "ssd": SSD}
"""Name → detector. A new detector is one more entry."""


def detector(name: str = "ssd", threshold: float | None = None) -> Detector:
    """Returns a face detector.

    Args:
        name: "ssd" (fast, boxes only) or "mtcnn" (slower, with five landmarks).
        threshold: Faces with a lower score are left out, 0…1. None is the detector's own default.

    Raises:
        ValueError: There is no such detector, or ``threshold`` is not in 0…1.

    Example:
        >>> faces = detector("ssd").detect(images.read("photo.jpg"))
        >>> faces[0].box, faces[0].score
    """
    if name not in DETECTORS:
        raise ValueError(f"`name` must be one of {sorted(DETECTORS)}. Received: {name!r}")
    return DETECTORS[name](threshold)
