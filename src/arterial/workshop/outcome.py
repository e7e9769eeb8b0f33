"""What the scheduler hands back: a schedule, its length, a bound, and how it ended."""

from dataclasses import dataclass
from enum import Enum

from arterial.exchange.scheduling import Schedule

__all__ = ["ScheduleOutcome", "ScheduleStatus"]


class ScheduleStatus(Enum):
    """How far the answer is known to be the best."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"


@dataclass(frozen=True, slots=True)
class ScheduleOutcome:
    """A schedule and what is known about it.

    Parameters
    ----------
    schedule : Schedule
        Starts and modes.
    value : int
        Makespan [slots]; with due dates the price of `arterial.workshop.pricing`.
    bound : int
        No schedule has a lower value.
    found_by : str
        Which part of the portfolio found the schedule.
    seconds : float
        Wall time used [s].
    """

    schedule: Schedule
    value: int
    bound: int
    found_by: str
    seconds: float

    @property
    def status(self) -> ScheduleStatus:
        """Optimal when value and bound meet."""
        return ScheduleStatus.OPTIMAL if self.bound >= self.value else ScheduleStatus.FEASIBLE
