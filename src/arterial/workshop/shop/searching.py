"""Search for short schedules of a shop; main function `search_shop`.

Tabu search improves one plan until it stands still. The best plans so far are kept as a pool; the
next search begins between two of them, where what they agree on stays [Peng 2015].
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arterial.exchange.scheduling import Schedule
from arterial.randomness import stream
from arterial.workshop.effort import EFFORT, Pace
from arterial.workshop.shop.encode import Shop, encode_shop, list_sequences
from arterial.workshop.shop.shop_kernel import (
    Plan,
    copy_plan,
    disturb_plan,
    load_plan,
    make_plan,
    run_tabu,
    time_plan,
)
from arterial.workshop.state import SearchState

__all__ = ["search_shop"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PooledPlan:
    """A plan of the pool: makespan, mode of each task, and place of each task in an order."""

    makespan: int
    mode: Integers
    rank: Integers

    def is_like(self, other: "PooledPlan") -> bool:
        """Whether two plans are the same."""
        return (
            self.makespan == other.makespan
            and bool(np.array_equal(self.mode, other.mode))
            and bool(np.array_equal(self.rank, other.rank))
        )


class Pool:
    """The best plans, all different.

    Parameters
    ----------
    size : int
        How many are kept.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.plans: list[PooledPlan] = []

    def add(self, plan: PooledPlan) -> None:
        """Keep a plan where it is new and not the worst of too many."""
        if not any(plan.is_like(other) for other in self.plans):
            self.plans = sorted([*self.plans, plan], key=lambda p: p.makespan)[: self.size]

    def draw_between(self, rng: np.random.Generator) -> tuple[Integers, Integers]:
        """Modes and order of a plan between two of the pool.

        What comes first in both comes first between them, so that no task waits for itself.
        """
        one, other = (self.plans[int(n)] for n in rng.choice(len(self.plans), 2, replace=False))
        share = EFFORT.least_between + (EFFORT.most_between - EFFORT.least_between) * rng.random()
        order = np.argsort((1 - share) * one.rank + share * other.rank, kind="stable")
        takes_other = rng.random(len(one.mode)) < share
        return np.where(takes_other, other.mode, one.mode), order.astype(np.int64)


def search_shop(
    state: SearchState,
    *,
    seed: int,
    draw: int,
    is_wanted: Callable[[], bool],
    most: int | None = None,
) -> None:
    """Search from the best schedule so far; where it stands still, begin elsewhere.

    Parameters
    ----------
    state : SearchState
        Holds a first schedule and takes every better one.
    seed, draw : int
        Name the stream of random numbers.
    is_wanted : callable
        Asked every few steps.
    most : int, optional
        Rounds of steps at most: with it the result does not depend on the machine.
    """
    if state.schedule is None:
        return
    shop = encode_shop(state.problem)
    rng = stream(seed, "workshop/shop", draw)
    plan, kept = make_plan(shop), make_plan(shop)
    start = list_sequences(shop, state.schedule)
    load_plan(shop, plan, *start)
    load_plan(shop, kept, *start)
    pool, patience = (
        Pool(EFFORT.pool_size),
        min(EFFORT.most_steps_idle, EFFORT.steps_idle_per_task * len(start[0])),
    )
    shortest = int(kept.counts[0].makespan)
    steps = max(1, min(EFFORT.shop_steps, EFFORT.shop_tasks_per_round // len(start[0])))
    done, idle, pace = 0, 0, Pace()

    def is_over() -> bool:
        return state.is_over or not is_wanted()

    def step(first: int, stop: int) -> None:
        nonlocal idle
        idle = run_tabu(shop, plan, kept, rng, stop - first)

    while not is_over() and (most is None or done < most):
        pace.run(step, 0, steps, is_over)
        done += 1
        if kept.counts[0].makespan < shortest:
            shortest = int(kept.counts[0].makespan)
            state.offer(_read_plan(shop, kept), "tabu search")
        if idle > patience:
            # Copies carry sequences only; heads of the copy are those of an older plan.
            time_plan(shop, kept)
            pool.add(PooledPlan(int(kept.counts[0].makespan), kept.mode.copy(), kept.rank.copy()))
            _begin_anew(shop, plan, pool, rng)
            copy_plan(plan, kept)
            kept.counts[0].step = 0


def _read_plan(shop: Shop, plan: Plan) -> Schedule:
    """The schedule of a plan."""
    time_plan(shop, plan)
    starts = tuple(int(start) for start in plan.head)
    return Schedule(starts, tuple(int(mode) for mode in plan.mode - shop.mode_first[:-1]))


def _begin_anew(
    shop: Shop,
    plan: Plan,
    pool: Pool,
    rng: np.random.Generator,
) -> None:
    """Fill the pool from shaken plans first, then lay a plan between two of its plans."""
    if len(pool.plans) < pool.size:
        best = pool.plans[0]
        load_plan(shop, plan, best.mode, np.argsort(best.rank, kind="stable"))
        disturb_plan(shop, plan, rng, max(EFFORT.most_disturbed, len(best.mode) // 2))
        return
    load_plan(shop, plan, *pool.draw_between(rng))
    plan.counts[0].step = 0
