"""The face detectors by name."""

from fer.faces.base import Detector
from fer.faces.mtcnn import MTCNN
from fer.faces.ssd import SSD
from fer.faces.yolo import YOLO
from fer.faces.yunet import YuNet

DETECTORS: dict[str, type[Detector]] = {"mtcnn": MTCNN, "ssd": SSD, "yolo": YOLO, "yunet": YuNet}
"""Name → detector. A new detector is one more entry."""

PREFERENCE = ("yunet", "yolo", "ssd")
"""From the best measured one down."""


def available() -> list[str]:
    """Returns the names of the detectors that are on this machine, so that nothing has to be downloaded."""
    return sorted(name for name, kind in DETECTORS.items() if kind.is_available())


def best() -> str:
    """Returns the name of the best measured detector that is on this machine; nothing is downloaded."""
    there = available()
    return next(name for name in PREFERENCE if name in there)


def detector(name: str | None = None, threshold: float | None = None) -> Detector:
    """Returns a face detector.

    Args:
        name: "yolo" (this project's own, fast, boxes only), "ssd" (boxes only), "mtcnn" (slow, with five
            landmarks) or "yunet" (fast and the best, with five landmarks; its weights are downloaded on first
            use). None is ``best()``.
        threshold: Faces with a lower score are left out, 0…1. None is the detector's own default.

    Raises:
        FileNotFoundError: What the detector needs is missing and could not be downloaded.
        ValueError: There is no such detector, or ``threshold`` is not in 0…1.

    Example:
        >>> faces = detector("yolo").detect(images.read("photo.jpg"))
        >>> faces[0].box, faces[0].score
    """
    name = best() if name is None else name
    if name not in DETECTORS:
        raise ValueError(f"`name` must be one of {sorted(DETECTORS)}. Received: {name!r}")
    return DETECTORS[name](threshold)
