"""What a card says of a model, measured where the answers are known."""

import numpy as np
import pandas as pd

from fer.cards import measuring
from fer.datasets import FaceDataset


class Classifier:
    """Calls an image bright from 100 on, and wide never."""

    def __init__(self):
        self.classes = {"light": ("dark", "bright"), "shape": ("narrow", "wide")}

    def __call__(self, images):
        bright = np.array([image[0, 0] >= 100 for image in images])
        return np.stack([~bright, bright, bright >= 0, bright < 0], axis=1).astype(np.float32)

    def split(self, probabilities):
        return {"light": probabilities[:, :2], "shape": probabilities[:, 2:]}


def faces(vocabulary, rows):
    table = pd.DataFrame(rows, columns=["emotion", "split", "set", "gray"])
    pictures = np.repeat(table.pop("gray").to_numpy(np.uint8), 64).reshape(-1, 8, 8)
    return FaceDataset("shapes", vocabulary, table, pictures)


def test_answers_are_counted_on_validation_photos_that_have_no_label_for_them():
    lights = faces(("dark", "bright"), [("dark", "train", "both", 0), ("bright", "test", "both", 200)])
    shapes = faces(
        ("narrow", "wide"),
        [
            ("wide", "validation", "other", 200),
            ("wide", "validation", "other", 100),
            ("wide", "validation", "other", 99),
            ("narrow", "validation", "other", 0),
            ("narrow", "validation", "both", 200),
            ("narrow", "train", "other", 200),
        ],
    )
    assert measuring.told_beside(Classifier(), "light", lights, shapes) == {
        "narrow": {"dark": 1, "bright": 0},
        "wide": {"dark": 1, "bright": 2},
    }
    assert measuring.told_beside(Classifier(), "light", shapes, shapes) == {}
