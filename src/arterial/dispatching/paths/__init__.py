"""Train paths of a study: one more, all of them, and anew once trains are held or track is shut.

Main functions: :func:`find_path` and :func:`list_departures` for one train between those that
stand, :func:`find_blockers` and :func:`move_trains` where it has no path; :func:`plan_paths` for
all trains; :func:`reschedule`, held against :func:`serve_first_come`; :func:`find_waits` tells who
waits for whom. `encoding` writes requests, possessions and links into
arrays; `line_kernel` keeps who uses what, `insertion_kernel` finds a path, `search_kernel` takes
groups of trains out and lays them anew; `decoding` reads the paths back.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arterial.dispatching.paths.blocking import (
        Blockage,
        MovePlan,
        find_blockers,
        move_trains,
    )
    from arterial.dispatching.paths.bounds import bound_delays
    from arterial.dispatching.paths.insertion import (
        PathChoice,
        Traffic,
        find_path,
        list_departures,
    )
    from arterial.dispatching.paths.planning import PlannedPaths, PlanOptions, plan_paths
    from arterial.dispatching.paths.rescheduling import (
        Disruption,
        RescheduledPaths,
        reschedule,
        serve_first_come,
    )
    from arterial.dispatching.paths.waits import Wait, find_waits

__all__ = [
    "Blockage",
    "Disruption",
    "MovePlan",
    "PathChoice",
    "PlanOptions",
    "PlannedPaths",
    "RescheduledPaths",
    "Traffic",
    "Wait",
    "bound_delays",
    "find_blockers",
    "find_path",
    "find_waits",
    "list_departures",
    "move_trains",
    "plan_paths",
    "reschedule",
    "serve_first_come",
]

# Loaded late: a kernel is compiled anew when a file changes that its package imports.
LATE_NAMES = {
    "Blockage": "blocking",
    "Disruption": "rescheduling",
    "MovePlan": "blocking",
    "PathChoice": "insertion",
    "PlanOptions": "planning",
    "PlannedPaths": "planning",
    "RescheduledPaths": "rescheduling",
    "Traffic": "insertion",
    "Wait": "waits",
    "bound_delays": "bounds",
    "find_blockers": "blocking",
    "find_path": "insertion",
    "find_waits": "waits",
    "list_departures": "insertion",
    "move_trains": "blocking",
    "plan_paths": "planning",
    "reschedule": "rescheduling",
    "serve_first_come": "rescheduling",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in LATE_NAMES:
        message = f"module 'arterial.dispatching.paths' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"arterial.dispatching.paths.{LATE_NAMES[name]}"), name)
