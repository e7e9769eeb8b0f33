"""Compiled search for a path of one train to which the others give way.

The train is put into gaps between the visits of the others. A gap opens when the visit before it
ends and may be overstayed: the visit after it then starts later, free of charge up to its latest
start that raises no price, and beyond that at an estimated price for each second. Labels are as in
`insertion_kernel`; a label also holds whom the train pushes and by how much, so that
the same delay is not paid twice in a row. What a path costs in truth follows from the times that
`timing_kernel` gives to all events; there a path may also turn out to be impossible,
for the push of a train is not followed beyond its next visit.

`find_yielding_path` is the main function, `write_yielding_path` turns its answer into a path.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import FOREVER, NEVER, TICKS_PER_S, Graphs
from arterial.dispatching.gaps_kernel import Pushes, goes_round, next_gaps, open_gaps, resolve_gaps
from arterial.dispatching.insertion_kernel import (
    NO_PATH,
    TOO_MANY_LABELS,
    bound_ahead,
    pop,
    price_start,
    push,
)
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.orders_kernel import NO_VISIT, Orders
from arterial.rows import Row

__all__ = ["find_yielding_path", "write_yielding_path"]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

NONE: Final = -1
KEY_FACTOR: Final = 1_000_003


@compiled(counts_references=False)
def _price_ticks(graphs: Graphs, train: int, ticks: int, weight: float) -> int:
    """Estimated price of pushing a train."""
    if ticks <= 0:
        return 0
    # Rounded up: a push by a tick may cost a whole second.
    seconds = (ticks - 1) // TICKS_PER_S + 1
    return int(weight * (seconds * max(graphs.slope[train], 1)))


@compiled(counts_references=False)
def _is_idle(pushes: Pushes, operation: int, start: int, key: int, price: int) -> bool:
    """Whether a label is of no use: an earlier one is as good, or there are enough."""
    labels = pushes.labels
    label = labels.newest[operation]
    count = 0
    while label != NONE:
        # Of gaps the end is the same: who starts earlier can do all the other can.
        if (
            labels.window_end[label] == key
            and labels.start[label] <= start
            and labels.price[label] <= price
        ):
            return True
        label = labels.older[label]
        count += 1
    return bool(count >= pushes.most_each[0])


@compiled(counts_references=False)
def _make_label(
    graphs: Graphs,
    orders: Orders,
    plan: Plan,
    pushes: Pushes,
    operation: int,
    entry: int,
    origin: Row,
    chance: tuple[float, float, np.random.Generator],
) -> bool:
    """Add a label for the present gaps; whether later gaps may be within the limit.

    Gaps, not windows, tell labels apart: their key stands where windows keep their ends.
    A train pushed before is not delayed twice: what the parent paid for it counts.
    """
    blindness, weight, rng = chance
    labels = pushes.labels
    parent, price, limit, pushed, paid = origin.parent, origin.price, origin.limit, NONE, 0
    # How far the train behind is pushed is known only now that its gap is left.
    if parent != NONE and pushes.pushed[parent] != NONE:
        pushed, paid = pushes.pushed[parent], pushes.paid[parent]
        amount = entry - pushes.soft_end[parent]
        price += _price_ticks(graphs, pushed, amount - paid, weight)
        paid = max(paid, amount)
    price += price_start(graphs, operation, entry)
    train = orders.train_of[operation]
    ahead = bound_ahead(graphs, train, operation, entry)
    if price + ahead > limit:
        return False
    first = graphs.use_first[operation]
    label = labels.size[0].made
    soft_end, hard_end, key, next_train = NEVER, NEVER, 0, NONE
    for use in range(first, graphs.use_first[operation + 1]):
        resource = graphs.use_resource[use]
        place = pushes.place[use - first]
        visit = NO_VISIT
        if place < orders.held[resource]:
            visit = orders.visit[graphs.resource_first[resource] + place]
            after = orders.operation_of[visit]
            late = orders.late[orders.step[after]] - graphs.use_gap[use]
            if late < soft_end:
                soft_end, next_train = late, orders.train_of[after]
            hard_end = min(hard_end, graphs.latest[after] - graphs.use_gap[use])
        pushes.gap[label, use - first] = visit
        key = key * KEY_FACTOR + visit + 1
    base = paid if next_train == pushed and next_train != NONE else 0
    leave = NEVER if graphs.duration[operation] >= FOREVER else entry + graphs.duration[operation]
    amount = leave - soft_end if next_train != NONE else 0
    price += _price_ticks(graphs, next_train, amount - base, weight)
    is_overlooked = blindness > 0.0 and rng.random() < blindness
    if is_overlooked or price + ahead > limit or _is_idle(pushes, operation, entry, key, price):
        return True
    # The visits before later gaps end later, so later gaps would go round as well.
    if goes_round(graphs, orders, plan, pushes, parent, operation, entry):
        return False
    labels.size[0].made += 1
    labels.operation[label], labels.start[label], labels.window_end[label] = operation, entry, key
    labels.price[label], labels.bound[label] = price, price + ahead
    labels.rank[label] = 16 * (operation - graphs.train_first[train]) + int(rng.random() * 16.0)
    labels.parent[label], labels.older[label] = parent, labels.newest[operation]
    labels.newest[operation] = label
    pushes.soft_end[label], pushes.hard_end[label] = soft_end, hard_end
    pushes.pushed[label], pushes.paid[label] = next_train, max(base, amount, 0)
    push(labels, label)
    return True


@compiled(counts_references=False)
def _reach_gaps(
    graphs: Graphs,
    orders: Orders,
    plan: Plan,
    pushes: Pushes,
    operation: int,
    origin: Row,
    chance: tuple[float, float, np.random.Generator],
) -> None:
    """Make labels for all gaps of an operation that can be entered.

    ``origin`` holds the parent label, the earliest entry, price so far, price limit.
    """
    parent = origin.parent
    labels = pushes.labels
    start = max(origin.start, graphs.earliest[operation])
    latest = graphs.latest[operation]
    seconds = origin.limit - origin.price
    allowance = (seconds + 1) * TICKS_PER_S if seconds < FOREVER // TICKS_PER_S else FOREVER
    # With a low weight a push counts less than a second for a second, so more is allowed.
    if chance[1] < 1.0:
        allowance = int(allowance / max(chance[1], 0.01))
    open_gaps(graphs, orders, plan, pushes, parent, operation, start, allowance)
    if parent != NONE:
        latest = min(latest, pushes.hard_end[parent])
    while labels.size[0].made < len(labels.start):
        start = resolve_gaps(graphs, orders, pushes, operation, start, allowance)
        if start > latest:
            return
        if not _make_label(graphs, orders, plan, pushes, operation, start, origin, chance):
            return
        if not next_gaps(graphs, orders, pushes, operation):
            return


@compiled(counts_references=False)
def find_yielding_path(
    graphs: Graphs,
    orders: Orders,
    plan: Plan,
    pushes: Pushes,
    train: int,
    price_limit: int,
    chance: tuple[int, int, float, float, np.random.Generator],
) -> int:
    """Exit label of the cheapest path of a train by the estimate, `NO_PATH`, `TOO_MANY_LABELS`.

    Parameters
    ----------
    graphs, orders, plan, pushes
        The problem, rows and times of the others, workspace.
    train : int
        The train; it is in no row.
    price_limit : int
        Paths whose estimate is above are not looked for.
    chance : tuple
        An operation that is barred (-1: none) and until when, the chance that a gap is
        overlooked, the weight of what others pay, and the generator.

    Returns
    -------
    int
        A label; its parents lead back to the entry.
    """
    barred, barred_until, blindness, weight, rng = chance
    labels = pushes.labels
    entry, stop = graphs.train_first[train], graphs.train_first[train + 1]
    labels.newest[entry:stop] = NONE
    labels.size[0].made = labels.size[0].waiting = 0
    origin = labels.origin[0]
    origin.parent, origin.start = NONE, 0
    origin.price, origin.limit = 0, price_limit
    draws = (blindness, weight, rng)
    _reach_gaps(graphs, orders, plan, pushes, entry, origin, draws)
    while labels.size[0].waiting > 0:
        label = pop(labels)
        operation = labels.operation[label]
        if operation == stop - 1:
            return label
        origin.parent, origin.price = label, labels.price[label]
        for arc in range(graphs.next_first[operation], graphs.next_first[operation + 1]):
            follower = graphs.next_operation[arc]
            origin.start = labels.start[label] + graphs.duration[operation]
            if follower == barred:
                origin.start = max(origin.start, barred_until)
            _reach_gaps(graphs, orders, plan, pushes, follower, origin, draws)
        if labels.size[0].made >= len(labels.start):
            return TOO_MANY_LABELS
    return NO_PATH


@compiled(counts_references=False)
def write_yielding_path(
    graphs: Graphs, pushes: Pushes, plan: Plan, train: int, label: int, before: Indices
) -> None:
    """Write the operations of an exit label into the plan, and its gaps use by use."""
    labels = pushes.labels
    first = graphs.train_first[train]
    length = 0
    at = label
    while at != NONE:
        length += 1
        at = labels.parent[at]
    plan.length[train] = length
    at = label
    for step in range(first + length - 1, first - 1, -1):
        operation = labels.operation[at]
        plan.operation[step] = operation
        low = graphs.use_first[operation]
        for use in range(low, graphs.use_first[operation + 1]):
            before[use] = pushes.gap[at, use - low]
        at = labels.parent[at]
