"""Compiled repair of a plan: trains that can run as planned do, the others are laid between them.

A train under way that is not laid yet keeps the track that it cannot leave (`_hold_place`), so that
no other is laid over it. Where it finds no path because others come to where it stands, these are
taken out and laid after it. Main function: `repair_plan`.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.paths.first_plan_kernel import is_free, lay_soon
from arterial.dispatching.paths.line_kernel import FAR, add_use, find_first, open_step, remove_use
from arterial.dispatching.paths.plan_kernel import State, put_back, take_out

__all__ = ["clear_plan", "repair_plan"]

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

PASSES_MOST: Final = 8
"""Times that each train is tried, others ahead of it being taken out further and further."""


@compiled(counts_references=False)
def _hold_place(state: State, number: int) -> None:
    """Enter what a train under way cannot leave: its track, and the step that it is on."""
    line, labels = state.line, state.labels
    train = state.asked.trains[number]
    place = state.asked.places[train.first]
    if not train.is_live:
        return
    arrive_s, leave_s = train.arrive_at_s, train.arrive_at_s + place.dwell_least_s
    add_use(line, place.point, arrive_s, leave_s, place.mark, number)
    if train.waits_inside:
        enter_s, exit_s = train.depart_to_s, train.depart_to_s + place.running_s
        # Behind a train that is held it leaves the step later.
        count = open_step(line, place, enter_s, exit_s, labels.step_windows, labels.bounds)
        for window in range(count):
            step = labels.step_windows[window]
            if step.entry_from_s <= enter_s <= step.entry_to_s:
                exit_s = max(exit_s, step.exit_from_s)
        add_use(line, place.step, enter_s, exit_s, place.direction, number)


@compiled(counts_references=False)
def _free_place(state: State, number: int) -> None:
    """Delete what `_hold_place` has entered."""
    train = state.asked.trains[number]
    place = state.asked.places[train.first]
    if train.is_live:
        remove_use(state.line, place.point, train.arrive_at_s, number)
        if train.waits_inside:
            remove_use(state.line, place.step, train.depart_to_s, number)


@compiled(counts_references=False, is_merged=True)
def _take_out_users(state: State, row: int, number: int, now_s: int, is_lawful: Flags) -> None:
    """Take out the trains that come to a step or point after now."""
    line, trains = state.line, state.asked.trains
    there = line.rows[row]
    # Backwards: what is taken out moves only those behind it.
    use = there.first + there.count - 1
    begin = find_first(line, there, now_s + 1)
    while use >= begin:
        owner = line.uses[use].owner
        if owner < len(trains) and owner != number and is_lawful[owner]:
            take_out(state, owner)
            is_lawful[owner] = False
            _hold_place(state, owner)
            use = min(use, there.first + there.count)
        use -= 1


@compiled(counts_references=False, is_merged=True)
def _lay_affected(state: State, number: int, reach: int, now_s: int, is_lawful: Flags) -> bool:
    """Lay a train, if need be after taking out those ahead of it; whether it has a path."""
    train = state.asked.trains[number]
    _free_place(state, number)
    is_laid = lay_soon(state, number, FAR)
    if not is_laid:
        for place in range(train.first, min(train.first + reach, train.end)):
            _take_out_users(state, state.asked.places[place].point, number, now_s, is_lawful)
            if place + 1 < train.end:
                _take_out_users(state, state.asked.places[place].step, number, now_s, is_lawful)
        is_laid = lay_soon(state, number, FAR)
    if not is_laid:
        _hold_place(state, number)
    return is_laid


@compiled(counts_references=False, is_merged=True)
def _keep_paths(state: State, order: Integers, may_keep: Flags, is_lawful: Flags) -> None:
    """Let trains run as in the best plan where nothing is in the way."""
    for number in order:
        _hold_place(state, number)
    for number in order:
        if not may_keep[number]:
            continue
        _free_place(state, number)
        is_lawful[number] = is_free(state, number, state.best)
        if is_lawful[number]:
            put_back(state, number, state.best)
        else:
            _hold_place(state, number)


@compiled(counts_references=False)
def clear_plan(state: State) -> None:
    """Let nothing stand: no path, and no track that a train without one keeps.

    Parameters
    ----------
    state : State
        With what `repair_plan` has laid; its plan holds no path afterwards.
    """
    for number in range(len(state.asked.trains)):
        if state.plan.is_laid[number]:
            take_out(state, number)
        else:
            _free_place(state, number)


@compiled(counts_references=False)
def repair_plan(
    state: State, order: Integers, may_keep: Flags, is_lawful: Flags, now_s: int
) -> bool:
    """Lay every train as in the best plan where it can run so, the others between them.

    Parameters
    ----------
    state : State
        Without a train; the best plan is the one to keep to.
    order : (n,) array
        The trains in the order in which they come.
    may_keep : (n_trains,) array of bool
        Whether a train may run as in the best plan at all.
    is_lawful : (n_trains,) array of bool
        Set for trains that have a path.
    now_s : int
        What begins before this instant stays [s].

    Returns
    -------
    bool
        Whether all have one; where not, nothing stands.
    """
    _keep_paths(state, order, may_keep, is_lawful)
    trains = state.asked.trains
    for reach in range(PASSES_MOST):
        for number in order:
            if not is_lawful[number] and not trains[number].is_fixed:
                is_lawful[number] = _lay_affected(state, number, reach, now_s, is_lawful)
        left = 0
        for number in order:
            left += not is_lawful[number] and not trains[number].is_fixed
        if left == 0:
            return True
    clear_plan(state)
    return False
