"""Compiled book of occupations: for each resource the intervals in which a train closes it.

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
    "Book",
    "Plan",
    "add_path",
    "find_after",
    "occupy",
    "release_entry",
    "remove_path",
    "reserve_entry",
    "vacate",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

# An entry whose start has less than a second of slack stands fixed [ticks].
FIXED_SLACK: Final = 4096


class Book(NamedTuple):
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
def find_after(book: Book, resource: int, instant: int) -> int:
    """Place of the first interval of a resource that ends after an instant."""
    low = book.first[resource]
    high = low + book.held[resource]
    while low < high:
        middle = (low + high) >> 1
        if book.end[middle] > instant:
            high = middle
        else:
            low = middle + 1
    return int(low)


@compiled(counts_references=False)
def occupy(book: Book, resource: int, start: int, end: int, owner: int) -> None:
    """Close a resource for all but one train; joins an interval of the same train it touches."""
    place = find_after(book, resource, start)
    first = book.first[resource]
    stop = first + book.held[resource]
    for near in range(max(place - 1, first), min(place + 1, stop)):
        touches = book.start[near] <= end and book.end[near] >= start
        if book.owner[near] == owner and touches:
            book.start[near] = min(book.start[near], start)
            book.end[near] = max(book.end[near], end)
            return
    for later in range(stop, place, -1):
        book.start[later] = book.start[later - 1]
        book.end[later] = book.end[later - 1]
        book.owner[later] = book.owner[later - 1]
    book.start[place] = start
    book.end[place] = end
    book.owner[place] = owner
    book.held[resource] += 1


@compiled(counts_references=False)
def vacate(book: Book, resource: int, start: int, owner: int) -> None:
    """Reopen a resource: drop the interval of a train that covers an instant, if there is one."""
    place = find_after(book, resource, start)
    stop = book.first[resource] + book.held[resource]
    if place == stop or book.owner[place] != owner or book.start[place] > start:
        return
    for later in range(place, stop - 1):
        book.start[later] = book.start[later + 1]
        book.end[later] = book.end[later + 1]
        book.owner[later] = book.owner[later + 1]
    book.held[resource] -= 1


@compiled(counts_references=False)
def add_path(graphs: Graphs, book: Book, plan: Plan, train: int) -> None:
    """Write the occupations of a planned train into the book."""
    first = graphs.train_first[train]
    length = plan.length[train]
    for step in range(first, first + length):
        operation = plan.operation[step]
        leave = NEVER if step == first + length - 1 else plan.time[step + 1]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            end = NEVER if leave == NEVER else leave + graphs.use_gap[use]
            occupy(book, graphs.use_resource[use], plan.time[step], end, train)


@compiled(counts_references=False)
def remove_path(graphs: Graphs, book: Book, plan: Plan, train: int) -> None:
    """Drop the occupations of a planned train from the book."""
    first = graphs.train_first[train]
    for step in range(first, first + plan.length[train]):
        operation = plan.operation[step]
        for use in range(graphs.use_first[operation], graphs.use_first[operation + 1]):
            vacate(book, graphs.use_resource[use], plan.time[step], train)


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
def reserve_entry(graphs: Graphs, book: Book, train: int) -> None:
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
        occupy(book, graphs.use_resource[use], graphs.earliest[entry], end, train)


@compiled(counts_references=False)
def release_entry(graphs: Graphs, book: Book, train: int) -> None:
    """Undo `reserve_entry`."""
    entry = graphs.train_first[train]
    for use in range(graphs.use_first[entry], graphs.use_first[entry + 1]):
        vacate(book, graphs.use_resource[use], graphs.earliest[entry], train)
