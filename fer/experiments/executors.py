"""Where the runs of a sweep are trained: in this process, in several, or on a Ray cluster.

An executor is a context. It takes the data and the folder of all runs, and gives a function that trains
configurations and yields each run as it ends.
"""

import multiprocessing
import os
import queue
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from fer import kernel, paths
from fer import worker as worker_process
from fer.datasets import FaceDataset
from fer.training.compiled import shape
from fer.training.config import TrainingConfig
from fer.training.run import Run

Train = Callable[[Sequence[TrainingConfig]], Iterator[Run]]

MAX_DEATHS = 3
"""So many times a worker may die in one run; then something is wrong with the run."""

THREAD_VARIABLES = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
"""TensorFlow reads them as a process starts."""


@contextmanager
def local(dataset: FaceDataset, runs: Path) -> Iterator[Train]:
    """Trains one run after the other in this process."""
    from fer import training

    yield lambda configs: (
        training.train(config, dataset, runs=runs, progress=False) for config in by_shape(configs)
    )


@contextmanager
def processes(dataset: FaceDataset, runs: Path, workers: int = 2) -> Iterator[Train]:
    """Trains in several processes, which divide the cores among them.

    On small networks this is faster than one process with all cores. A worker that dies is replaced, and
    its run goes on after its last epoch. In a script the call must stand below
    ``if __name__ == "__main__":``, since every worker reads the script anew.

    Args:
        dataset: The data; every process has a copy.
        runs: Folder of all runs.
        workers: Number of processes.

    Raises:
        RuntimeError: A run kills its worker again and again.
    """
    threads = max(1, kernel.cores() // workers)
    before = set(multiprocessing.active_children())
    with _environment(dict.fromkeys(THREAD_VARIABLES, str(threads))):
        team = [_Worker(dataset, runs) for _ in range(workers)]
        try:
            yield lambda configs: _divide(configs, team)
        finally:
            for worker in team:
                worker.close()
            for process in set(multiprocessing.active_children()) - before:
                process.terminate()  # also in the middle of a run, after Ctrl-C
                process.join()


@contextmanager
def ray(dataset: FaceDataset, runs: Path, workers: int = 2, address: str | None = None) -> Iterator[Train]:
    """Trains on a Ray cluster (requirements-cluster.txt).

    The machines of the cluster need the same Python packages, and no common file system: a worker trains in
    a folder of its own and sends the finished run. A worker that dies is replaced.

    Args:
        dataset: The data; every worker has a copy.
        runs: Folder of all runs, on this machine.
        workers: Number of runs at the same time, which divide the cluster's cores and GPUs among them.
        address: Of the cluster, such as "auto" or "ray://host:10001"; None starts Ray on this machine.

    Raises:
        ModuleNotFoundError: Ray is not installed.
        RuntimeError: Ray would start its workers here from a path with a space, which it cannot.
    """
    if address is None and " " in sys.executable:
        raise RuntimeError(
            "Ray starts no workers from a path with a space in it: move the project, or use the executor "
            f"'processes'. Received: {sys.executable}"
        )
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
        runtime_env={"py_modules": [str(paths.ROOT / "fer")]},
    )
    try:
        resources = ray.cluster_resources()
        cores = max(1, int(resources["CPU"] // workers))
        variables = {**kernel.ENVIRONMENT, **dict.fromkeys(THREAD_VARIABLES, str(cores))}
        train = ray.remote(worker_process.train_elsewhere).options(
            num_cpus=cores,
            num_gpus=resources.get("GPU", 0) / workers,
            max_retries=MAX_DEATHS,
            runtime_env={"env_vars": variables},
        )
        data = ray.put(dataset)

        def train_all(configs):
            names = {config.pretrained for config in configs if config.pretrained}
            weights = {
                name: ray.put(worker_process.pack(runs / name)) for name in names if (runs / name).is_dir()
            }
            pending = [
                train.remote(config.to_json(), data, weights.get(config.pretrained))
                for config in by_shape(configs)
            ]
            while pending:
                (finished,), pending = ray.wait(pending)
                name, files = ray.get(finished)
                worker_process.unpack(runs / name, files)
                yield Run.open(runs / name)

        yield train_all
    finally:
        ray.shutdown()


EXECUTORS: dict[str, Callable[..., AbstractContextManager[Train]]] = {
    "local": local,
    "processes": processes,
    "ray": ray,
}


def by_shape(configs: Sequence[TrainingConfig]) -> list[TrainingConfig]:
    """Brings together the runs that share a compiled training step."""
    groups = {}
    for config in configs:
        groups.setdefault(shape(config), []).append(config)
    return [config for members in groups.values() for config in members]


class _Worker:
    """A process that trains, replaced when it dies, and the shapes that it has compiled."""

    def __init__(self, dataset: FaceDataset, runs: Path):
        self._arguments = (dataset, runs)
        self._deaths = Counter()
        self._closed = False
        self._start()

    def _start(self) -> None:
        self.shapes = set()
        self.pool = ProcessPoolExecutor(
            max_workers=1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=worker_process.start,
            initargs=self._arguments,
        )

    def close(self) -> None:
        self._closed = True
        self.pool.shutdown(wait=False, cancel_futures=True)

    def train(self, config: TrainingConfig) -> Run:
        while True:
            try:
                run = self.pool.submit(worker_process.train, config).result()
                self.shapes.add(shape(config))
                return run
            except BrokenProcessPool as error:
                if self._closed:
                    raise
                self._deaths[config] += 1
                if self._deaths[config] == MAX_DEATHS:
                    raise RuntimeError(
                        f"A worker died {MAX_DEATHS} times in the run {config}, perhaps for want of memory. "
                        "What is finished is kept."
                    ) from error
                self._start()


def _divide(configs: Sequence[TrainingConfig], team: Sequence[_Worker]) -> Iterator[Run]:
    """Lets every worker take the next run as it gets free, if possible of a shape that it has compiled."""
    waiting, lock, done = list(configs), threading.Lock(), queue.SimpleQueue()

    def take(worker):
        with lock:
            if not waiting:
                return None
            left = Counter(map(shape, waiting))
            elsewhere = set().union(*(other.shapes for other in team if other is not worker))
            # Own shapes first, then those that are nobody's, then the ones with most runs left.
            config = min(
                waiting,
                key=lambda config: (
                    shape(config) not in worker.shapes,
                    shape(config) in elsewhere,
                    -left[shape(config)],
                ),
            )
            waiting.remove(config)
            worker.shapes.add(shape(config))
            return config

    def work(worker):
        while config := take(worker):
            try:
                done.put(worker.train(config))
            except BaseException as error:
                done.put(error)
                return

    for worker in team:
        threading.Thread(target=work, args=(worker,), daemon=True).start()
    try:
        for _ in configs:
            result = done.get()
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        with lock:
            waiting.clear()


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
