"""The workshop: which vehicle goes onto which bay when, and when it is back.

Problems and schedules are those of `arterial.exchange.scheduling`.
"""

from arterial.workshop.outcome import ScheduleOutcome, ScheduleStatus
from arterial.workshop.portfolio import schedule_tasks

__all__ = ["ScheduleOutcome", "ScheduleStatus", "schedule_tasks"]
