"""Compiled rules of a step with several tracks of which some are closed.

Where a step has two tracks and one of them is closed, trains of both directions share the other:
single-line working. With both closed it is closed. `opens_at` and `record_opening` are
asked for a train that may enter but for closures.
"""

from typing import Final

from arterial.compiling import compiled
from arterial.operations.line.hazards import Hazards
from arterial.operations.line.sampling_kernel import Draws, add_entry

__all__ = ["find_closure", "opens_at", "record_opening"]

FOREVER: Final = 1 << 60


@compiled(counts_references=False, is_merged=True)
def find_closure(hazards: Hazards, draws: Draws, step: int, instant: int) -> tuple[int, int, int]:
    """Failures that close a track of a step at an instant, when the first is mended, and which."""
    count, end, source = 0, FOREVER, -1
    place = draws.outage_head[step]
    while place >= 0:
        row = draws.outages[place]
        if hazards.sources[row.source].closes != 0 and row.start <= instant < row.end:
            count += 1
            if row.end < end:
                end, source = row.end, row.source
        place = row.follower
    return count, int(end), int(source)


@compiled(counts_references=False, is_merged=True)
def opens_at(
    hazards: Hazards, draws: Draws, step: int, tracks: int, instant: int, shared_from: int
) -> int:
    """First instant, from `instant` on, at which a train can pass a step with several tracks.

    While one track alone is open it has to wait for the opposing trains on it, till `shared_from`.
    """
    while True:
        count, end, _ = find_closure(hazards, draws, step, instant)
        if count < tracks - 1 or (count == tracks - 1 and shared_from <= instant):
            return instant
        instant = end if count >= tracks else min(end, shared_from)


@compiled(counts_references=False, is_merged=True)
def record_opening(
    hazards: Hazards, draws: Draws, event: int, step: int, tracks: int, instant: int,
    shared_from: int,
) -> int:  # fmt: skip
    """As `opens_at`, noting each wait as a late entry of the departure."""
    while True:
        count, end, source = find_closure(hazards, draws, step, instant)
        if count < tracks - 1 or (count == tracks - 1 and shared_from <= instant):
            return instant
        until = end if count >= tracks else min(end, shared_from)
        add_entry(draws, event, 0, until - instant, source)
        if draws.counters[0].is_full == 0:
            draws.entries[draws.head[event]].is_late = 1
        instant = until
