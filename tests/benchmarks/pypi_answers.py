"""The package ``fer`` of PyPI in a process of its own, which answers to pictures line by line.

Started as ``pypi_fer.py`` is. A line on stdin is a JSON list of the path of a npy file (uint8, RGB) and the
box of its face, or null to find the faces; the answer is a JSON list of faces with box and emotions.
"""

import json
import sys

import numpy as np
from fer.fer import FER


def main() -> None:
    detector = FER()
    print("ready", flush=True)
    for line in sys.stdin:
        path, box = json.loads(line)
        answers = detector.detect_emotions(np.load(path)[..., ::-1].copy(), box and [box])
        faces = [
            {"box": [int(number) for number in answer["box"]], "emotions": answer["emotions"]}
            for answer in answers
        ]
        print(json.dumps(faces, default=float), flush=True)


if __name__ == "__main__":
    main()
