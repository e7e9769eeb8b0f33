"""How a worker process is started; main function `start_process`.

Processes are never forked from one that has threads (polars and numba have some from their import
on): a lock held by a thread that is not there after the fork is never freed.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

__all__ = ["ONE_THREAD", "start_process"]

# Workers share the processors by tasks, not by threads.
ONE_THREAD: Final = {
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1",
}


def start_process(target: Callable[..., None], *arguments: object) -> "BaseProcess":
    """Start a process that ends with this one, each library in it with one thread.

    Parameters
    ----------
    target : callable
        A function of a module; what the process runs.
    *arguments : object
        What it is called with; picklable.

    Returns
    -------
    BaseProcess
        The process, started.
    """
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    # typeshed gives contexts no Process; all of them have one.
    process: BaseProcess = context.Process(target=target, args=arguments, daemon=True)  # type: ignore[attr-defined]
    with _calm_start():
        process.start()
    return process


@contextlib.contextmanager
def _calm_start() -> Iterator[None]:
    """Start processes with one thread for each library, and deaf to Ctrl-C while they import."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    mask = None
    if sys.platform != "win32":
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if sys.platform != "win32" and mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
