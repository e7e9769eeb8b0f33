"""Compiled tabu search for shops.

A step takes a task of a critical path out of its machine and puts it back where the longest path
is shortest, on the same machine or another. Without the task, heads and tails tell between which
tasks it may stand without a cycle and how long each choice makes the schedule
[Mastrolilli 2000]. The main function is `run_tabu`.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.rows import Row, Rows, row_kind
from arterial.workshop.rows_kernel import copy_row, fill_row
from arterial.workshop.shop.encode import Shop

__all__ = ["Plan", "copy_plan", "disturb_plan", "load_plan", "make_plan", "run_tabu", "time_plan"]

Integers = NDArray[np.int64]

NONE: Final = -1
LARGEST: Final = int(np.iinfo(np.int64).max)
# Steps for which a task stays off a machine: so many, and a random share of the path more.
TENURE: Final = 8
TENURE_SPREAD: Final = 1.0
COUNTS: Final = row_kind("step makespan")
# A task behind another one in a mode: the makespan, and the longest path through the task.
MOVE: Final = row_kind("makespan through task mode after")


class Plan(NamedTuple):
    """Sequences of the machines, heads and tails, and working arrays.

    ``ahead`` and ``behind`` are the neighbours on the machine, ``lead`` the first of each machine,
    ``order`` all tasks so that none stands before what it waits for, ``rank`` their places in it;
    ``counts`` is one row.
    """

    mode: Integers
    length: Integers
    ahead: Integers
    behind: Integers
    lead: Integers
    head: Integers
    tail: Integers
    order: Integers
    rank: Integers
    waiting: Integers
    head_without: Integers
    tail_without: Integers
    path: Integers
    barred: Integers
    counts: Rows


def make_plan(shop: Shop) -> Plan:
    """Workspace for a plan."""
    n_tasks = len(shop.mode_first) - 1
    row = np.zeros(n_tasks, dtype=np.int64)
    return Plan(
        mode=row.copy(),
        length=row.copy(),
        ahead=row.copy(),
        behind=row.copy(),
        lead=np.zeros(shop.n_machines, dtype=np.int64),
        head=row.copy(),
        tail=row.copy(),
        order=row.copy(),
        rank=row.copy(),
        waiting=row.copy(),
        head_without=row.copy(),
        tail_without=row.copy(),
        path=row.copy(),
        barred=np.zeros((n_tasks, shop.n_machines), dtype=np.int64),
        counts=np.zeros(1, dtype=COUNTS),
    )


@compiled
def copy_plan(source: Plan, target: Plan) -> None:
    """Copy modes and sequences; heads and tails must be timed anew."""
    copy_row(source.mode, target.mode)
    copy_row(source.length, target.length)
    copy_row(source.ahead, target.ahead)
    copy_row(source.behind, target.behind)
    copy_row(source.lead, target.lead)
    target.counts[0].makespan = source.counts[0].makespan


@compiled
def load_plan(shop: Shop, plan: Plan, mode: Integers, order: Integers) -> None:
    """Set modes, and put the tasks on their machines in an order."""
    last = np.empty(shop.n_machines, dtype=np.int64)
    fill_row(last, NONE)
    copy_row(mode, plan.mode)
    fill_row(plan.ahead, NONE)
    fill_row(plan.behind, NONE)
    fill_row(plan.lead, NONE)
    for place in range(len(order)):
        task = order[place]
        machine = shop.machine[mode[task]]
        plan.length[task] = shop.length[mode[task]]
        plan.ahead[task] = last[machine]
        if last[machine] == NONE:
            plan.lead[machine] = task
        else:
            plan.behind[last[machine]] = task
        last[machine] = task
    for task in range(len(plan.barred)):
        fill_row(plan.barred[task], 0)
    plan.counts[0].step = 0
    time_plan(shop, plan)


@compiled
def _sort_plan(shop: Shop, plan: Plan) -> None:
    """Put the tasks in an order in which none stands before what it waits for."""
    # Arrays are bound to names first: each look into the tuple counts references anew.
    before_first, after_first, after = shop.before_first, shop.after_first, shop.after
    ahead, behind, order, rank = plan.ahead, plan.behind, plan.order, plan.rank
    waiting = plan.waiting
    n_ready = 0
    for task in range(len(order)):
        waiting[task] = before_first[task + 1] - before_first[task] + (ahead[task] != NONE)
        if waiting[task] == 0:
            order[n_ready] = task
            n_ready += 1
    for place in range(len(order)):
        task = order[place]
        rank[task] = place
        for link in range(after_first[task], after_first[task + 1]):
            other = after[link]
            waiting[other] -= 1
            if waiting[other] == 0:
                order[n_ready] = other
                n_ready += 1
        other = behind[task]
        if other != NONE:
            waiting[other] -= 1
            if waiting[other] == 0:
                order[n_ready] = other
                n_ready += 1


@compiled(counts_references=False, is_merged=True)
def _longest_path(
    first: Integers, linked: Integers, reach: Integers, length: Integers, task: int, near: int
) -> int:
    """Longest path up to a task: over those linked with it, and over its machine's neighbour.

    The same for heads, with predecessors and the task ahead, and for tails, with successors and
    the task behind.
    """
    longest = 0
    for link in range(first[task], first[task + 1]):
        longest = max(longest, reach[linked[link]] + length[linked[link]])
    if near != NONE:
        longest = max(longest, reach[near] + length[near])
    return longest


@compiled
def time_plan(shop: Shop, plan: Plan) -> None:
    """Order, heads, tails and makespan."""
    _sort_plan(shop, plan)
    before_first, before = shop.before_first, shop.before
    after_first, after = shop.after_first, shop.after
    ahead, behind, order, length = plan.ahead, plan.behind, plan.order, plan.length
    # Heads and tails leave the task itself out, so head + length + tail is the path through it.
    head, tail = plan.head, plan.tail
    makespan = 0
    for place in range(len(order)):
        task = order[place]
        head[task] = _longest_path(before_first, before, head, length, task, ahead[task])
        makespan = max(makespan, head[task] + length[task])
    for place in range(len(order) - 1, -1, -1):
        task = order[place]
        tail[task] = _longest_path(after_first, after, tail, length, task, behind[task])
    plan.counts[0].makespan = makespan


@compiled
def _trace_path(shop: Shop, plan: Plan, rng: np.random.Generator) -> int:
    """Fill the path with a critical path drawn at random, last task first; its length."""
    before_first, before, ahead = shop.before_first, shop.before, plan.ahead
    head, length, path = plan.head, plan.length, plan.path
    makespan = plan.counts[0].makespan
    n_ends, task = 0, NONE
    for other in range(len(head)):
        if head[other] + length[other] == makespan:
            n_ends += 1
            # Each of n with chance 1/n in one pass, without counting them first.
            if rng.random() * n_ends < 1.0:
                task = other
    count = 0
    while task != NONE:
        path[count] = task
        count += 1
        chosen, n_before = NONE, 0
        for link in range(before_first[task], before_first[task + 1] + 1):
            is_last = link == before_first[task + 1]
            other = ahead[task] if is_last else before[link]
            if other != NONE and head[other] + length[other] == head[task]:
                n_before += 1
                if rng.random() * n_before < 1.0:
                    chosen = other
        task = chosen
    return count


@compiled
def time_without(shop: Shop, plan: Plan, task: int) -> int:
    """Heads and tails as if a task were on no machine and took no time; the makespan then."""
    before_first, before = shop.before_first, shop.before
    after_first, after = shop.after_first, shop.after
    ahead, behind, order, length = plan.ahead, plan.behind, plan.order, plan.length
    head, tail = plan.head_without, plan.tail_without
    copy_row(plan.head, head)
    copy_row(plan.tail, tail)
    its_length, its_rank = length[task], plan.rank[task]
    # Set and put back: the same loops time the plan with and without the task.
    length[task] = 0
    makespan = 0
    # What stands before the task in the order is not changed by taking it out.
    for place in range(its_rank):
        other = order[place]
        makespan = max(makespan, head[other] + length[other])
    for place in range(its_rank, len(order)):
        other = order[place]
        near = NONE if other == task else ahead[other]
        if near == task:
            near = ahead[task]
        head[other] = _longest_path(before_first, before, head, length, other, near)
        makespan = max(makespan, head[other] + length[other])
    for place in range(its_rank, -1, -1):
        other = order[place]
        near = NONE if other == task else behind[other]
        if near == task:
            near = behind[task]
        tail[other] = _longest_path(after_first, after, tail, length, other, near)
    length[task] = its_length
    return makespan


@compiled
def _move_task(shop: Shop, plan: Plan, task: int, mode: int, after: int) -> None:
    """Take a task from its machine and put it behind another one, or first, in a mode."""
    ahead, behind = plan.ahead[task], plan.behind[task]
    if ahead == NONE:
        plan.lead[shop.machine[plan.mode[task]]] = behind
    else:
        plan.behind[ahead] = behind
    if behind != NONE:
        plan.ahead[behind] = ahead
    machine = shop.machine[mode]
    plan.mode[task] = mode
    plan.length[task] = shop.length[mode]
    follower = plan.lead[machine] if after == NONE else plan.behind[after]
    plan.ahead[task] = after
    plan.behind[task] = follower
    if after == NONE:
        plan.lead[machine] = task
    else:
        plan.behind[after] = task
    if follower != NONE:
        plan.ahead[follower] = task


@compiled
def _score_places(
    shop: Shop,
    plan: Plan,
    task: int,
    mode: int,
    floor: int,
    best: Row,
    rng: np.random.Generator,
    most: int,
) -> None:
    """Compare every sound place of a task on the machine of a mode with the best move so far.

    ``best`` is one row of `MOVE`. A barred machine counts only where the move would beat ``most``.
    """
    head, tail, length = plan.head_without, plan.tail_without, plan.length
    behind, machine, own_length = plan.behind, shop.machine[mode], shop.length[mode]
    is_barred = plan.barred[task, machine] > plan.counts[0].step
    is_same, its_ahead = mode == plan.mode[task], plan.ahead[task]
    # While the places are looked at the task stands on no machine.
    its_behind = behind[task]
    first = plan.lead[machine]
    if first == task:
        first = its_behind
    if its_ahead != NONE:
        # Unlinked for the loop alone; the last lines link it again.
        behind[its_ahead] = its_behind
    after, follower = NONE, first
    # What has more work behind it than the task, and is over in time, goes first.
    while (
        follower != NONE
        and head[follower] + length[follower] <= head[task]
        and tail[follower] + length[follower] > tail[task]
    ):
        after = follower
        follower = behind[after]
    left = head[task]
    while True:
        is_between = (
            follower != NONE
            and head[follower] + length[follower] > head[task]
            and tail[follower] + length[follower] > tail[task]
        )
        right = tail[follower] + length[follower] if is_between else tail[task]
        through = left + own_length + right
        makespan = max(through, floor)
        is_move = not is_same or after != its_ahead
        if is_move and (not is_barred or makespan < most):
            is_better = makespan < best.makespan or (
                makespan == best.makespan and through < best.through
            )
            is_equal = makespan == best.makespan and through == best.through
            if is_better or (is_equal and rng.random() < 0.5):  # noqa: PLR2004 a coin
                best.makespan, best.through = makespan, through
                best.task, best.mode, best.after = task, mode, after
        if not is_between:
            break
        left = head[follower] + length[follower]
        after = follower
        follower = behind[after]
    if its_ahead != NONE:
        behind[its_ahead] = task


@compiled
def run_tabu(shop: Shop, plan: Plan, kept: Plan, rng: np.random.Generator, steps: int) -> int:
    """Make some steps; the best plan met is kept. Steps since it was last improved."""
    best = np.zeros(1, dtype=MOVE)[0]
    for _ in range(steps):
        n_path = _trace_path(shop, plan, rng)
        best.makespan = LARGEST
        for place in range(n_path):
            task = plan.path[place]
            floor = time_without(shop, plan, task)
            for mode in range(shop.mode_first[task], shop.mode_first[task + 1]):
                _score_places(shop, plan, task, mode, floor, best, rng, kept.counts[0].makespan)
        plan.counts[0].step += 1
        # All moves are barred or there is none: a random one gets the search on.
        if best.makespan == LARGEST:
            disturb_plan(shop, plan, rng, 1)
            continue
        task = best.task
        tenure = TENURE + int(rng.random() * TENURE_SPREAD * n_path)
        # The machine that it leaves is barred, not the move: it may not come back at once.
        plan.barred[task, shop.machine[plan.mode[task]]] = plan.counts[0].step + tenure
        _move_task(shop, plan, task, best.mode, best.after)
        time_plan(shop, plan)
        if plan.counts[0].makespan < kept.counts[0].makespan:
            copy_plan(plan, kept)
            kept.counts[0].step = plan.counts[0].step
    return int(plan.counts[0].step - kept.counts[0].step)


@compiled
def disturb_plan(shop: Shop, plan: Plan, rng: np.random.Generator, moves: int) -> None:
    """Move some tasks of critical paths at random, each to the best place of a random machine."""
    best = np.zeros(1, dtype=MOVE)[0]
    for _ in range(moves):
        n_path = _trace_path(shop, plan, rng)
        task = plan.path[int(rng.random() * n_path)]
        first = shop.mode_first[task]
        mode = first + int(rng.random() * (shop.mode_first[task + 1] - first))
        best.makespan = LARGEST
        floor = time_without(shop, plan, task)
        _score_places(shop, plan, task, mode, floor, best, rng, LARGEST)
        if best.makespan < LARGEST:
            _move_task(shop, plan, task, best.mode, best.after)
            time_plan(shop, plan)
