"""Compiled latest starts of events that raise no train's price while paths and rows stay.

`latest_start` counts one by what comes behind it; `refresh_late` all that may have changed, by a
queue from the last event back.
"""

from arterial.compiling import compiled
from arterial.dispatching.encode import TICKS_PER_S, Graphs
from arterial.dispatching.journal_kernel import Journal, enqueue, keep, pop_event
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.orders_kernel import NO_VISIT, Orders, find_end

__all__ = ["latest_start", "refresh_late"]


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
