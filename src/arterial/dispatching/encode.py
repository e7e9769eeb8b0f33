"""A dispatching problem as arrays: operations of all trains in one row, times in ticks.

`encode_problem` is the main function. A tick is 1/4096 of a second. A resource with release time
zero is free for another train one tick after it was left, so events within one second keep their
order, no two trains can swap resources, and rounding down to seconds gives a valid solution:
every lower bound, duration and release time is a whole number of seconds, so
``floor(a) + d <= floor(b)`` follows from ``a + d <= b``.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.exchange.displib import DisplibProblem, Operation

__all__ = ["FOREVER", "NEVER", "TICKS_PER_S", "Graphs", "encode_problem"]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

TICKS_PER_S: Final = 4096
# A stay that no train outlasts, and an instant that no train reaches [ticks].
FOREVER: Final = 2**60
NEVER: Final = 2**61


class Graphs(NamedTuple):
    """Operation graphs of all trains; operations are numbered through, train after train.

    Attributes
    ----------
    train_first : (n_trains + 1,)
        First operation of each train.
    earliest, latest, duration : (n_operations,)
        Bounds of the start and least duration [ticks]; an exit lasts `FOREVER`.
    next_first, next_operation : (n_operations + 1,), (n_arcs,)
        Successors.
    use_first, use_resource, use_gap : (n_operations + 1,), (n_uses,), (n_uses,)
        Resources, and how long each stays closed after the operation [ticks], one at least.
    threshold_s, coefficient, increment : (n_operations,)
        Price of a late start.
    free_limit_s, price_ahead : (n_operations,)
        Latest start from which the rest can be free of charge [s], and the least price of the
        rest whatever the start; see `_bound_prices`.
    slope : (n_trains,)
        Least price of a second beyond ``free_limit_s``.
    is_optional : (n_operations,) bool
        Whether a path can do without the operation.
    resource_first : (n_resources + 1,)
        Places for the occupations of each resource: one for each use in the problem.
    """

    train_first: Indices
    earliest: Integers
    latest: Integers
    duration: Integers
    next_first: Indices
    next_operation: Indices
    use_first: Indices
    use_resource: Indices
    use_gap: Integers
    threshold_s: Integers
    coefficient: Integers
    increment: Integers
    free_limit_s: Integers
    price_ahead: Integers
    slope: Integers
    is_optional: NDArray[np.bool_]
    resource_first: Indices


def encode_problem(problem: DisplibProblem) -> Graphs:
    """Turn a problem into arrays.

    Parameters
    ----------
    problem : DisplibProblem
        The problem.

    Returns
    -------
    Graphs
        Its operation graphs.

    Examples
    --------
    >>> from arterial.exchange.displib import DisplibProblem, Operation
    >>> one = (Operation(5, (1,)), Operation(0, ()))
    >>> encode_problem(DisplibProblem((one,), ())).duration[0] // TICKS_PER_S
    np.int64(5)
    """
    operations = [operation for train in problem.trains for operation in train]
    train_first = _count_up([len(train) for train in problem.trains])
    prices = np.zeros((3, len(operations)), dtype=np.int64)
    for cost in problem.objective:
        place = train_first[cost.train] + cost.operation
        prices[:, place] = cost.threshold_s, cost.coefficient, cost.increment
    ids: dict[str, int] = {}
    used = [ids.setdefault(use.resource, len(ids)) for op in operations for use in op.resources]
    # One tick at least between two trains: swaps at one instant are thereby impossible.
    gaps = [max(use.release_time_s * TICKS_PER_S, 1) for op in operations for use in op.resources]
    exits = {int(last) - 1 for last in train_first[1:]}
    first_of = np.repeat(train_first[:-1], np.diff(train_first))
    durations = [
        FOREVER if place in exits else op.min_duration_s * TICKS_PER_S
        for place, op in enumerate(operations)
    ]
    graphs = Graphs(
        train_first=train_first,
        earliest=np.array([op.start_lb_s for op in operations], dtype=np.int64) * TICKS_PER_S,
        latest=np.array([_latest_start(op) for op in operations], dtype=np.int64),
        duration=np.array(durations, dtype=np.int64),
        next_first=_count_up([len(op.successors) for op in operations]),
        next_operation=np.array(
            [
                first + follower
                for first, op in zip(first_of, operations, strict=True)
                for follower in op.successors
            ],
            dtype=np.int32,
        ),
        use_first=_count_up([len(op.resources) for op in operations]),
        use_resource=np.array(used, dtype=np.int32),
        use_gap=np.array(gaps, dtype=np.int64),
        threshold_s=prices[0],
        coefficient=prices[1],
        increment=prices[2],
        free_limit_s=np.zeros(len(operations), dtype=np.int64),
        price_ahead=np.zeros(len(operations), dtype=np.int64),
        slope=np.zeros(len(problem.trains), dtype=np.int64),
        is_optional=_find_optional(problem),
        resource_first=_count_up(np.bincount(used, minlength=len(ids)).tolist() if used else []),
    )
    return _bound_prices(graphs)


def _find_optional(problem: DisplibProblem) -> NDArray[np.bool_]:
    """Whether each operation can be avoided: an arc of its train passes over it.

    Operations are listed in topological order, so a path that avoids one must jump over its place,
    and every such arc lies on a path from entry to exit.
    """
    flags: list[bool] = []
    for train in problem.trains:
        furthest = 0
        for place, operation in enumerate(train):
            flags.append(furthest > place)
            furthest = max(furthest, *operation.successors, place)
    return np.array(flags, dtype=np.bool_)


def _latest_start(operation: Operation) -> int:
    """Latest start [ticks]: the last tick of the second of its upper bound."""
    if operation.start_ub_s is None:
        return FOREVER
    return operation.start_ub_s * TICKS_PER_S + TICKS_PER_S - 1


def _count_up(counts: list[int]) -> Indices:
    """Offsets of consecutive runs of the given lengths."""
    return np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).astype(np.int32)


def _bound_prices(graphs: Graphs) -> Graphs:
    """Add what a train must still pay at least once it has started an operation.

    With ``c_o`` the coefficient, ``f_o = max_w(min(threshold_w, f_w)) - duration_o`` over the
    successors ``w`` (a threshold counts where ``c_w > 0``). By induction along any path the price
    ahead is at least ``slope * max(0, t_o - f_o)``, with ``slope`` the least positive coefficient
    of the train. Whatever the start, it is also at least
    ``h_o = min_w(price_w(earliest arrival at w) + h_w)``.
    """
    # Lists: reading arrays number by number takes twice as long.
    plain: Any = Graphs(*(array.tolist() for array in graphs))
    arrival, slope = plain.earliest, plain.slope
    free_limit, ahead = plain.free_limit_s, plain.price_ahead
    for train in range(len(slope)):
        first, stop = plain.train_first[train], plain.train_first[train + 1]
        # A train without a price has no slope.
        slope[train] = min((c for c in plain.coefficient[first:stop] if c > 0), default=0)
        _reach_operations(plain, arrival, first, stop)
        free_limit[stop - 1] = FOREVER
        for operation in range(stop - 2, first - 1, -1):
            followers = successors_of(plain, operation)
            free_limit[operation] = (
                max(_limit_at(plain, w, free_limit[w]) for w in followers)
                - plain.duration[operation] // TICKS_PER_S
            )
            ahead[operation] = min(_price_at(plain, w, arrival[w]) + ahead[w] for w in followers)
    return graphs._replace(
        free_limit_s=np.array(free_limit, dtype=np.int64),
        price_ahead=np.array(ahead, dtype=np.int64),
        slope=np.array(slope, dtype=np.int64),
    )


def _reach_operations(graphs: Graphs, arrival: list[int], first: int, stop: int) -> None:
    """Write the earliest start of each operation of a train that runs alone [ticks]."""
    reached = [NEVER] * (stop - first)
    reached[0] = int(graphs.earliest[first])
    for operation in range(first, stop):
        arrival[operation] = max(arrival[operation], reached[operation - first])
        for follower in successors_of(graphs, operation):
            leave = arrival[operation] + int(graphs.duration[operation])
            reached[follower - first] = min(reached[follower - first], leave)


def successors_of(graphs: Graphs, operation: int) -> Indices:
    """Successors of an operation."""
    return graphs.next_operation[graphs.next_first[operation] : graphs.next_first[operation + 1]]


def _limit_at(graphs: Graphs, operation: int, ahead_s: int) -> int:
    """Latest start of an operation that is free of charge, itself and what follows [s]."""
    if graphs.coefficient[operation] > 0:
        return min(int(graphs.threshold_s[operation]), ahead_s)
    return ahead_s


def _price_at(graphs: Graphs, operation: int, start: int) -> int:
    """Price of starting an operation at an instant [cost units]; as the kernel counts it."""
    late_s = start // TICKS_PER_S - int(graphs.threshold_s[operation])
    if late_s < 0:
        return 0
    return late_s * int(graphs.coefficient[operation]) + int(graphs.increment[operation])
