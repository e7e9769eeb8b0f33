"""Tasks on the processors of this machine: `PoolExecutor`, a pool that outlives its workers.

Each worker process has a pipe of its own, so a worker that is killed at any moment (out of memory,
``kill -9``) can neither hold a lock that others need nor leave half a message in their way: its
task goes to another worker. A task that loses its worker twice is taken to be the cause and is
reported; the others go on. See decision 6 for what was tried instead.
"""

import contextlib
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final

from arterial.compute.executors import Job, TaskResults
from arterial.compute.parts import TaskResult, encode_packed, store_parts
from arterial.compute.processes import start_process
from arterial.compute.tasks import Task
from arterial.errors import ArterialError, LimitError

__all__ = ["PoolExecutor"]

LOSSES_UNTIL_DROPPED: Final = 2
FAILED_STARTS_UNTIL_GIVEN_UP: Final = 8
LOOK_UP_S: Final = 0.25
PATIENCE_S: Final = 5.0
READY: Final = b"ready"


@dataclass(frozen=True, slots=True)
class PoolExecutor:
    """Tasks on several processes of this machine, each with one thread.

    A script that uses it needs the usual ``if __name__ == "__main__":``, since workers import the
    script anew.

    Parameters
    ----------
    workers : int
        Number of processes, at least 1.

    Raises
    ------
    LimitError
        When there is no worker.
    """

    workers: int

    def __post_init__(self) -> None:
        """Refuse a pool without workers."""
        if self.workers < 1:
            message = f"A pool of {self.workers} workers does nothing: give 1 or more."
            raise LimitError(message)

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
        """Work off the tasks on the workers and give each result as it comes."""
        team = _Team(job, tasks)
        try:
            while not team.is_finished:
                stopping = should_stop()
                if stopping and not team.is_busy:
                    return
                if not stopping:
                    team.hire(self.workers)
                    yield from team.hand_out()
                yield from team.listen()
        finally:
            team.dismiss()


class _Worker:
    """A process, the pipe to it, and the task it is at."""

    def __init__(self, job: Job, function: bytes) -> None:
        self.pipe, far = Pipe()
        self.process = start_process(_serve, far, function, job.folder, job.unfinished)
        self.task: Task | None = None
        far.close()

    def close(self, *, at_once: bool) -> int:
        """End the process; its exit code, negative for a signal."""
        self.pipe.close()
        if at_once:
            self.process.kill()
        self.process.join(PATIENCE_S)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()
        code = self.process.exitcode
        self.process.close()
        return 0 if code is None else code


class _Team:
    """The workers of one run, the tasks that wait, and how often each lost its worker."""

    def __init__(self, job: Job, tasks: Sequence[Task]) -> None:
        self._job = job
        self._function = pickle.dumps(job.function)
        self._waiting = deque(tasks)
        self._losses: dict[str, int] = {}
        self._starting: dict[Connection, _Worker] = {}
        self._busy: dict[Connection, _Worker] = {}
        self._idle: list[_Worker] = []
        self._failed_starts = 0

    @property
    def is_busy(self) -> bool:
        """Whether a task is being worked at."""
        return bool(self._busy)

    @property
    def is_finished(self) -> bool:
        """Whether no task waits or is being worked at."""
        return not self._waiting and not self._busy

    def hire(self, most: int) -> None:
        """Start as many workers as there is work for."""
        at_work = len(self._starting) + len(self._busy) + len(self._idle)
        wanted = min(most, len(self._waiting) + len(self._busy))
        for _ in range(wanted - at_work):
            worker = _Worker(self._job, self._function)
            self._starting[worker.pipe] = worker

    def hand_out(self) -> Iterator[TaskResult]:
        """Give idle workers a task each; a payload that cannot be sent is a result."""
        while self._idle and self._waiting:
            worker = self._idle.pop()
            if worker.pipe.poll():
                # An idle worker has nothing to say: its pipe is at an end, and so is it.
                worker.close(at_once=True)
                continue
            task = self._waiting.popleft()
            try:
                payload = pickle.dumps(task.payload)
            except Exception as error:  # noqa: BLE001 pickling calls any code
                self._idle.append(worker)
                message = f"The payload cannot be sent to a worker: {error}"
                yield TaskResult(task.key, 0.0, message=message)
                continue
            worker.task = task
            self._busy[worker.pipe] = worker
            # A worker that is gone by now is noticed when its pipe is read.
            with contextlib.suppress(OSError):
                worker.pipe.send((task.key, payload))

    def listen(self) -> Iterator[TaskResult]:
        """Wait a moment for workers and give the results that came."""
        heard = set(wait([*self._starting, *self._busy], LOOK_UP_S))
        for pipe in [pipe for pipe in self._starting if pipe in heard]:
            self._welcome(self._starting.pop(pipe))
        for pipe in [pipe for pipe in self._busy if pipe in heard]:
            yield from self._take(self._busy.pop(pipe))

    def dismiss(self) -> None:
        """End all workers: idle ones by closing their pipe, others by force."""
        for worker in [*self._starting.values(), *self._busy.values()]:
            worker.close(at_once=True)
        for worker in self._idle:
            worker.close(at_once=False)

    def _welcome(self, worker: _Worker) -> None:
        try:
            worker.pipe.recv_bytes()
        except (EOFError, OSError) as error:
            code = worker.close(at_once=True)
            self._failed_starts += 1
            if self._failed_starts >= FAILED_STARTS_UNTIL_GIVEN_UP:
                message = (
                    f"No worker process comes up ({_describe_end(code)}). A script needs "
                    '`if __name__ == "__main__":` around what it does.'
                )
                raise ArterialError(message) from error
        else:
            self._failed_starts = 0
            self._idle.append(worker)

    def _take(self, worker: _Worker) -> Iterator[TaskResult]:
        task = worker.task
        assert task is not None  # noqa: S101 busy workers have a task
        try:
            result: TaskResult = worker.pipe.recv()
        except (EOFError, OSError):
            end = _describe_end(worker.close(at_once=True))
            losses = self._losses[task.key] = self._losses.get(task.key, 0) + 1
            if losses < LOSSES_UNTIL_DROPPED:
                self._waiting.append(task)
                return
            message = f"It lost its worker process {losses} times, the last {end}."
            yield TaskResult(task.key, 0.0, message=message)
        else:
            worker.task = None
            self._idle.append(worker)
            yield result


def _serve(pipe: Connection, function: bytes, folder: Path, unfinished: Path) -> None:
    """Work off tasks until the pipe is closed or whoever holds its other end is gone."""
    # Ctrl-C reaches the whole group; the parent decides what becomes of tasks under way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError):
        pipe.send_bytes(READY)
        while True:
            key, payload = pipe.recv()
            pipe.send(store_parts(encode_packed(function, key, payload), folder, unfinished))


def _describe_end(code: int) -> str:
    if code >= 0:
        return f"with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    hint = "; a full memory often ends so" if name == "SIGKILL" else ""
    return f"by signal {name}{hint}"
