"""Compiled state of a simulated line: the heap of what comes next, trains, steps and tracks.

Events are ordered by (time, priority, sequence) [architecture §6], packed into one number.
`schedule_event`, `peek_event` and `take_event` are the binary heap, `join_queue` and `leave_queue`
the trains that wait to enter a step; `clear_state` makes the state ready for the next replication.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.line.layout import Events, Layout

__all__ = [
    "ARRIVE",
    "FAR",
    "READY",
    "SERVE",
    "START",
    "State",
    "clear_state",
    "is_quiet",
    "join_queue",
    "leave_queue",
    "make_rows",
    "make_state",
    "peek_event",
    "schedule_event",
    "take_event",
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
KIND_MASK: Final = 3
TIME_BITS: Final = 32
# Things that happen in one replication, far more than trains of a large network take [1].
LONGEST_REPLICATION: Final = 1 << 28
# Later than all that happens, and small enough to be shifted by TIME_BITS.
FAR: Final = 1 << 30


class State(NamedTuple):
    """State of the line.

    ``events``: ``time``, ``cause`` (the event of another run that let it happen; -1 = its own) and
    ``seen`` (walk that last came by). ``runs``: departure ``next_event``, instant ``ready``, the
    ``track`` held and the one ``ahead``, who waits ``behind``, and the event at which a train was
    ``taken_off`` (-1 = not) and by which source. ``directions``
    (n_steps, 2): last departure and arrival with their events, and the train expected. ``steps``:
    the ``queue``, when to look again, and from when and by whom the chosen train may enter.
    ``tracks``: ``free_at``, ``freed_by``. ``present`` (n_points, 2): trains there or on their way
    there, by direction. ``heap``: ``key``, ``item``, ``cause``. ``counters`` (1,): things
    ``scheduled``, the ``sequence`` of the next one, trains ``done`` and ``forced``, whether the
    heap ``is_full``, and ``walks`` of attribution.
    """

    events: Rows
    runs: Rows
    directions: Rows
    steps: Rows
    tracks: Rows
    present: Integers
    heap: Rows
    counters: Rows


def make_state(layout: Layout, events: Events, *, capacity: int) -> State:
    """Room for the state of a plan, and for `capacity` things to come."""
    runs, steps = events.first.size - 1, layout.step_tracks.size
    last_times = "departed arrived departed_event arrived_event expected"
    return State(
        events=make_rows("time cause seen", events.planned.size, kind=np.int32),
        runs=make_rows("next_event ready track ahead behind taken_off_at taken_off_by", runs),
        directions=make_rows(last_times, steps, 2),
        steps=make_rows("queue served_at due entry cause", steps),
        tracks=make_rows("free_at freed_by", int(layout.track_first[-1])),
        present=np.zeros((layout.tracks.size, 2), dtype=np.int64),
        heap=make_rows("key item cause", capacity),
        counters=make_rows("scheduled sequence done forced is_full walks", 1),
    )


def make_rows(names: str, *shape: int, kind: type[np.signedinteger[Any]] = np.int64) -> Rows:
    """Rows of whole numbers by name; those of events are short, so that they stay in the cache."""
    return np.zeros(shape, dtype=[(name, kind) for name in names.split()])


@compiled(counts_references=False, is_merged=True)
def wide(value: int) -> int:
    """A number read from a short row as the long one that functions take."""
    return int(np.int64(value))


@compiled(counts_references=False, is_merged=True)
def clear_state(state: State) -> None:
    """An empty line before the first train."""
    for event in range(state.events.size):
        state.events[event].time = -1
        state.events[event].cause = -1
    for run in range(state.runs.size):
        state.runs[run].track = -1
        state.runs[run].ahead = -1
        state.runs[run].taken_off_at = -1
    for step in range(state.steps.size):
        state.steps[step].queue = -1
        state.steps[step].due = FAR
        for direction in range(2):
            state.directions[step, direction].departed = -FAR
            state.directions[step, direction].arrived = -FAR
            state.directions[step, direction].departed_event = -1
            state.directions[step, direction].arrived_event = -1
            state.directions[step, direction].expected = -1
    for track in range(state.tracks.size):
        state.tracks[track].free_at = -FAR
        state.tracks[track].freed_by = -1
    state.present[:] = 0
    state.counters[0].scheduled = 0
    state.counters[0].sequence = 0
    state.counters[0].done = 0
    state.counters[0].forced = 0
    # Walks count on: what an earlier replication left in `seen` must not be taken for this one's.
    state.counters[0].is_full = 0


@compiled(counts_references=False, is_merged=True)
def schedule_event(state: State, instant: int, kind: int, item: int, cause: int) -> None:
    """Put something to come on the heap, or note that the heap is full."""
    place = state.counters[0].scheduled
    # The number of a thing has the last 30 bits; it starts anew with each replication. Trains that
    # wait for one another without end must not run into the bits of its kind.
    if place >= state.heap.size or state.counters[0].sequence >= LONGEST_REPLICATION:
        state.counters[0].is_full = 1
        return
    key = (instant << TIME_BITS) | (kind << KIND_BITS) | state.counters[0].sequence
    state.counters[0].scheduled = place + 1
    state.counters[0].sequence += 1
    while place > 0:
        parent = (place - 1) >> 1
        if state.heap[parent].key <= key:
            break
        state.heap[place].key = state.heap[parent].key
        state.heap[place].item = state.heap[parent].item
        state.heap[place].cause = state.heap[parent].cause
        place = parent
    state.heap[place].key = key
    state.heap[place].item = item
    state.heap[place].cause = cause


@compiled(counts_references=False, is_merged=True)
def peek_event(state: State) -> tuple[int, int, int, int]:
    """What comes next: its instant [s], kind, item, and the event that caused it."""
    key = state.heap[0].key
    return (
        key >> TIME_BITS,
        (key >> KIND_BITS) & KIND_MASK,
        state.heap[0].item,
        state.heap[0].cause,
    )


@compiled(counts_references=False, is_merged=True)
def take_event(state: State) -> None:
    """Take what comes next off the heap; `peek_event` has read it."""
    size = state.counters[0].scheduled - 1
    state.counters[0].scheduled = size
    key, item, cause = state.heap[size].key, state.heap[size].item, state.heap[size].cause
    place = 0
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and state.heap[child + 1].key < state.heap[child].key:
            child += 1
        if state.heap[child].key >= key:
            break
        state.heap[place].key = state.heap[child].key
        state.heap[place].item = state.heap[child].item
        state.heap[place].cause = state.heap[child].cause
        place = child
    state.heap[place].key = key
    state.heap[place].item = item
    state.heap[place].cause = cause


@compiled(counts_references=False, is_merged=True)
def is_quiet(state: State, instant: int, kind: int) -> bool:
    """Whether nothing else comes before a thing of this kind at this instant."""
    bound = (instant << TIME_BITS) | (kind << KIND_BITS)
    return bool(state.counters[0].scheduled == 0 or state.heap[0].key >= bound)


@compiled(counts_references=False, is_merged=True)
def join_queue(state: State, step: int, run: int) -> None:
    """A train waits to enter a step; the queue is in order of joining."""
    state.runs[run].behind = -1
    other = state.steps[step].queue
    if other < 0:
        state.steps[step].queue = run
        return
    while state.runs[other].behind >= 0:
        other = state.runs[other].behind
    state.runs[other].behind = run


@compiled(counts_references=False, is_merged=True)
def leave_queue(state: State, step: int, run: int) -> None:
    """A train no longer waits to enter a step."""
    other = state.steps[step].queue
    if other == run:
        state.steps[step].queue = state.runs[run].behind
        return
    while state.runs[other].behind != run:
        other = state.runs[other].behind
    state.runs[other].behind = state.runs[run].behind
