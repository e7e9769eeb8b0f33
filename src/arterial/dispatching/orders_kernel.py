"""Compiled orders of trains on resources: the rows of their visits.

A visit is an unbroken stay of a train on a resource, named by the use through which it enters. The
visits of a resource form a row. What times follow from the rows, says `timing_kernel`.
Source: the alternative graph of [Mascis 2002].

How late an event may start without a price follows from the rows too: `latest_start` counts one by
what comes behind it; `refresh_late` all that may have changed, by a queue from the last event back.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import TICKS_PER_S, Graphs
from arterial.dispatching.journal_kernel import Journal, enqueue, keep, keep_visit, pop_event
from arterial.dispatching.occupancy_kernel import Plan

__all__ = [
    "NO_VISIT",
    "Orders",
    "add_step",
    "delete_visit",
    "find_end",
    "find_use",
    "latest_start",
    "link_step",
    "load_orders",
    "make_orders",
    "refresh_late",
    "restore_rows",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
NO_VISIT: Final = -1


class Orders(NamedTuple):
    """Rows of visits, and what follows from the times of all events.

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
    late : (n_operations,)
        For each place in the plan: latest start that raises no price.
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
def latest_start(graphs: Graphs, orders: Orders, plan: Plan, step: int) -> int:
    """Latest start of an event that raises no price, by what comes behind it."""
    operation = plan.operation[step]
    train = orders.train_of[operation]
    first = graphs.train_first[train]
    late = _free_until(graphs, operation, plan.time[step])
    if step + 1 < first + plan.length[train]:
        late = min(late, orders.late[step + 1] - graphs.duration[operation])
    if step == first:
        return int(late)
    origin = plan.operation[step - 1]
    for use in range(graphs.use_first[origin], graphs.use_first[origin + 1]):
        resource = graphs.use_resource[use]
        visit = orders.enter[use]
        after = orders.place[visit] + 1
        if orders.leave[visit] == use and after < orders.held[resource]:
            follower = orders.visit[graphs.resource_first[resource] + after]
            behind = orders.operation_of[follower]
            if orders.train_of[behind] != train:
                late = min(late, orders.late[orders.step[behind]] - graphs.use_gap[use])
    return int(late)


@compiled(counts_references=False)
def refresh_late(graphs: Graphs, orders: Orders, journal: Journal, plan: Plan) -> None:
    """Count the latest starts anew that may have changed, the last event first."""
    queue, stale = journal.queue, journal.stale
    # Names run backwards, so that of two events at one instant the later step comes first.
    last = len(orders.late) - 1
    for at in range(stale.size[0]):
        step = stale.place[at]
        stale.is_marked[step] = False
        train = orders.train_of[step]
        if step < graphs.train_first[train] + plan.length[train]:
            enqueue(queue, last - step, -plan.time[step])
    stale.size[0] = 0
    while queue.size[0] > 0:
        step = last - pop_event(queue)
        late = latest_start(graphs, orders, plan, step)
        if late == orders.late[step]:
            continue
        keep(journal.late, journal.counts[0].move, step, orders.late[step])
        orders.late[step] = late
        operation = plan.operation[step]
        train = orders.train_of[operation]
        if step > graphs.train_first[train]:
            enqueue(queue, last - (step - 1), -plan.time[step - 1])
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            if orders.enter[use] != use or orders.place[use] == 0:
                continue
            low = graphs.resource_first[graphs.use_resource[use]]
            end = find_end(graphs, orders, plan, orders.visit[low + orders.place[use] - 1])
            if end != NO_VISIT:
                enqueue(queue, last - end, -plan.time[end])


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
    )


@compiled(counts_references=False)
def find_use(graphs: Graphs, operation: int, resource: int) -> int:
    """The use of a resource by an operation, or `NO_VISIT`."""
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        if graphs.use_resource[use] == resource:
            return int(use)
    return NO_VISIT


@compiled(counts_references=False)
def find_end(graphs: Graphs, orders: Orders, plan: Plan, visit: int) -> int:
    """Place in the plan of the event that ends a visit; `NO_VISIT` where there is none."""
    operation = orders.operation_of[orders.leave[visit]]
    train = orders.train_of[operation]
    step = orders.step[operation] + 1
    return int(step) if step < graphs.train_first[train] + plan.length[train] else NO_VISIT


@compiled(counts_references=False)
def _insert_visit(graphs: Graphs, orders: Orders, use: int, place: int) -> None:
    """Put a visit into its row."""
    resource = graphs.use_resource[use]
    first = graphs.resource_first[resource]
    for later in range(first + orders.held[resource], first + place, -1):
        moved = orders.visit[later - 1]
        orders.visit[later] = moved
        orders.place[moved] += 1
    orders.visit[first + place] = use
    orders.place[use] = place
    orders.held[resource] += 1


@compiled(counts_references=False)
def delete_visit(graphs: Graphs, orders: Orders, use: int) -> None:
    """Take a visit out of its row."""
    resource = graphs.use_resource[use]
    first = graphs.resource_first[resource]
    orders.held[resource] -= 1
    for place in range(first + orders.place[use], first + orders.held[resource]):
        moved = orders.visit[place + 1]
        orders.visit[place] = moved
        orders.place[moved] -= 1


@compiled(counts_references=False)
def link_step(graphs: Graphs, orders: Orders, plan: Plan, step: int) -> None:
    """Write which uses of a step of a path enter, and which leave, the visits that it is part of.

    Those before it must be linked.
    """
    operation = plan.operation[step]
    is_entry = step == graphs.train_first[orders.train_of[operation]]
    orders.step[operation] = step
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        orders.enter[use] = use
        if not is_entry:
            earlier = find_use(graphs, plan.operation[step - 1], graphs.use_resource[use])
            # The train has not left the resource in between: it is the same visit.
            if earlier != NO_VISIT:
                orders.enter[use] = orders.enter[earlier]
        orders.leave[orders.enter[use]] = use


@compiled(counts_references=False)
def add_step(
    graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, step: int, before: Indices
) -> None:
    """Put a step of a path into the rows, each new visit before a given one (or last)."""
    link_step(graphs, orders, plan, step)
    operation = plan.operation[step]
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        if orders.enter[use] != use:
            continue
        place = orders.held[graphs.use_resource[use]]
        if before[use] != NO_VISIT:
            place = orders.place[before[use]]
        _insert_visit(graphs, orders, use, place)
        keep_visit(journal, use, NO_VISIT)


@compiled(counts_references=False)
def restore_rows(graphs: Graphs, orders: Orders, journal: Journal) -> None:
    """Undo all changes of rows of a move, the last one first."""
    for at in range(journal.counts[0].visits - 1, -1, -1):
        use, place = journal.visit_use[at], journal.visit_place[at]
        if place == NO_VISIT:
            delete_visit(graphs, orders, use)
        else:
            _insert_visit(graphs, orders, use, place)


@compiled(counts_references=False)
def load_orders(graphs: Graphs, orders: Orders, plan: Plan, steps: Indices) -> None:
    """Fill the rows from a plan whose steps are given in order of time."""
    for resource in range(len(orders.held)):
        orders.held[resource] = 0
    for step in steps:
        link_step(graphs, orders, plan, step)
        operation = plan.operation[step]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            if orders.enter[use] == use:
                _insert_visit(graphs, orders, use, orders.held[graphs.use_resource[use]])
