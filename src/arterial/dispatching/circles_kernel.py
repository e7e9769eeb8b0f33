"""Compiled look for circles of waits that a train would close.

A train that goes before one visit and after another goes round in a circle exactly where the first
precedes the end of the second. Events come in an order of time, so only those between the two
instants are looked at, from the first on.

`goes_round` is the main function.
"""

from typing import Final

from arterial.compiling import compiled
from arterial.dispatching.encode import Graphs
from arterial.dispatching.gaps_kernel import Look, Pushes
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.orders_kernel import NO_VISIT, Orders, find_end, find_use

__all__ = ["goes_round"]

NONE: Final = -1
# A look that has not ended after so many events: what it has not seen, the times will tell.
MOST_EVENTS: Final = 400


@compiled(counts_references=False)
def _ask_for(
    graphs: Graphs, orders: Orders, plan: Plan, look: Look, visit: int, since: int
) -> None:
    """Note the end of a visit as waited for, unless it lies before an instant."""
    counts = look.counts[0]
    end = find_end(graphs, orders, plan, visit)
    if end == NO_VISIT or plan.time[end] < since:
        return
    train = orders.train_of[end]
    if look.asked[train] != counts.number:
        look.asked[train] = counts.number
        look.furthest[train] = end
    else:
        look.furthest[train] = max(look.furthest[train], end)
    counts.until = max(counts.until, plan.time[end])


@compiled(counts_references=False)
def _ask_for_waits(
    graphs: Graphs,
    orders: Orders,
    plan: Plan,
    pushes: Pushes,
    parent: int,
    operation: int,
    since: int,
) -> None:
    """Note all ends of visits that the train waits for from an instant on."""
    look = pushes.look
    first = graphs.use_first[operation]
    for use in range(first, graphs.use_first[operation + 1]):
        k = use - first
        if not pushes.is_kept[k] and pushes.place[k] > 0:
            row = graphs.resource_first[graphs.use_resource[use]]
            visit = orders.visit[row + pushes.place[k] - 1]
            _ask_for(graphs, orders, plan, look, visit, since)
    at = parent
    while at != NONE and pushes.labels.start[at] > since:
        before = pushes.labels.operation[at]
        first = graphs.use_first[before]
        for use in range(first, graphs.use_first[before + 1]):
            resource = graphs.use_resource[use]
            behind = pushes.gap[at, use - first]
            place = orders.held[resource] if behind == NO_VISIT else orders.place[behind]
            if place > 0:
                visit = orders.visit[graphs.resource_first[resource] + place - 1]
                _ask_for(graphs, orders, plan, look, visit, since)
        at = pushes.labels.parent[at]


@compiled(counts_references=False)
def _meet(orders: Orders, plan: Plan, look: Look, step: int) -> bool:
    """Note an event as one that follows; whether it precedes one that is waited for."""
    counts = look.counts[0]
    if look.seen[step] == counts.number or plan.time[step] > counts.until:
        return False
    look.seen[step] = counts.number
    train = orders.train_of[step]
    if look.asked[train] == counts.number and step <= look.furthest[train]:
        return True
    look.stack[counts.waiting] = step
    counts.waiting += 1
    return False


@compiled(counts_references=False)
def _precedes(graphs: Graphs, orders: Orders, plan: Plan, look: Look, origin: int) -> bool:
    """Whether an event precedes one of those that are waited for."""
    counts = look.counts[0]
    counts.waiting = 0
    if _meet(orders, plan, look, origin):
        return True
    for _ in range(MOST_EVENTS):
        if counts.waiting == 0:
            return False
        counts.waiting -= 1
        step = look.stack[counts.waiting]
        train = orders.train_of[step]
        first = graphs.train_first[train]
        if step + 1 < first + plan.length[train] and _meet(orders, plan, look, step + 1):
            return True
        if step == first:
            continue
        before = plan.operation[step - 1]
        for use in range(graphs.use_first[before], graphs.use_first[before + 1]):
            visit = orders.enter[use]
            resource = graphs.use_resource[use]
            after = orders.place[visit] + 1
            if orders.leave[visit] != use or after >= orders.held[resource]:
                continue
            follower = orders.visit[graphs.resource_first[resource] + after]
            if _meet(orders, plan, look, orders.step[orders.operation_of[follower]]):
                return True
    return False


@compiled(counts_references=False)
def goes_round(
    graphs: Graphs,
    orders: Orders,
    plan: Plan,
    pushes: Pushes,
    parent: int,
    operation: int,
    start: int,
) -> bool:
    """Whether a train would wait for an event that itself waits for the train to move on.

    That is so where a visit behind a gap that it leaves by entering an operation precedes the end
    of a visit that it waits for on its way.
    """
    if parent == NONE:
        return False
    origin = pushes.labels.operation[parent]
    held = graphs.use_first[origin]
    for other in range(held, graphs.use_first[origin + 1]):
        behind = pushes.gap[parent, other - held]
        if behind == NO_VISIT:
            continue
        step = orders.step[orders.operation_of[behind]]
        since = plan.time[step]
        # What the train waits for has happened when it enters: whoever comes later precedes none.
        if since >= start:
            continue
        if find_use(graphs, operation, graphs.use_resource[other]) != NO_VISIT:
            continue
        look = pushes.look
        counts = look.counts[0]
        counts.number += 1
        counts.until = NONE
        _ask_for_waits(graphs, orders, plan, pushes, parent, operation, since)
        if counts.until >= since and _precedes(graphs, orders, plan, look, step):
            return True
    return False
