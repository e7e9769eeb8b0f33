"""Compiled event-driven engine: one replication of a plan under a dispatching policy.

`run_replication` is the main function. A train asks to enter its step when it is ready; the step is
looked at again whenever something that could let a train go has happened or is due.
"""

from typing import Final

import numpy as np

from arterial.compiling import compiled
from arterial.operations.chance.sampling_kernel import meet_outages, record_closures
from arterial.operations.line.plan import UNLIMITED
from arterial.operations.line.rules_kernel import (
    PLANNED_ORDER,
    World,
    choose_train,
    find_track,
)
from arterial.operations.line.state_kernel import (
    ARRIVE,
    FAR,
    READY,
    SERVE,
    START,
    Desk,
    clear_desk,
    is_quiet,
    join_queue,
    leave_queue,
    pop,
    push,
    time_of,
    wide,
)

__all__ = ["run_replication"]

KIND_BITS: Final = 30
KIND_MASK: Final = 3
HELD: Final = 0
DONE: Final = 2
FORCED: Final = 3
IS_FULL: Final = 4
HEADWAY: Final = 2
RELEASE: Final = 3


@compiled(counts_references=False, is_merged=True)
def _wait_before(world: World, event: int) -> int:
    """Disturbances drawn before an event [s]."""
    total, place = 0, world.draws.head[event]
    while place >= 0:
        if world.draws.entries[place].is_late == 0:
            total += world.draws.entries[place].seconds
        place = world.draws.entries[place].follower
    return total


@compiled(counts_references=False, is_merged=True)
def _ask_again(desk: Desk, step: int, instant: int, blame: int) -> None:
    """Look at a step again at an instant, unless that is to happen anyway or nobody waits."""
    if desk.steps[step].queue >= 0 and instant < desk.steps[step].due:
        desk.steps[step].due = instant
        push(desk, instant, SERVE, step, blame)


@compiled(counts_references=False, is_merged=True)
def _ask_around(world: World, desk: Desk, point: int, instant: int, blame: int) -> None:
    """Look again at the steps at a point where a track comes free."""
    for place in range(world.points[point].beside_first, world.points[point + 1].beside_first):
        _ask_again(desk, world.beside[place], instant, blame)


@compiled(counts_references=False, is_merged=True)
def _take_track(world: World, desk: Desk, run: int, event: int, instant: int) -> None:
    """Give up the track where a train stands and take one at the next point."""
    events = world.events
    _leave_track(world, desk, run, event, instant)
    point = wide(events[event + 1].point)
    desk.present[point, events[event].way] += 1
    if world.points[point].tracks < UNLIMITED and world.policy[0] != PLANNED_ORDER:
        track = find_track(world, desk, point)
        if desk.tracks[track].free_at <= instant:
            desk.tracks[track].free_at = FAR
            desk.runs[run].ahead = track


@compiled(counts_references=False, is_merged=True)
def _leave_track(world: World, desk: Desk, run: int, event: int, instant: int) -> None:
    """Set free the track where a train stands, once `event` has taken it away."""
    if event == world.runs[run].first:
        return
    before = event - 1 if event % 2 == 0 else event
    desk.present[world.events[before].point, world.events[before].way] -= 1
    track = desk.runs[run].track
    if track >= 0:
        desk.tracks[track].free_at = instant + world.intervals[RELEASE]
        desk.tracks[track].freed_by = event
    desk.runs[run].track = -1


@compiled(counts_references=False, is_merged=True)
def depart(
    world: World,
    desk: Desk,
    run: int,
    now: int,
    blame: int,
    chance: tuple[np.uint64, int, int],
) -> None:
    """A train enters its step; its arrival is known from here on."""
    events, event = world.events, desk.runs[run].at
    step, way = wide(events[event].step), wide(events[event].way)
    leave_queue(desk, step, run)
    desk.events[event].time = now
    desk.events[event].cause = blame
    _take_track(world, desk, run, event, now)
    arrival = now + events[event + 1].least + _wait_before(world, event + 1)
    arrival += meet_outages(world.hazards, world.draws, event + 1, step, 0, now, chance)
    # A train ahead of its plan eases off: supplements make up delay and nothing else.
    arrival = max(arrival, events[event + 1].planned)
    if world.steps[step].follows != 0:
        behind = desk.ways[step, way].arrived + world.intervals[HEADWAY]
        if behind > arrival:
            arrival = behind
            desk.events[event + 1].cause = desk.ways[step, way].arrived_event
    desk.events[event + 1].time = arrival
    desk.ways[step, way].departed, desk.ways[step, way].departed_event = now, event
    desk.ways[step, way].arrived, desk.ways[step, way].arrived_event = arrival, event + 1
    if desk.ways[step, way].expected == run:
        desk.ways[step, way].expected = -1
    desk.runs[run].at = event + 2
    if event + 2 < world.runs[run + 1].first:
        desk.runs[run].ready = max(events[event + 2].planned, arrival + events[event + 2].least)
        desk.ways[events[event + 2].step, events[event + 2].way].expected = run
    push(desk, arrival, ARRIVE, run, -1)
    _tell_others(world, desk, run, event, now)


@compiled(counts_references=False, is_merged=True)
def _tell_others(world: World, desk: Desk, run: int, event: int, now: int) -> None:
    """Look again wherever this departure, or the arrival that it fixes, may let a train go."""
    events = world.events
    for known in range(event, event + 2 if world.arcs.size > 0 else event):
        for place in range(events[known].after_first, events[known + 1].after_first):
            after = world.after[place]
            if desk.runs[events[after].run].at == after:
                _ask_again(desk, wide(events[after].step), now, known)
    if world.policy[0] != PLANNED_ORDER and event > world.runs[run].first:
        _ask_around(world, desk, wide(events[event].point), now, event)


@compiled(counts_references=False, is_merged=True)
def _serve_step(
    world: World,
    desk: Desk,
    step: int,
    now: int,
    blame: int,
    chance: tuple[np.uint64, int],
) -> None:
    """Let trains enter a step as long as one may, and see when to look again."""
    while desk.steps[step].queue >= 0:
        run = choose_train(world, desk, step, now)
        if run < 0:
            break
        instant, cause = desk.steps[step].entry, desk.steps[step].blame
        event = desk.runs[run].at
        opened = record_closures(world.hazards, world.draws, event, step, 0, instant)
        if opened < now:
            # It waited for something else than what it waits for now.
            _forget_closures(world, event)
            cause = blame
        name = world.hazards.runs[run].key
        depart(world, desk, run, now, cause, (chance[0], chance[1], name))
    if desk.steps[step].served_at < FAR:
        _ask_again(desk, step, desk.steps[step].served_at, -1)


@compiled(counts_references=False, is_merged=True)
def _forget_closures(world: World, event: int) -> None:
    """Take back what `record_closures` noted."""
    draws = world.draws
    place = draws.head[event]
    while place >= 0:
        if draws.entries[place].is_late != 0:
            draws.entries[place].seconds = 0
        place = draws.entries[place].follower


@compiled(counts_references=False, is_merged=True)
def _force_train(world: World, desk: Desk, now: int, chance: tuple[np.uint64, int]) -> None:
    """Let the train that has been ready longest go although no track is free for it."""
    first = -1
    for run in range(desk.runs.size):
        event = desk.runs[run].at
        is_over = event == world.runs[run + 1].first
        if not is_over and (first < 0 or desk.runs[run].ready < desk.runs[first].ready):
            first = run
    desk.counts[FORCED] += 1
    depart(world, desk, first, now, -1, (chance[0], chance[1], world.hazards.runs[first].key))


@compiled(counts_references=False, is_merged=True)
def _make_ready(
    world: World, desk: Desk, run: int, now: int, chance: tuple[np.uint64, int]
) -> None:
    """A train asks to enter its step."""
    step = wide(world.events[desk.runs[run].at].step)
    desk.runs[run].ready = now
    join_queue(desk, step, run)
    if is_quiet(desk, now, SERVE):
        _serve_step(world, desk, step, now, -1, chance)
    else:
        _ask_again(desk, step, now, -1)


@compiled(counts_references=False, is_merged=True)
def arrive(world: World, desk: Desk, run: int, now: int, chance: tuple[np.uint64, int]) -> None:
    """A train stands at a point: it ends there, or makes ready to go on."""
    events, event = world.events, desk.runs[run].at
    desk.runs[run].track = desk.runs[run].ahead
    desk.runs[run].ahead = -1
    if event == world.runs[run + 1].first:
        _leave_track(world, desk, run, event - 1, now)
        desk.counts[DONE] += 1
        if world.policy[0] != PLANNED_ORDER:
            _ask_around(world, desk, wide(events[event - 1].point), now, event - 1)
        return
    ready = now + events[event].least + _wait_before(world, event)
    ready = max(ready, events[event].planned)
    if ready == now and is_quiet(desk, now, READY):
        _make_ready(world, desk, run, now, chance)
    else:
        push(desk, ready, READY, run, -1)


@compiled(counts_references=False, is_merged=True)
def _start_train(world: World, desk: Desk, place: int) -> None:
    """The next train in order of departure makes ready; the one after it is put on the heap.

    So the heap holds the trains on their way and not the whole plan.
    """
    run = world.runs[place].by_start
    event = world.runs[run].first
    ready = world.events[event].planned + _wait_before(world, event)
    push(desk, ready, READY, run, -1)
    if place + 1 < desk.runs.size:
        after = world.runs[world.runs[place + 1].by_start].first
        push(desk, wide(world.events[after].planned), START, place + 1, -1)


@compiled(counts_references=False, is_merged=True)
def run_replication(world: World, desk: Desk, key: np.uint64, replication: int) -> None:
    """One replication from the first train to the last; times are left in the desk."""
    now = 0
    chance = (key, replication)
    clear_desk(desk)
    for run in range(desk.runs.size):
        desk.runs[run].at = world.runs[run].first
    _start_train(world, desk, 0)
    while desk.counts[DONE] < desk.runs.size and desk.counts[IS_FULL] == 0:
        if desk.counts[HELD] == 0:
            _force_train(world, desk, now, chance)
            continue
        packed, item, blame = desk.heap[0].key, desk.heap[0].item, desk.heap[0].blame
        now, kind = time_of(packed), (packed >> KIND_BITS) & KIND_MASK
        pop(desk)
        if kind == START:
            _start_train(world, desk, item)
        elif kind == ARRIVE:
            arrive(world, desk, item, now, chance)
        elif kind == READY:
            _make_ready(world, desk, item, now, chance)
        elif desk.steps[item].due == now:
            desk.steps[item].due = FAR
            _serve_step(world, desk, item, now, blame, chance)
