"""Compiled state of a simulated line: the heap of what comes next, trains, steps and tracks.

Events are ordered by (time, priority, sequence) [architecture §6], packed into one number.
`push` and `pop` are the binary heap, `join_queue` and `leave_queue` the trains that wait to enter a
step; `clear_desk` makes the state ready for the next replication.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.line.plan import Events, Layout

__all__ = [
    "ARRIVE",
    "FAR",
    "READY",
    "SERVE",
    "START",
    "Desk",
    "clear_desk",
    "is_quiet",
    "join_queue",
    "leave_queue",
    "make_desk",
    "make_rows",
    "pop",
    "push",
    "time_of",
    "wide",
]

Integers = NDArray[np.int64]
Rows = NDArray[np.void]

# What happens, in the order in which it happens within a second.
START: Final = 0
ARRIVE: Final = 1
READY: Final = 2
SERVE: Final = 3
KIND_BITS: Final = 30
TIME_BITS: Final = 32
FAR: Final = 1 << 30
# Places in `Desk.counts`.
HELD: Final = 0
SEQUENCE: Final = 1
DONE: Final = 2
FORCED: Final = 3
IS_FULL: Final = 4
WALKS: Final = 5


class Desk(NamedTuple):
    """State of the line.

    ``events``: ``time``, ``cause`` (the event of another run that let it happen; -1 = its own) and
    ``seen`` (walk that last came by). ``runs``: next departure ``at``, instant ``ready``, the
    ``track`` held and the one ``ahead``, and who waits ``behind``. ``ways`` (n_steps, 2): last
    departure and arrival with their events, and the train expected. ``steps``: the ``queue``, when
    to look again, and from when and by whom the chosen train may enter. ``tracks``: ``free_at``,
    ``freed_by``. ``present`` (n_points, 2): trains there or on their way there, by way. ``heap``:
    ``key``, ``item``, ``blame``. ``counts`` (6,).
    """

    events: Rows
    runs: Rows
    ways: Rows
    steps: Rows
    tracks: Rows
    present: Integers
    heap: Rows
    counts: Integers


def make_desk(layout: Layout, events: Events, *, room: int) -> Desk:
    """Room for the state of a plan, and for `room` things to come."""
    runs, steps = events.first.size - 1, layout.step_tracks.size
    last_times = "departed arrived departed_event arrived_event expected"
    return Desk(
        events=make_rows("time cause seen", events.planned.size, kind=np.int32),
        runs=make_rows("at ready track ahead behind", runs),
        ways=make_rows(last_times, steps, 2),
        steps=make_rows("queue served_at due entry blame", steps),
        tracks=make_rows("free_at freed_by", int(layout.track_first[-1])),
        present=np.zeros((layout.tracks.size, 2), dtype=np.int64),
        heap=make_rows("key item blame", room),
        counts=np.zeros(6, dtype=np.int64),
    )


def make_rows(names: str, *shape: int, kind: type[np.signedinteger[Any]] = np.int64) -> Rows:
    """Rows of whole numbers by name; those of events are short, so that they stay in the cache."""
    return np.zeros(shape, dtype=[(name, kind) for name in names.split()])


@compiled(counts_references=False, is_merged=True)
def wide(value: int) -> int:
    """A number read from a short row as the long one that functions take."""
    return int(np.int64(value))


@compiled(counts_references=False, is_merged=True)
def clear_desk(desk: Desk) -> None:
    """An empty line before the first train."""
    for event in range(desk.events.size):
        desk.events[event].time = -1
        desk.events[event].cause = -1
    for run in range(desk.runs.size):
        desk.runs[run].track = -1
        desk.runs[run].ahead = -1
    for step in range(desk.steps.size):
        desk.steps[step].queue = -1
        desk.steps[step].due = FAR
        for way in range(2):
            desk.ways[step, way].departed = -FAR
            desk.ways[step, way].arrived = -FAR
            desk.ways[step, way].departed_event = -1
            desk.ways[step, way].arrived_event = -1
            desk.ways[step, way].expected = -1
    for track in range(desk.tracks.size):
        desk.tracks[track].free_at = -FAR
        desk.tracks[track].freed_by = -1
    desk.present[:] = 0
    walks = desk.counts[WALKS]
    desk.counts[:] = 0
    desk.counts[WALKS] = walks


@compiled(counts_references=False, is_merged=True)
def push(desk: Desk, instant: int, kind: int, item: int, blame: int) -> None:
    """Put something to come on the heap, or note that the heap is full."""
    place = desk.counts[HELD]
    if place >= desk.heap.size:
        desk.counts[IS_FULL] = 1
        return
    key = (instant << TIME_BITS) | (kind << KIND_BITS) | desk.counts[SEQUENCE]
    desk.counts[HELD] = place + 1
    desk.counts[SEQUENCE] += 1
    while place > 0:
        parent = (place - 1) >> 1
        if desk.heap[parent].key <= key:
            break
        desk.heap[place].key = desk.heap[parent].key
        desk.heap[place].item = desk.heap[parent].item
        desk.heap[place].blame = desk.heap[parent].blame
        place = parent
    desk.heap[place].key = key
    desk.heap[place].item = item
    desk.heap[place].blame = blame


@compiled(counts_references=False, is_merged=True)
def pop(desk: Desk) -> None:
    """Take what comes next off the heap; the caller has read place 0."""
    size = desk.counts[HELD] - 1
    desk.counts[HELD] = size
    key, item, blame = desk.heap[size].key, desk.heap[size].item, desk.heap[size].blame
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and desk.heap[child + 1].key < desk.heap[child].key:
            child += 1
        if desk.heap[child].key >= key:
            break
        desk.heap[place].key = desk.heap[child].key
        desk.heap[place].item = desk.heap[child].item
        desk.heap[place].blame = desk.heap[child].blame
        place = child
    desk.heap[place].key = key
    desk.heap[place].item = item
    desk.heap[place].blame = blame


@compiled(counts_references=False, is_merged=True)
def time_of(key: int) -> int:
    """Instant of a heap key [s]."""
    return key >> TIME_BITS


@compiled(counts_references=False, is_merged=True)
def is_quiet(desk: Desk, instant: int, kind: int) -> bool:
    """Whether nothing else comes before a thing of this kind at this instant."""
    bound = (instant << TIME_BITS) | (kind << KIND_BITS)
    return bool(desk.counts[HELD] == 0 or desk.heap[0].key >= bound)


@compiled(counts_references=False, is_merged=True)
def join_queue(desk: Desk, step: int, run: int) -> None:
    """A train waits to enter a step; the queue is in order of joining."""
    desk.runs[run].behind = -1
    other = desk.steps[step].queue
    if other < 0:
        desk.steps[step].queue = run
        return
    while desk.runs[other].behind >= 0:
        other = desk.runs[other].behind
    desk.runs[other].behind = run


@compiled(counts_references=False, is_merged=True)
def leave_queue(desk: Desk, step: int, run: int) -> None:
    """A train no longer waits to enter a step."""
    other = desk.steps[step].queue
    if other == run:
        desk.steps[step].queue = desk.runs[run].behind
        return
    while desk.runs[other].behind != run:
        other = desk.runs[other].behind
    desk.runs[other].behind = desk.runs[run].behind
