"""The fast form of a trained model: a folder with ``model.tflite`` and ``model.json``.

LiteRT was chosen by measurement: one face of 48×48 pixels on one core, medians. It took 0.23 ms with
``small_cnn`` and 0.20 ms with a quarter-wide ``resnet50``. ONNX Runtime took as long, ``cv2.dnn`` 2 to 4
times as long, a compiled Keras call 3 to 9 times, ``model.predict`` 200 times. LiteRT is imported in
milliseconds, and TensorFlow converts to it by itself where ONNX needs two more packages.
"""

import fcntl
import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from fer import paths
from fer.files import atomic_write
from fer.models import shipped
from fer.models.network import Network

logger = logging.getLogger(__name__)

WEIGHTS = "model.tflite"
DESCRIPTION = "model.json"
RUN_FOLDER = "exported"
"""The folder inside a training run that holds its fast form."""

_AGAIN = "copy the folder again, or write it anew with fer.inference.export"

PRECISIONS = ("float32", "float16", "int8")
VERSION = 2


@dataclass(frozen=True)
class Description:
    """What ``model.json`` says.

    Attributes:
        version: Version of this layout.
        classes: What the model tells, such as "emotion", and its classes. The probabilities come in this
            order, one thing after the other; those of each sum to 1.
        input_shape: Height, width (pixels) and channels of the face image, whose range is 0…1.
        precision: Of the weights, one of ``PRECISIONS``.
        size: Bytes of ``model.tflite``.
        sha256: Hash of ``model.tflite``.
        source_sha256: Hash of the Keras file that it was made from.
    """

    version: int
    classes: dict[str, tuple[str, ...]]
    input_shape: tuple[int, int, int]
    precision: str
    size: int
    sha256: str
    source_sha256: str


def export(
    model: Path | str, folder: Path | str, classes: Mapping[str, Sequence[str]], precision: str = "float32"
) -> Path:
    """Writes the fast form of a Keras model, unless the folder has it already.

    The conversion runs in a process of its own, with TensorFlow on the CPU, whatever backend this process
    uses. It fails where the fast form's probabilities on random images differ by more than 0.001 (with
    weights of 8 bits 0.1) from those that the Keras model gives in float32.

    Args:
        model: The model file, ``model.keras``.
        folder: Where to put the fast form.
        classes: The name of each output of the model and its classes in order; of a model with one output,
            which gives emotions, ``{"emotion": emotions}``.
        precision: Of the weights. "float16" takes half the space; "int8" a quarter, and on small images a
            third of the time; the activations are rounded to 8 bits image by image.

    Returns:
        The folder.

    Raises:
        FileNotFoundError: There is no such model file.
        ValueError: The model does not take a square image and give a probability for each class, or there
            is no such precision.
        RuntimeError: The model could not be converted; the message ends with the reason.

    Example:
        >>> export("model.keras", "saved_models/mine", {"emotion": labels.FER2013})
    """
    if precision not in PRECISIONS:
        raise ValueError(f"`precision` must be one of {list(PRECISIONS)}. Received: {precision!r}")
    model, folder = Path(model).resolve(), Path(folder).resolve()
    classes = {name: tuple(names) for name, names in classes.items()}
    source_sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second thread or process waits, and then finds the work done
        if not _holds(folder, source_sha256, classes, precision):
            logger.info("Exporting %s, which takes some seconds, once.", model)
            with atomic_write(folder / WEIGHTS) as temporary:
                convert(model, temporary, precision, tuple(classes))
                description = _describe(temporary.read_bytes(), source_sha256, classes, precision)
            with atomic_write(folder / DESCRIPTION) as temporary:
                text = json.dumps(asdict(description), indent=2, ensure_ascii=False)
                temporary.write_text(text + "\n", encoding="utf-8")
    return folder


def find(model: Path | str) -> Path:
    """Returns the folder of a fast form; one that is missing is made from the run.

    Args:
        model: Name of a trained classifier (``fer.models.available("classifier")``), a folder that ``export``
            wrote, or the folder of a finished training run.

    Raises:
        FileNotFoundError: The folder is neither, or lacks a file.
        ValueError: The files of a trained model are not those that its card describes.
    """
    folder = shipped.folder(str(model)) if shipped.has(model) else Path(model)
    if str(model) in shipped.available("detector"):
        raise ValueError(
            f"`model` must tell what a face shows; {model!r} finds faces: see fer.faces.detector."
        )
    if (folder / shipped.CARD).is_file():
        shipped.check(folder, WEIGHTS, DESCRIPTION)
    if (folder / DESCRIPTION).is_file():
        return folder
    weights, metrics = folder / "model.keras", folder / "metrics.json"
    if not (weights.is_file() and metrics.is_file()):
        runs = sorted(path.parent.name for path in folder.glob("*/model.keras"))
        if not folder.is_dir():
            found = "no such folder"
        elif runs:
            found = f"a folder of runs; name one of {', '.join(runs[:5])}{' …' if len(runs) > 5 else ''}"
        else:
            found = "a folder without them"
        raise FileNotFoundError(
            f"`model` must be one of {shipped.available('classifier')}, or the folder of an exported model "
            f"({DESCRIPTION}) or of a finished training run (model.keras, metrics.json). "
            f"Received: {folder}, {found}"
        )
    emotions = json.loads(metrics.read_text(encoding="utf-8"))["emotions"]
    return export(weights, folder / RUN_FOLDER, {"emotion": emotions})


def load(folder: Path) -> tuple[Description, bytes]:
    """Reads a fast form: its description and the content of ``model.tflite``.

    Raises:
        FileNotFoundError: A file is missing.
        ValueError: A file is damaged, or written by another version of this package.
    """
    path = folder / DESCRIPTION
    if not (folder / WEIGHTS).is_file():
        raise FileNotFoundError(f"{folder / WEIGHTS} is missing: {_AGAIN}.")
    weights = (folder / WEIGHTS).read_bytes()
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        version = values["version"]
        if version == VERSION:
            values["classes"] = {name: tuple(classes) for name, classes in values["classes"].items()}
            values["input_shape"] = tuple(values["input_shape"])
            description = Description(**values)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} is damaged ({error}): {_AGAIN}.") from error
    if version != VERSION:
        raise ValueError(f"{path} must have version {VERSION}: {_AGAIN}. Received: {version!r}")
    if hashlib.sha256(weights).hexdigest() != description.sha256:
        raise ValueError(
            f"{folder / WEIGHTS} is damaged: it is not what was exported, {description.size:,} bytes of "
            f"sha256 {description.sha256}: {_AGAIN}. Received: {len(weights):,} bytes"
        )
    return description, weights


def convert(model: Path, weights: Path, precision: str, outputs: Sequence[str] = ()) -> None:
    """Writes the LiteRT form of a Keras model in a process of its own, and checks it against the model.

    Args:
        model: The model file.
        weights: Where to put the fast form.
        precision: Of the weights, one of ``PRECISIONS``.
        outputs: Names of the outputs, which become one vector; none of a model with a single output.

    Raises:
        RuntimeError: The model could not be converted; the message ends with the reason.
    """
    result = subprocess.run(
        [sys.executable, "-m", "fer.inference.conversion", model, weights, precision, *outputs],
        cwd=paths.ROOT,
        env=os.environ | {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        reason = (result.stderr.strip() or f"exit status {result.returncode}").splitlines()[-1]
        raise RuntimeError(f"{model} could not be exported: {reason}")


def _holds(folder: Path, source_sha256: str, classes: dict[str, tuple[str, ...]], precision: str) -> bool:
    try:
        description, _ = load(folder)
    except (OSError, ValueError):
        return False
    held = (description.source_sha256, list(description.classes.items()), description.precision)
    return held == (source_sha256, list(classes.items()), precision)


def _describe(
    weights: bytes, source_sha256: str, classes: dict[str, tuple[str, ...]], precision: str
) -> Description:
    network = Network(weights)
    height, width, channels = network.input_shape
    if height != width or channels not in (1, 3):
        raise ValueError(
            "`model` must take square images of one or three channels. "
            f"Received: input shape {network.input_shape}"
        )
    if network.output_shape != (sum(map(len, classes.values())),):
        raise ValueError(
            f"`classes` must name the outputs of the model, shape {network.output_shape}. Received: {classes}"
        )
    sha256 = hashlib.sha256(weights).hexdigest()
    return Description(VERSION, classes, network.input_shape, precision, len(weights), sha256, source_sha256)
