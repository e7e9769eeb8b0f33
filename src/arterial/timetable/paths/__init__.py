"""Train paths: what trains ask for, who is where when, and what cannot stand as it is.

Main functions: :func:`make_request`, :func:`find_conflicts` and :func:`find_unpaid`; paths are
found by :mod:`arterial.dispatching.paths`.
"""

from arterial.timetable.paths.conflicts import (
    Conflict,
    ConflictKind,
    find_conflicts,
    tabulate_conflicts,
)
from arterial.timetable.paths.line_model import (
    LineModel,
    LineStep,
    PathRules,
    build_line_model,
)
from arterial.timetable.paths.links import LinkKind, TrainLink
from arterial.timetable.paths.path_tables import tabulate_occupations, tabulate_paths
from arterial.timetable.paths.possessions import Closure
from arterial.timetable.paths.requests import (
    DepartureWindow,
    PathRequest,
    StopWish,
    TrainPath,
    TrainTraits,
    make_request,
)
from arterial.timetable.paths.stop_losses import Unpaid, UnpaidKind, find_unpaid

__all__ = [
    "Closure",
    "Conflict",
    "ConflictKind",
    "DepartureWindow",
    "LineModel",
    "LineStep",
    "LinkKind",
    "PathRequest",
    "PathRules",
    "StopWish",
    "TrainLink",
    "TrainPath",
    "TrainTraits",
    "Unpaid",
    "UnpaidKind",
    "build_line_model",
    "find_conflicts",
    "find_unpaid",
    "make_request",
    "tabulate_conflicts",
    "tabulate_occupations",
    "tabulate_paths",
]
