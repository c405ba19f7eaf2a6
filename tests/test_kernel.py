import json

import pytest

from fer import kernel
from fer.kernel import Gpu

A100 = Gpu("NVIDIA A100", 40960, 8.0)
T4 = Gpu("Tesla T4", 15360, 7.5)
K80 = Gpu("Tesla K80", 11441, 3.7)


@pytest.mark.parametrize(
    ("gpus", "instructions", "expected"),
    [
        ((A100,), (), "mixed_bfloat16"),
        ((T4,), (), "mixed_float16"),
        ((K80,), (), "float32"),
        ((A100, T4), (), "mixed_float16"),
        ((), ("AVX2", "AVX512", "AMX_BF16"), "mixed_bfloat16"),
        ((), ("AVX2", "AVX512", "AVX512_BF16"), "float32"),
        ((), (), "float32"),
    ],
)
def test_precision_follows_the_hardware(gpus, instructions, expected):
    precision, reason = kernel.choose_precision(gpus, instructions)
    assert precision == expected
    assert reason


def test_nvidia_smi_is_read(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA A100-SXM4-40GB, 40960, 8.0'\necho 'Tesla T4, 15360, 7.5'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert kernel._nvidia_gpus() == (Gpu("NVIDIA A100-SXM4-40GB", 40960, 8.0), T4)


def test_a_broken_nvidia_driver_counts_as_no_gpu(monkeypatch, tmp_path):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed' >&2\nexit 9\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert kernel._nvidia_gpus() == ()


def test_configure_seeds_numpy_python_and_keras_and_sets_the_policy():
    import random

    import keras
    import numpy as np

    draws = []
    for _ in range(2):
        report = kernel.configure(seed=7, precision="float32")
        draws.append((random.random(), np.random.random(), float(keras.random.normal(()))))  # noqa: NPY002
    assert draws[0] == draws[1]
    assert report.precision == keras.config.dtype_policy().name == "float32"


def test_configure_refuses_an_unknown_precision():
    with pytest.raises(ValueError, match=r"`precision`.*Received: 'half'"):
        kernel.configure(precision="half")


def test_a_gpu_that_the_backend_cannot_use_is_said_plainly():
    report = kernel.device_report("float32")
    unused = kernel.DeviceReport(**{**vars(report), "gpus": (A100,), "usable_gpus": 0})
    assert "NVIDIA A100" in str(unused)
    assert "requirements-gpu.txt" in str(unused)


def test_command_line_prints_the_report_as_json(capfd):
    assert kernel.main(["--json"]) == 0
    report = json.loads(capfd.readouterr().out)
    assert report["backend"] == "tensorflow"
    assert report["precision"] in kernel.PRECISIONS
    assert report["cores"] >= 1


def test_install_registers_the_kernel_with_memory_growth(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    assert kernel.main(["install"]) == 0
    specification = json.loads((tmp_path / "share/jupyter/kernels/fer/kernel.json").read_text())
    assert specification["display_name"] == "FER (GPU)"
    assert specification["env"]["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert str(tmp_path) in capsys.readouterr().out
