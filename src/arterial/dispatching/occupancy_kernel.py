"""Compiled occupations: for each resource the intervals in which a train closes it.

An interval runs from the start of an operation to its end plus release time. Intervals of one
resource are disjoint and sorted; those of one train that touch are joined, for a train never
hinders itself. `find_after` looks up, `occupy` and `vacate` change.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import NEVER, Graphs

__all__ = [
    "Occupations",
    "Plan",
    "add_path",
    "find_after",
    "occupy",
    "release_entry",
    "remove_path",
    "reserve_entry",
    "sweep_starts",
    "vacate",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

# An entry whose start has less than a second of slack stands fixed [ticks].
FIXED_SLACK: Final = 4096


class Occupations(NamedTuple):
    """Occupations of all resources: ``held[r]`` of them from place ``first[r]`` on."""

    first: Indices
    held: Indices
    start: Integers
    end: Integers
    owner: Indices


class Plan(NamedTuple):
    """Paths and starts of all trains; train ``k`` owns places from its first operation on."""

    operation: Indices
    time: Integers
    length: Indices
    price: Integers


@compiled(counts_references=False)
def find_after(occupations: Occupations, resource: int, instant: int) -> int:
    """Place of the first interval of a resource that ends after an instant."""
    low = occupations.first[resource]
    high = low + occupations.held[resource]
    while low < high:
        middle = (low + high) >> 1
        if occupations.end[middle] > instant:
            high = middle
        else:
            low = middle + 1
    return int(low)


@compiled(counts_references=False)
def occupy(occupations: Occupations, resource: int, start: int, end: int, owner: int) -> None:
    """Close a resource for all but one train; joins an interval of the same train it touches."""
    place = find_after(occupations, resource, start)
    first = occupations.first[resource]
    stop = first + occupations.held[resource]
    # `find_after` looks at ends only: an interval that ends where this one starts is just before.
    for near in range(max(place - 1, first), min(place + 1, stop)):
        touches = occupations.start[near] <= end and occupations.end[near] >= start
        if occupations.owner[near] == owner and touches:
            occupations.start[near] = min(occupations.start[near], start)
            occupations.end[near] = max(occupations.end[near], end)
            return
    for later in range(stop, place, -1):
        occupations.start[later] = occupations.start[later - 1]
        occupations.end[later] = occupations.end[later - 1]
        occupations.owner[later] = occupations.owner[later - 1]
    occupations.start[place] = start
    occupations.end[place] = end
    occupations.owner[place] = owner
    occupations.held[resource] += 1


@compiled(counts_references=False)
def vacate(occupations: Occupations, resource: int, start: int, owner: int) -> None:
    """Reopen a resource: drop the interval of a train that covers an instant, if there is one."""
    place = find_after(occupations, resource, start)
    stop = occupations.first[resource] + occupations.held[resource]
    # A joined interval goes with its first operation; its others then find nothing to drop.
    if place == stop or occupations.owner[place] != owner or occupations.start[place] > start:
        return
    for later in range(place, stop - 1):
        occupations.start[later] = occupations.start[later + 1]
        occupations.end[later] = occupations.end[later + 1]
        occupations.owner[later] = occupations.owner[later + 1]
    occupations.held[resource] -= 1


@compiled(counts_references=False)
def add_path(graphs: Graphs, occupations: Occupations, plan: Plan, train: int) -> None:
    """Write the occupations of a planned train."""
    first = graphs.train_first[train]
    length = plan.length[train]
    for step in range(first, first + length):
        operation = plan.operation[step]
        # Whoever vanishes at the exit keeps its resources for ever: that is the rule of the format.
        leave = NEVER if step == first + length - 1 else plan.time[step + 1]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            end = NEVER if leave == NEVER else leave + graphs.use_gap[use]
            occupy(occupations, graphs.use_resource[use], plan.time[step], end, train)


@compiled(counts_references=False)
def remove_path(graphs: Graphs, occupations: Occupations, plan: Plan, train: int) -> None:
    """Drop the occupations of a planned train."""
    first = graphs.train_first[train]
    for step in range(first, first + plan.length[train]):
        operation = plan.operation[step]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            vacate(occupations, graphs.use_resource[use], plan.time[step], train)


@compiled(counts_references=False)
def earliest_leave(graphs: Graphs, train: int) -> int:
    """Instant at which a train can leave its entry at the earliest, NEVER from an exit."""
    entry = graphs.train_first[train]
    leave = NEVER
    for arc in range(graphs.next_first[entry], graphs.next_first[entry + 1]):
        leave = min(leave, graphs.earliest[graphs.next_operation[arc]])
    if leave == NEVER:
        return NEVER
    return int(max(leave, graphs.earliest[entry] + graphs.duration[entry]))


@compiled(counts_references=False)
def reserve_entry(graphs: Graphs, occupations: Occupations, train: int) -> None:
    """Hold the entry of a train without a path for the shortest stay that it must make there.

    Only for trains that stand in the network from a fixed instant: their entry's start has no
    slack, so whoever comes before they have left meets them.
    """
    entry = graphs.train_first[train]
    if graphs.latest[entry] - graphs.earliest[entry] >= FIXED_SLACK:
        return
    leave = earliest_leave(graphs, train)
    for use in range(graphs.use_first[entry], graphs.use_first[entry + 1]):
        end = NEVER if leave == NEVER else leave + graphs.use_gap[use]
        occupy(occupations, graphs.use_resource[use], graphs.earliest[entry], end, train)


@compiled(counts_references=False)
def release_entry(graphs: Graphs, occupations: Occupations, train: int) -> None:
    """Undo `reserve_entry`."""
    entry = graphs.train_first[train]
    for use in range(graphs.use_first[entry], graphs.use_first[entry + 1]):
        vacate(occupations, graphs.use_resource[use], graphs.earliest[entry], train)


@compiled
def sweep_starts(graphs: Graphs, plan: Plan, order: Indices, owner: Indices) -> None:
    """Give every event the earliest start that the orders on the resources allow.

    ``t_e = max(lower bound, t_before + duration, release of each resource)``, swept in an order
    of events that the present plan keeps; no start gets later.
    """
    free = np.zeros((len(graphs.resource_first), 2), dtype=np.int64)
    held_by = np.full(len(graphs.resource_first), -1, dtype=np.int32)
    for step in order:
        train = owner[step]
        operation = plan.operation[step]
        start = graphs.earliest[operation]
        is_entry = step == graphs.train_first[train]
        if not is_entry:
            start = max(start, plan.time[step - 1] + graphs.duration[plan.operation[step - 1]])
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            resource = graphs.use_resource[use]
            start = max(start, free[resource, int(held_by[resource] == train)])
        plan.time[step] = start
        if is_entry:
            continue
        before = plan.operation[step - 1]
        for use in range(graphs.use_first[before], graphs.use_first[before + 1]):
            resource = graphs.use_resource[use]
            end = start + graphs.use_gap[use]
            if held_by[resource] != train:
                free[resource, 1] = max(free[resource, 0], free[resource, 1])
                held_by[resource] = train
                free[resource, 0] = end
            else:
                free[resource, 0] = max(free[resource, 0], end)
