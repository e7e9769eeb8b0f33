"""Compiled look-up of the gaps between the visits of others that a train can be put into.

A gap opens when the visit before it ends. It may be overstayed: the visit after it can wait until
its latest start that raises no price, and beyond that as long as an allowance says.

`resolve_gaps` and `next_gaps` step from gap to gap on all resources of an operation at once.

A train that goes before one visit and after another goes round in a circle exactly where the first
precedes the end of the second (`goes_round`). Events come in an order of time, so only those
between the two instants are looked at, from the first on.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import NEVER, Graphs
from arterial.dispatching.insertion_kernel import Labels, make_labels
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.orders_kernel import NO_VISIT, Orders, find_end, find_use
from arterial.rows import Rows, row_kind

__all__ = ["Look", "Pushes", "goes_round", "make_pushes", "next_gaps", "open_gaps", "resolve_gaps"]

# A look that has not ended after so many events: what it has not seen, the times will tell.
MOST_EVENTS: Final = 400

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

NONE: Final = -1
LOOKED: Final = row_kind("number until waiting")


class Look(NamedTuple):
    """Workspace of a look for circles of waits.

    ``furthest[k]`` is the last event of train ``k`` that is waited for, valid where ``asked[k]`` is
    the number of the look; ``seen`` holds for each event the last look that met it, ``stack`` those
    yet to be followed, ``counts`` one row.
    """

    furthest: Indices
    asked: Indices
    seen: Indices
    stack: Indices
    counts: Rows


class Pushes(NamedTuple):
    """Labels of paths, and for each the gaps it is in and whom it pushes.

    ``gap[label, k]`` is the visit that comes after the gap on the ``k``-th resource of the
    operation, ``soft_end`` and ``hard_end`` the last instants to leave without and with a push,
    ``pushed`` the train that is pushed and ``paid`` by how much already [ticks]. ``most_each`` is
    one number: so many labels an operation gets at most. A train with time to lose could wait for
    any of hundreds of gaps, and the cheapest come first.
    """

    labels: Labels
    gap: Indices
    soft_end: Integers
    hard_end: Integers
    pushed: Indices
    paid: Integers
    place: Indices
    is_kept: NDArray[np.bool_]
    look: Look
    most_each: Integers


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


def _make_look(graphs: Graphs) -> Look:
    """Workspace for a problem."""
    return Look(
        furthest=np.zeros(len(graphs.slope), dtype=np.int32),
        asked=np.zeros(len(graphs.slope), dtype=np.int32),
        seen=np.zeros(len(graphs.duration), dtype=np.int32),
        stack=np.empty(len(graphs.duration), dtype=np.int32),
        counts=np.zeros(1, dtype=LOOKED),
    )


def make_pushes(graphs: Graphs, most: int, most_each: int) -> Pushes:
    """Workspace for a number of labels, and of each operation."""
    width = max(int(np.diff(graphs.use_first).max(initial=1)), 1)
    return Pushes(
        labels=make_labels(graphs, most),
        gap=np.zeros((most, width), dtype=np.int32),
        soft_end=np.zeros(most, dtype=np.int64),
        hard_end=np.zeros(most, dtype=np.int64),
        pushed=np.zeros(most, dtype=np.int32),
        paid=np.zeros(most, dtype=np.int64),
        place=np.zeros(width, dtype=np.int32),
        is_kept=np.zeros(width, dtype=np.bool_),
        look=_make_look(graphs),
        most_each=np.array([most_each], dtype=np.int64),
    )


@compiled(counts_references=False)
def _can_go_before(graphs: Graphs, orders: Orders, visit: int, end: int, allowance: int) -> bool:
    """Whether a visit can wait for an instant, its latest free start overrun by an allowance."""
    operation = orders.operation_of[visit]
    if end > graphs.latest[operation]:
        return False
    return bool(end <= orders.late[orders.step[operation]] + allowance)


@compiled(counts_references=False)
def _first_gap(
    graphs: Graphs, orders: Orders, plan: Plan, use: int, start: int, stay: int, allowance: int
) -> int:
    """Place in the row of the first visit that a train can still go before."""
    resource = graphs.use_resource[use]
    first = graphs.resource_first[resource]
    low, high = 0, orders.held[resource]
    while low < high:
        middle = (low + high) >> 1
        if plan.time[orders.step[orders.operation_of[orders.visit[first + middle]]]] > start:
            high = middle
        else:
            low = middle + 1
    end = start + stay + graphs.use_gap[use]
    # Visits that begin before the train comes may still be able to wait for it.
    while low > 0 and _can_go_before(graphs, orders, orders.visit[first + low - 1], end, allowance):
        low -= 1
    return int(low)


@compiled(counts_references=False)
def resolve_gaps(
    graphs: Graphs,
    orders: Orders,
    pushes: Pushes,
    operation: int,
    start: int,
    allowance: int,
) -> int:
    """Move on to the next gaps that hold the train; its entry, or NEVER."""
    first, stop = graphs.use_first[operation], graphs.use_first[operation + 1]
    stay = graphs.duration[operation]
    clear, use = 0, first
    while clear < stop - first:
        resource = graphs.use_resource[use]
        row = graphs.resource_first[resource]
        k = use - first
        if not pushes.is_kept[k] and pushes.place[k] > 0:
            opened = orders.release[orders.visit[row + pushes.place[k] - 1]]
            if opened > start:
                start, clear = opened, 0
        if pushes.place[k] < orders.held[resource]:
            visit = orders.visit[row + pushes.place[k]]
            end = start + stay + graphs.use_gap[use]
            if not _can_go_before(graphs, orders, visit, end, allowance):
                # On a resource that it is on already the train cannot change its place in the row.
                if pushes.is_kept[k]:
                    return NEVER
                pushes.place[k] += 1
                clear = 0
                continue
        clear += 1
        use = use + 1 if use + 1 < stop else first
    return int(start)


@compiled(counts_references=False)
def next_gaps(graphs: Graphs, orders: Orders, pushes: Pushes, operation: int) -> bool:
    """Give up the gap before the visit that ends first; whether there is one."""
    first = graphs.use_first[operation]
    # One row at a time and the soonest first: no combination of gaps is passed over.
    soonest, chosen = NEVER, NONE
    for use in range(first, graphs.use_first[operation + 1]):
        k = use - first
        resource = graphs.use_resource[use]
        if pushes.is_kept[k] or pushes.place[k] >= orders.held[resource]:
            continue
        end = orders.release[orders.visit[graphs.resource_first[resource] + pushes.place[k]]]
        if end < soonest:
            soonest, chosen = end, k
    if chosen == NONE:
        return False
    pushes.place[chosen] += 1
    return True


@compiled(counts_references=False)
def open_gaps(
    graphs: Graphs,
    orders: Orders,
    plan: Plan,
    pushes: Pushes,
    parent: int,
    operation: int,
    start: int,
    allowance: int,
) -> None:
    """Begin with the first gap on each resource, or where the train is on it with the one it has.

    ``parent`` is the label that the operation is reached from (-1: none).
    """
    first = graphs.use_first[operation]
    stay = graphs.duration[operation]
    for use in range(first, graphs.use_first[operation + 1]):
        k = use - first
        resource = graphs.use_resource[use]
        same, before = NO_VISIT, 0
        if parent != NONE:
            before = pushes.labels.operation[parent]
            same = find_use(graphs, before, resource)
        pushes.is_kept[k] = same != NO_VISIT
        if same == NO_VISIT:
            pushes.place[k] = _first_gap(graphs, orders, plan, use, start, stay, allowance)
        else:
            visit = pushes.gap[parent, same - graphs.use_first[before]]
            pushes.place[k] = orders.held[resource] if visit == NO_VISIT else orders.place[visit]
