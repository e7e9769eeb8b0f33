# mypy: allow-untyped-calls
"""Tasks on a cluster: `DaskExecutor`, on a scheduler that runs already or one made here.

Tables come back as bytes and are written by this process, so the workers need no shared folder.
Dask is loaded when a run starts and belongs to the extra ``scale``.
"""

import contextlib
import math
import pickle
import platform
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Final

from arterial.compute.executors import Job, TaskResults
from arterial.compute.parts import EncodedTask, TaskResult, encode_packed, store_parts
from arterial.compute.processes import ONE_THREAD
from arterial.compute.tasks import Task
from arterial.errors import ArterialError, Fault
from arterial.version import __version__

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["DaskExecutor", "dask_setup", "list_versions"]

LOOK_UP_S: Final = 0.25
CONNECT_S: Final = 30.0
# Workers come and go; asking the scheduler for them takes milliseconds.
RECOUNT_S: Final = 5.0
# A task may lose its worker once; the second loss makes it the suspect, as in the pool.
ALLOWED_LOSSES: Final = 1
LIBRARIES: Final = ("numba", "numpy", "polars", "scipy")


@dataclass(frozen=True, slots=True)
class DaskExecutor:
    """Tasks on a Dask cluster, as many at a time as its workers have threads.

    Parameters
    ----------
    address : str or None
        Of a scheduler that runs already (``tcp://host:8786``); None makes a cluster of processes
        on this machine for the time of the run.
    workers : int
        Processes of the cluster that is made here.
    """

    address: str | None = None
    workers: int = 2

    @property
    def journal_name(self) -> str:
        """Name of its journal."""
        return "journal"

    def claim(self, tasks: Sequence[Task]) -> tuple[Task, ...]:
        """Give all tasks."""
        return tuple(tasks)

    def run(
        self, job: Job, tasks: Sequence[Task], *, should_stop: Callable[[], bool]
    ) -> TaskResults:
        """Work off the tasks on the cluster and give each result as it comes."""
        _require_dask()
        with _open_client(self) as client:
            _check_versions(client)
            yield from _work_off(client, job, tasks, should_stop)


def list_versions() -> dict[str, str]:
    """Give the versions that numbers may depend on, as installed where this is called."""
    versions = {"arterial": __version__, "python": platform.python_version()}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "missing"
    return versions


def dask_setup(worker: object) -> None:  # noqa: ARG001 Dask's own signature
    """Make a worker of a cluster made here deaf to Ctrl-C, which reaches the whole group.

    Parameters
    ----------
    worker : object
        The worker; Dask calls this in its process when it starts.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _require_dask() -> None:
    try:
        import distributed  # noqa: F401
    except ImportError as error:
        message = "Runs on a cluster need Dask: pip install 'arterial[scale]'."
        raise ArterialError(message) from error


@contextlib.contextmanager
def _open_client(executor: DaskExecutor) -> "Iterator[Client]":
    import dask
    import distributed

    settings = {
        "distributed.scheduler.allowed-failures": ALLOWED_LOSSES,
        "distributed.scheduler.worker-saturation": 1.0,
    }
    with contextlib.ExitStack() as stack:
        target: object = executor.address
        if executor.address is None:
            stack.enter_context(dask.config.set(settings))
            target = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=executor.workers,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    host="127.0.0.1",
                    env=ONE_THREAD,
                    silence_logs="CRITICAL",
                    preload=[__name__],
                )
            )
        try:
            client = distributed.Client(target, timeout=CONNECT_S, set_as_default=False)
            stack.enter_context(client)
            client.wait_for_workers(1, timeout=CONNECT_S)
        except (OSError, ValueError) as error:
            message = (
                f"No Dask worker answers at {executor.address or 'the local cluster'}: {error}"
            )
            cure = "Give the address of the scheduler, as tcp://host:8786, and start its workers."
            raise ArterialError(message, [Fault("The cluster is not there.", cure)]) from error
        yield client


def _check_versions(client: "Client") -> None:
    """Refuse workers whose libraries differ: their numbers might differ too."""
    here = list_versions()
    try:
        answers: dict[str, dict[str, str]] = client.run(list_versions)
    except ImportError as error:
        message = f"The workers of the cluster cannot import arterial: {error}"
        raise ArterialError(message) from error
    faults = [
        Fault(f"{worker} has {name} {there.get(name)}, not {version}.", "Install the same version.")
        for worker, there in sorted(answers.items())
        for name, version in here.items()
        if there.get(name) != version
    ]
    if faults:
        message = "The cluster's workers would not give the same numbers as this machine."
        raise ArterialError(message, faults)


def _work_off(
    client: "Client", job: Job, tasks: Sequence[Task], should_stop: Callable[[], bool]
) -> Iterator[TaskResult]:
    executor = client.get_executor(pure=False)
    function = pickle.dumps(job.function)
    waiting = deque(tasks)
    running: dict[Future[EncodedTask], Task] = {}
    threads, counted_at = 0, -math.inf
    while waiting or running:
        stopping = should_stop()
        if time.monotonic() - counted_at > RECOUNT_S:
            threads, counted_at = sum(client.nthreads().values()), time.monotonic()
        # Without workers there is nothing to wait for.
        if stopping and not (running and threads):
            return
        # No queue at the workers: a task beside one that kills its worker must not be suspected.
        room = max(1, threads) - len(running)
        for _ in range(0 if stopping else min(room, len(waiting))):
            task = waiting.popleft()
            try:
                payload = pickle.dumps(task.payload)
            except Exception as error:  # noqa: BLE001 pickling calls any code
                message = f"The payload cannot be sent to a worker: {error}"
                yield TaskResult(task.key, 0.0, message=message)
                continue
            running[executor.submit(encode_packed, function, task.key, payload)] = task
        finished, _ = wait(running, LOOK_UP_S, return_when=FIRST_COMPLETED)
        for future in finished:
            yield _finish(future, running.pop(future), job)


def _finish(future: "Future[EncodedTask]", task: Task, job: Job) -> TaskResult:
    from distributed import KilledWorker

    try:
        encoded = future.result()
    except KilledWorker as error:
        losses = ALLOWED_LOSSES + 1
        message = f"It lost its worker process {losses} times or more ({error})."
        return TaskResult(task.key, 0.0, message=message)
    except CancelledError as error:
        message = "The connection to the cluster is lost. Run again to go on: nothing is lost."
        raise ArterialError(message) from error
    return store_parts(encoded, job.folder, job.unfinished)
