"""What compiles the kernels of plans of train paths, for `arterial.compiling.start_warming`.

A single line of three points on which trains meet: small, but with a wait, so that nothing ends
before its kernel is called.
"""

from typing import Final

from arterial.dispatching.paths.planning import PlanOptions, plan_paths
from arterial.dispatching.paths.rescheduling import Disruption, reschedule, serve_first_come
from arterial.timetable.paths import DepartureWindow, LineModel, LineStep, make_request

__all__ = ["warm_plans"]

RUN_S: Final = 60
MOVES: Final = 20


def warm_plans() -> None:
    """Compile the search for plans, and what makes them anew."""
    points = ("a", "b", "c")
    steps = tuple(LineStep("ac", *pair) for pair in (("a", "b"), ("b", "c")))
    model = LineModel(points, (2,) * 3, (1e9,) * 3, steps)
    requests = [
        make_request(model, f"{number}", way, [RUN_S] * 2, window=DepartureWindow())
        for number, way in enumerate((points, points[::-1], points))
    ]
    options = PlanOptions(moves=MOVES)
    paths = plan_paths(model, requests, options=options).paths
    disruption = Disruption(RUN_S // 2, held={"0": RUN_S})
    reschedule(model, paths, disruption, options=options)
    serve_first_come(model, paths, disruption)
