"""Seconds from the start of a process."""

import subprocess
import sys
from functools import partial

from tests.benchmarks.timing import Result, in_turns, seconds

CASES = {
    "Python alone": "pass",
    "import numpy, pandas": "import numpy, pandas",
    "import fer": "import fer",
    "import fer.datasets": "import fer.datasets",
    "import fer.inference": "import fer.inference",
    "import keras": "import keras",
}


def measure(repeats: int) -> list[Result]:
    """Starts a process for each import."""
    cases = {name: partial(seconds, partial(_run, code)) for name, code in CASES.items()}
    return [Result(name, values, "s") for name, values in in_turns(cases, repeats).items()]


def _run(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
