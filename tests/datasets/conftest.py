import numpy as np
import pytest


@pytest.fixture
def faces():
    """Forty random gray faces, uint8, (40, 48, 48)."""
    return np.random.default_rng(0).integers(0, 256, size=(40, 48, 48), dtype=np.uint8)


@pytest.fixture
def csv_lines(faces):
    """The lines of a FER-2013 csv: face n has emotion n mod 7; 30 Training, 5 PublicTest, 5 PrivateTest."""
    usages = ["Training"] * 30 + ["PublicTest"] * 5 + ["PrivateTest"] * 5
    rows = [
        f"{number % 7},{' '.join(map(str, face.ravel()))},{usage}"
        for number, (face, usage) in enumerate(zip(faces, usages, strict=True))
    ]
    return ["emotion,pixels,Usage", *rows]
