"""The package ``fer`` of PyPI, installed aside and run in a process of its own."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fer import paths

NAME = "fer 25.10.3 of PyPI"
PACKAGES = ("fer==25.10.3", "setuptools<81")
"""The package imports pkg_resources, which a later setuptools does not have."""

WEIGHTS = "fer/data/emotion_model_quantized.tflite"
"""Its network of emotions, in its folder."""


def folder() -> Path:
    """Returns where it is installed, once it is."""
    return paths.cache() / "pypi-fer"


@contextmanager
def process(script: str, *arguments: str) -> Iterator[subprocess.Popen]:
    """Runs a script of this folder with that package until the block ends, which closes its stdin.

    Args:
        script: Its file name. It says "ready" and then answers on stdout to each line on stdin.
        *arguments: Of the script.

    Raises:
        RuntimeError: The package cannot be installed, or the script does not get ready.
    """
    packages = folder()
    if not packages.is_dir():
        _install(packages)
    worker = subprocess.Popen(
        [sys.executable, Path(__file__).with_name(script), *arguments],
        cwd=packages,  # not this repository, whose package has the same name
        env=os.environ | {"PYTHONPATH": str(packages)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with worker:
        if worker.stdout.readline() != "ready\n":
            raise RuntimeError("it does not start, or does not find the face")
        yield worker


def _install(target: Path) -> None:
    print(f"Installing {NAME} aside, into {target}, once.", file=sys.stderr)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", temporary]
        if subprocess.run([*pip, *PACKAGES], check=False).returncode:
            raise RuntimeError("it cannot be installed")
        shutil.copytree(temporary, target)
