"""What it costs the trains of a plan to shut a step; main function `price_closures`."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.paths.encoding import encode_requests, list_closed
from arterial.dispatching.paths.first_plan_kernel import lay_in_turn, load_plan
from arterial.dispatching.paths.insertion import Traffic
from arterial.dispatching.paths.insertion_kernel import WAIT_LATE
from arterial.dispatching.paths.line_kernel import add_use, remove_use
from arterial.dispatching.paths.plan_kernel import State, put_back, take_out
from arterial.errors import LimitError
from arterial.timetable.paths import Closure, LineModel, TrainPath

__all__ = ["price_closures"]

Integers = NDArray[np.int64]


def price_closures(
    model: LineModel, paths: Sequence[TrainPath], closures: Sequence[Closure]
) -> NDArray[np.float64]:
    """Weighted delay that each of some closures alone adds to a plan.

    It is known beforehand: the trains in its way are laid anew in the order in which they come to
    it, as early as they can between the others, which stay as they are. So it is an upper bound of
    what a new plan of all trains costs more.

    Parameters
    ----------
    model : LineModel
        The line.
    paths : sequence of TrainPath
        The plan, without conflicts.
    closures : sequence of Closure
        Steps that are shut, each for itself, ``(n,)``.

    Returns
    -------
    (n,) array
        Sum of weight times delay beyond that of the plan [weight s]; a train that has no path any
        more counts as half a year.

    Raises
    ------
    LimitError
        If a point is shut.
    """
    state = _load(model, paths, closures)
    uses = Traffic(model, tuple(paths)).uses
    extra = np.zeros(len(closures))
    for number, closure in enumerate(closures):
        if closure.step is None:
            message = "Only steps are shut here; give the number of the step."
            raise LimitError(message)
        here = uses[slice(*np.searchsorted(uses["row"], [closure.step, closure.step + 1]))]
        is_met = (here["enter_s"] < closure.to_s) & (here["leave_s"] > closure.from_s)
        if closure.direction is not None:
            is_met &= here["mark"] == closure.direction
        # By entry; a train that comes twice is laid once.
        trains = np.array(list(dict.fromkeys(here["owner"][is_met].tolist())), np.int64)
        if len(trains):
            extra[number] = _lay_around(state, model, closure, trains)
    return extra


def _load(model: LineModel, paths: Sequence[TrainPath], closures: Sequence[Closure]) -> State:
    """State in which the plan stands, with room for each closure and none of them entered."""
    state = encode_requests(model, [path.request for path in paths], closures=closures)
    for use in list_closed(model, closures):
        remove_use(state.line, use.row, use.enter_s, len(paths))
    if paths:
        state.plan.arrival_s[:] = np.concatenate([path.arrival_s for path in paths])
        state.plan.departure_s[:] = np.concatenate([path.departure_s for path in paths])
        state.plan.is_laid[:] = True
    load_plan(state)
    for target, source in zip(state.best, state.plan, strict=True):
        target[:] = source
    return state


def _lay_around(state: State, model: LineModel, closure: Closure, trains: Integers) -> float:
    """Delay that trains get more around a closure [weight s]; afterwards all is as before."""
    weight, owner = state.asked.trains["weight"][trains], len(state.asked.trains)
    before = state.plan.delay_s[trains].copy()
    (use,) = list_closed(model, [closure])
    for train in trains.tolist():
        take_out(state, train)
    add_use(state.line, use.row, use.enter_s, use.leave_s, use.mark, owner)
    lay_in_turn(state, trains, WAIT_LATE)
    extra = float((weight * (state.plan.delay_s[trains] - before)).sum())
    remove_use(state.line, use.row, use.enter_s, owner)
    for train in trains.tolist():
        take_out(state, train)
    for train in trains.tolist():
        put_back(state, train, state.best)
    return extra
