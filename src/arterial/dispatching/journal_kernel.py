"""Compiled journal of a move, by which it is taken back, and the queue of events to be timed anew.

A move changes few of the times of a large plan. Each value is kept once a move, before it is
changed for the first time; taking a move back costs what it changed, not what there is.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.dispatching.encode import Graphs
from arterial.rows import Rows, row_kind

__all__ = [
    "Journal",
    "Log",
    "Queue",
    "begin_move",
    "clear_queue",
    "enqueue",
    "keep",
    "keep_visit",
    "make_journal",
    "mark",
    "pop_event",
    "take_back",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]

COUNTS: Final = row_kind("move visits total total_before train raises most_raises")


class Log(NamedTuple):
    """Values as they were before a move; ``size[0]`` of them."""

    move: Indices
    place: Indices
    value: Integers
    size: Integers


class Queue(NamedTuple):
    """Events in the order of a key, each at most once; ``size[0]`` of them."""

    heap: Indices
    key: Integers
    is_waiting: Flags
    size: Integers


class Marked(NamedTuple):
    """A list without doubles; ``size[0]`` of them."""

    place: Indices
    is_marked: Flags
    size: Integers


class Journal(NamedTuple):
    """What a move has changed.

    Attributes
    ----------
    counts : Rows
        One row: number of the move, logged changes of rows, price of all trains now and before the
        move, the train put in last, how often it was pushed since and how often it may be.
    time, late, release, price : Log
        Old values, by step, step, use and train.
    visit_use, visit_place
        Visits taken out of rows (from where) and put in (-1), in turn.
    queue : Queue
        Events to be timed.
    stale : Marked
        Events whose latest start may be another.
    steps, trains : Marked
        Events and trains that the best plan does not have as the current one has.
    """

    counts: Rows
    time: Log
    late: Log
    release: Log
    price: Log
    visit_use: Indices
    visit_place: Indices
    queue: Queue
    stale: Marked
    steps: Marked
    trains: Marked


def make_journal(graphs: Graphs) -> Journal:
    """An empty journal."""
    n_operations, n_uses, n_trains = (
        len(graphs.duration), len(graphs.use_resource), len(graphs.slope),
    )  # fmt: skip
    # A train is taken out and put in twice at most: its entry, then its path.
    most_visits = 4 * n_uses + 4
    return Journal(
        counts=np.zeros(1, dtype=COUNTS),
        time=_make_log(n_operations),
        late=_make_log(n_operations),
        release=_make_log(n_uses),
        price=_make_log(n_trains),
        visit_use=np.empty(most_visits, dtype=np.int32),
        visit_place=np.empty(most_visits, dtype=np.int32),
        queue=Queue(
            heap=np.empty(n_operations, dtype=np.int32),
            key=np.empty(n_operations, dtype=np.int64),
            is_waiting=np.zeros(n_operations, dtype=np.bool_),
            size=np.zeros(1, dtype=np.int64),
        ),
        stale=_make_marked(n_operations),
        steps=_make_marked(n_operations),
        trains=_make_marked(n_trains),
    )


def _make_log(size: int) -> Log:
    """An empty log."""
    return Log(
        move=np.zeros(size, dtype=np.int32),
        place=np.empty(size, dtype=np.int32),
        value=np.empty(size, dtype=np.int64),
        size=np.zeros(1, dtype=np.int64),
    )


def _make_marked(size: int) -> Marked:
    """An empty list."""
    return Marked(
        place=np.empty(size, dtype=np.int32),
        is_marked=np.zeros(size, dtype=np.bool_),
        size=np.zeros(1, dtype=np.int64),
    )


@compiled(counts_references=False)
def begin_move(journal: Journal) -> None:
    """Forget the move before."""
    counts = journal.counts[0]
    counts.move += 1
    counts.visits = 0
    counts.total_before = counts.total
    counts.train = -1
    journal.time.size[0] = 0
    journal.late.size[0] = 0
    journal.release.size[0] = 0
    journal.price.size[0] = 0


@compiled(counts_references=False)
def keep(log: Log, move: int, place: int, value: int) -> None:
    """Keep a value before it is changed; only the first of a move counts."""
    if log.move[place] == move:
        return
    count = log.size[0]
    log.move[place] = move
    log.place[count] = place
    log.value[count] = value
    log.size[0] = count + 1


@compiled(counts_references=False)
def take_back(log: Log, values: Integers) -> None:
    """Give all values of a log back."""
    for at in range(log.size[0]):
        values[log.place[at]] = log.value[at]


@compiled(counts_references=False)
def keep_visit(journal: Journal, use: int, place: int) -> None:
    """Keep that a visit was taken out of a place of its row, or put in (-1)."""
    counts = journal.counts[0]
    journal.visit_use[counts.visits] = use
    journal.visit_place[counts.visits] = place
    counts.visits += 1


@compiled(counts_references=False)
def mark(marked: Marked, place: int) -> None:
    """Add to a list what is not in it yet."""
    if not marked.is_marked[place]:
        marked.is_marked[place] = True
        marked.place[marked.size[0]] = place
        marked.size[0] += 1


@compiled(counts_references=False)
def enqueue(queue: Queue, name: int, key: int) -> None:
    """Put an event into the queue, unless it waits there; of equal keys the lower name is first."""
    if queue.is_waiting[name]:
        return
    queue.is_waiting[name] = True
    queue.key[name] = key
    place = queue.size[0]
    queue.size[0] = place + 1
    while place > 0:
        above = (place - 1) >> 1
        other = queue.heap[above]
        if queue.key[other] < key or (queue.key[other] == key and other < name):
            break
        queue.heap[place] = other
        place = above
    queue.heap[place] = name


@compiled(counts_references=False)
def pop_event(queue: Queue) -> int:
    """Take the first event out of the queue."""
    top = queue.heap[0]
    queue.is_waiting[top] = False
    count = queue.size[0] - 1
    queue.size[0] = count
    moved = queue.heap[count]
    key = queue.key[moved]
    place = 0
    while 2 * place + 1 < count:
        below = 2 * place + 1
        child = queue.heap[below]
        if below + 1 < count:
            other = queue.heap[below + 1]
            if queue.key[other] < queue.key[child] or (
                queue.key[other] == queue.key[child] and other < child
            ):
                below, child = below + 1, other
        if key < queue.key[child] or (key == queue.key[child] and moved < child):
            break
        queue.heap[place] = child
        place = below
    queue.heap[place] = moved
    return int(top)


@compiled(counts_references=False)
def clear_queue(queue: Queue) -> None:
    """Forget what waits."""
    for place in range(queue.size[0]):
        queue.is_waiting[queue.heap[place]] = False
    queue.size[0] = 0
