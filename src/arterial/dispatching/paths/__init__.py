"""Train paths of a study: planned together, and planned anew once trains are held or track shut.

Main functions: :func:`plan_paths` and :func:`reschedule`, held against :func:`serve_first_come`;
:func:`find_waits` tells who waits for whom. `encoding` writes requests, possessions and links into
arrays; `line_kernel` keeps who uses what, `insertion_kernel` finds a path, `search_kernel` takes
groups of trains out and lays them anew; `decoding` reads the paths back.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from arterial.dispatching.paths.bounds import bound_delays
    from arterial.dispatching.paths.planning import PlannedPaths, PlanOptions, plan_paths
    from arterial.dispatching.paths.rescheduling import (
        Disruption,
        RescheduledPaths,
        reschedule,
        serve_first_come,
    )
    from arterial.dispatching.paths.waits import Wait, find_waits

__all__ = [
    "Disruption",
    "PlanOptions",
    "PlannedPaths",
    "RescheduledPaths",
    "Wait",
    "bound_delays",
    "find_waits",
    "plan_paths",
    "reschedule",
    "serve_first_come",
]

# Loaded late: a kernel is compiled anew when a file changes that its package imports.
LATE_NAMES = {
    "Disruption": "rescheduling",
    "PlanOptions": "planning",
    "PlannedPaths": "planning",
    "RescheduledPaths": "rescheduling",
    "Wait": "waits",
    "bound_delays": "bounds",
    "find_waits": "waits",
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
