"""The workshop: which vehicle goes onto which bay when, and when it is back.

Problems and schedules are those of `arterial.exchange.scheduling`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arterial.workshop.portfolio import ScheduleOutcome, ScheduleStatus, schedule_tasks

__all__ = ["ScheduleOutcome", "ScheduleStatus", "schedule_tasks"]

# Loaded late: a kernel is compiled anew when a file changes that its package imports.
LATE_NAMES = {
    "ScheduleOutcome": "arterial.workshop.portfolio",
    "ScheduleStatus": "arterial.workshop.portfolio",
    "schedule_tasks": "arterial.workshop.portfolio",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in LATE_NAMES:
        message = f"module 'arterial.workshop' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(LATE_NAMES[name]), name)
