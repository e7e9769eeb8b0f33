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
from arterial.operations.line.rules_kernel import Inputs
from arterial.operations.line.sampling_kernel import Draws
from arterial.operations.line.state_kernel import State, make_rows

__all__ = [
    "BY_DISPATCHING",
    "Owner",
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

MOST_FALLBACKS: Final = 64


class Owner(NamedTuple):
    """Whose delay is explained: where it was drawn, the row that notes it, and 1 for knock-on."""

    lane: int
    row: int
    run: int
    is_knock_on: int


class Records(NamedTuple):
    """One of ``rows`` a part of a delay; ``counts`` (1,) goes on counting when there is no room.

    ``turns`` is where `trace_events` keeps the event and knock-on to take up again.
    """

    rows: Rows
    counts: Integers
    turns: Rows


def make_records(capacity: int) -> Records:
    """Room for parts of delays."""
    return Records(
        rows=make_rows("lane run source is_knock_on seconds", capacity, kind=np.int32),
        counts=np.zeros(1, dtype=np.int64),
        turns=make_rows("event is_knock_on", MOST_FALLBACKS),
    )


@compiled(counts_references=False, is_merged=True)
def add_record(records: Records, owner: Owner, source: int, seconds: int) -> None:
    """Note a part of a delay."""
    place = records.counts[0]
    records.counts[0] = place + 1
    if place < records.rows.size:
        records.rows[place].lane = owner.row
        records.rows[place].run = owner.run
        records.rows[place].source = source
        records.rows[place].is_knock_on = owner.is_knock_on
        records.rows[place].seconds = seconds


@compiled(counts_references=False, is_merged=True)
def give_seconds(
    draws: Draws,
    records: Records,
    event: int,
    late: int,
    left: int,
    owner: Owner,
) -> int:
    """Charge the disturbances of an event, late ones or those before; seconds left to explain."""
    place = draws.head[event]
    while place >= 0 and left > 0:
        if draws.entries[place].lane == owner.lane and draws.entries[place].is_late == late:
            part = min(left, draws.entries[place].seconds)
            if part > 0:
                add_record(records, owner, draws.entries[place].source, part)
                left -= part
        place = draws.entries[place].follower
    return int(left)


@compiled(counts_references=False, is_merged=True)
def trace_events(inputs: Inputs, state: State, run: int, lane: int, records: Records) -> int:
    """Charge the delay of one run ; seconds not explained.

    Where the train that went first was not late itself, the walk takes up the train's own chain
    again; what then is left came of the dispatching alone.
    """
    events, draws = inputs.events, inputs.draws
    event, knock_on = int(inputs.runs[run + 1].first - 1), 0
    left = max(state.events[event].time - events[event].planned, 0)
    turns = records.turns
    count, is_own = 0, False
    state.counters[0].walks += 1
    while left > 0:
        other = -1
        if not is_own:
            left = give_seconds(draws, records, event, 1, left, Owner(0, lane, run, knock_on))
            other = int(state.events[event].cause)
            # No event is charged twice in one walk.
            state.events[event].seen = state.counters[0].walks
        if other >= 0:
            # Turns beyond are not taken up again; what they would explain is left to dispatching.
            if count < MOST_FALLBACKS:
                turns[count].event, turns[count].is_knock_on = event, knock_on
                count += 1
            event, knock_on = other, 1
        else:
            left = give_seconds(draws, records, event, 0, left, Owner(0, lane, run, knock_on))
            is_first = event == inputs.runs[events[event].run].first
            event = -1 if is_first else event - 1
        is_own = False
        if not _goes_on(inputs, state, event):
            if count == 0:
                break
            count -= 1
            event, knock_on, is_own = turns[count].event, turns[count].is_knock_on, True
    if left > 0:
        add_record(records, Owner(0, lane, run, 1), BY_DISPATCHING, left)
    return int(left)


@compiled(counts_references=False, is_merged=True)
def _goes_on(inputs: Inputs, state: State, event: int) -> bool:
    """Whether an event was late and has not been walked over yet."""
    if event < 0 or state.events[event].time <= inputs.events[event].planned:
        return False
    return bool(state.events[event].seen != state.counters[0].walks)
