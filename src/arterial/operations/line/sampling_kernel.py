"""Compiled drawing of what goes wrong in one replication.

`draw_replication` writes, for one lane, the disturbances of every event and the outages of every
step. Candidates come at the dominating rates, each run and step with numbers of its own, and are
accepted with the factor of their source. `reopens_at`, `record_closures` and `meet_outages` are
what a train asks at a step.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.chance.chance_kernel import (
    exponential,
    lognormal,
    mix64,
    triangular,
    uniform,
)
from arterial.operations.line.hazards import Hazards

__all__ = [
    "Chance",
    "Draws",
    "add_entry",
    "clear_draws",
    "draw_replication",
    "is_shared",
    "make_draws",
    "meet_outages",
    "record_closures",
    "reopens_at",
]

Integers = NDArray[np.int64]
Indices = NDArray[np.int32]
Numbers = NDArray[np.float64]
Rows = NDArray[np.void]

# Which number of a candidate is meant.
GAP: Final = 0
PICK: Final = 1
SIZE: Final = 2
ACCEPT: Final = 3
REPAIR: Final = 4
MEETING: Final = 5
DAY: Final = 6
# Shapes, as hazards.Shape.
UNIFORM: Final = 1
LOGNORMAL: Final = 2
EXPONENTIAL: Final = 3
# A repair of three years stands for any that is longer [s].
LONGEST: Final = 1.0e8


class Chance(NamedTuple):
    """Key of the draw and number of the replication."""

    key: np.uint64
    replication: int


class Draws(NamedTuple):
    """What goes wrong, linked by event and by step; -1 ends a list.

    ``entries``: ``seconds`` more at ``event`` of ``lane`` by ``source``; ``is_late`` = after all
    else let the train go. ``outages`` of a step from ``start`` to ``end``. ``counters`` (1,):
    how many ``entries`` and ``outages``, and whether there was too little room.
    """

    head: Indices
    entries: Rows
    outage_head: Indices
    outages: Rows
    counters: Rows


def make_draws(events: int, steps: int, capacity: int) -> Draws:
    """Empty lists with room for `capacity` entries and as many outages."""
    entry = np.dtype(
        [(n, np.int32) for n in ("follower", "event", "lane", "seconds", "source", "is_late")]
    )
    outage = np.dtype(
        [(name, np.int32) for name in ("follower", "step", "lane", "source")]
        + [(name, np.int64) for name in ("start", "end", "key")]
    )
    counter = np.dtype([(name, np.int64) for name in ("entries", "outages", "is_full")])
    return Draws(
        head=np.full(events, -1, dtype=np.int32),
        entries=np.zeros(capacity, dtype=entry),
        outage_head=np.full(steps, -1, dtype=np.int32),
        outages=np.zeros(capacity, dtype=outage),
        counters=np.zeros(1, dtype=counter),
    )


@compiled(counts_references=False)
def clear_draws(draws: Draws) -> None:
    """Forget everything that was drawn."""
    for place in range(draws.counters[0].entries):
        draws.head[draws.entries[place].event] = -1
    for place in range(draws.counters[0].outages):
        draws.outage_head[draws.outages[place].step] = -1
    draws.counters[0].entries = 0
    draws.counters[0].outages = 0
    draws.counters[0].is_full = 0


@compiled(counts_references=False, is_merged=True)
def add_entry(draws: Draws, event: int, lane: int, seconds: int, source: int) -> None:
    """Note a disturbance before an event."""
    place = draws.counters[0].entries
    if place >= draws.entries.size:
        draws.counters[0].is_full = 1
        return
    draws.counters[0].entries = place + 1
    draws.entries[place].event = event
    draws.entries[place].lane = lane
    draws.entries[place].seconds = seconds
    draws.entries[place].source = source
    # Entries are used again without being cleared, so every field is written.
    draws.entries[place].is_late = 0
    draws.entries[place].follower = draws.head[event]
    draws.head[event] = place


@compiled(counts_references=False, is_merged=True)
def _find_above(totals: Rows, first: int, last: int, position: float) -> int:
    """First place in [first, last) whose running total is above a position."""
    low, high = first, last - 1
    while low < high:
        middle = (low + high) >> 1
        if totals[middle].total > position:
            high = middle
        else:
            low = middle + 1
    return int(low)


@compiled(counts_references=False, is_merged=True)
def _delay_of(hazards: Hazards, source: int, u: float) -> int:
    """Whole seconds that a source costs a train that it hits."""
    shape = hazards.sources[source].shape
    row = hazards.sources[source]
    low, middle, high = row.low, row.middle, row.high
    if shape == UNIFORM:
        value = low + u * (middle - low)
    elif shape == LOGNORMAL:
        value = lognormal(u, low, middle)
    elif shape == EXPONENTIAL:
        value = exponential(u, low)
    else:
        value = triangular(u, low, middle, high)
    # A lognormal has no upper end, and an entry has 32 bits for its seconds.
    return int(min(value, 1e9) + 0.5)


@compiled(counts_references=False, is_merged=True)
def _draw_run(
    hazards: Hazards,
    factor: Numbers,
    key: np.uint64,
    replication: int,
    run: int,
    lane: int,
    draws: Draws,
) -> None:
    """Disturbances of one run: jumps from one candidate to the next."""
    first, last = hazards.runs[run].item_first, hazards.runs[run + 1].item_first
    name = hazards.runs[run].key
    if last > first:
        position, number = 0.0, 0
        while True:
            position += exponential(uniform(key, replication, name, number, GAP), 1.0)
            if position >= hazards.items[last - 1].total:
                break
            item = _find_above(hazards.items, first, last, position)
            source = hazards.items[item].source
            share = factor[source]
            # Candidates stay where they are when a rate falls: draws of rates remain comparable.
            if share >= 1.0 or uniform(key, replication, name, number, ACCEPT) < share:
                u = uniform(key, replication, name, number, SIZE)
                seconds = _delay_of(hazards, source, u)
                if seconds > 0:
                    add_entry(draws, hazards.items[item].event, lane, seconds, source)
            # Counted where nothing came of it too: else every later candidate drew other numbers.
            number += 1
    for hit in range(hazards.runs[run].hit_first, hazards.runs[run + 1].hit_first):
        source, day = hazards.hits[hit].source, hazards.hits[hit].day
        u = uniform(key, replication, hazards.sources[source].group_key, day, DAY)
        if u < hazards.sources[source].day_rate * factor[source]:
            # A row and a train draw their own size, also where rows share their days.
            mixed = int(np.int64(mix64(np.uint64(name) ^ np.uint64(day))))
            u = uniform(key, replication, mixed, source, SIZE)
            seconds = _delay_of(hazards, source, u)
            if seconds > 0:
                add_entry(draws, hazards.hits[hit].event, lane, seconds, source)


@compiled(counts_references=False, is_merged=True)
def _draw_step(
    hazards: Hazards,
    factor: Numbers,
    key: np.uint64,
    replication: int,
    step: int,
    lane: int,
    draws: Draws,
) -> None:
    """Outages of the assets of one step."""
    first, last = hazards.steps[step].first, hazards.steps[step + 1].first
    if last == first or hazards.assets[last - 1].total <= 0.0:
        return
    name, rate = hazards.steps[step].key, hazards.assets[last - 1].total
    instant, number = float(hazards.horizon[0]), 0
    while True:
        instant += exponential(uniform(key, replication, name, number, GAP), 1.0 / rate)
        if instant >= hazards.horizon[1]:
            break
        position = uniform(key, replication, name, number, PICK) * rate
        source = hazards.assets[_find_above(hazards.assets, first, last, position)].source
        share = factor[source]
        if share >= 1.0 or uniform(key, replication, name, number, ACCEPT) < share:
            place = draws.counters[0].outages
            if place >= draws.outages.size:
                draws.counters[0].is_full = 1
                return
            draws.counters[0].outages = place + 1
            u = uniform(key, replication, name, number, REPAIR)
            row = hazards.sources[source]
            # Floor, not a cast: a cast rounds instants before the epoch the other way.
            draws.outages[place].start = np.int64(np.floor(instant))
            draws.outages[place].end = draws.outages[place].start + np.int64(
                min(lognormal(u, row.repair_median, row.repair_sigma), LONGEST) + 0.5
            )
            draws.outages[place].step = step
            draws.outages[place].lane = lane
            draws.outages[place].source = source
            draws.outages[place].key = np.int64(mix64(np.uint64(name) ^ np.uint64(number)))
            draws.outages[place].follower = draws.outage_head[step]
            draws.outage_head[step] = place
        number += 1


@compiled(counts_references=False)
def draw_replication(
    hazards: Hazards,
    factor: Numbers,
    key: np.uint64,
    replication: int,
    lane: int,
    draws: Draws,
) -> None:
    """Everything that goes wrong in one replication, added to a lane."""
    if hazards.items.size > 0 or hazards.hits.size > 0:
        for run in range(hazards.runs.size - 1):
            _draw_run(hazards, factor, key, replication, run, lane, draws)
    if hazards.assets.size > 0:
        for step in range(hazards.steps.size - 1):
            _draw_step(hazards, factor, key, replication, step, lane, draws)


@compiled(counts_references=False, is_merged=True)
def reopens_at(hazards: Hazards, draws: Draws, step: int, lane: int, instant: int) -> int:
    """First instant, from `instant` on, at which no failure closes a step."""
    # Outages overlap in no order: the end of one may lie within another already passed.
    moved = True
    while moved:
        moved = False
        place = draws.outage_head[step]
        while place >= 0:
            if (
                draws.outages[place].lane == lane
                and hazards.sources[draws.outages[place].source].closes != 0
                and draws.outages[place].start <= instant < draws.outages[place].end
            ):
                instant = draws.outages[place].end
                moved = True
            place = draws.outages[place].follower
    return int(instant)


@compiled(counts_references=False, is_merged=True)
def record_closures(
    hazards: Hazards, draws: Draws, event: int, step: int, lane: int, instant: int
) -> int:
    """As `reopens_at`, noting each wait as a late entry of the departure."""
    moved = True
    while moved:
        moved = False
        place = draws.outage_head[step]
        while place >= 0:
            source = draws.outages[place].source
            if (
                draws.outages[place].lane == lane
                and hazards.sources[source].closes != 0
                and draws.outages[place].start <= instant < draws.outages[place].end
            ):
                wait = draws.outages[place].end - instant
                add_entry(draws, event, lane, wait, source)
                # Without room nothing was noted, and the head is an entry of something else.
                if draws.counters[0].is_full == 0:
                    draws.entries[draws.head[event]].is_late = 1
                instant = draws.outages[place].end
                moved = True
            place = draws.outages[place].follower
    return int(instant)


@compiled(counts_references=False, is_merged=True)
def is_shared(hazards: Hazards, step: int) -> bool:
    """Whether trains pass a failure that closes a track of a step over another track."""
    return bool(hazards.closures.shares_tracks != 0 and hazards.steps[step].tracks > 1)


@compiled(counts_references=False, is_merged=True)
def meet_outages(
    hazards: Hazards,
    draws: Draws,
    event: int,
    step: int,
    lane: int,
    instant: int,
    chance: Chance,
    name: int,
) -> int:
    """Delay of a train that enters a step, by failures that leave it open; noted at its arrival.

    `name` is the key of the run. A train that passes a closed track over another loses time too.
    """
    passes_closed = is_shared(hazards, step)
    total = 0
    place = draws.outage_head[step]
    while place >= 0:
        source = draws.outages[place].source
        if (
            draws.outages[place].lane == lane
            and (passes_closed or hazards.sources[source].closes == 0)
            and draws.outages[place].start <= instant < draws.outages[place].end
        ):
            # By the key of the outage: its place in the list depends on all other outages.
            u = uniform(chance.key, chance.replication, name, draws.outages[place].key, MEETING)
            seconds = _delay_of(hazards, source, u)
            if seconds > 0:
                add_entry(draws, event, lane, seconds, source)
                total += seconds
        place = draws.outages[place].follower
    return total
