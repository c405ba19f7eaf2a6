"""The GPU kernel: what the machine has, one seed, one precision, and the Jupyter kernel "FER (GPU)".

``python -m fer.kernel`` prints the device report, ``python -m fer.kernel install`` registers the kernel.
Every notebook starts with ``print(kernel.configure(seed=seed, precision=precision))``.
"""

import argparse
import importlib.util
import io
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")
ENVIRONMENT = {
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    "TF_CPP_MIN_LOG_LEVEL": "2",
}
"""Take GPU memory as it is needed, so that two notebooks fit on one card, and keep start-up quiet."""


@dataclass(frozen=True)
class Gpu:
    """One GPU as ``nvidia-smi`` reports it; memory in MiB, compute capability such as 8.0."""

    name: str
    memory: int
    compute_capability: float


@dataclass(frozen=True)
class DeviceReport:
    """What a training will run on, and why.

    Attributes:
        backend: Keras backend: "tensorflow", "jax" or "torch".
        backend_version: Its version.
        keras: Version of Keras.
        python: Version of Python.
        gpus: GPUs that the machine has.
        usable_gpus: Number of GPUs that the backend can use.
        cpu: Name of the processor.
        cores: Number of cores that this process may use.
        memory: Memory of the machine in MiB.
        instructions: Those of AVX2, AVX512, AVX512_BF16 and AMX_BF16 that the processor has.
        precision: Keras dtype policy.
        reason: Why this precision.
    """

    backend: str
    backend_version: str
    keras: str
    python: str
    gpus: tuple[Gpu, ...]
    usable_gpus: int
    cpu: str
    cores: int
    memory: int
    instructions: tuple[str, ...]
    precision: str
    reason: str

    def __str__(self) -> str:
        if self.usable_gpus:
            device = ", ".join(f"{gpu.name} ({gpu.memory / 1024:.0f} GiB)" for gpu in self.gpus) or "GPU"
        elif self.gpus:
            device = (
                f"none that {self.backend} can use. The machine has {self.gpus[0].name}, but the backend "
                "does not see it: install requirements-gpu.txt, and look at CUDA_VISIBLE_DEVICES."
            )
        else:
            device = "none. This is a CPU: use the quick settings, the full ones would take days."
        lines = {
            "backend": f"{self.backend} {self.backend_version}, keras {self.keras}, python {self.python}",
            "GPU": device,
            "CPU": f"{self.cpu}, {self.cores} cores, {self.memory / 1024:.0f} GiB",
            "instructions": ", ".join(self.instructions) or "none of AVX2, AVX512, AMX",
            "precision": f"{self.precision}: {self.reason}",
        }
        return "\n".join(f"{name:<13} {text}" for name, text in lines.items())


def configure(seed: int = 0, precision: str = "auto") -> DeviceReport:
    """Prepares this process for training: GPU memory growth, every random seed and the dtype policy.

    Call it before Keras is imported, so that the memory setting is in time.

    Args:
        seed: Seed of Python, NumPy and the Keras backend.
        precision: "auto", or a Keras dtype policy: "float32", "mixed_bfloat16" or "mixed_float16".

    Returns:
        The device report; print it at the head of a notebook.

    Raises:
        ValueError: If `precision` is unknown.
    """
    if precision not in ("auto", *PRECISIONS):
        raise ValueError(f"`precision` must be 'auto' or one of {list(PRECISIONS)}. Received: {precision!r}")
    report = device_report(precision)
    import keras

    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(report.precision)
    return report


def device_report(precision: str = "auto") -> DeviceReport:
    """Returns what a training in this process would run on. Loads the Keras backend."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    gpus = _nvidia_gpus()
    instructions = _instructions()
    with native_stderr() as log:
        import keras

        backend = keras.backend.backend()
        usable_gpus = count_usable_gpus(backend)
    if gpus and not usable_gpus:
        print(log.getvalue(), file=sys.stderr)
    if precision == "auto":
        precision, reason = choose_precision(gpus if usable_gpus else (), instructions)
    else:
        reason = "chosen by hand"
    return DeviceReport(
        backend=backend,
        backend_version=sys.modules[backend].__version__,
        keras=keras.__version__,
        python=platform.python_version(),
        gpus=gpus,
        usable_gpus=usable_gpus,
        cpu=_cpu_name(),
        cores=cores(),
        memory=_memory(),
        instructions=instructions,
        precision=precision,
        reason=reason,
    )


def choose_precision(gpus: tuple[Gpu, ...], instructions: tuple[str, ...]) -> tuple[str, str]:
    """Returns the dtype policy that trains fastest on this hardware, and why.

    Args:
        gpus: GPUs that will be used; the weakest decides.
        instructions: Instruction sets of the processor, as in ``DeviceReport``.
    """
    if gpus:
        capability = min(gpu.compute_capability for gpu in gpus)
        if capability >= 8.0:
            return "mixed_bfloat16", f"the GPU computes bfloat16 natively (compute capability {capability})"
        if capability >= 7.0:
            return "mixed_float16", f"the GPU has float16 tensor cores (compute capability {capability})"
        return "float32", f"the GPU has no tensor cores (compute capability {capability})"
    if "AMX_BF16" in instructions:
        return "mixed_bfloat16", "the processor multiplies bfloat16 matrices in hardware (AMX)"
    return "float32", "a processor without AMX gains little from lower precision"


def cores() -> int:
    """Returns the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_usable_gpus(backend: str) -> int:
    """Returns the number of GPUs that a Keras backend can use."""
    if backend == "tensorflow":
        import tensorflow as tf

        # It warns of "retracing" wherever a process trains several models, as every lesson here does.
        logging.getLogger("tensorflow").setLevel(logging.ERROR)
        return len(tf.config.list_physical_devices("GPU"))
    if backend == "jax":
        import jax

        return sum(device.platform == "gpu" for device in jax.devices())
    import torch

    return torch.cuda.device_count()


@contextmanager
def native_stderr() -> Iterator[io.StringIO]:
    """Keeps in a file what native libraries print to stderr, past Python, while they load.

    TensorFlow prints a page there at every start and heeds no log level before it is up; what it says
    matters only where a GPU is not found. LiteRT has a line of its own.
    """
    log = io.StringIO()
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile("w+", errors="replace") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield log
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            file.seek(0)
            log.write(file.read())


def install(user: bool = False) -> Path:
    """Registers the Jupyter kernel "fer", shown as "FER (GPU)", which runs this Python.

    Args:
        user: True makes it visible in every Jupyter of this user; False only in this environment.

    Returns:
        The folder of the kernel specification.
    """
    from ipykernel import kernelspec

    environment = dict(ENVIRONMENT)
    if libraries := _cuda_libraries():
        environment["LD_LIBRARY_PATH"] = ":".join([*libraries, "${LD_LIBRARY_PATH}"])
    place = {"user": True} if user else {"prefix": sys.prefix}
    return Path(kernelspec.install(kernel_name="fer", display_name="FER (GPU)", env=environment, **place))


def _nvidia_gpus() -> tuple[Gpu, ...]:
    if shutil.which("nvidia-smi") is None:
        return ()
    query = ["nvidia-smi", "--query-gpu=name,memory.total,compute_cap", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True).stdout
    except (subprocess.SubprocessError, OSError):
        return ()
    rows = [[part.strip() for part in line.split(",")] for line in answer.splitlines() if line.strip()]
    return tuple(Gpu(name, int(memory), float(capability)) for name, memory, capability in rows)


def _cuda_libraries() -> list[str]:
    """Library folders of the nvidia-* wheels, which not every TensorFlow release finds by itself."""
    spec = importlib.util.find_spec("nvidia")
    places = spec.submodule_search_locations if spec else []
    return sorted(str(folder) for place in places or [] for folder in Path(place).glob("*/lib"))


def _cpuinfo(field: str) -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(field)), "")


def _cpu_name() -> str:
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def _instructions() -> tuple[str, ...]:
    flags = set(_cpuinfo("flags").split())
    known = {"AVX2": "avx2", "AVX512": "avx512f", "AVX512_BF16": "avx512_bf16", "AMX_BF16": "amx_bf16"}
    return tuple(name for name, flag in known.items() if flag in flags)


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m fer.kernel", description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    commands = parser.add_subparsers(dest="command", metavar="install")
    installer = commands.add_parser("install", help="register the Jupyter kernel 'fer'")
    installer.add_argument("--user", action="store_true", help="for every Jupyter of this user")
    options = parser.parse_args(arguments)
    if options.command == "install":
        print(f"Jupyter kernel 'fer' registered in {install(user=options.user)}")
        return 0
    report = device_report()
    print(json.dumps(asdict(report), indent=2) if options.json else report)
    return 0


if __name__ == "__main__":
    sys.exit(main())
