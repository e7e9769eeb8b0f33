"""Compiled times that follow from the rows of visits, kept up to date event by event.

Every event starts as early as the rows and its own path allow,
``t_e = max(lower bound, t_before + duration, release of each resource)``, and may start as late as
raises no train's price (`orders_kernel`). `time_all` counts all of them; after a change of the rows
`settle` times what moves, by a queue in the order of the times before.

`take_out` and `put_in` change the rows, `undo_move` takes all changes of a move back.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import FOREVER, NEVER, Graphs
from arterial.dispatching.insertion_kernel import price_start
from arterial.dispatching.journal_kernel import (
    Journal,
    clear_queue,
    enqueue,
    keep,
    keep_visit,
    mark,
    pop_event,
    take_back,
)
from arterial.dispatching.occupancy_kernel import FIXED_SLACK, Plan, earliest_leave
from arterial.dispatching.orders_kernel import (
    NO_VISIT,
    Orders,
    add_step,
    delete_visit,
    find_end,
    find_use,
    latest_start,
    link_step,
    restore_rows,
)

__all__ = [
    "park_train",
    "put_in",
    "settle",
    "take_out",
    "time_all",
    "undo_move",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

# A train put in may be pushed by whom it pushes, but not for ever: then they go round in a circle.
MOST_RAISES: Final = 8


@compiled(counts_references=False)
def _count_release(graphs: Graphs, orders: Orders, plan: Plan, visit: int) -> int:
    """When a resource is free again after a visit; NEVER where the visit has no end."""
    operation = orders.operation_of[visit]
    train = orders.train_of[operation]
    resource = graphs.use_resource[visit]
    stop = graphs.train_first[train] + plan.length[train]
    release = 0
    # Behind a visit of its own the train is not off before that one has ended.
    if orders.place[visit] > 0:
        earlier = orders.visit[graphs.resource_first[resource] + orders.place[visit] - 1]
        if orders.train_of[orders.operation_of[earlier]] == train:
            release = orders.release[earlier]
    last = orders.step[orders.operation_of[orders.leave[visit]]]
    for step in range(orders.step[operation], last + 1):
        use = find_use(graphs, plan.operation[step], resource)
        if step + 1 < stop:
            release = max(release, plan.time[step + 1] + graphs.use_gap[use])
        elif graphs.duration[plan.operation[step]] >= FOREVER:
            return NEVER
        else:
            # Of a train that is not planned only the entry is there, for its shortest stay.
            leave = earliest_leave(graphs, train)
            release = NEVER if leave == NEVER else max(release, leave + graphs.use_gap[use])
    return int(release)


@compiled(counts_references=False)
def _earliest_start(graphs: Graphs, orders: Orders, plan: Plan, step: int) -> int:
    """Start of an event by what comes before it."""
    operation = plan.operation[step]
    train = orders.train_of[operation]
    start = graphs.earliest[operation]
    if step > graphs.train_first[train]:
        start = max(start, plan.time[step - 1] + graphs.duration[plan.operation[step - 1]])
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        if orders.enter[use] != use or orders.place[use] == 0:
            continue
        low = graphs.resource_first[graphs.use_resource[use]]
        earlier = orders.visit[low + orders.place[use] - 1]
        # A train is never held by its own visit before.
        if orders.train_of[orders.operation_of[earlier]] != train:
            start = max(start, orders.release[earlier])
    return int(start)


@compiled(counts_references=False)
def _is_parked(graphs: Graphs, plan: Plan, train: int) -> bool:
    """Whether only the entry of a train is there."""
    entry = graphs.train_first[train]
    return bool(plan.length[train] == 1 and graphs.duration[entry] < FOREVER)


@compiled(counts_references=False)
def _set_time(
    graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, step: int, start: int
) -> None:
    """Give an event another start, and its train the price of it."""
    move = journal.counts[0].move
    operation = plan.operation[step]
    train = orders.train_of[operation]
    keep(journal.time, move, step, plan.time[step])
    # The sum is kept up to date: adding all prices anew would cost more than the move.
    rise = price_start(graphs, operation, start) - price_start(graphs, operation, plan.time[step])
    plan.time[step] = start
    if rise != 0 and not _is_parked(graphs, plan, train):
        keep(journal.price, move, train, plan.price[train])
        plan.price[train] += rise
        journal.counts[0].total += rise
        mark(journal.stale, step)


@compiled(counts_references=False)
def _pass_on(graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, visit: int) -> None:
    """Count anew when a visit ends, and have the next train in the row timed if that is another."""
    resource = graphs.use_resource[visit]
    train = orders.train_of[orders.operation_of[visit]]
    first = graphs.resource_first[resource]
    at = visit
    while True:
        release = _count_release(graphs, orders, plan, at)
        # Unchanged here, so nothing behind can change: this keeps a move local.
        if release == orders.release[at]:
            return
        keep(journal.release, journal.counts[0].move, at, orders.release[at])
        orders.release[at] = release
        if orders.place[at] + 1 >= orders.held[resource]:
            return
        at = orders.visit[first + orders.place[at] + 1]
        operation = orders.operation_of[at]
        if orders.train_of[operation] != train:
            step = orders.step[operation]
            enqueue(journal.queue, step, plan.time[step])
            return


@compiled(counts_references=False)
def settle(graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, most: int) -> bool:
    """Time the events that wait in the queue, and all that move with them.

    They come in the order of their times so far: before none of them comes one that it waits for,
    but for those of a train put in between; these and what they push may come again.

    Returns
    -------
    bool
        False where one comes after its latest instant, all trains together cost more than
        ``most``, or events wait for one another in a circle; times are then of no use.
    """
    counts = journal.counts[0]
    queue = journal.queue
    while queue.size[0] > 0:
        step = pop_event(queue)
        start = _earliest_start(graphs, orders, plan, step)
        before = plan.time[step]
        # What it waits for may have moved and moved back.
        if start == before:
            continue
        operation = plan.operation[step]
        train = orders.train_of[operation]
        first = graphs.train_first[train]
        # Only the train put in can close a circle, so only its raises are counted.
        if train == counts.train and start > before:
            counts.raises += 1
        if start > graphs.latest[operation] or (
            train == counts.train and counts.raises > counts.most_raises
        ):
            return False
        _set_time(graphs, orders, journal, plan, step, start)
        # A fall may still bring the total below, so only a rise ends the move.
        if counts.total > most and start > before:
            return False
        if step + 1 < first + plan.length[train]:
            enqueue(queue, step + 1, plan.time[step + 1])
        if step > first:
            origin = plan.operation[step - 1]
            for use in range(graphs.use_first[origin], graphs.use_first[origin + 1]):
                _pass_on(graphs, orders, journal, plan, orders.enter[use])
    return True


@compiled(counts_references=False)
def _touch_before(
    graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, resource: int, place: int
) -> None:
    """Mark the end of the visit before a place: another one comes behind it now."""
    if place > 0:
        earlier = orders.visit[graphs.resource_first[resource] + place - 1]
        end = find_end(graphs, orders, plan, earlier)
        if end != NO_VISIT:
            mark(journal.stale, end)


@compiled(counts_references=False)
def _touch_behind(
    graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, resource: int, place: int
) -> None:
    """Have the visit at a place timed: another one comes before it now."""
    if place < orders.held[resource]:
        visit = orders.visit[graphs.resource_first[resource] + place]
        step = orders.step[orders.operation_of[visit]]
        enqueue(journal.queue, step, plan.time[step])
        _pass_on(graphs, orders, journal, plan, visit)


@compiled(counts_references=False)
def take_out(graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, train: int) -> None:
    """Take the visits of a train out of the rows; it has no path and no price then."""
    first = graphs.train_first[train]
    counts = journal.counts[0]
    for step in range(first, first + plan.length[train]):
        operation = plan.operation[step]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            if orders.enter[use] == use:
                keep_visit(journal, use, orders.place[use])
                delete_visit(graphs, orders, use)
    # All are taken out before any is touched: neighbours must not be timed by half a path.
    for step in range(first, first + plan.length[train]):
        operation = plan.operation[step]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            if orders.enter[use] == use:
                _touch_gap(graphs, orders, journal, plan, use)
    keep(journal.price, counts.move, train, plan.price[train])
    counts.total -= plan.price[train]
    plan.price[train] = 0
    plan.length[train] = 0


@compiled(counts_references=False)
def _touch_gap(graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, use: int) -> None:
    """See to those before and behind the place that a visit was taken out of."""
    resource, place = graphs.use_resource[use], orders.place[use]
    _touch_before(graphs, orders, journal, plan, resource, place)
    _touch_behind(graphs, orders, journal, plan, resource, place)


@compiled(counts_references=False)
def park_train(
    graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, train: int, before: Indices
) -> None:
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
    take_out(graphs, orders, journal, plan, train)
    if graphs.latest[entry] - graphs.earliest[entry] < FIXED_SLACK:
        plan.length[train] = 1
        plan.operation[entry] = entry
        keep(journal.time, journal.counts[0].move, entry, plan.time[entry])
        plan.time[entry] = graphs.earliest[entry]
        add_step(graphs, orders, journal, plan, entry, before)
        mark(journal.stale, entry)
        _open_visits(graphs, orders, journal, plan, entry)


@compiled(counts_references=False)
def _open_visits(graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, step: int) -> None:
    """Count when the visits that a step begins end, and see to those before and behind them."""
    operation = plan.operation[step]
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        if orders.enter[use] != use:
            continue
        resource, place = graphs.use_resource[use], orders.place[use]
        keep(journal.release, journal.counts[0].move, use, orders.release[use])
        orders.release[use] = _count_release(graphs, orders, plan, use)
        _touch_before(graphs, orders, journal, plan, resource, place)
        _touch_behind(graphs, orders, journal, plan, resource, place + 1)


@compiled(counts_references=False)
def put_in(
    graphs: Graphs,
    orders: Orders,
    journal: Journal,
    plan: Plan,
    train: int,
    before: Indices,
    most: int,
) -> bool:
    """Put the path of a train into the rows, and time it and all that it pushes; as `settle`."""
    first = graphs.train_first[train]
    stop = first + plan.length[train]
    counts = journal.counts[0]
    counts.train, counts.raises = train, 0
    counts.most_raises = MOST_RAISES * plan.length[train]
    price = 0
    # All are put in before any is timed: two steps may share a row.
    for step in range(first, stop):
        add_step(graphs, orders, journal, plan, step, before)
        mark(journal.stale, step)
    for step in range(first, stop):
        start = _earliest_start(graphs, orders, plan, step)
        keep(journal.time, counts.move, step, plan.time[step])
        plan.time[step] = start
        price += price_start(graphs, plan.operation[step], start)
        if start > graphs.latest[plan.operation[step]] or counts.total + price > most:
            return False
    keep(journal.price, counts.move, train, plan.price[train])
    plan.price[train] = price
    counts.total += price
    for step in range(first, stop):
        _open_visits(graphs, orders, journal, plan, step)
    return settle(graphs, orders, journal, plan, most)


@compiled(counts_references=False)
def time_all(graphs: Graphs, orders: Orders, journal: Journal, plan: Plan, steps: Indices) -> None:
    """Time all events of a plan that is in the rows; its steps come in an order of time."""
    total = 0
    for train in range(len(plan.price)):
        plan.price[train] = 0
    for step in steps:
        operation = plan.operation[step]
        train = orders.train_of[operation]
        start = _earliest_start(graphs, orders, plan, step)
        plan.time[step] = start
        price = price_start(graphs, operation, start)
        plan.price[train] += price
        total += price
        if step > graphs.train_first[train]:
            _close_visits(graphs, orders, plan, plan.operation[step - 1])
        if graphs.duration[operation] >= FOREVER:
            _close_visits(graphs, orders, plan, operation)
    # Backwards: the latest start of a step rests on those of the steps behind it.
    for at in range(len(steps) - 1, -1, -1):
        orders.late[steps[at]] = latest_start(graphs, orders, plan, steps[at])
    journal.counts[0].total = total


@compiled(counts_references=False)
def _close_visits(graphs: Graphs, orders: Orders, plan: Plan, operation: int) -> None:
    """Count when the visits end that an operation is part of."""
    for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
        visit = orders.enter[use]
        orders.release[visit] = _count_release(graphs, orders, plan, visit)


@compiled(counts_references=False)
def undo_move(
    graphs: Graphs,
    orders: Orders,
    journal: Journal,
    plan: Plan,
    backup: Plan,
    trains: Indices,
) -> None:
    """Take all changes of a move back; ``backup`` holds the paths of the trains taken out."""
    restore_rows(graphs, orders, journal)
    for train in trains:
        first = graphs.train_first[train]
        plan.length[train] = backup.length[train]
        for step in range(first, first + backup.length[train]):
            plan.operation[step] = backup.operation[step]
        for step in range(first, first + backup.length[train]):
            link_step(graphs, orders, plan, step)
    # A log holds one value a place, that before the move, so its order does not matter.
    take_back(journal.time, plan.time)
    take_back(journal.late, orders.late)
    take_back(journal.release, orders.release)
    take_back(journal.price, plan.price)
    journal.counts[0].total = journal.counts[0].total_before
    clear_queue(journal.queue)
    for at in range(journal.stale.size[0]):
        journal.stale.is_marked[journal.stale.place[at]] = False
    journal.stale.size[0] = 0
