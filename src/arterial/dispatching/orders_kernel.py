"""Compiled orders of trains on resources: the rows of their visits.

A visit is an unbroken stay of a train on a resource, named by the use through which it enters. The
visits of a resource form a row. What times follow from the rows, says `timing_kernel`.
Source: the alternative graph of [Mascis 2002].
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import Graphs
from arterial.dispatching.journal_kernel import Journal, keep_visit
from arterial.dispatching.occupancy_kernel import Plan

__all__ = [
    "NO_VISIT",
    "Orders",
    "add_step",
    "delete_visit",
    "find_end",
    "find_use",
    "insert_visit",
    "link_step",
    "load_orders",
    "make_orders",
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
def insert_visit(graphs: Graphs, orders: Orders, use: int, place: int) -> None:
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
        insert_visit(graphs, orders, use, place)
        keep_visit(journal, use, NO_VISIT)


@compiled(counts_references=False)
def restore_rows(graphs: Graphs, orders: Orders, journal: Journal) -> None:
    """Undo all changes of rows of a move, the last one first."""
    for at in range(journal.counts[0].visits - 1, -1, -1):
        use, place = journal.visit_use[at], journal.visit_place[at]
        if place == NO_VISIT:
            delete_visit(graphs, orders, use)
        else:
            insert_visit(graphs, orders, use, place)


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
                insert_visit(graphs, orders, use, orders.held[graphs.use_resource[use]])
