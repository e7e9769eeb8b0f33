"""Compiled attribution: whose seconds a delay is made of.

From the end of a run back along what was binding: each disturbance met gives the smaller of its
seconds and of what is left to explain, nearest first, so that slack wipes out the oldest. What is
met after the first step over to another train is knock-on. `trace_events` walks what the engine
noted.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.chance.sampling_kernel import Draws
from arterial.operations.line.rules_kernel import World
from arterial.operations.line.state_kernel import Desk

__all__ = [
    "BY_DISPATCHING",
    "Records",
    "add_record",
    "give_seconds",
    "make_records",
    "trace_events",
]

Integers = NDArray[np.int64]
Rows = NDArray[np.void]

BY_DISPATCHING: Final = -1
"""Source of delay that no disturbance on the binding chain explains: another order of trains."""

COUNT: Final = 0
WALKS: Final = 5
MOST_FALLBACKS: Final = 64


class Records(NamedTuple):
    """One of ``rows`` a part of a delay; ``counts`` (1,) goes on counting when there is no room.

    ``held`` is where `trace_events` keeps what to take up again.
    """

    rows: Rows
    counts: Integers
    held: Integers


def make_records(capacity: int) -> Records:
    """Room for parts of delays."""
    names = ("lane", "run", "source", "is_knock_on", "seconds")
    kind = np.dtype([(name, np.int32) for name in names])
    return Records(
        rows=np.zeros(capacity, dtype=kind),
        counts=np.zeros(1, dtype=np.int64),
        held=np.zeros((MOST_FALLBACKS, 2), dtype=np.int64),
    )


@compiled(counts_references=False, is_merged=True)
def add_record(
    records: Records, lane: int, run: int, source: int, is_knock_on: int, seconds: int
) -> None:
    """Note a part of a delay."""
    place = records.counts[COUNT]
    records.counts[COUNT] = place + 1
    if place < records.rows.size:
        records.rows[place].lane = lane
        records.rows[place].run = run
        records.rows[place].source = source
        records.rows[place].is_knock_on = is_knock_on
        records.rows[place].seconds = seconds


@compiled(counts_references=False, is_merged=True)
def give_seconds(
    draws: Draws,
    records: Records,
    event: int,
    late: int,
    left: int,
    whose: tuple[int, int, int, int],
) -> int:
    """Charge the disturbances of an event, late ones or those before it; what is left to explain.

    `whose` is the lane, the row to write, the run whose delay it is, and 1 for knock-on.
    """
    place = draws.head[event]
    while place >= 0 and left > 0:
        if draws.entries[place].lane == whose[0] and draws.entries[place].is_late == late:
            part = min(left, draws.entries[place].seconds)
            if part > 0:
                add_record(records, whose[1], whose[2], draws.entries[place].source, whose[3], part)
                left -= part
        place = draws.entries[place].follower
    return int(left)


@compiled(counts_references=False, is_merged=True)
def trace_events(world: World, desk: Desk, run: int, lane: int, records: Records) -> int:
    """Charge the delay of one run ; seconds not explained.

    Where the train that went first was not late itself, the walk takes up the train's own chain
    again; what then is left came of the dispatching alone.
    """
    events, draws = world.events, world.draws
    event, knock_on = int(world.runs[run + 1].first - 1), 0
    left = max(desk.events[event].time - events[event].planned, 0)
    held = records.held
    count, is_own = 0, False
    desk.counts[WALKS] += 1
    while left > 0:
        other = -1
        if not is_own:
            left = give_seconds(draws, records, event, 1, left, (0, lane, run, knock_on))
            other = int(desk.events[event].cause)
            # No event is charged twice in one walk.
            desk.events[event].seen = desk.counts[WALKS]
        if other >= 0:
            if count < MOST_FALLBACKS:
                held[count, 0], held[count, 1] = event, knock_on
                count += 1
            event, knock_on = other, 1
        else:
            left = give_seconds(draws, records, event, 0, left, (0, lane, run, knock_on))
            is_first = event == world.runs[events[event].run].first
            event = -1 if is_first else event - 1
        is_own = False
        if not _goes_on(world, desk, event):
            if count == 0:
                break
            count -= 1
            event, knock_on, is_own = held[count, 0], held[count, 1], True
    if left > 0:
        add_record(records, lane, run, BY_DISPATCHING, 1, left)
    return int(left)


@compiled(counts_references=False, is_merged=True)
def _goes_on(world: World, desk: Desk, event: int) -> bool:
    """Whether an event was late and has not been walked over yet."""
    if event < 0 or desk.events[event].time <= world.events[event].planned:
        return False
    return bool(desk.events[event].seen != desk.counts[WALKS])
