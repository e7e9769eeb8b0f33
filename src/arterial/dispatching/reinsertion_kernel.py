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
from arterial.dispatching.encode import NEVER, Graphs
from arterial.dispatching.gaps_kernel import Pushes
from arterial.dispatching.journal_kernel import Journal, begin_move, make_journal, mark
from arterial.dispatching.occupancy_kernel import Plan
from arterial.dispatching.orders_kernel import NO_VISIT, Orders, make_orders, refresh_late
from arterial.dispatching.search_kernel import (
    BEST,
    CURRENT,
    Ruin,
    choose_seed,
    choose_step,
    copy_path,
    sort_trains,
)
from arterial.dispatching.timing_kernel import (
    park_train,
    put_in,
    settle,
    take_out,
    undo_move,
)
from arterial.dispatching.yielding_kernel import find_yielding_path, write_yielding_path

__all__ = ["Rows", "make_rows", "run_reinsertions"]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]


class Rows(NamedTuple):
    """The rows of the current plan, what a move changed, and where the next train goes."""

    orders: Orders
    journal: Journal
    before: Indices


def make_rows(graphs: Graphs) -> Rows:
    """Workspace for the search."""
    before = np.full(len(graphs.use_resource), NO_VISIT, dtype=np.int32)
    return Rows(make_orders(graphs), make_journal(graphs), before)


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
) -> bool:
    """Put one train into the rows and time all that it pushes; whether that is allowed.

    ``limits`` holds what the train and the pushes may cost, what all together may, the chance that
    a gap is overlooked, and the weight of pushes.
    """
    orders = rows.orders
    limit, most, max_blindness, weight = limits
    blindness, barred, until = 0.0, -1, 0
    if max_blindness > 0.0:
        blindness = max_blindness if rng.random() < CHANCES.blind_share else 0.0
        barred, until = _choose_barred(graphs, orders, backup, train, rng)
    take_out(graphs, orders, rows.journal, plan, train)
    label = find_yielding_path(
        graphs, orders, plan, pushes, train, limit,
        (barred, until, blindness, weight, rng),
    )  # fmt: skip
    if label < 0:
        return False
    write_yielding_path(graphs, pushes, plan, train, label, rows.before)
    return put_in(graphs, orders, rows.journal, plan, train, rows.before, most)


@compiled(counts_references=False)
def _note_changes(journal: Journal, trains: Indices) -> None:
    """Remember what the best plan does not have since the last move."""
    # Undone moves are not noted: they have left nothing behind.
    for at in range(journal.time.size[0]):
        mark(journal.steps, journal.time.place[at])
    for train in trains:
        mark(journal.trains, train)


@compiled(counts_references=False)
def _copy_changes(graphs: Graphs, journal: Journal, plan: Plan, best: Plan) -> None:
    """Bring the best plan up to the current one."""
    for at in range(journal.steps.size[0]):
        step = journal.steps.place[at]
        journal.steps.is_marked[step] = False
        best.time[step] = plan.time[step]
    for at in range(journal.trains.size[0]):
        train = journal.trains.place[at]
        journal.trains.is_marked[train] = False
        copy_path(graphs, plan, best, train)
    # Prices of trains that were only pushed change too, and nobody has marked them.
    for train in range(len(plan.price)):
        best.price[train] = plan.price[train]
    journal.steps.size[0] = journal.trains.size[0] = 0


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
    orders, journal = rows.orders, rows.journal
    counts = journal.counts[0]
    totals = np.array([counts.total, np.sum(best.price)])
    for _ in range(iterations):
        size = 1 + int(rng.random() ** 2 * most)
        count = _choose_group(graphs, orders, plan, ruin, size, floor, rng)
        trains = ruin.trains[:count]
        begin_move(journal)
        # Kept before anything is taken out: the path barred to a train is its old one.
        for train in trains:
            copy_path(graphs, plan, ruin.backup, train)
        sort_trains(graphs, ruin, count, floor, rng)
        slack = int(-temperature * np.log(1.0 - rng.random()))
        most_total = totals[CURRENT] + slack
        rest = 0
        for train in trains:
            park_train(graphs, orders, journal, plan, train, rows.before)
            rest += floor[train]
        is_timed = settle(graphs, orders, journal, plan, most_total)
        blind = blindness if rng.random() < CHANCES.yielding_share else 0.0
        weight = (
            CHANCES.least_weight + (CHANCES.most_weight - CHANCES.least_weight) * rng.random() ** 2
        )
        for train in trains:
            if not is_timed:
                break
            rest -= floor[train]
            # How far others may slip changes with every train that is put back.
            refresh_late(graphs, orders, journal, plan)
            limits = (most_total - rest - counts.total, most_total - rest, blind, weight)
            is_timed = _insert_train(graphs, rows, plan, ruin.backup, pushes, train, limits, rng)
        if not is_timed:
            undo_move(graphs, orders, journal, plan, ruin.backup, trains)
            continue
        refresh_late(graphs, orders, journal, plan)
        _note_changes(journal, trains)
        totals[CURRENT] = counts.total
        if totals[CURRENT] < totals[BEST]:
            _copy_changes(graphs, journal, plan, best)
            totals[BEST] = totals[CURRENT]
    return totals
