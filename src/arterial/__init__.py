"""Arterial: plan, simulate and check railways that the public knows only in part.

The public names are few and load late, so importing the package is quick::

    import arterial

    study = arterial.read_study("studies/pyongyang_moscow")
    outcome = arterial.run_study("studies/pyongyang_moscow")
    outcome.results["findings"]
"""

from importlib import import_module
from typing import TYPE_CHECKING

from arterial.errors import (
    ArterialError,
    Fault,
    InfeasibleError,
    LimitError,
    SourceError,
    StudyError,
)
from arterial.version import __version__

if TYPE_CHECKING:
    from arterial.dispatching import dispatch_trains
    from arterial.flows.run import RunOutcome, run_study
    from arterial.report import (
        CalendarChart,
        RotationChart,
        RouteMap,
        SpeedChart,
        StringLine,
    )
    from arterial.running import PathProfile, RunningTime, Train, calculate_running_time
    from arterial.study import Study, check_study, new_study, read_study, write_study

__all__ = [
    "ArterialError",
    "CalendarChart",
    "Fault",
    "InfeasibleError",
    "LimitError",
    "PathProfile",
    "RotationChart",
    "RouteMap",
    "RunOutcome",
    "RunningTime",
    "SourceError",
    "SpeedChart",
    "StringLine",
    "Study",
    "StudyError",
    "Train",
    "__version__",
    "calculate_running_time",
    "check_study",
    "dispatch_trains",
    "new_study",
    "read_study",
    "run_study",
    "write_study",
]

LATE_NAMES = {
    "CalendarChart": "arterial.report",
    "PathProfile": "arterial.running",
    "RotationChart": "arterial.report",
    "RouteMap": "arterial.report",
    "RunOutcome": "arterial.flows.run",
    "RunningTime": "arterial.running",
    "SpeedChart": "arterial.report",
    "StringLine": "arterial.report",
    "Study": "arterial.study",
    "Train": "arterial.running",
    "calculate_running_time": "arterial.running",
    "check_study": "arterial.study",
    "dispatch_trains": "arterial.dispatching",
    "new_study": "arterial.study",
    "read_study": "arterial.study",
    "run_study": "arterial.flows.run",
    "write_study": "arterial.study",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in LATE_NAMES:
        message = f"module 'arterial' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(LATE_NAMES[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
