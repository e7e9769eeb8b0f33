"""Compiled first plans: trains are laid one after another, none taken out again.

`lay_in_turn` lays every train, `lay_anew` those of a plan once more, each no later than before.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.paths.chances import CHANCES
from arterial.dispatching.paths.insertion_kernel import (
    WAIT_AT_ORIGIN,
    WAIT_EARLY,
    WAIT_LATE,
    find_path,
    write_path,
)
from arterial.dispatching.paths.line_kernel import FAR, add_train, open_point, open_step
from arterial.dispatching.paths.plan_kernel import (
    MISSING_S,
    Plan,
    State,
    bind_train,
    copy_train,
    keeps_followers,
    lay_train,
    put_back,
    take_out,
)

__all__ = ["find_least", "is_free", "lay_anew", "lay_in_turn", "lay_soon", "load_plan"]

Integers = NDArray[np.int64]

LOOK_FACTOR: Final = 4
"""By how much further a train is looked for that finds no path so far ahead."""

LOOK_MOST_S: Final = 86_400
"""How far behind its least delay a train is looked for in steps; then without a limit [s]."""


@compiled(counts_references=False)
def find_least(state: State) -> None:
    """Set the least delay of each train: that between the possessions, with no other train.

    A train that has no path even so stays as it is.
    """
    trains = state.asked.trains
    for number in range(len(trains)):
        train = trains[number]
        label = find_path(state.line, state.labels, state.asked.places, train, FAR)
        train.is_fixed = label < 0
        train.least_s = MISSING_S
        if label >= 0:
            train.least_s = state.labels.rows[label].low_s - train.due_s


@compiled(counts_references=False)
def _lay_late(state: State, number: int) -> bool:
    """Give a train the path that arrives first and, of those, leaves last; whether there is one.

    Tracing a path back gives the latest departure through the windows that it takes. What leaves
    later still takes other windows, so that is looked for until none arrives as early.
    """
    line, labels, places, plan = state.line, state.labels, state.asked.places, state.plan
    train = state.asked.trains[number]
    bind_train(state, number)
    wished_s = train.depart_from_s
    label, ahead_s = -1, CHANCES.look_s
    while label < 0 and ahead_s < LOOK_MOST_S:
        label = find_path(line, labels, places, train, train.due_s + train.least_s + ahead_s)
        ahead_s *= LOOK_FACTOR
    if label < 0:
        label = find_path(line, labels, places, train, FAR)
    if label < 0:
        return False
    arrive_s = labels.rows[label].low_s
    while label >= 0:
        write_path(labels, places, train, label, WAIT_EARLY, plan.arrival_s, plan.departure_s)
        train.depart_from_s = plan.departure_s[train.first] + 1
        label = find_path(line, labels, places, train, arrive_s)
    train.depart_from_s -= 1
    lay_train(state, number, arrive_s, WAIT_LATE)
    train.depart_from_s = wished_s
    return True


@compiled(counts_references=False)
def _lay_first(state: State, number: int, wait_rule: int) -> bool:
    """Give a train the path that arrives first; whether there is one."""
    if wait_rule == WAIT_AT_ORIGIN:
        return bool(_lay_late(state, number))
    return bool(lay_train(state, number, FAR, wait_rule))


@compiled(counts_references=False)
def lay_in_turn(state: State, order: Integers, wait_rule: int) -> None:
    """Give trains their paths one after another; a link that cannot be kept becomes loose.

    Parameters
    ----------
    state : State
        It is changed.
    order : (n,) array
        The trains.
    wait_rule : int
        `WAIT_AT_ORIGIN`: a train leaves as late as its arrival allows, then waits as late as it
        can; otherwise as of `write_path`.
    """
    asked = state.asked
    for number in order:
        train = asked.trains[number]
        take_out(state, number)
        is_done = train.is_fixed or _lay_first(state, number, wait_rule)
        if is_done or train.link_first == train.link_end:
            continue
        if _lay_before_partner(state, number, wait_rule):
            continue
        for link in range(train.link_first, train.link_end):
            asked.links[link].is_loose = 1
            _loosen_mirrored(state, number, asked.links[link].other)
        _lay_first(state, number, wait_rule)


@compiled(counts_references=False)
def _loosen_mirrored(state: State, number: int, other: int) -> None:
    """Let the link of another train back to a train bind it no longer."""
    train, links = state.asked.trains[other], state.asked.links
    for link in range(train.link_first, train.link_end):
        if links[link].other == number:
            links[link].is_loose = 1


@compiled(counts_references=False)
def _lay_before_partner(state: State, number: int, wait_rule: int) -> bool:
    """Lay a train first and let the one that it stands together with wait; whether both can run."""
    asked, plan = state.asked, state.plan
    train = asked.trains[number]
    for place in range(train.link_first, train.link_end):
        link = asked.links[place]
        other = link.other
        if not link.is_together or link.is_loose or not plan.is_laid[other]:
            continue
        if asked.trains[other].is_fixed:
            continue
        copy_train(state, other, plan, state.undo)
        take_out(state, other)
        is_laid = _lay_first(state, number, wait_rule)
        is_laid = is_laid and _lay_first(state, other, wait_rule)
        if is_laid and keeps_followers(state, number) and keeps_followers(state, other):
            return True
        take_out(state, other)
        take_out(state, number)
        put_back(state, other, state.undo)
    return False


@compiled(counts_references=False)
def load_plan(state: State) -> None:
    """Enter the times that the plan has for each train that it has a path for."""
    asked, plan = state.asked, state.plan
    for number in range(len(asked.trains)):
        if plan.is_laid[number]:
            train = asked.trains[number]
            plan.delay_s[number] = plan.arrival_s[train.end - 1] - train.due_s
            add_train(state.line, asked.places, train, number, plan.arrival_s, plan.departure_s)


@compiled(counts_references=False)
def is_free(state: State, number: int, source: Plan) -> bool:
    """Whether the path that a train has in a plan keeps every rule towards what stands."""
    line, labels, places = state.line, state.labels, state.asked.places
    train = state.asked.trains[number]
    for number_there in range(train.first, train.end):
        place = places[number_there]
        from_s, to_s = source.arrival_s[number_there], source.departure_s[number_there]
        count = open_point(line, place, from_s, to_s, labels.point_windows, labels.ends)
        is_free = False
        for window in range(count):
            here = labels.point_windows[window]
            is_free = is_free or (here.from_s <= from_s and to_s <= here.to_s)
        if is_free and number_there + 1 < train.end:
            from_s, to_s = to_s, source.arrival_s[number_there + 1]
            count = open_step(line, place, from_s, to_s, labels.step_windows, labels.bounds)
            is_free = False
            for window in range(count):
                step = labels.step_windows[window]
                can_enter = step.entry_from_s <= from_s <= step.entry_to_s
                is_free = is_free or (can_enter and step.exit_from_s <= to_s <= step.exit_to_s)
        if not is_free:
            return False
    return True


@compiled(counts_references=False, has_entry=False)
def lay_soon(state: State, number: int, limit_s: int) -> bool:
    """Give a train its earliest path, looked for further and further off; whether it has one."""
    train = state.asked.trains[number]
    least_s, ahead_s = train.due_s + train.least_s, CHANCES.look_s
    while least_s + ahead_s < limit_s and ahead_s < LOOK_MOST_S:
        if lay_train(state, number, least_s + ahead_s, WAIT_LATE):
            return True
        ahead_s *= LOOK_FACTOR
    return lay_train(state, number, limit_s, WAIT_LATE)


@compiled(counts_references=False)
def lay_anew(state: State, order: Integers, is_lawful: NDArray[np.bool_]) -> int:
    """Let trains take their earliest paths one after another; how many come earlier for it.

    Parameters
    ----------
    state : State
        With a plan.
    order : (n,) array
        The trains.
    is_lawful : (n_trains,) array of bool
        Whether the path of a train is one that it may take; where not, it takes any that it may.
    """
    trains, plan, undo = state.asked.trains, state.plan, state.undo
    moved = 0
    for number in order:
        train = trains[number]
        if train.is_fixed:
            continue
        copy_train(state, number, plan, undo)
        take_out(state, number)
        limit_s = FAR
        if is_lawful[number]:
            limit_s = train.due_s + undo.delay_s[number]
        if not lay_soon(state, number, limit_s) or not keeps_followers(state, number):
            take_out(state, number)
            put_back(state, number, undo)
            continue
        moved += plan.delay_s[number] < undo.delay_s[number]
        is_lawful[number] = True
    return moved
