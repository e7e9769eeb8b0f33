"""What the delays of all trains of a plan cannot fall below; main function `bound_delays`.

Each train alone is a bound too, but on a line without possessions that is nothing. Here trains
exclude one another on the steps of single track, and branch and bound over their orders proves what
this costs at least (`arterial.dispatching.exact`).
"""

from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from typing import Final

from arterial.dispatching.encode import encode_problem
from arterial.dispatching.exact.alternatives import build_alternatives
from arterial.dispatching.exact.ordering import raise_bound
from arterial.exchange.displib import DelayCost, DisplibProblem, Operation, ResourceUse
from arterial.timetable.paths import LineModel, PathRequest

__all__ = ["bound_delays"]

SCALE: Final = 100
"""Weights are whole hundredths here, rounded down."""


def bound_delays(
    model: LineModel, requests: Sequence[PathRequest], *, cost: float, seconds: float
) -> float:
    """Sum of weighted delays that no plan of all these trains can fall below.

    Parameters
    ----------
    model : LineModel
        The line.
    requests : sequence of PathRequest
        What is asked for.
    cost : float
        Sum of weighted delays of a plan [weight s].
    seconds : float
        Wall time to stay within; the bound is valid whenever it ends [s].

    Returns
    -------
    float
        The bound [weight s].
    """
    problem = _relax_requests(model, requests)
    if len(requests) < 2 or cost <= 0:  # noqa: PLR2004 one train meets nobody
        return 0.0
    frame = build_alternatives(encode_problem(problem))
    found = raise_bound(frame, bound=0, value=ceil(cost * SCALE), seconds=seconds)
    return min(found.bound / SCALE, cost)


def _relax_requests(model: LineModel, requests: Sequence[PathRequest]) -> DisplibProblem:
    """The trains on steps of single track alone: a problem that no plan can be cheaper than.

    Points hold any number of trains, stops lose no time, nothing is shut, and steps on which
    trains follow one another or which have more than one track are free. A step is two resources:
    itself with the shorter of both intervals, and itself in the direction of the train with the
    following interval.

    Parameters
    ----------
    model : LineModel
        The line.
    requests : sequence of PathRequest
        What is asked for.

    Returns
    -------
    DisplibProblem
        One train each, its delay at the end priced in hundredths of its weight.
    """
    base_s = min((request.first_departure_s for request in requests), default=0)
    trains, costs = [], []
    for number, request in enumerate(requests):
        train = _relax_way(model, request, base_s)
        due_s = request.first_departure_s + request.free_running_s - base_s
        price = int(request.traits.weight * SCALE)
        costs.append(DelayCost(number, len(train) - 1, threshold_s=due_s, coefficient=price))
        trains.append(train)
    return DisplibProblem(tuple(trains), tuple(costs))


def _relax_way(model: LineModel, request: PathRequest, base_s: int) -> tuple[Operation, ...]:
    """Standstills and runs of a train in turn, times from a base on."""
    stages = request.stages
    depart_s = request.first_departure_s - base_s
    # The entry, then the origin; dwelling there is not counted, for it ends with the departure.
    train = [Operation(0, (1,), start_ub_s=0), Operation(0, (2,), start_lb_s=depart_s)]
    for place, pair in enumerate(pairwise(request.points)):
        row, direction, is_single, can_follow = request.step_rows[place].tolist()
        uses: tuple[ResourceUse, ...] = ()
        if is_single and not can_follow:
            name = str(row)
            # The interval that is kept behind the train is the opposing one's.
            opposed_s = model.list_intervals(row, 1 - direction).opposing_s
            following_s = model.list_intervals(row, direction).following_s
            uses = (
                # Trains of one direction keep it too: no longer than they really have to.
                ResourceUse(name, min(opposed_s, following_s)),
                ResourceUse(f"{name}:{pair[0]}>", following_s),
            )
        earliest_s = max(int(stages["earliest_s"][place]) - base_s, 0)
        run_s = int(stages["running_s"][place])
        train.append(Operation(run_s, (len(train) + 1,), uses, start_lb_s=earliest_s))
        there = stages[place + 1]
        dwell_s = int(there["dwell_least_s"]) if there["is_planned"] else 0
        train.append(Operation(dwell_s, (len(train) + 1,)))
    train[-1] = Operation(0, ())
    return tuple(train)
