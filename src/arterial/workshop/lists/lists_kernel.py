"""Compiled search for works: lists of tasks placed one after another, and moves of the lists.

A task goes into the mode in which it ends first. A move shifts one task in the list, or a whole
vehicle with all its tasks. Whether a list is kept is decided by late acceptance [Burke 2017]: it
must be no worse than the present one, or than the one of some moves ago. The main function is
`run_moves`.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.rows import Rows, row_kind
from arterial.workshop.lists.encode import Works
from arterial.workshop.rows_kernel import copy_row, fill_row

__all__ = ["FAILED", "ListState", "decode_list", "make_list_state", "run_moves"]

Integers = NDArray[np.int64]

NONE: Final = -1
FAILED: Final = np.iinfo(np.int64).max
GROUP_SHARE: Final = 0.4
COUNTS: Final = row_kind("moves value best")


class ListState(NamedTuple):
    """The present list, the best schedule, and working arrays.

    ``held`` are the units in use by slot, ``spare`` what may still be taken of a part at a slot
    without leaving a later use short, ``past`` the values of the last moves.
    """

    held: Integers
    spare: Integers
    start: Integers
    end: Integers
    mode: Integers
    order: Integers
    trial: Integers
    place: Integers
    best_start: Integers
    best_mode: Integers
    past: Integers
    counts: Rows


def make_list_state(works: Works, order: Integers, memory: int) -> ListState:
    """A state with a list; the values stand at `FAILED` until the first move."""
    n_tasks = len(works.release)
    horizon = works.stock.shape[1]
    counts = np.zeros(1, dtype=COUNTS)
    counts["value"] = counts["best"] = FAILED
    row = np.zeros(n_tasks, dtype=np.int64)
    return ListState(
        held=np.zeros((len(works.capacity), horizon), dtype=np.int64),
        spare=works.stock.copy(),
        start=row.copy(),
        end=row.copy(),
        mode=row.copy(),
        order=order.copy(),
        trial=row.copy(),
        place=row.copy(),
        best_start=row.copy(),
        best_mode=row.copy(),
        past=np.full(memory, FAILED, dtype=np.int64),
        counts=counts,
    )


@compiled
def _clear_usage(works: Works, state: ListState) -> None:
    """Empty the slots; what may be taken of a part is the least that is there from then on."""
    for resource in range(len(state.held)):
        fill_row(state.held[resource], 0)
    for part in range(works.stock.shape[0]):
        least = works.stock[part, -1]
        for slot in range(works.stock.shape[1] - 1, -1, -1):
            least = min(least, works.stock[part, slot])
            state.spare[part, slot] = least


@compiled
def _find_parts(works: Works, state: ListState, task: int, ready: int) -> int:
    """First slot from a slot on from which all parts are there; the horizon where none is."""
    horizon = works.stock.shape[1] - 1
    for link in range(works.use_first[task], works.use_first[task + 1]):
        row = state.spare[works.part[link]]
        low, high = ready, horizon
        # What may be taken never falls with time, being the least from a slot on.
        while low < high:
            middle = (low + high) >> 1
            if row[middle] >= works.quantity[link]:
                high = middle
            else:
                low = middle + 1
        if row[low] < works.quantity[link]:
            return int(horizon)
        ready = low
    return int(ready)


@compiled
def _last_clash(works: Works, state: ListState, mode: int, start: int, end: int) -> int:
    """Last slot of a stay in which a resource does not suffice; -1 where there is none."""
    latest = NONE
    for link in range(works.demand_first[mode], works.demand_first[mode + 1]):
        row = state.held[works.resource[link]]
        most = works.capacity[works.resource[link]] - works.amount[link]
        slot = end - 1
        # Only what lies behind the last clash so far moves the start further.
        while slot >= start and slot > latest and row[slot] <= most:
            slot -= 1
        if slot >= start:
            latest = max(latest, slot)
    return latest


@compiled
def _find_start(works: Works, state: ListState, mode: int, ready: int) -> int:
    """Earliest start of a mode from a slot on; -1 where it would not end within the horizon."""
    horizon = works.stock.shape[1] - 1
    calendar, length = works.calendar[mode], works.length[mode]
    start = ready
    while start < horizon:
        if length == 0:
            return start
        begun = works.worked[calendar, start]
        if begun + length > works.worked[calendar, horizon]:
            return NONE
        start = works.slot_of[calendar, begun]
        end = works.slot_of[calendar, begun + length - 1] + 1
        clash = _last_clash(works, state, mode, start, end)
        if clash == NONE:
            return int(start)
        start = clash + 1
    return NONE


@compiled
def _end_of(works: Works, mode: int, start: int) -> int:
    """Slot after the last one that a mode works in."""
    if works.length[mode] == 0:
        return start
    calendar = works.calendar[mode]
    begun = works.worked[calendar, start]
    return int(works.slot_of[calendar, begun + works.length[mode] - 1] + 1)


@compiled
def _hold(row: Integers, amount: int, start: int, end: int) -> None:
    """Take units of a resource from a slot up to another."""
    for slot in range(start, end):
        row[slot] += amount


@compiled
def _use_part(row: Integers, quantity: int, start: int) -> None:
    """Take units of a part at a slot: what is taken then cannot be taken before."""
    for slot in range(start, len(row)):
        row[slot] -= quantity
    least = row[start]
    slot = start - 1
    # Earlier slots may take no more than what later uses leave.
    while slot >= 0 and row[slot] > least:
        row[slot] = least
        slot -= 1


@compiled
def _take(works: Works, state: ListState, task: int, mode: int) -> None:
    """Take what a task needs at its start."""
    start, end = state.start[task], state.end[task]
    for link in range(works.demand_first[mode], works.demand_first[mode + 1]):
        _hold(state.held[works.resource[link]], works.amount[link], start, end)
    for link in range(works.use_first[task], works.use_first[task + 1]):
        _use_part(state.spare[works.part[link]], works.quantity[link], start)


@compiled
def _price(works: Works, state: ListState) -> int:
    """Value of the present schedule: weighted lateness first, then the makespan."""
    makespan, late = 0, 0
    for task in range(len(state.end)):
        makespan = max(makespan, state.end[task])
    for due in range(len(works.due_first) - 1):
        last = 0
        for link in range(works.due_first[due], works.due_first[due + 1]):
            last = max(last, state.end[works.due_task[link]])
        if last > 0:
            late += works.weight[due] * max(0, works.day[last - 1] - works.due_day[due])
    # More than any makespan, so that lateness always counts first.
    factor = len(works.day) + 1 if len(works.due_first) > 1 else 0
    return int(late * factor + makespan)


@compiled
def decode_list(works: Works, state: ListState, order: Integers) -> int:
    """Place the tasks in the order of a list; the value, `FAILED` where one finds no place."""
    _clear_usage(works, state)
    for place in range(len(order)):
        task = order[place]
        ready = works.release[task]
        for link in range(works.before_first[task], works.before_first[task + 1]):
            ready = max(ready, state.end[works.before[link]])
        ready = _find_parts(works, state, task, ready)
        chosen, first_end, its_start = NONE, FAILED, NONE
        for mode in range(works.mode_first[task], works.mode_first[task + 1]):
            start = _find_start(works, state, mode, ready)
            if start != NONE:
                end = _end_of(works, mode, start)
                if end < first_end or (end == first_end and start < its_start):
                    chosen, first_end, its_start = mode, end, start
        if chosen == NONE:
            return FAILED
        state.start[task], state.end[task], state.mode[task] = its_start, first_end, chosen
        _take(works, state, task, chosen)
    return _price(works, state)


@compiled
def _shift_task(works: Works, state: ListState, rng: np.random.Generator) -> None:
    """Write to the trial list the present one with one task elsewhere, as precedence allows."""
    n_tasks = len(state.order)
    for place in range(n_tasks):
        state.place[state.order[place]] = place
    here = int(rng.random() * n_tasks)
    task = state.order[here]
    low, high = 0, n_tasks - 1
    for link in range(works.before_first[task], works.before_first[task + 1]):
        low = max(low, state.place[works.before[link]] + 1)
    for other in range(here + 1, n_tasks):
        follower = state.order[other]
        for link in range(works.before_first[follower], works.before_first[follower + 1]):
            if works.before[link] == task:
                high = min(high, other - 1)
        if high < other:
            break
    there = low + int(rng.random() * (high - low + 1))
    copy_row(state.order, state.trial)
    step = 1 if there > here else -1
    for place in range(here, there, step):
        state.trial[place] = state.order[place + step]
    state.trial[there] = task


@compiled
def _shift_group(works: Works, state: ListState, rng: np.random.Generator) -> None:
    """Write to the trial list the present one with a whole group earlier or later."""
    n_tasks = len(state.order)
    group = works.group[int(rng.random() * n_tasks)]
    # Long shifts are rare, short ones frequent.
    reach = n_tasks * (2.0 * rng.random() - 1.0) * rng.random()
    # Odd against twice the places: no two tasks ever compare equal.
    shift = 2 * int(reach) + 1
    other, own = 0, 0
    # Both parts keep their order, so that they need only be merged.
    for place in range(n_tasks):
        while other < n_tasks and works.group[state.order[other]] == group:
            other += 1
        while own < n_tasks and works.group[state.order[own]] != group:
            own += 1
        if own < n_tasks and (other >= n_tasks or 2 * own + shift < 2 * other):
            state.trial[place] = state.order[own]
            own += 1
        else:
            state.trial[place] = state.order[other]
            other += 1


@compiled
def _keep_best(state: ListState, value: int) -> None:
    """Keep the present schedule where none was better."""
    if value < state.counts[0].best:
        state.counts[0].best = value
        copy_row(state.start, state.best_start)
        copy_row(state.mode, state.best_mode)


@compiled
def run_moves(works: Works, state: ListState, rng: np.random.Generator, moves: int) -> int:
    """Try some moves of the list; the best value so far, `FAILED` where no list found a place."""
    if state.counts[0].value == FAILED:
        state.counts[0].value = decode_list(works, state, state.order)
        _keep_best(state, state.counts[0].value)
        fill_row(state.past, state.counts[0].value)
    for _ in range(moves):
        if rng.random() < GROUP_SHARE:
            _shift_group(works, state, rng)
        else:
            _shift_task(works, state, rng)
        value = decode_list(works, state, state.trial)
        # Compared with a value of long ago: worse lists pass early, few pass late.
        slot = state.counts[0].moves % len(state.past)
        if value <= state.counts[0].value or value <= state.past[slot]:
            copy_row(state.trial, state.order)
            state.counts[0].value = value
            _keep_best(state, value)
        state.past[slot] = state.counts[0].value
        state.counts[0].moves += 1
    return int(state.counts[0].best)
