"""The clock and the threads of a search; main classes `StageClock` and `Threads`.

A kernel cannot read a clock, and one pass over a large problem takes longer than a limit may be
overrun. So a timer raises a flag when a stage has to end, and loops look at it.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import TIMEOUT_MAX, Timer
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["StageClock", "Threads"]

A = TypeVar("A")
R = TypeVar("R")

NOW_S: Final = 1e-3


class Threads:
    """Threads that share the parts of a sum; one alone needs none.

    Parameters
    ----------
    pool : ThreadPoolExecutor, optional
        The threads; None works in the thread that asks.
    """

    def __init__(self, pool: ThreadPoolExecutor | None = None) -> None:
        self._pool = pool

    def run(self, work: Callable[[A], R], parts: Iterable[A]) -> list[R]:
        """What a function gives for each part, in order.

        Parameters
        ----------
        work : callable
            The function.
        parts : iterable
            Its arguments.
        """
        return list(map(work, parts) if self._pool is None else self._pool.map(work, parts))


class StageClock:
    """Time that is left for a search, stage by stage.

    Parameters
    ----------
    time_limit_s : float
        Wall time of the whole search [s].

    Attributes
    ----------
    stop : ndarray of bool
        Whether the stage that is open has to end, `(1,)`; read by kernels.
    is_cut : bool
        Whether a stage was ended before all that was asked of it was done.
    seconds : dict of str to float
        Wall time of each stage [s].
    """

    def __init__(self, time_limit_s: float) -> None:
        self._began = perf_counter()
        self._limit_s = time_limit_s
        self._until = np.inf
        self.stop: NDArray[np.bool_] = np.zeros(1, dtype=np.bool_)
        self.is_cut = False
        self.seconds: dict[str, float] = {}

    @contextmanager
    def open(self, name: str, until_share: float) -> Iterator[None]:
        """Open a stage that ends at a share of the limit, counted from the beginning.

        Parameters
        ----------
        name : str
            What its wall time is kept under.
        until_share : float
            Of the time limit.
        """
        begun = perf_counter()
        with self._end_at(self._began + until_share * self._limit_s):
            yield
        self.seconds[name] = perf_counter() - begun

    @contextmanager
    def slot(self, parts: int) -> Iterator[None]:
        """One of `parts` equal parts of the time that the open stage has left.

        Parameters
        ----------
        parts : int
            Parts that are still to come, this one included.
        """
        now = perf_counter()
        with self._end_at(now + max(self._until - now, 0.0) / parts):
            yield

    def must_end(self) -> bool:
        """Whether the clock ends the open stage, with something left to do; it remembers that."""
        if bool(self.stop[0]) or perf_counter() > self._until:
            self.stop[0] = True
            self.is_cut = True
        return bool(self.stop[0])

    def left_s(self) -> float:
        """Wall time that the open stage has left [s]."""
        return max(self._until - perf_counter(), NOW_S)

    def note(self, *, is_cut: bool) -> None:
        """Remember whether a search of its own was ended by the time that it was given.

        Parameters
        ----------
        is_cut : bool
            Whether it was.
        """
        self.is_cut = self.is_cut or is_cut

    @contextmanager
    def _end_at(self, instant: float) -> Iterator[None]:
        """Raise the flag at an instant; after that the stage around goes on."""
        outer, self._until = self._until, instant
        self.stop[0] = False
        timer = Timer(min(max(instant - perf_counter(), NOW_S), TIMEOUT_MAX), self._raise_flag)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            # A kernel may have been ended, and tells nobody.
            self.is_cut = self.is_cut or bool(self.stop[0])
            self._until = outer
            self.stop[0] = perf_counter() > outer

    def _raise_flag(self) -> None:
        self.stop[0] = True
