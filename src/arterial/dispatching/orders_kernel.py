"""Compiled orders of trains on resources, and the times that follow from them.

A visit is an unbroken stay of a train on a resource, named by the use through which it enters. The
visits of a resource form a row; every event starts as early as the rows and its own path allow
(`time_forward`), and may start as late as raises no train's price (`time_backward`).
Source: the alternative graph of [Mascis 2002].
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import FOREVER, NEVER, TICKS_PER_S, Graphs
from arterial.dispatching.insertion_kernel import price_start
from arterial.dispatching.occupancy_kernel import FIXED_SLACK, Plan, earliest_leave

__all__ = [
    "NO_TIMES",
    "NO_VISIT",
    "Orders",
    "add_step",
    "copy_orders",
    "count_events",
    "drop_train",
    "load_orders",
    "make_orders",
    "park_train",
    "time_backward",
    "time_forward",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

NO_VISIT: Final = -1
NO_TIMES: Final = -1


class Orders(NamedTuple):
    """Rows of visits and the times of all events.

    Attributes
    ----------
    train_of, operation_of
        Train of each operation, operation of each use.
    held, visit
        Visits in the row of each resource, from place ``resource_first[r]`` on.
    place, enter, leave
        For each use: place in the row (of an entering one), the use that entered, the use that
        left (of an entering one).
    step : (n_operations,)
        Place of an operation in the plan.
    release : (n_uses,)
        End of a visit plus release time [ticks].
    late, ready, waits, row
        For each place in the plan: latest start that raises no price, earliest start, how many
        it still waits for; all places in an order of time.
    """

    train_of: Indices
    operation_of: Indices
    held: Indices
    visit: Indices
    place: Indices
    enter: Indices
    leave: Indices
    step: Indices
    release: Integers
    late: Integers
    ready: Integers
    waits: Indices
    row: Indices
    clock: NDArray[np.int16]
    span: Integers


def make_orders(graphs: Graphs) -> Orders:
    """Empty rows."""
    n_operations, n_uses = len(graphs.duration), len(graphs.use_resource)
    trains = np.arange(len(graphs.slope), dtype=np.int32)
    operations = np.arange(n_operations, dtype=np.int32)
    return Orders(
        train_of=np.repeat(trains, np.diff(graphs.train_first)),
        operation_of=np.repeat(operations, np.diff(graphs.use_first)),
        held=np.zeros(len(graphs.resource_first), dtype=np.int32),
        visit=np.zeros(n_uses, dtype=np.int32),
        place=np.full(n_uses, NO_VISIT, dtype=np.int32),
        enter=np.full(n_uses, NO_VISIT, dtype=np.int32),
        leave=np.full(n_uses, NO_VISIT, dtype=np.int32),
        step=np.zeros(n_operations, dtype=np.int32),
        release=np.zeros(n_uses, dtype=np.int64),
        late=np.zeros(n_operations, dtype=np.int64),
        ready=np.zeros(n_operations, dtype=np.int64),
        waits=np.zeros(n_operations, dtype=np.int32),
        row=np.zeros(n_operations, dtype=np.int32),
        clock=np.empty((n_operations, len(trains)), dtype=np.int16),
        span=np.zeros(2, dtype=np.int64),
    )


@compiled
def copy_orders(source: Orders, target: Orders) -> None:
    """Copy the rows; the times follow from them."""
    for resource in range(len(source.held)):
        target.held[resource] = source.held[resource]
    for use in range(len(source.visit)):
        target.visit[use] = source.visit[use]
        target.place[use] = source.place[use]
        target.enter[use] = source.enter[use]
        target.leave[use] = source.leave[use]
    for operation in range(len(source.step)):
        target.step[operation] = source.step[operation]


@compiled(counts_references=False)
def find_use(graphs: Graphs, operation: int, resource: int) -> int:
    """The use of a resource by an operation, or `NO_VISIT`."""
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        if graphs.use_resource[use] == resource:
            return int(use)
    return NO_VISIT


@compiled(counts_references=False)
def add_step(graphs: Graphs, orders: Orders, plan: Plan, step: int, before: Indices) -> None:
    """Put a step of a path into the rows, each new visit before a given one (or last)."""
    operation = plan.operation[step]
    is_entry = step == graphs.train_first[orders.train_of[operation]]
    orders.step[operation] = step
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        resource = graphs.use_resource[use]
        if not is_entry:
            earlier = find_use(graphs, plan.operation[step - 1], resource)
            # The train has not left the resource in between: it is the same visit.
            if earlier != NO_VISIT:
                orders.enter[use] = orders.enter[earlier]
                orders.leave[orders.enter[use]] = use
                continue
        first = graphs.resource_first[resource]
        stop = first + orders.held[resource]
        place = stop
        if before[use] != NO_VISIT:
            place = first + orders.place[before[use]]
        for later in range(stop, place, -1):
            moved = orders.visit[later - 1]
            orders.visit[later] = moved
            orders.place[moved] += 1
        orders.visit[place] = use
        orders.place[use] = place - first
        orders.enter[use] = use
        orders.leave[use] = use
        orders.held[resource] += 1


@compiled(counts_references=False)
def drop_train(graphs: Graphs, orders: Orders, plan: Plan, train: int) -> None:
    """Take the visits of a train out of the rows."""
    first = graphs.train_first[train]
    for step in range(first, first + plan.length[train]):
        operation = plan.operation[step]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            if orders.enter[use] != use:
                continue
            resource = graphs.use_resource[use]
            low = graphs.resource_first[resource]
            orders.held[resource] -= 1
            for place in range(low + orders.place[use], low + orders.held[resource]):
                moved = orders.visit[place + 1]
                orders.visit[place] = moved
                orders.place[moved] -= 1


@compiled(counts_references=False)
def park_train(graphs: Graphs, orders: Orders, plan: Plan, train: int, before: Indices) -> None:
    """Take a train out of the rows, but for its entry if it stands there from a fixed instant.

    The entry keeps its place in the rows: whoever comes before the train has left meets it.
    """
    entry = graphs.train_first[train]
    for use in range(graphs.use_first[entry], graphs.use_first[entry + 1]):
        resource = graphs.use_resource[use]
        place = orders.place[use] + 1
        before[use] = NO_VISIT
        # Later visits of the train itself go as well, so the next one of another train counts.
        while place < orders.held[resource]:
            follower = orders.visit[graphs.resource_first[resource] + place]
            if orders.train_of[orders.operation_of[follower]] != train:
                before[use] = follower
                break
            place += 1
    drop_train(graphs, orders, plan, train)
    plan.price[train] = 0
    plan.length[train] = 0
    if graphs.latest[entry] - graphs.earliest[entry] < FIXED_SLACK:
        plan.length[train] = 1
        plan.operation[entry] = entry
        add_step(graphs, orders, plan, entry, before)


@compiled
def load_orders(graphs: Graphs, orders: Orders, plan: Plan, steps: Indices) -> None:
    """Fill the rows from a plan whose steps are given in order of time."""
    orders.held[:] = 0
    before = np.full(len(graphs.use_resource), NO_VISIT, dtype=np.int32)
    for step in steps:
        add_step(graphs, orders, plan, step, before)


@compiled(counts_references=False)
def count_events(plan: Plan) -> int:
    """How many events a plan has."""
    total = 0
    for train in range(len(plan.length)):
        total += plan.length[train]
    return total


@compiled(counts_references=False)
def _count_waits(graphs: Graphs, orders: Orders, plan: Plan) -> int:
    """Set up how many others each event waits for; how many events there are."""
    ready, total = 0, 0
    for train in range(len(plan.length)):
        first = graphs.train_first[train]
        for step in range(first, first + plan.length[train]):
            operation = plan.operation[step]
            orders.ready[step] = graphs.earliest[operation]
            waits = int(step > first)
            for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
                if orders.enter[use] != use:
                    continue
                # Earlier rounds have left their ends here.
                orders.release[use] = 0
                if orders.place[use] > 0:
                    low = graphs.resource_first[graphs.use_resource[use]]
                    earlier = orders.visit[low + orders.place[use] - 1]
                    waits += orders.train_of[orders.operation_of[earlier]] != train
            orders.waits[step] = waits
            if waits == 0:
                orders.row[ready] = step
                ready += 1
        total += int(plan.length[train])
    return ready * (1 << 32) + total


@compiled(counts_references=False)
def _let_go(graphs: Graphs, orders: Orders, operation: int, instant: int, ready: int) -> int:
    """Open the resources of an operation that is left; how many events can then be timed."""
    train = orders.train_of[operation]
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        visit = orders.enter[use]
        end = instant + graphs.use_gap[use]
        orders.release[visit] = max(orders.release[visit], end)
        # Within a visit the resource stays closed until its last operation is left.
        if orders.leave[visit] != use:
            continue
        resource = graphs.use_resource[use]
        place = orders.place[visit] + 1
        if place >= orders.held[resource]:
            continue
        follower = orders.visit[graphs.resource_first[resource] + place]
        operation_after = orders.operation_of[follower]
        if orders.train_of[operation_after] == train:
            orders.release[follower] = max(orders.release[follower], orders.release[visit])
            continue
        step = orders.step[operation_after]
        orders.ready[step] = max(orders.ready[step], orders.release[visit])
        orders.waits[step] -= 1
        if orders.waits[step] == 0:
            orders.row[ready] = step
            ready += 1
    return ready


@compiled(counts_references=False)
def time_forward(graphs: Graphs, orders: Orders, plan: Plan, most: int) -> int:
    """Start every event as early as rows and paths allow.

    ``t_e = max(lower bound, t_before + duration, release of each resource)``, in the order in
    which events get ready; trains with only an entry leave it at their earliest.

    Returns
    -------
    int
        Price of all trains, or `NO_TIMES` where events wait for one another in a circle, one
        comes after its latest instant, or the price exceeds ``most``.
    """
    packed = _count_waits(graphs, orders, plan)
    ready, total = packed >> 32, packed & 0xFFFFFFFF
    plan.price[:] = 0
    price, done = 0, 0
    while done < ready:
        step = orders.row[done]
        done += 1
        operation = plan.operation[step]
        train = orders.train_of[operation]
        first = graphs.train_first[train]
        start = orders.ready[step]
        if start > graphs.latest[operation]:
            return NO_TIMES
        plan.time[step] = start
        if plan.length[train] == 1 and graphs.duration[operation] < FOREVER:
            leave = earliest_leave(graphs, train)
            ready = _let_go(graphs, orders, operation, leave, ready)
            continue
        cost = price_start(graphs, operation, start)
        plan.price[train] += cost
        price += cost
        if price > most:
            return NO_TIMES
        if step > first:
            ready = _let_go(graphs, orders, plan.operation[step - 1], start, ready)
        if step < first + plan.length[train] - 1:
            after = step + 1
            orders.ready[after] = max(orders.ready[after], start + graphs.duration[operation])
            orders.waits[after] -= 1
            if orders.waits[after] == 0:
                orders.row[ready] = after
                ready += 1
    # Events that were never ready wait for one another in a circle.
    return price if done == total else NO_TIMES


@compiled(counts_references=False)
def _free_until(graphs: Graphs, operation: int, start: int) -> int:
    """Latest start of an operation that costs no more than a given one."""
    late_s = start // TICKS_PER_S - graphs.threshold_s[operation]
    latest = graphs.latest[operation]
    coefficient, increment = graphs.coefficient[operation], graphs.increment[operation]
    if coefficient <= 0 and (increment <= 0 or late_s >= 0):
        return int(latest)
    if late_s < 0:
        threshold_s = graphs.threshold_s[operation] + int(increment <= 0)
        return int(min(latest, threshold_s * TICKS_PER_S - 1))
    return int(min(latest, (start // TICKS_PER_S + 1) * TICKS_PER_S - 1))


@compiled(counts_references=False)
def time_backward(graphs: Graphs, orders: Orders, plan: Plan, since: int) -> None:
    """Latest starts that raise no price while paths and rows stay as they are.

    The row of events that `time_forward` left is taken from its end. Events before an instant are
    not looked at; their starts stay.
    """
    total = count_events(plan)
    for place in range(total - 1, -1, -1):
        step = orders.row[place]
        # What has happened before is fixed, and its clock is not kept.
        if plan.time[step] < since:
            orders.late[step] = plan.time[step]
            continue
        operation = plan.operation[step]
        train = orders.train_of[operation]
        first = graphs.train_first[train]
        late = _free_until(graphs, operation, plan.time[step])
        if step < first + plan.length[train] - 1:
            late = min(late, orders.late[step + 1] - graphs.duration[operation])
        if step > first:
            before = plan.operation[step - 1]
            for use in range(graphs.use_first[before], graphs.use_first[before + 1]):
                resource = graphs.use_resource[use]
                visit = orders.enter[use]
                after = orders.place[visit] + 1
                if orders.leave[visit] == use and after < orders.held[resource]:
                    follower = orders.visit[graphs.resource_first[resource] + after]
                    behind = orders.operation_of[follower]
                    if orders.train_of[behind] != train:
                        late = min(late, orders.late[orders.step[behind]] - graphs.use_gap[use])
        orders.late[step] = max(late, plan.time[step]) if late < NEVER else late
