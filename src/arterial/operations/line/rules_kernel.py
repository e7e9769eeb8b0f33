"""Compiled rules: when a train may enter a step, and which of those that wait goes first.

`earliest_entry` gives the instant from which everything lets the train go, as far as it is known,
and the event that lets it go last; `choose_train` picks by the dispatching policy. A train enters
only when a track at the next point is free for it, and never takes the last track that is left to
the other direction: so trains on a line of points with two tracks or more cannot lock.

Where a step has two tracks and one of them is closed, trains of both directions share the other:
single-line working. With both closed it is closed.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.line.hazards import Hazards
from arterial.operations.line.layout import FOLLOWING, HEADWAY, OPPOSING, UNLIMITED
from arterial.operations.line.plan import NO_LIMIT
from arterial.operations.line.sampling_kernel import Draws, add_entry, is_shared, reopens_at
from arterial.operations.line.state_kernel import FAR, State, wide

__all__ = [
    "Inputs",
    "bound_by_arcs",
    "choose_train",
    "earliest_entry",
    "find_closure",
    "find_stranded",
    "find_track",
    "record_opening",
    "shared_from",
]

FOREVER: Final = 1 << 60
Integers = NDArray[np.int64]
Rows = NDArray[np.void]
# Policies, as event_engine.Policy.
FIRST_COME: Final = 0
BY_WEIGHT: Final = 1
PLANNED_ORDER: Final = 2
LEAST_DELAY: Final = 3


class Inputs(NamedTuple):
    """Everything that stays as it is during a replication.

    ``events`` (n_events + 1,): planned, least, run, step, direction, point, arc_first, after_first;
    ``runs`` (n_runs + 1,): first, weight, by_start; ``steps``: tracks, follows;
    ``points`` (n_points + 1,): tracks, track_first, beside_first; ``arcs``: earlier, weight, limit;
    ``between`` and ``release_s`` as in `Layout`.
    """

    events: Rows
    runs: Rows
    steps: Rows
    points: Rows
    beside: Integers
    between: Integers
    release_s: int
    arcs: Rows
    after: Integers
    hazards: Hazards
    draws: Draws
    policy: int


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
def _opens_at(
    hazards: Hazards, draws: Draws, step: int, tracks: int, instant: int, shared_from: int
) -> int:
    """First instant, from `instant` on, at which a train can pass a step with several tracks.

    While one track alone is open it has to wait for the opposing trains on it, till `shared_from`.
    """
    while True:
        count, end, _ = find_closure(hazards, draws, step, instant)
        if count < tracks - 1 or (count == tracks - 1 and shared_from <= instant):
            return instant
        # By then another track may have failed, so it is looked at again.
        instant = end if count >= tracks else min(end, shared_from)


@compiled(counts_references=False, is_merged=True)
def record_opening(
    hazards: Hazards, draws: Draws, event: int, step: int, tracks: int, instant: int,
    shared_from: int,
) -> int:  # fmt: skip
    """As `_opens_at`, noting each wait as a late entry of the departure."""
    while True:
        count, end, source = find_closure(hazards, draws, step, instant)
        if count < tracks - 1 or (count == tracks - 1 and shared_from <= instant):
            return instant
        until = end if count >= tracks else min(end, shared_from)
        add_entry(draws, event, 0, until - instant, source)
        if draws.counters[0].is_full == 0:
            draws.entries[draws.head[event]].is_late = 1
        instant = until


@compiled(counts_references=False, is_merged=True)
def find_track(inputs: Inputs, state: State, point: int) -> int:
    """Track of a judged point that is free first."""
    first, last = inputs.points[point].track_first, inputs.points[point + 1].track_first
    best = first
    for track in range(first + 1, last):
        if state.tracks[track].free_at < state.tracks[best].free_at:
            best = track
    return int(best)


@compiled(counts_references=False, is_merged=True)
def _is_full(inputs: Inputs, state: State, point: int, direction: int) -> bool:
    """Whether one train more would leave no track to the other direction."""
    # A point of one track has none to leave to the other direction: it takes one train.
    tracks = inputs.points[point].tracks
    return bool(tracks < UNLIMITED and state.present[point, direction] >= max(tracks - 1, 1))


@compiled(counts_references=False, is_merged=True)
def bound_by_arcs(inputs: Inputs, state: State, event: int) -> tuple[int, int]:
    """Instant from which the arcs into an event hold, and the last of them to do so."""
    instant, cause = -FAR, -1
    if inputs.arcs.size == 0:
        return instant, cause
    for arc in range(inputs.events[event].arc_first, inputs.events[event + 1].arc_first):
        earlier, limit = inputs.arcs[arc].earlier, inputs.arcs[arc].limit
        known = state.events[earlier].time
        bound = known + inputs.arcs[arc].weight if known >= 0 else FAR
        # The limit holds although nobody knows yet when the awaited train comes.
        if limit < NO_LIMIT:
            bound = min(bound, inputs.events[event].planned + limit)
        if bound > instant:
            instant, cause = bound, earlier
    return instant, cause


@compiled(counts_references=False, is_merged=True)
def _bound_by_traffic(inputs: Inputs, state: State, event: int) -> tuple[int, int]:
    """Instant from which other trains leave the step and a track ahead free."""
    events = inputs.events
    step, direction = wide(events[event].step), wide(events[event].direction)
    point = wide(events[event + 1].point)
    if _is_full(inputs, state, point, direction):
        return FAR, -1
    between = inputs.between[step, direction]
    instant, cause = -FAR, -1
    if inputs.points[point].tracks < UNLIMITED:
        track = find_track(inputs, state, point)
        instant, cause = state.tracks[track].free_at, state.tracks[track].freed_by
    # At its exit a following train is held apart in `depart`, when its arrival is known.
    if inputs.steps[step].follows != 0:
        bound = state.directions[step, direction].departed + between[HEADWAY]
        if bound > instant:
            instant, cause = bound, state.directions[step, direction].departed_event
    else:
        bound = state.directions[step, direction].arrived + between[FOLLOWING]
        if bound > instant:
            instant, cause = bound, state.directions[step, direction].arrived_event
    if inputs.steps[step].tracks == 1:
        bound = state.directions[step, 1 - direction].arrived + between[OPPOSING]
        if bound > instant:
            instant, cause = bound, state.directions[step, 1 - direction].arrived_event
    return instant, cause


@compiled(counts_references=False, is_merged=True)
def earliest_entry(inputs: Inputs, state: State, run: int) -> tuple[int, int]:
    """Instant from which a waiting train may enter its step but for closures; FAR = not known.

    With it the event of another run that is the last to let it go; -1 = none but its own.
    """
    event, instant, cause = state.runs[run].next_event, state.runs[run].ready, -1
    bound, other = bound_by_arcs(inputs, state, event)
    if bound > instant:
        instant, cause = bound, other
    if inputs.policy != PLANNED_ORDER:
        bound, other = _bound_by_traffic(inputs, state, event)
        if bound > instant:
            instant, cause = bound, other
    return instant, cause


@compiled(counts_references=False, is_merged=True)
def shared_from(inputs: Inputs, state: State, event: int) -> int:
    """Instant from which no opposing train is in the step that a departure enters."""
    step, direction = wide(inputs.events[event].step), wide(inputs.events[event].direction)
    bound = inputs.between[step, direction, OPPOSING]
    return int(state.directions[step, 1 - direction].arrived + bound)


@compiled(counts_references=False, is_merged=True)
def _find_opening(inputs: Inputs, state: State, step: int, run: int, instant: int) -> int:
    """First instant, from `instant` on, at which closures let a waiting train enter."""
    if not is_shared(inputs.hazards, step):
        return reopens_at(inputs.hazards, inputs.draws, step, 0, instant)
    tracks, event = wide(inputs.steps[step].tracks), state.runs[run].next_event
    free = shared_from(inputs, state, event)
    return _opens_at(inputs.hazards, inputs.draws, step, tracks, instant, free)


@compiled(counts_references=False, is_merged=True)
def find_stranded(inputs: Inputs, state: State, step: int, now: int) -> int:
    """A train that closures would hold too long, or that finds the queue full; -1 = none."""
    if inputs.hazards.closures.longest_wait_s >= FAR or inputs.draws.outage_head[step] < 0:
        return -1
    onward, back = 0, 0
    run = state.steps[step].queue
    while run >= 0:
        entry, _ = earliest_entry(inputs, state, run)
        # Who waits for other trains is not held by the closure, however long it lasts.
        if entry <= now:
            opens = _find_opening(inputs, state, step, run, entry)
            if opens > now:
                onward += 1 - inputs.events[state.runs[run].next_event].direction
                back += inputs.events[state.runs[run].next_event].direction
                if (
                    opens - entry > inputs.hazards.closures.longest_wait_s
                    or max(onward, back) > inputs.hazards.closures.queue
                ):
                    return int(run)
        run = state.runs[run].behind
    return -1


@compiled(counts_references=False, is_merged=True)
def _prefers(inputs: Inputs, state: State, first: int, second: int) -> bool:
    """Whether the policy lets the first of two waiting trains go before the second."""
    runs = inputs.runs
    if inputs.policy == BY_WEIGHT and runs[first].weight != runs[second].weight:
        return bool(runs[first].weight > runs[second].weight)
    if state.runs[first].ready != state.runs[second].ready:
        return bool(state.runs[first].ready < state.runs[second].ready)
    return bool(
        inputs.events[state.runs[first].next_event].planned
        < inputs.events[state.runs[second].next_event].planned
    )


@compiled(counts_references=False, is_merged=True)
def _yields_to(inputs: Inputs, state: State, run: int, other: int, now: int) -> bool:
    """Whether less weighted delay comes of letting an opposing train through first.

    Looks at these two trains and one step; `other` may still be on its direction.
    """
    events = inputs.events
    mine, theirs = state.runs[run].next_event, state.runs[other].next_event
    if _is_full(inputs, state, wide(events[theirs + 1].point), wide(events[theirs].direction)):
        return False
    comes = max(state.runs[other].ready, now)
    between, step = inputs.between, wide(events[mine].step)
    direction = wide(events[mine].direction)
    through = now + events[mine + 1].least + between[step, 1 - direction, OPPOSING]
    if_first = max(through - max(comes, events[theirs].planned), 0)
    if_second = comes + events[theirs + 1].least + between[step, direction, OPPOSING] - now
    return bool(inputs.runs[other].weight * if_first > inputs.runs[run].weight * if_second)


@compiled(counts_references=False, is_merged=True)
def choose_train(inputs: Inputs, state: State, step: int, now: int) -> int:
    """Train that enters a step now; -1 = none. Notes in ``served_at`` when to look again."""
    best, soonest = -1, FAR
    run = state.steps[step].queue
    while run >= 0:
        entry, cause = earliest_entry(inputs, state, run)
        instant = entry
        if instant < FAR and inputs.draws.outage_head[step] >= 0:
            instant = _find_opening(inputs, state, step, run, instant)
            if entry > now and instant > entry and inputs.hazards.closures.longest_wait_s < FAR:
                # What is to wait for long is taken off when it comes to it, not when it may go.
                soonest = min(soonest, entry)
        if instant > now:
            soonest = min(soonest, instant)
        # Where nothing tells two apart, who joined the queue first keeps its place.
        elif best < 0 or _prefers(inputs, state, run, best):
            best = run
            state.steps[step].entry, state.steps[step].cause = entry, cause
        run = state.runs[run].behind
    if best >= 0 and inputs.policy == LEAST_DELAY and inputs.steps[step].tracks == 1:
        other = state.directions[
            step, 1 - inputs.events[state.runs[best].next_event].direction
        ].expected
        if other >= 0 and _yields_to(inputs, state, best, other, now):
            best = _give_way(inputs, state, step, now, best, other)
    state.steps[step].served_at = soonest
    return best


@compiled(counts_references=False, is_merged=True)
def _give_way(inputs: Inputs, state: State, step: int, now: int, best: int, other: int) -> int:
    """The opposing train where it can go, none while it is on its way, else the first choice."""
    run = state.steps[step].queue
    while run >= 0:
        if run == other:
            entry, cause = earliest_entry(inputs, state, other)
            instant = entry
            if instant < FAR:
                instant = reopens_at(inputs.hazards, inputs.draws, step, 0, instant)
            if instant > now:
                return best
            state.steps[step].entry, state.steps[step].cause = entry, cause
            return other
        run = state.runs[run].behind
    return -1
