"""Compiled vector clocks of events: how far every train must have come before each.

A train that would go before one visit and after another goes round in a circle exactly where the
first precedes the end of the second; the clocks tell at once.
Source: [Fidge 1988].
"""

from arterial.compiling import compiled
from arterial.dispatching.encode import Graphs
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.orders_kernel import NO_VISIT, Orders, count_events

__all__ = ["count_clocks", "find_end"]


@compiled(counts_references=False)
def find_end(graphs: Graphs, orders: Orders, plan: Plan, visit: int) -> int:
    """Place in the plan of the event that ends a visit; `NO_VISIT` where its clock is not kept."""
    operation = orders.operation_of[orders.leave[visit]]
    train = orders.train_of[operation]
    step = orders.step[operation] + 1
    if step >= graphs.train_first[train] + plan.length[train]:
        return NO_VISIT
    is_within = orders.span[0] <= plan.time[step] <= orders.span[1]
    return int(step) if is_within else NO_VISIT


@compiled(counts_references=False)
def count_clocks(graphs: Graphs, orders: Orders, plan: Plan, since: int, until: int) -> None:
    """Write for the events of a span of time how far each train must have come before them.

    ``clock[e, k]`` is the last step of train ``k`` within the span that precedes event ``e`` or
    is it.
    """
    clock = orders.clock
    n_trains = clock.shape[1]
    orders.span[0], orders.span[1] = since, until
    for place in range(count_events(plan)):
        step = orders.row[place]
        if not since <= plan.time[step] <= until:
            continue
        operation = plan.operation[step]
        train = orders.train_of[operation]
        first = graphs.train_first[train]
        # Events come in an order of time, so that clocks of all that precede are written.
        if step > first and plan.time[step - 1] >= since:
            for other in range(n_trains):
                clock[step, other] = clock[step - 1, other]
        else:
            for other in range(n_trains):
                clock[step, other] = NO_VISIT
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            if orders.enter[use] != use or orders.place[use] == 0:
                continue
            low = graphs.resource_first[graphs.use_resource[use]]
            end = find_end(graphs, orders, plan, orders.visit[low + orders.place[use] - 1])
            if end != NO_VISIT:
                for other in range(n_trains):
                    clock[step, other] = max(clock[step, other], clock[end, other])
        clock[step, train] = step - first
