"""Compiled search for the cheapest path of one train while all others stay where they are.

A label is (operation, free window, earliest start, price so far). From a label the train may leave
its operation at any instant from start plus duration to the end of the window, so each free window
of a successor that this stretch meets gives one label, at its earliest instant. A label is
dominated by one of the same operation and window that starts no later and has cost no more: prices
never fall with time, so the answer is exact. Labels are taken in order of
``price so far + lower bound of the price ahead``; the first exit taken is an optimum.

`find_path` is the main function, `write_path` turns its answer into a path.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import FOREVER, NEVER, TICKS_PER_S, Graphs
from arterial.dispatching.occupancy_kernel import Occupations, Plan, find_after
from arterial.rows import Row, Rows, row_kind

__all__ = [
    "NO_PATH",
    "TOO_MANY_LABELS",
    "WAIT_EARLY",
    "WAIT_LATE",
    "Labels",
    "find_path",
    "make_labels",
    "write_path",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]

NO_PATH: Final = -1
TOO_MANY_LABELS: Final = -2
NONE: Final = -1
# Where a train waits that has time to lose.
WAIT_LATE: Final = 0
WAIT_EARLY: Final = 1
SIZE: Final = row_kind("made waiting")
ORIGIN: Final = row_kind("parent start latest price limit")
WINDOW: Final = row_kind("start end following")


class Labels(NamedTuple):
    """Workspace for the labels of one search, used anew by each.

    ``bound`` and ``rank`` order the heap: least bound first, then deepest operation.
    ``newest`` and ``older`` chain the labels of an operation; ``origin`` and ``window`` hold what
    one step of the search hands to the next; ``size`` counts labels made and waiting in the heap.
    These three are one row each.
    """

    operation: Indices
    start: Integers
    window_end: Integers
    price: Integers
    bound: Integers
    rank: Indices
    parent: Indices
    older: Indices
    heap: Indices
    newest: Indices
    size: Rows
    origin: Rows
    window: Rows


def make_labels(graphs: Graphs, most: int) -> Labels:
    """Workspace for a number of labels."""
    small = (np.empty(most, dtype=np.int32) for _ in range(5))
    large = (np.empty(most, dtype=np.int64) for _ in range(4))
    operation, rank, parent, older, heap = small
    start, window_end, price, bound = large
    newest = np.full(len(graphs.duration), NONE, dtype=np.int32)
    return Labels(
        operation, start, window_end, price, bound, rank, parent, older, heap, newest,
        np.zeros(1, dtype=SIZE), np.zeros(1, dtype=ORIGIN), np.zeros(1, dtype=WINDOW),
    )  # fmt: skip


@compiled(counts_references=False)
def _goes_first(labels: Labels, one: int, other: int) -> bool:
    """Whether a label leaves the heap before another."""
    if labels.bound[one] != labels.bound[other]:
        return bool(labels.bound[one] < labels.bound[other])
    return bool(labels.rank[one] > labels.rank[other])


@compiled(counts_references=False)
def push(labels: Labels, label: int) -> None:
    """Put a label on the heap."""
    place = labels.size[0].waiting
    labels.size[0].waiting += 1
    while place > 0:
        above = (place - 1) >> 1
        if not _goes_first(labels, label, labels.heap[above]):
            break
        labels.heap[place] = labels.heap[above]
        place = above
    labels.heap[place] = label


@compiled(counts_references=False)
def pop(labels: Labels) -> int:
    """Take the first label off the heap."""
    top = labels.heap[0]
    labels.size[0].waiting -= 1
    count = labels.size[0].waiting
    moved = labels.heap[count]
    place = 0
    while 2 * place + 1 < count:
        below = 2 * place + 1
        if below + 1 < count and _goes_first(labels, labels.heap[below + 1], labels.heap[below]):
            below += 1
        if not _goes_first(labels, labels.heap[below], moved):
            break
        labels.heap[place] = labels.heap[below]
        place = below
    labels.heap[place] = moved
    return int(top)


@compiled(counts_references=False)
def price_start(graphs: Graphs, operation: int, start: int) -> int:
    """Price of starting an operation at an instant."""
    # Whole seconds, as plans are judged; the ticks within them only order events.
    late_s = start // TICKS_PER_S - graphs.threshold_s[operation]
    if late_s < 0:
        return 0
    return int(late_s * graphs.coefficient[operation] + graphs.increment[operation])


@compiled(counts_references=False)
def bound_ahead(graphs: Graphs, train: int, operation: int, start: int) -> int:
    """Least price of what follows an operation that starts at an instant."""
    late_s = max(start // TICKS_PER_S - graphs.free_limit_s[operation], 0)
    return int(max(graphs.price_ahead[operation], graphs.slope[train] * late_s))


@compiled(counts_references=False)
def _is_dominated(labels: Labels, operation: int, start: int, window_end: int, price: int) -> bool:
    """Whether an earlier label of the same window is as good."""
    label = labels.newest[operation]
    while label != NONE:
        if (
            labels.window_end[label] == window_end
            # Of one window the end is the same: who starts earlier can do all the other can.
            and labels.start[label] <= start
            and labels.price[label] <= price
        ):
            return True
        label = labels.older[label]
    return False


@compiled(counts_references=False)
def _find_window(
    graphs: Graphs,
    occupations: Occupations,
    operation: int,
    start: int,
    latest: int,
    window: Row,
) -> bool:
    """First free window of an operation that begins no earlier than an instant.

    Writes its start, its end (the last instant to leave) and where to look for the next one.
    """
    first, stop = graphs.use_first[operation], graphs.use_first[operation + 1]
    stay = graphs.duration[operation]
    use = first
    clear = 0
    end, following = NEVER, NEVER
    while clear < stop - first and start <= latest:
        resource = graphs.use_resource[use]
        place = find_after(occupations, resource, start)
        if place < occupations.first[resource] + occupations.held[resource]:
            closes = occupations.start[place] - graphs.use_gap[use]
            if closes < start + stay:
                start = occupations.end[place]
                # A later start may meet other intervals: all resources are looked at again.
                clear, end, following = 0, NEVER, NEVER
                continue
            if closes < end:
                end, following = closes, occupations.end[place]
        clear += 1
        use = use + 1 if use + 1 < stop else first
    window.start, window.end, window.following = start, end, following
    return bool(start <= latest)


@compiled(counts_references=False)
def reach(
    graphs: Graphs,
    occupations: Occupations,
    labels: Labels,
    train: int,
    operation: int,
    origin: Row,
    window: Row,
    chance: tuple[float, np.random.Generator],
) -> None:
    """Make a label for each free window of an operation that can be entered.

    ``origin`` holds the parent label, earliest and last instant of entry, price so far, limit.
    """
    blindness, rng = chance
    start = max(origin.start, graphs.earliest[operation])
    latest = min(origin.latest, graphs.latest[operation])
    while start <= latest and labels.size[0].made < len(labels.start):
        if not _find_window(graphs, occupations, operation, start, latest, window):
            return
        price = origin.price + price_start(graphs, operation, window.start)
        bound = price + bound_ahead(graphs, train, operation, window.start)
        if bound > origin.limit:
            return
        is_overlooked = blindness > 0.0 and rng.random() < blindness
        start, end = window.start, window.end
        if not is_overlooked and not _is_dominated(labels, operation, start, end, price):
            label = labels.size[0].made
            labels.size[0].made += 1
            labels.operation[label] = operation
            labels.start[label], labels.window_end[label] = window.start, window.end
            labels.price[label], labels.bound[label] = price, bound
            labels.rank[label] = 16 * (operation - graphs.train_first[train]) + int(
                rng.random() * 16.0
            )
            labels.parent[label] = origin.parent
            labels.older[label] = labels.newest[operation]
            labels.newest[operation] = label
            push(labels, label)
        start = window.following


@compiled(counts_references=False)
def find_path(
    graphs: Graphs,
    occupations: Occupations,
    labels: Labels,
    train: int,
    price_limit: int,
    chance: tuple[int, int, float, np.random.Generator],
) -> int:
    """Exit label of the cheapest path of a train, `NO_PATH`, or `TOO_MANY_LABELS`.

    Parameters
    ----------
    graphs, occupations, labels
        The problem, the occupations of the other trains, workspace.
    train : int
        The train; it occupies nothing.
    price_limit : int
        Paths that cost more are not looked for.
    chance : tuple
        An operation that is barred (-1: none) and until when, the chance that a free window is
        overlooked, and the generator, which also decides between labels of equal merit. With -1
        and zero the answer is exact; a little of both makes trains give way to others in a way
        that a search can build on.

    Returns
    -------
    int
        A label; its parents lead back to the entry.
    """
    barred, barred_until, blindness, rng = chance
    entry, stop = graphs.train_first[train], graphs.train_first[train + 1]
    # Only chains of this train can hold old labels; emptying all costs more than the search.
    labels.newest[entry:stop] = NONE
    labels.size[0].made = labels.size[0].waiting = 0
    origin, window = labels.origin[0], labels.window[0]
    origin.parent, origin.start, origin.latest = NONE, 0, FOREVER
    origin.price, origin.limit = 0, price_limit
    reach(graphs, occupations, labels, train, entry, origin, window, (blindness, rng))
    while labels.size[0].waiting > 0:
        label = pop(labels)
        operation = labels.operation[label]
        if operation == stop - 1:
            return label
        origin.parent = label
        origin.latest, origin.price = labels.window_end[label], labels.price[label]
        for arc in range(graphs.next_first[operation], graphs.next_first[operation + 1]):
            follower = graphs.next_operation[arc]
            origin.start = labels.start[label] + graphs.duration[operation]
            # Barred until an instant means no earlier entry; for ever, that no entry is in time.
            if follower == barred:
                origin.start = max(origin.start, barred_until)
            reach(graphs, occupations, labels, train, follower, origin, window, (blindness, rng))
        # Without places for labels a path that was not found may still exist.
        if labels.size[0].made >= len(labels.start):
            return TOO_MANY_LABELS
    return NO_PATH


@compiled(counts_references=False)
def write_path(
    graphs: Graphs, labels: Labels, plan: Plan, train: int, label: int, wait_rule: int
) -> None:
    """Write the path of an exit label into the plan.

    A train that must wait does so as late on its way as it can, or as early (`WAIT_EARLY`):
    then each start moves back to the last instant that its window, the next start and the free
    part of its price allow.
    """
    first = graphs.train_first[train]
    length = 0
    at = label
    while at != NONE:
        length += 1
        at = labels.parent[at]
    plan.length[train] = length
    plan.price[train] = labels.price[label]
    at = label
    for step in range(first + length - 1, first - 1, -1):
        operation = labels.operation[at]
        plan.operation[step] = operation
        plan.time[step] = labels.start[at]
        before = labels.parent[at]
        if wait_rule == WAIT_EARLY and step < first + length - 1 and before != NONE:
            latest = min(
                plan.time[step + 1] - graphs.duration[operation],
                labels.window_end[before],
                graphs.latest[operation],
            )
            if graphs.coefficient[operation] > 0 or graphs.increment[operation] > 0:
                # The last tick of the second before the price begins.
                latest = min(latest, graphs.threshold_s[operation] * TICKS_PER_S - 1)
            plan.time[step] = max(labels.start[at], latest)
        at = before
