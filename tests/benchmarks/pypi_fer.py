"""The package ``fer`` of PyPI in a process of its own, which measures itself line by line.

Started with the folder of that package before all others on the path, so that it, and not this
repository's package of the same name, is imported. Arguments: a npy file of frames (uint8, RGB) and the box
of the face in the first one. A line "face" or "frame" on stdin is answered with seconds for one on stdout.
"""

import sys
import time

import numpy as np
from fer.fer import FER

REPEATS = 20


def main() -> None:
    frames = np.load(sys.argv[1])[..., ::-1].copy()
    box = tuple(map(int, sys.argv[2:]))
    detector = FER()
    if not all(len(detector.detect_emotions(frame)) == 1 for frame in frames):
        sys.exit("It does not find the one face in every frame.")
    cases = {
        "face": lambda: [detector.detect_emotions(frames[0], [box]) for _ in range(REPEATS)],
        "frame": lambda: [detector.detect_emotions(frame) for frame in frames],
    }
    print("ready", flush=True)
    for line in sys.stdin:
        begin = time.perf_counter()
        count = len(cases[line.strip()]())
        print((time.perf_counter() - begin) / count, flush=True)


if __name__ == "__main__":
    main()
