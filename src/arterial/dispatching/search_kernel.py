"""Compiled ruin-and-recreate search over whole plans.

One iteration removes a train and some of its neighbours on the track, draws the highest total that
would still be accepted (``current - temperature * ln(u)``, which is the Metropolis rule decided
beforehand), and inserts the removed trains one by one with `find_path`, each limited to what that
total leaves. If one cannot be placed the plan is put back as it was.

`run_iterations` is the main function; `insert_trains` also serves the construction.
Source: [Schrimpf 2000], [Metropolis 1953].
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.chances import CHANCES
from arterial.dispatching.encode import NEVER, Graphs
from arterial.dispatching.insertion_kernel import (
    WAIT_EARLY,
    WAIT_LATE,
    Labels,
    find_path,
    write_path,
)
from arterial.dispatching.occupancy_kernel import (
    Occupations,
    Plan,
    add_path,
    find_after,
    release_entry,
    remove_path,
    reserve_entry,
)

__all__ = [
    "ALL_PLACED",
    "BEST",
    "CURRENT",
    "Ruin",
    "copy_path",
    "copy_plan",
    "insert_trains",
    "make_ruin",
    "run_iterations",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

ALL_PLACED: Final = -1
# Places in the totals that `run_iterations` keeps up to date.
CURRENT: Final = 0
BEST: Final = 1
# Orders of insertion; the rules not named are drawn at random.
BY_PRICE: Final = 0
BY_TIME: Final = 1
AS_CHOSEN: Final = 2
ORDER_RULES: Final = 5


class Ruin(NamedTuple):
    """The trains that one iteration removes, and how they ran before."""

    trains: Indices
    key: Integers
    is_chosen: NDArray[np.bool_]
    backup: Plan


def make_ruin(n_trains: int, n_operations: int) -> Ruin:
    """Workspace for the removed trains."""
    backup = Plan(
        operation=np.empty(n_operations, dtype=np.int32),
        time=np.empty(n_operations, dtype=np.int64),
        length=np.zeros(n_trains, dtype=np.int32),
        price=np.zeros(n_trains, dtype=np.int64),
    )
    return Ruin(
        trains=np.empty(n_trains, dtype=np.int32),
        key=np.empty(n_trains, dtype=np.int64),
        is_chosen=np.zeros(n_trains, dtype=np.bool_),
        backup=backup,
    )


@compiled
def copy_path(graphs: Graphs, source: Plan, target: Plan, train: int) -> None:
    """Copy the path of one train from one plan to another."""
    first = graphs.train_first[train]
    target.length[train] = source.length[train]
    target.price[train] = source.price[train]
    for step in range(first, first + source.length[train]):
        target.operation[step] = source.operation[step]
        target.time[step] = source.time[step]


@compiled
def copy_plan(source: Plan, target: Plan) -> None:
    """Copy a whole plan."""
    # Loops: assigning slices brings in the words of their errors, seconds to compile.
    for step in range(len(source.operation)):
        target.operation[step] = source.operation[step]
        target.time[step] = source.time[step]
    for train in range(len(source.length)):
        target.length[train] = source.length[train]
        target.price[train] = source.price[train]


@compiled
def choose_seed(plan: Plan, floor: Integers, rng: np.random.Generator) -> int:
    """A train to start from: every other time drawn by what it pays above its own optimum."""
    n_trains = len(plan.price)
    if rng.random() < CHANCES.by_price_share:
        excess = 0
        for train in range(n_trains):
            excess += plan.price[train] - floor[train]
        # At least 1: where nobody pays more than its least, the draw falls through to any train.
        rest = rng.random() * max(excess, 1)
        for train in range(n_trains):
            rest -= plan.price[train] - floor[train]
            if rest < 0:
                return train
    return int(rng.random() * n_trains)


@compiled
def choose_step(graphs: Graphs, plan: Plan, train: int, rng: np.random.Generator) -> int:
    """A step of a train's path: the one with the longest wait before it among a few."""
    first = graphs.train_first[train]
    best, longest = first, -1
    for _ in range(CHANCES.wait_samples):
        step = first + int(rng.random() * plan.length[train])
        wait = 0
        if step > first:
            before = plan.operation[step - 1]
            ready = plan.time[step - 1] + graphs.duration[before]
            wait = plan.time[step] - max(ready, graphs.earliest[plan.operation[step]])
        if wait > longest:
            best, longest = step, wait
    return int(best)


@compiled
def _choose_neighbour(
    graphs: Graphs, occupations: Occupations, plan: Plan, train: int, rng: np.random.Generator
) -> int:
    """A train that uses a resource just before or after a train, or the train itself."""
    step = choose_step(graphs, plan, train, rng)
    operation = plan.operation[step]
    first = graphs.use_first[operation]
    count = graphs.use_first[operation + 1] - first
    if count == 0:
        return train
    resource = graphs.use_resource[first + int(rng.random() * count)]
    place = find_after(occupations, resource, plan.time[step])
    place += -1 if rng.random() < CHANCES.before_share else 1
    low = occupations.first[resource]
    if place < low or place >= low + occupations.held[resource]:
        return train
    return int(occupations.owner[place])


@compiled
def choose_trains(
    graphs: Graphs,
    occupations: Occupations,
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
    # Tries are limited: a train that meets few others has no neighbours left to find.
    for _ in range(CHANCES.tries_per_train * most):
        if count >= most:
            break
        origin = ruin.trains[int(rng.random() * count)]
        near = _choose_neighbour(graphs, occupations, plan, origin, rng)
        if not ruin.is_chosen[near]:
            ruin.is_chosen[near] = True
            ruin.trains[count] = near
            count += 1
    # Unmarked one by one, which is cheaper than clearing the marks of all trains.
    for place in range(count):
        ruin.is_chosen[ruin.trains[place]] = False
    return count


@compiled
def sort_trains(
    graphs: Graphs, ruin: Ruin, count: int, floor: Integers, rng: np.random.Generator
) -> None:
    """Put the removed trains in the order of insertion: a rule drawn anew each time."""
    rule = int(rng.random() * ORDER_RULES)
    for place in range(count):
        train = ruin.trains[place]
        if rule == BY_PRICE:
            ruin.key[place] = floor[train] - ruin.backup.price[train]
        elif rule == BY_TIME:
            first = graphs.train_first[train]
            ruin.key[place] = ruin.backup.time[first + ruin.backup.length[train] // 2]
        elif rule == AS_CHOSEN:
            ruin.key[place] = place
        else:
            ruin.key[place] = int(rng.random() * 1e9)
    # Few trains at a time, while sorting by a library function takes seconds to compile.
    for taken in range(1, count):
        train, key, place = ruin.trains[taken], ruin.key[taken], taken
        while place > 0 and ruin.key[place - 1] > key:
            ruin.trains[place], ruin.key[place] = ruin.trains[place - 1], ruin.key[place - 1]
            place -= 1
        ruin.trains[place], ruin.key[place] = train, key


@compiled
def _choose_barred(
    graphs: Graphs, occupations: Occupations, plan: Plan, train: int, rng: np.random.Generator
) -> tuple[int, int]:
    """An operation of a train's last path that it shall avoid this time, and until when.

    Every other time, where the path can do without the operation, for ever; else until the next
    train has passed there, so that the two change places. -1 where nothing is barred.
    """
    if rng.random() >= CHANCES.barred_share:
        return -1, 0
    step = graphs.train_first[train] + int(rng.random() * plan.length[train])
    operation = plan.operation[step]
    if graphs.is_optional[operation] and rng.random() < CHANCES.detour_share:
        return operation, NEVER
    first = graphs.use_first[operation]
    count = graphs.use_first[operation + 1] - first
    if count == 0:
        return -1, 0
    resource = graphs.use_resource[first + int(rng.random() * count)]
    place = find_after(occupations, resource, plan.time[step])
    is_last = place >= occupations.first[resource] + occupations.held[resource]
    return (-1, 0) if is_last else (operation, occupations.end[place])


@compiled
def insert_trains(
    graphs: Graphs,
    occupations: Occupations,
    plan: Plan,
    labels: Labels,
    trains: Indices,
    floor: Integers,
    budget: tuple[int, float],
    rng: np.random.Generator,
) -> int:
    """Insert trains one after another within a budget for all of them together.

    Each train is limited to the budget less what the trains before it cost and less the least
    that those after it can cost (``floor``). Their entries must be reserved.

    Returns
    -------
    int
        `ALL_PLACED`, or the place in the list of the train that found no path; those before it
        are then planned.
    """
    left, max_blindness = budget
    for place in range(len(trains)):
        # The least of all is set aside, so that no train spends what another cannot do without.
        left -= floor[trains[place]]
    for place in range(len(trains)):
        train = trains[place]
        release_entry(graphs, occupations, train)
        limit = left + floor[train]
        blindness, barred, until = 0.0, -1, 0
        if max_blindness > 0.0:
            blindness = max_blindness if rng.random() < CHANCES.blind_share else 0.0
            barred, until = _choose_barred(graphs, occupations, plan, train, rng)
        label = find_path(
            graphs, occupations, labels, train, limit, (barred, until, blindness, rng)
        )
        if label < 0:
            return place
        wait_rule = WAIT_EARLY if rng.random() < CHANCES.wait_early_share else WAIT_LATE
        write_path(graphs, labels, plan, train, label, wait_rule)
        add_path(graphs, occupations, plan, train)
        left -= int(plan.price[train] - floor[train])
    return ALL_PLACED


@compiled
def _remove_trains(
    graphs: Graphs, occupations: Occupations, plan: Plan, ruin: Ruin, count: int
) -> int:
    """Remove the chosen trains, keep how they ran; what they cost together."""
    freed = 0
    for place in range(count):
        train = ruin.trains[place]
        copy_path(graphs, plan, ruin.backup, train)
        remove_path(graphs, occupations, plan, train)
        freed += plan.price[train]
    for place in range(count):
        reserve_entry(graphs, occupations, ruin.trains[place])
    return freed


@compiled
def _restore_trains(
    graphs: Graphs, occupations: Occupations, plan: Plan, ruin: Ruin, count: int, placed: int
) -> None:
    """Put the removed trains back as they ran before."""
    # Those before the one that failed stand on their new paths, those behind wait at entries.
    for place in range(count):
        if place < placed:
            remove_path(graphs, occupations, plan, ruin.trains[place])
        elif place > placed:
            release_entry(graphs, occupations, ruin.trains[place])
    for place in range(count):
        copy_path(graphs, ruin.backup, plan, ruin.trains[place])
        add_path(graphs, occupations, plan, ruin.trains[place])


@compiled
def run_iterations(
    graphs: Graphs,
    occupations: Occupations,
    plans: tuple[Plan, Plan],
    labels: Labels,
    ruin: Ruin,
    floor: Integers,
    control: tuple[int, float, int, float],
    rng: np.random.Generator,
) -> Integers:
    """Run iterations of ruin and recreate at one temperature.

    Parameters
    ----------
    graphs, occupations, labels, ruin
        The problem, the occupations of the current plan, workspace.
    plans : tuple of Plan
        The current plan and the best one; both are changed.
    floor : (n_trains,)
        Least price of each train.
    control : tuple
        Iterations, temperature [cost units], most trains to remove at once.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    (2,) array
        Totals of the current and of the best plan.
    """
    iterations, temperature, most, blindness = control
    plan, best = plans
    totals = np.array([np.sum(plan.price), np.sum(best.price)])
    for _ in range(iterations):
        # Small moves are cheap and mostly enough, large ones are rare.
        size = 1 + int(rng.random() ** 2 * most)
        count = choose_trains(graphs, occupations, plan, ruin, size, floor, rng)
        freed = _remove_trains(graphs, occupations, plan, ruin, count)
        sort_trains(graphs, ruin, count, floor, rng)
        # Drawn before the trains are put in: each then knows how much it may cost, and stops early.
        slack = int(-temperature * np.log(1.0 - rng.random()))
        trains = ruin.trains[:count]
        budget = (freed + slack, blindness if rng.random() < CHANCES.yielding_share else 0.0)
        placed = insert_trains(graphs, occupations, plan, labels, trains, floor, budget, rng)
        if placed != ALL_PLACED:
            _restore_trains(graphs, occupations, plan, ruin, count, placed)
            continue
        for place in range(count):
            totals[CURRENT] += plan.price[trains[place]]
        totals[CURRENT] -= freed
        if totals[CURRENT] < totals[BEST]:
            copy_plan(plan, best)
            totals[BEST] = totals[CURRENT]
    return totals
