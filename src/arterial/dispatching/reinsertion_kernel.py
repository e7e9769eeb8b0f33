"""Compiled ruin and recreate over orders: the trains that stay may slip.

One iteration takes some trains out, lets all others start as early as their orders allow, and puts
the trains back one by one with `find_yielding_path`; after each, all times follow anew from the
orders. The highest total still accepted is drawn beforehand, as in `search_kernel`.

`run_reinsertions` is the main function.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.chances import CHANCES
from arterial.dispatching.clocks_kernel import count_clocks
from arterial.dispatching.encode import FOREVER, NEVER, TICKS_PER_S, Graphs
from arterial.dispatching.gaps_kernel import Pushes
from arterial.dispatching.occupancy_kernel import Plan, earliest_leave
from arterial.dispatching.orders_kernel import (
    NO_TIMES,
    NO_VISIT,
    Orders,
    add_step,
    copy_orders,
    drop_train,
    park_train,
    time_backward,
    time_forward,
)
from arterial.dispatching.search_kernel import (
    BEST,
    CURRENT,
    Ruin,
    choose_seed,
    choose_step,
    copy_plan,
    sort_trains,
)
from arterial.dispatching.yielding_kernel import find_yielding_path, write_yielding_path

__all__ = ["Rows", "make_rows", "run_reinsertions"]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]


class Rows(NamedTuple):
    """The rows of the current plan, a copy of them, and where the next train goes."""

    orders: Orders
    backup: Orders
    before: Indices


def make_rows(orders: Orders, backup: Orders) -> Rows:
    """Workspace for the search."""
    return Rows(orders, backup, np.full(len(orders.place), NO_VISIT, dtype=np.int32))


@compiled
def _choose_neighbour(
    graphs: Graphs, orders: Orders, plan: Plan, train: int, rng: np.random.Generator
) -> int:
    """A train that uses a resource just before or after a train, or the train itself."""
    operation = plan.operation[choose_step(graphs, plan, train, rng)]
    first = graphs.use_first[operation]
    count = graphs.use_first[operation + 1] - first
    if count == 0:
        return train
    use = first + int(rng.random() * count)
    resource = graphs.use_resource[use]
    place = orders.place[orders.enter[use]]
    place += -1 if rng.random() < CHANCES.before_share else 1
    if place < 0 or place >= orders.held[resource]:
        return train
    visit = orders.visit[graphs.resource_first[resource] + place]
    return int(orders.train_of[orders.operation_of[visit]])


@compiled
def _choose_group(
    graphs: Graphs,
    orders: Orders,
    plan: Plan,
    ruin: Ruin,
    most: int,
    floor: Integers,
    rng: np.random.Generator,
) -> int:
    """Fill the list of trains to remove by walking from neighbour to neighbour; their count."""
    seed = choose_seed(plan, floor, rng)
    ruin.trains[0] = seed
    ruin.is_chosen[seed] = True
    count = 1
    for _ in range(CHANCES.tries_per_train * most):
        if count >= most:
            break
        origin = ruin.trains[int(rng.random() * count)]
        near = _choose_neighbour(graphs, orders, plan, origin, rng)
        if not ruin.is_chosen[near]:
            ruin.is_chosen[near] = True
            ruin.trains[count] = near
            count += 1
    for place in range(count):
        ruin.is_chosen[ruin.trains[place]] = False
    return count


@compiled
def _choose_barred(
    graphs: Graphs, orders: Orders, backup: Plan, train: int, rng: np.random.Generator
) -> tuple[int, int]:
    """An operation of a train's last path that it shall avoid this time, and until when."""
    if rng.random() >= CHANCES.barred_share:
        return -1, 0
    step = graphs.train_first[train] + int(rng.random() * backup.length[train])
    operation = backup.operation[step]
    if graphs.is_optional[operation] and rng.random() < CHANCES.detour_share:
        return operation, NEVER
    first = graphs.use_first[operation]
    count = graphs.use_first[operation + 1] - first
    if count == 0:
        return -1, 0
    resource = graphs.use_resource[first + int(rng.random() * count)]
    low = graphs.resource_first[resource]
    for place in range(low, low + orders.held[resource]):
        end = orders.release[orders.visit[place]]
        if end > backup.time[step]:
            return operation, end
    return -1, 0


@compiled(counts_references=False)
def _last_exit(graphs: Graphs, train: int, limit: int) -> int:
    """Latest instant at which a train can be through within a price."""
    last = graphs.train_first[train + 1] - 1
    if graphs.coefficient[last] <= 0 or limit >= FOREVER // TICKS_PER_S:
        return NEVER
    after_s = limit // graphs.coefficient[last] + 1
    return int((graphs.threshold_s[last] + after_s) * TICKS_PER_S)


@compiled
def _insert_train(
    graphs: Graphs,
    rows: Rows,
    plan: Plan,
    backup: Plan,
    pushes: Pushes,
    train: int,
    limits: tuple[int, int, float, float],
    rng: np.random.Generator,
) -> int:
    """Put one train into the rows; the price of all afterwards, or `NO_TIMES`.

    ``limits`` holds what the train and the pushes may cost, what all together may, the chance that
    a gap is overlooked, and the weight of pushes.
    """
    orders = rows.orders
    limit, most, max_blindness, weight = limits
    blindness, barred, until = 0.0, -1, 0
    if max_blindness > 0.0:
        blindness = max_blindness if rng.random() < CHANCES.blind_share else 0.0
        barred, until = _choose_barred(graphs, orders, backup, train, rng)
    drop_train(graphs, orders, plan, train)
    label = find_yielding_path(
        graphs, orders, plan, pushes, train, limit, (barred, until, blindness, weight, rng)
    )
    if label < 0:
        plan.length[train] = 0
        return NO_TIMES
    write_yielding_path(graphs, pushes, plan, train, label, rows.before)
    first = graphs.train_first[train]
    for step in range(first, first + plan.length[train]):
        add_step(graphs, orders, plan, step, rows.before)
    return time_forward(graphs, orders, plan, most)


@compiled
def run_reinsertions(
    graphs: Graphs,
    rows: Rows,
    plans: tuple[Plan, Plan],
    pushes: Pushes,
    ruin: Ruin,
    floor: Integers,
    control: tuple[int, float, int, float],
    rng: np.random.Generator,
) -> Integers:
    """Run iterations at one temperature; as `search_kernel` does.

    The current plan must be timed by its rows.

    Returns
    -------
    (2,) array
        Totals of the current and of the best plan.
    """
    iterations, temperature, most, blindness = control
    plan, best = plans
    orders = rows.orders
    totals = np.array([np.sum(plan.price), np.sum(best.price)])
    for _ in range(iterations):
        size = 1 + int(rng.random() ** 2 * most)
        count = _choose_group(graphs, orders, plan, ruin, size, floor, rng)
        copy_plan(plan, ruin.backup)
        copy_orders(orders, rows.backup)
        sort_trains(graphs, ruin, count, floor, rng)
        slack = int(-temperature * np.log(1.0 - rng.random()))
        most_total = totals[CURRENT] + slack
        rest = 0
        for place in range(count):
            park_train(graphs, orders, plan, ruin.trains[place], rows.before)
            rest += floor[ruin.trains[place]]
        total = time_forward(graphs, orders, plan, most_total)
        blind = blindness if rng.random() < CHANCES.yielding_share else 0.0
        weight = (
            CHANCES.least_weight + (CHANCES.most_weight - CHANCES.least_weight) * rng.random() ** 2
        )
        for place in range(count):
            if total == NO_TIMES:
                break
            train = ruin.trains[place]
            rest -= floor[train]
            since = earliest_leave(graphs, train)
            # How far others may slip changes with every train that is put back.
            time_backward(graphs, orders, plan, since)
            until = _last_exit(graphs, train, most_total - rest - total)
            count_clocks(graphs, orders, plan, since, until)
            limits = (most_total - rest - total, most_total - rest, blind, weight)
            total = _insert_train(graphs, rows, plan, ruin.backup, pushes, train, limits, rng)
        # Rows cannot be taken back step by step: pushes have moved events of all trains.
        if total == NO_TIMES:
            copy_plan(ruin.backup, plan)
            copy_orders(rows.backup, orders)
            continue
        totals[CURRENT] = total
        if total < totals[BEST]:
            copy_plan(plan, best)
            totals[BEST] = total
    return totals
