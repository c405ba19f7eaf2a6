"""A detector that knows what to answer, and the pictures that it knows."""

import numpy as np

from fer import faces

FACE, OTHER = (10, 10, 40, 40), (60, 10, 20, 20)


class Known(faces.Detector):
    """Knows what to answer to a picture by its first pixel: lists of (box, score)."""

    def __init__(self, answers, threshold=None):
        super().__init__(threshold)
        self.answers, self.asked = answers, []

    def _candidates(self, image):
        self.asked.append(int(image[0, 0, 0]))
        for (x, y, width, height), score in self.answers[self.asked[-1]]:
            if score >= self.threshold:
                yield (x, y, x + width, y + height), score, None


def picture(number):
    return np.full((100, 100, 3), number, dtype=np.uint8)
