"""The working state of one search: arrays made once, changed by kernels.

`make_state` is the main function. `clear_state` empties it, `load_plan` puts a plan into it,
`retime_plan` shifts a plan to the earliest starts that its orders allow.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.dispatching.effort import EFFORT
from arterial.dispatching.encode import FOREVER, TICKS_PER_S, Graphs
from arterial.dispatching.gaps_kernel import Pushes, make_pushes
from arterial.dispatching.insertion_kernel import Labels, find_path, make_labels
from arterial.dispatching.occupancy_kernel import (
    Occupations,
    Plan,
    add_path,
    reserve_entry,
    sweep_starts,
)
from arterial.dispatching.orders_kernel import load_orders
from arterial.dispatching.reinsertion_kernel import Rows, make_rows
from arterial.dispatching.search_kernel import Ruin, copy_plan, make_ruin
from arterial.dispatching.timing_kernel import time_all
from arterial.randomness import stream

__all__ = [
    "SearchState",
    "clear_state",
    "is_large",
    "load_plan",
    "load_rows",
    "make_plan",
    "make_state",
    "planned_steps",
    "price_plan",
    "reserve_entries",
    "retime_plan",
]

MOST_LABELS: Final = 1 << 18
MOST_PUSHES: Final = 1 << 12


@dataclass(frozen=True, slots=True)
class SearchState:
    """What a search works on: the problem, the current and the best plan, workspace of kernels.

    ``floor`` holds what each train pays at least, by `_price_alone`.
    """

    graphs: Graphs
    occupations: Occupations
    plan: Plan
    best: Plan
    labels: Labels
    rows: Rows
    pushes: Pushes
    ruin: Ruin
    floor: NDArray[np.int64]
    rng: np.random.Generator

    @property
    def all_trains(self) -> NDArray[np.int32]:
        """Every train, in the order of the problem."""
        return np.arange(len(self.floor), dtype=np.int32)


def make_state(graphs: Graphs, *, seed: int, draw: int = 0) -> SearchState:
    """An empty state.

    Parameters
    ----------
    graphs : Graphs
        The problem.
    seed, draw : int
        Name its stream of random numbers.

    Returns
    -------
    SearchState
        With no train planned; `floor` is filled.
    """
    n_trains = len(graphs.slope)
    ways = EFFORT.large_ways if is_large(graphs) else EFFORT.ways
    state = SearchState(
        graphs=graphs,
        occupations=_make_occupations(graphs),
        plan=make_plan(graphs),
        best=make_plan(graphs),
        labels=make_labels(graphs, MOST_LABELS),
        rows=make_rows(graphs),
        pushes=make_pushes(graphs, MOST_PUSHES, ways),
        ruin=make_ruin(n_trains, len(graphs.duration)),
        floor=np.zeros(n_trains, dtype=np.int64),
        rng=stream(seed, "dispatching/search", draw),
    )
    state.floor[:] = _price_alone(state)
    return state


def is_large(graphs: Graphs) -> bool:
    """Whether moves are few in the time."""
    return len(graphs.duration) > EFFORT.large_operations


def _make_occupations(graphs: Graphs) -> Occupations:
    """No occupations."""
    size = int(graphs.resource_first[-1])
    return Occupations(
        first=graphs.resource_first,
        held=np.zeros(len(graphs.resource_first), dtype=np.int32),
        start=np.empty(size, dtype=np.int64),
        end=np.empty(size, dtype=np.int64),
        owner=np.empty(size, dtype=np.int32),
    )


def make_plan(graphs: Graphs) -> Plan:
    """A plan without paths."""
    return Plan(
        operation=np.zeros(len(graphs.duration), dtype=np.int32),
        time=np.zeros(len(graphs.duration), dtype=np.int64),
        length=np.zeros(len(graphs.slope), dtype=np.int32),
        price=np.zeros(len(graphs.slope), dtype=np.int64),
    )


def _price_alone(state: SearchState) -> NDArray[np.int64]:
    """What each train pays when it is alone: the sum bounds every solution from below.

    Other trains only take free time away, so with ``p_k`` the exact optimum of train ``k`` in an
    empty network the value of any solution is at least ``sum_k p_k``.
    """
    prices = np.zeros(len(state.floor), dtype=np.int64)
    clear_state(state)
    for train in state.all_trains:
        label = find_path(
            state.graphs, state.occupations, state.labels, train, FOREVER, (-1, 0, 0.0, state.rng)
        )
        if label >= 0:
            prices[train] = state.labels.price[label]
    return prices


def clear_state(state: SearchState) -> None:
    """Take every train out of the occupations."""
    state.occupations.held[:] = 0


def reserve_entries(state: SearchState) -> None:
    """Hold the entries of all trains for their shortest stay; there must be no other."""
    for train in state.all_trains:
        reserve_entry(state.graphs, state.occupations, train)


def load_plan(state: SearchState, plan: Plan) -> None:
    """Make a plan the current one."""
    clear_state(state)
    copy_plan(plan, state.plan)
    for train in state.all_trains:
        add_path(state.graphs, state.occupations, state.plan, train)


def load_rows(state: SearchState) -> None:
    """Put the visits of the current plan into rows, and all its events as early as those allow.

    A best plan that is cheaper is made the current one first; then the best one is the current one.
    """
    graphs, rows = state.graphs, state.rows
    # From here on the best plan takes over what changes alone, so both must begin as one.
    if state.best.price.sum() < state.plan.price.sum():
        copy_plan(state.best, state.plan)
    steps = planned_steps(graphs, state.plan)
    order = steps[np.lexsort((steps, state.plan.time[steps]))]
    load_orders(graphs, rows.orders, state.plan, order)
    time_all(graphs, rows.orders, rows.journal, state.plan, order)
    copy_plan(state.plan, state.best)


def retime_plan(graphs: Graphs, plan: Plan) -> Plan:
    """The same paths and orders at the earliest starts; no train pays more than before."""
    owner = np.repeat(np.arange(len(plan.length), dtype=np.int32), np.diff(graphs.train_first))
    steps = planned_steps(graphs, plan)
    order = steps[np.lexsort((steps, plan.time[steps]))]
    # Orders at one instant are kept by the ticks; of equal ticks the step decides.
    swept = make_plan(graphs)
    copy_plan(plan, swept)
    sweep_starts(graphs, swept, order, owner)
    swept.price[:] = price_plan(graphs, swept)
    return swept


def planned_steps(graphs: Graphs, plan: Plan) -> NDArray[np.int32]:
    """Places of all steps of all paths, train after train."""
    within = np.arange(len(plan.operation)) - np.repeat(
        graphs.train_first[:-1], np.diff(graphs.train_first)
    )
    return np.flatnonzero(within < np.repeat(plan.length, np.diff(graphs.train_first))).astype(
        np.int32
    )


def price_plan(graphs: Graphs, plan: Plan) -> NDArray[np.int64]:
    """What each train pays in a plan."""
    steps = planned_steps(graphs, plan)
    operation = plan.operation[steps]
    late_s = plan.time[steps] // TICKS_PER_S - graphs.threshold_s[operation]
    price = late_s * graphs.coefficient[operation] + graphs.increment[operation]
    owner = np.repeat(np.arange(len(plan.length)), plan.length)
    totals = np.zeros(len(plan.length), dtype=np.int64)
    np.add.at(totals, owner, np.where(late_s >= 0, price, 0))
    return totals
