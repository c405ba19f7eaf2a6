"""Photo in, face image out: detect → crop → resize → gray."""

from fer.faces.base import LANDMARKS, Detector, Face
from fer.faces.cropping import crop
from fer.faces.detectors import DETECTORS, detector
from fer.faces.framing import Framing
from fer.faces.preparing import Settings, prepare

__all__ = ["DETECTORS", "LANDMARKS", "Detector", "Face", "Framing", "Settings", "crop", "detector", "prepare"]
