"""Photo in, face image out: detect → crop or align → resize → gray."""

from fer.faces.aligning import align
from fer.faces.base import LANDMARKS, Detector, Face
from fer.faces.cropping import crop
from fer.faces.detectors import DETECTORS, available, best, detector
from fer.faces.framing import Framing
from fer.faces.preparing import Settings, prepare

__all__ = [
    "DETECTORS",
    "LANDMARKS",
    "Detector",
    "Face",
    "Framing",
    "Settings",
    "align",
    "available",
    "best",
    "crop",
    "detector",
    "prepare",
]
