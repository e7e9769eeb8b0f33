"""What all parts of the portfolio share: best schedule, best bound, time left."""

import threading
import time

from arterial.exchange.scheduling import Schedule, ScheduleProblem
from arterial.workshop.pricing import price_schedule

__all__ = ["SearchState"]


class SearchState:
    """Best schedule and bound so far; safe to use from several threads.

    Parameters
    ----------
    problem : ScheduleProblem
        What is to be scheduled.
    seconds : float
        Wall time from now on [s].
    bound : int
        A first bound.
    """

    def __init__(self, problem: ScheduleProblem, *, seconds: float, bound: int = 0) -> None:
        self.problem = problem
        self.started_at = time.perf_counter()
        self.seconds = seconds
        self._lock = threading.Lock()
        self._bound = bound
        self._schedule: Schedule | None = None
        self._value: int | None = None
        self._found_by = ""

    @property
    def bound(self) -> int:
        """No schedule has a lower value."""
        return self._bound

    @property
    def value(self) -> int | None:
        """Value of the best schedule."""
        return self._value

    @property
    def schedule(self) -> Schedule | None:
        """The best schedule."""
        return self._schedule

    @property
    def found_by(self) -> str:
        """Who found it."""
        return self._found_by

    @property
    def used_s(self) -> float:
        """Wall time since the start [s]."""
        return time.perf_counter() - self.started_at

    @property
    def is_over(self) -> bool:
        """Whether the time is up or nothing is left to find."""
        return self.is_decided or self.used_s >= self.seconds

    @property
    def is_decided(self) -> bool:
        """Whether the best schedule meets the bound."""
        value = self._value
        return value is not None and value <= self._bound

    def offer(self, schedule: Schedule, found_by: str) -> None:
        """Keep a schedule where it is better than the best."""
        # Priced outside the lock: it takes long for large problems, and threads would queue.
        value = price_schedule(self.problem, schedule)
        with self._lock:
            if self._value is None or value < self._value:
                self._schedule, self._value, self._found_by = schedule, value, found_by

    def raise_bound(self, bound: int) -> None:
        """Keep a bound where it is higher than the best."""
        with self._lock:
            self._bound = max(self._bound, bound)
