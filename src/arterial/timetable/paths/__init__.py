"""Train paths: who is where when, conflicts between trains, and a path for one more.

Main functions: :func:`find_path`, :func:`list_departures`, :func:`find_blockers`,
:func:`move_trains`, :func:`make_conflict_free`, :func:`find_conflicts` and :func:`find_unpaid`.
"""

from arterial.timetable.paths.blocking import Blockage, MovePlan, find_blockers, move_trains
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
from arterial.timetable.paths.requests import (
    DepartureWindow,
    PathRequest,
    StopWish,
    TrainPath,
    TrainTraits,
    make_request,
)
from arterial.timetable.paths.resolving import (
    ResolvedPaths,
    ResolveOptions,
    make_conflict_free,
)
from arterial.timetable.paths.search import PathChoice, find_path, list_departures
from arterial.timetable.paths.stop_losses import Unpaid, UnpaidKind, find_unpaid
from arterial.timetable.paths.traffic import Closure, Traffic

__all__ = [
    "Blockage",
    "Closure",
    "Conflict",
    "ConflictKind",
    "DepartureWindow",
    "LineModel",
    "LineStep",
    "LinkKind",
    "MovePlan",
    "PathChoice",
    "PathRequest",
    "PathRules",
    "ResolveOptions",
    "ResolvedPaths",
    "StopWish",
    "Traffic",
    "TrainLink",
    "TrainPath",
    "TrainTraits",
    "Unpaid",
    "UnpaidKind",
    "build_line_model",
    "find_blockers",
    "find_conflicts",
    "find_path",
    "find_unpaid",
    "list_departures",
    "make_conflict_free",
    "make_request",
    "move_trains",
    "tabulate_conflicts",
    "tabulate_occupations",
    "tabulate_paths",
]
