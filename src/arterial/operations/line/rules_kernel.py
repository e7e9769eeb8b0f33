"""Compiled rules: when a train may enter a step, and which of those that wait goes first.

`earliest_entry` gives the instant from which everything lets the train go, as far as it is known,
and the event to blame; `choose_train` picks by the dispatching policy. A train enters only when a
track at the next point is free for it, and never takes the last track that is left to the other
way: so trains on a line of points with two tracks or more cannot lock.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from arterial.compiling import compiled
from arterial.operations.chance.sampling_kernel import Draws, reopens_at
from arterial.operations.line.hazards import Hazards
from arterial.operations.line.order_arcs import NO_LIMIT
from arterial.operations.line.plan import UNLIMITED
from arterial.operations.line.state_kernel import FAR, Desk, wide

__all__ = ["World", "bound_by_arcs", "choose_train", "earliest_entry", "find_track"]

Integers = NDArray[np.int64]
Rows = NDArray[np.void]

# Policies, as event_engine.Policy.
FIRST_COME: Final = 0
BY_WEIGHT: Final = 1
PLANNED_ORDER: Final = 2
LEAST_DELAY: Final = 3
OPPOSING: Final = 0
FOLLOWING: Final = 1
HEADWAY: Final = 2


class World(NamedTuple):
    """Everything that stays as it is during a replication; ``policy`` (1,).

    ``events`` (n_events + 1,): planned, least, run, step, way, point, arc_first, after_first;
    ``runs`` (n_runs + 1,): first, weight, by_start; ``steps``: tracks, follows;
    ``points`` (n_points + 1,): tracks, track_first, beside_first; ``arcs``: earlier, weight, limit.
    """

    events: Rows
    runs: Rows
    steps: Rows
    points: Rows
    beside: Integers
    intervals: Integers
    arcs: Rows
    after: Integers
    hazards: Hazards
    draws: Draws
    policy: Integers


@compiled(counts_references=False, is_merged=True)
def find_track(world: World, desk: Desk, point: int) -> int:
    """Track of a judged point that is free first."""
    first, last = world.points[point].track_first, world.points[point + 1].track_first
    best = first
    for track in range(first + 1, last):
        if desk.tracks[track].free_at < desk.tracks[best].free_at:
            best = track
    return int(best)


@compiled(counts_references=False, is_merged=True)
def _is_full(world: World, desk: Desk, point: int, way: int) -> bool:
    """Whether one train more would leave no track to the other way."""
    tracks = world.points[point].tracks
    return bool(tracks < UNLIMITED and desk.present[point, way] >= max(tracks - 1, 1))


@compiled(counts_references=False, is_merged=True)
def bound_by_arcs(world: World, desk: Desk, event: int) -> tuple[int, int]:
    """Instant from which the arcs into an event hold, and the last of them to do so."""
    instant, blame = -FAR, -1
    if world.arcs.size == 0:
        return instant, blame
    for arc in range(world.events[event].arc_first, world.events[event + 1].arc_first):
        earlier, limit = world.arcs[arc].earlier, world.arcs[arc].limit
        known = desk.events[earlier].time
        bound = known + world.arcs[arc].weight if known >= 0 else FAR
        if limit < NO_LIMIT:
            bound = min(bound, world.events[event].planned + limit)
        if bound > instant:
            instant, blame = bound, earlier
    return instant, blame


@compiled(counts_references=False, is_merged=True)
def _bound_by_traffic(world: World, desk: Desk, event: int) -> tuple[int, int]:
    """Instant from which other trains leave the step and a track ahead free."""
    events = world.events
    step, way = wide(events[event].step), wide(events[event].way)
    point = wide(events[event + 1].point)
    if _is_full(world, desk, point, way):
        return FAR, -1
    instant, blame = -FAR, -1
    if world.points[point].tracks < UNLIMITED:
        track = find_track(world, desk, point)
        instant, blame = desk.tracks[track].free_at, desk.tracks[track].freed_by
    if world.steps[step].follows != 0:
        bound = desk.ways[step, way].departed + world.intervals[HEADWAY]
        if bound > instant:
            instant, blame = bound, desk.ways[step, way].departed_event
    else:
        bound = desk.ways[step, way].arrived + world.intervals[FOLLOWING]
        if bound > instant:
            instant, blame = bound, desk.ways[step, way].arrived_event
    if world.steps[step].tracks == 1:
        bound = desk.ways[step, 1 - way].arrived + world.intervals[OPPOSING]
        if bound > instant:
            instant, blame = bound, desk.ways[step, 1 - way].arrived_event
    return instant, blame


@compiled(counts_references=False, is_merged=True)
def earliest_entry(world: World, desk: Desk, run: int) -> tuple[int, int]:
    """Instant from which a waiting train may enter its step but for closures; FAR = not known.

    With it the event of another run that is the last to let it go; -1 = none but its own.
    """
    event, instant, blame = desk.runs[run].at, desk.runs[run].ready, -1
    bound, other = bound_by_arcs(world, desk, event)
    if bound > instant:
        instant, blame = bound, other
    if world.policy[0] != PLANNED_ORDER:
        bound, other = _bound_by_traffic(world, desk, event)
        if bound > instant:
            instant, blame = bound, other
    return instant, blame


@compiled(counts_references=False, is_merged=True)
def _prefers(world: World, desk: Desk, first: int, second: int) -> bool:
    """Whether the policy lets the first of two waiting trains go before the second."""
    runs = world.runs
    if world.policy[0] == BY_WEIGHT and runs[first].weight != runs[second].weight:
        return bool(runs[first].weight > runs[second].weight)
    if desk.runs[first].ready != desk.runs[second].ready:
        return bool(desk.runs[first].ready < desk.runs[second].ready)
    return bool(
        world.events[desk.runs[first].at].planned < world.events[desk.runs[second].at].planned
    )


@compiled(counts_references=False, is_merged=True)
def _yields_to(world: World, desk: Desk, run: int, other: int, now: int) -> bool:
    """Whether less weighted delay comes of letting an opposing train through first.

    Looks at these two trains and one step; `other` may still be on its way.
    """
    events, opposing = world.events, world.intervals[OPPOSING]
    mine, theirs = desk.runs[run].at, desk.runs[other].at
    if _is_full(world, desk, wide(events[theirs + 1].point), wide(events[theirs].way)):
        return False
    comes = max(desk.runs[other].ready, now)
    through = now + events[mine + 1].least + opposing
    if_first = max(through - max(comes, events[theirs].planned), 0)
    if_second = comes + events[theirs + 1].least + opposing - now
    return bool(world.runs[other].weight * if_first > world.runs[run].weight * if_second)


@compiled(counts_references=False, is_merged=True)
def choose_train(world: World, desk: Desk, step: int, now: int) -> int:
    """Train that enters a step now; -1 = none. Notes in `desk.served_at` when to look again."""
    best, soonest = -1, FAR
    run = desk.steps[step].queue
    while run >= 0:
        entry, blame = earliest_entry(world, desk, run)
        instant = entry
        if instant < FAR and world.draws.outage_head[step] >= 0:
            instant = reopens_at(world.hazards, world.draws, step, 0, instant)
        if instant > now:
            soonest = min(soonest, instant)
        elif best < 0 or _prefers(world, desk, run, best):
            best = run
            desk.steps[step].entry, desk.steps[step].blame = entry, blame
        run = desk.runs[run].behind
    if best >= 0 and world.policy[0] == LEAST_DELAY and world.steps[step].tracks == 1:
        other = desk.ways[step, 1 - world.events[desk.runs[best].at].way].expected
        if other >= 0 and _yields_to(world, desk, best, other, now):
            best = _give_way(world, desk, step, now, best, other)
    desk.steps[step].served_at = soonest
    return best


@compiled(counts_references=False, is_merged=True)
def _give_way(world: World, desk: Desk, step: int, now: int, best: int, other: int) -> int:
    """The opposing train where it can go, none while it is on its way, else the first choice."""
    run = desk.steps[step].queue
    while run >= 0:
        if run == other:
            entry, blame = earliest_entry(world, desk, other)
            instant = entry
            if instant < FAR:
                instant = reopens_at(world.hazards, world.draws, step, 0, instant)
            if instant > now:
                return best
            desk.steps[step].entry, desk.steps[step].blame = entry, blame
            return other
        run = desk.runs[run].behind
    return -1
