"""Where the runs of a sweep are trained: in this process, in several, or on a Ray cluster.

An executor takes configurations and data, trains every run below one folder, and yields each as it ends.
"""

import multiprocessing
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path

from fer import kernel, paths
from fer.datasets import FaceDataset
from fer.training.config import TrainingConfig
from fer.training.run import Run

MAX_DEATHS = 3
"""So many times in a row a worker may die before a run ends; then something is wrong with the runs."""

THREAD_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
"""TensorFlow reads them as a process starts."""


def local(configs: Sequence[TrainingConfig], dataset: FaceDataset, runs: Path) -> Iterator[Run]:
    """Trains one run after the other in this process."""
    from fer import training

    for config in configs:
        yield training.train(config, dataset, runs=runs, progress=False)


def processes(
    configs: Sequence[TrainingConfig], dataset: FaceDataset, runs: Path, workers: int = 2
) -> Iterator[Run]:
    """Trains in several processes, which divide the cores among them.

    On small networks this is faster than one process with all cores. A worker that dies is replaced, and
    its run goes on after its last epoch.

    Args:
        configs: What to train.
        dataset: The data; every process has a copy.
        runs: Folder of all runs.
        workers: Number of processes.

    Raises:
        RuntimeError: Workers die again and again.
    """
    pending = {config.run_id(dataset.fingerprint): config for config in configs}
    deaths = 0
    while pending:
        with _pool(dataset, runs, workers) as pool:
            try:
                for future in as_completed([pool.submit(_train, config) for config in pending.values()]):
                    run = future.result()
                    del pending[run.id]
                    deaths = 0
                    yield run
            except BrokenProcessPool as error:
                deaths += 1
                if deaths >= MAX_DEATHS:
                    raise RuntimeError(
                        f"A worker died {deaths} times in a row, perhaps for want of memory; {len(pending)} "
                        "runs are left. The finished ones are kept."
                    ) from error


def ray(
    configs: Sequence[TrainingConfig],
    dataset: FaceDataset,
    runs: Path,
    workers: int = 2,
    address: str | None = None,
) -> Iterator[Run]:
    """Trains on a Ray cluster (requirements-cluster.txt).

    The machines of the cluster need the same Python packages, and no common file system: a worker trains in
    a folder of its own and sends the finished run. A worker that dies is replaced.

    Args:
        configs: What to train.
        dataset: The data; every worker has a copy.
        runs: Folder of all runs, on this machine.
        workers: Number of runs at the same time, which divide the cluster's cores and GPUs among them.
        address: Of the cluster, such as "auto" or "ray://host:10001"; None starts Ray on this machine.

    Raises:
        ModuleNotFoundError: Ray is not installed.
    """
    try:
        import ray
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "The executor 'ray' needs: pip install --requirement requirements-cluster.txt"
        ) from error
    ray.init(
        address=address,
        log_to_driver=False,
        logging_level="warning",
        runtime_env={"py_modules": [str(paths.ROOT / "fer")], "env_vars": dict(kernel.ENVIRONMENT)},
    )
    try:
        resources = ray.cluster_resources()
        train = ray.remote(_train_elsewhere).options(
            num_cpus=max(1, int(resources["CPU"] // workers)),
            num_gpus=resources.get("GPU", 0) / workers,
            max_retries=MAX_DEATHS,
        )
        data = ray.put(dataset)
        pending = [train.remote(config.to_json(), data) for config in configs]
        while pending:
            (finished,), pending = ray.wait(pending)
            yield _unpack(runs, *ray.get(finished))
    finally:
        ray.shutdown()


EXECUTORS: dict[str, Callable[..., Iterator[Run]]] = {"local": local, "processes": processes, "ray": ray}


@contextmanager
def _pool(dataset: FaceDataset, runs: Path, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Gives a pool of workers that ends at once when the block is left, also by Ctrl-C."""
    before = set(multiprocessing.active_children())
    threads = max(1, len(os.sched_getaffinity(0)) // workers)
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(dataset, runs),
    )
    try:
        with _environment(dict.fromkeys(THREAD_VARIABLES, str(threads))):
            yield pool
    finally:
        for worker in set(multiprocessing.active_children()) - before:
            worker.terminate()
        pool.shutdown(cancel_futures=True)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Sets environment variables that processes started in the block inherit."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _start_worker(dataset: FaceDataset, runs: Path) -> None:
    global _dataset, _runs
    _dataset, _runs = dataset, runs
    threading.Thread(target=_end_with_parent, daemon=True).start()
    kernel.device_report()


def _end_with_parent() -> None:
    """A parent that is killed cannot tell its workers to end."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _train(config: TrainingConfig) -> Run:
    from fer import training

    return training.train(config, _dataset, runs=_runs, progress=False)


def _train_elsewhere(config: str, dataset: FaceDataset) -> tuple[str, dict[str, bytes]]:
    """Trains on a machine of the cluster and returns the name and the files of the run."""
    from fer import training

    runs = Path(tempfile.gettempdir()) / "fer-runs"
    run = training.train(TrainingConfig.from_json(config), dataset, runs=runs, progress=False)
    files = {path.name: path.read_bytes() for path in run.folder.iterdir() if not path.name.startswith(".")}
    shutil.rmtree(run.folder)
    return run.id, files


def _unpack(runs: Path, name: str, files: dict[str, bytes]) -> Run:
    """Writes a run; metrics.json, which makes it a finished one, comes last."""
    folder = runs / name
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(files, key=lambda file: file == "metrics.json"):
        (folder / file).write_bytes(files[file])
    return Run.open(folder)
