"""State of the search for a plan of train paths, and the steps that change it.

`State` holds what is asked for and what stands; `lay_train` gives a train the path that arrives
first, `take_out` deletes it, `put_back` restores it. Links bind a train to another: while that one
stands they bound its times (`bind_train`), and `keeps_links` tells whether the times of both do
keep them.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.paths.insertion_kernel import Labels, find_path, write_path
from arterial.dispatching.paths.line_kernel import FAR, Line, add_train, remove_train
from arterial.rows import Rows, row_kind

__all__ = [
    "LINK",
    "MISSING_S",
    "Asked",
    "Plan",
    "State",
    "bind_train",
    "copy_train",
    "keeps_followers",
    "keeps_links",
    "lay_train",
    "put_back",
    "take_out",
]

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MISSING_S: Final = 1 << 24
"""Delay that a train without a path counts for: more than half a year [s]."""

LINK: Final = row_kind("train place other other_place least_s is_together is_loose is_mirrored")
"""A link of a train at one of its places to another train at one of the places of that one.

Trains that stand together are linked both ways; the second link is the first one *mirrored*."""


class Asked(NamedTuple):
    """What is asked for.

    Parameters
    ----------
    places : numpy.ndarray of PLACE
        Ways of the trains, one behind the other.
    trains : numpy.ndarray of TRAIN
        The trains.
    links : numpy.ndarray of LINK
        Links, by the train that is bound.
    earliest_s, latest_s : numpy.ndarray of int64
        Limits of each place without its links [s].
    """

    places: Rows
    trains: Rows
    links: Rows
    earliest_s: Integers
    latest_s: Integers


class Plan(NamedTuple):
    """Times of the trains.

    Parameters
    ----------
    arrival_s, departure_s : numpy.ndarray of int64
        At each place of all ways [s].
    delay_s : numpy.ndarray of int64
        Of each train; `MISSING_S` where it has no path [s].
    is_laid : numpy.ndarray of bool
        Whether it has one.
    """

    arrival_s: Integers
    departure_s: Integers
    delay_s: Integers
    is_laid: Flags


class State(NamedTuple):
    """What is asked for, what stands, and workspace.

    Parameters
    ----------
    line : Line
        Who uses what.
    asked : Asked
        What is asked for.
    labels : Labels
        Workspace of the search for one path.
    plan, best, undo : Plan
        What stands, the best so far, and what stood before the present move.
    group : numpy.ndarray of int64
        Trains of the present move.
    keys : numpy.ndarray of float64
        By which they are sorted.
    is_chosen : numpy.ndarray of bool
        Whether a train is among them.
    changed : numpy.ndarray of int64
        Trains whose path is no longer that of the best plan.
    is_changed : numpy.ndarray of bool
        Whether a train is among them.
    """

    line: Line
    asked: Asked
    labels: Labels
    plan: Plan
    best: Plan
    undo: Plan
    group: Integers
    keys: NDArray[np.float64]
    is_chosen: Flags
    changed: Integers
    is_changed: Flags


@compiled(counts_references=False, is_merged=True)
def bind_train(state: State, number: int) -> None:
    """Bound the times of a train by its links to trains that stand."""
    asked, plan = state.asked, state.plan
    train = asked.trains[number]
    for place in range(train.link_first, train.link_end):
        own = asked.links[place].place
        asked.places[own].earliest_s = asked.earliest_s[own]
        asked.places[own].latest_s = asked.latest_s[own]
    for place in range(train.link_first, train.link_end):
        link = asked.links[place]
        if link.is_loose or not plan.is_laid[link.other]:
            continue
        own = asked.places[link.place]
        own.earliest_s = max(own.earliest_s, plan.arrival_s[link.other_place] + link.least_s)
        if link.is_together:
            # Both stand there at once, so it comes while the other still stays long enough.
            stays_s = plan.departure_s[link.other_place] - link.least_s
            own.latest_s = min(own.latest_s, stays_s)


@compiled(counts_references=False, is_merged=True)
def keeps_links(state: State, number: int) -> bool:
    """Whether the times of a train keep its links to trains that stand."""
    asked, plan = state.asked, state.plan
    train = asked.trains[number]
    for place in range(train.link_first, train.link_end):
        link = asked.links[place]
        if link.is_loose or not plan.is_laid[link.other] or not plan.is_laid[number]:
            continue
        from_s, until_s = plan.arrival_s[link.other_place], plan.departure_s[link.place]
        if link.is_together:
            from_s = max(from_s, plan.arrival_s[link.place])
            until_s = min(until_s, plan.departure_s[link.other_place])
        if until_s - from_s < link.least_s:
            return False
    return True


@compiled(counts_references=False, has_entry=False)
def keeps_followers(state: State, number: int) -> bool:
    """Whether the trains that are linked to a train can go on as they do."""
    links, kept = state.asked.links, True
    for place in range(len(links)):
        if links[place].other == number:
            kept = kept and keeps_links(state, links[place].train)
    return kept


@compiled(counts_references=False, has_entry=False)
def lay_train(state: State, number: int, arrive_by: int, wait_rule: int) -> bool:
    """Give a train the path that arrives first, not after an instant; whether there is one."""
    asked, plan = state.asked, state.plan
    train = asked.trains[number]
    bind_train(state, number)
    label = find_path(state.line, state.labels, asked.places, train, min(arrive_by, FAR))
    if label < 0:
        return False
    write_path(
        state.labels, asked.places, train, label, wait_rule, plan.arrival_s, plan.departure_s
    )
    plan.delay_s[number] = plan.arrival_s[train.end - 1] - train.due_s
    plan.is_laid[number] = True
    add_train(state.line, asked.places, train, number, plan.arrival_s, plan.departure_s)
    return True


@compiled(counts_references=False)
def take_out(state: State, number: int) -> None:
    """Delete the path of a train, if it has one."""
    plan = state.plan
    if plan.is_laid[number]:
        places, train = state.asked.places, state.asked.trains[number]
        remove_train(state.line, places, train, number, plan.arrival_s, plan.departure_s)
        plan.is_laid[number] = False
        plan.delay_s[number] = MISSING_S


@compiled(counts_references=False, is_merged=True)
def copy_train(state: State, number: int, source: Plan, target: Plan) -> None:
    """Copy the times of a train from one plan to another."""
    train = state.asked.trains[number]
    for place in range(train.first, train.end):
        target.arrival_s[place] = source.arrival_s[place]
        target.departure_s[place] = source.departure_s[place]
    target.delay_s[number] = source.delay_s[number]
    target.is_laid[number] = source.is_laid[number]


@compiled(counts_references=False)
def put_back(state: State, number: int, source: Plan) -> None:
    """Let the path of a train stand that it has in another plan; it has none now."""
    plan = state.plan
    copy_train(state, number, source, plan)
    if plan.is_laid[number]:
        places, train = state.asked.places, state.asked.trains[number]
        add_train(state.line, places, train, number, plan.arrival_s, plan.departure_s)
