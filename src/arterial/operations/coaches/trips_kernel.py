"""Compiled simulation of all trips of all through coaches, replication by replication.

`simulate_replications` takes the trips of each replication in order of departure, gives each the
set that has been ready longest at its first place, lets it ride, asks what longer waits and shorter
steps would have changed, and shares the delay among its causes. Then it does so again with other
numbers of spare sets; hosts are run once for all of these.
"""

import numpy as np

from arterial.compiling import compiled
from arterial.operations.coaches.attribution_kernel import share_delay
from arterial.operations.coaches.journey_kernel import (
    plan_arrival_s,
    plan_departure_s,
    plan_ready_times,
    ride,
)
from arterial.operations.coaches.outcome import Groups, Outcome
from arterial.operations.coaches.sets_kernel import (
    bring_home,
    choose_set,
    plan_sets,
    serve_works,
    start_sets,
)
from arterial.operations.coaches.state import (
    BROKEN_OFF,
    CANCELLED,
    HOST_LATER,
    HOST_WAITS,
    NEVER,
    NOT_REACHED,
    RIDDEN,
    STEP_SHORTER,
    Chance,
    CoachPlan,
    CoachState,
    Leg,
    Row,
    Rows,
    Trip,
    Variant,
    legs_between,
    trips_of,
)
from arterial.operations.coaches.tally_kernel import add_groups, add_trip

__all__ = ["simulate_replications"]


@compiled(counts_references=False, is_merged=True)
def _clear_trip(plan: CoachPlan, state: CoachState, trip: Trip) -> None:
    """Forget what a leg of the trip was in the replication before."""
    row = plan.trips[trip]
    for leg in range(row.leg_begin, row.leg_end):
        now = state.legs[leg]
        now.status = NOT_REACHED
        # Where no host comes at all these are never written.
        now.first_leave_s = 0
        now.host_late_s = 0
        now.left_late_s = 0
        now.cost_s = 0
        now.closed_by = -1
    for event in range(row.event_begin, row.event_end):
        state.events[event].at_s = NEVER
    state.trips[trip].status = CANCELLED
    state.trips[trip].set_ready_s = 0
    state.trips[trip].before = -1
    state.trips[trip].plan_ready_s = NEVER


@compiled(counts_references=False, is_merged=True)
def _full_arrival_s(plan: CoachPlan, state: CoachState, trip: Trip) -> int:
    """Arrival; for a journey broken off, as if a host came after the last day looked ahead.

    A cancelled trip counts as late by the days that are looked ahead.
    """
    last = plan.trips[trip].leg_end - 1
    if state.legs[last].status == RIDDEN:
        return int(state.legs[last].arrival_s)
    planned_s = plan_arrival_s(plan, last)
    for leg in legs_between(plan.trips[trip].leg_begin, last + 1):
        if state.legs[leg].status == BROKEN_OFF:
            return int(planned_s + state.legs[leg].departure_s - plan_departure_s(plan, leg))
    return int(planned_s + plan.longest_wait_s)


@compiled(counts_references=False, is_merged=True)
def _run_trip(
    plan: CoachPlan, state: CoachState, chance: Chance, trip: Trip, is_traced: bool
) -> None:  # fmt: skip
    """Give a trip its set, let it ride, and say where and when the set is ready again."""
    _clear_trip(plan, state, trip)
    row, now, begin = plan.trips[trip], state.trips[trip], plan.trips[trip].leg_begin
    ready_s = plan_departure_s(plan, begin)
    number = -1
    if row.pool >= 0:
        number = choose_set(plan, state, trip)
        if number < 0:
            now.arrival_s = _full_arrival_s(plan, state, trip)
            return
        ready_s = state.sets[number].ready_s
        now.before = state.sets[number].trip
        if now.before >= 0:
            before = plan.trips[now.before]
            now.plan_ready_s = plan_arrival_s(plan, before.leg_end - 1) + before.turn_s
    is_finished = ride(plan, state, chance, trip, begin, ready_s, Variant(-1, 0, 0, 0), is_traced)
    now.set_ready_s = ready_s
    if state.legs[begin].status != RIDDEN:
        # The set stays where it is and works the next departure from there that it is ready for.
        state.legs[begin].status = NOT_REACHED
        now.arrival_s = _full_arrival_s(plan, state, trip)
        return
    now.status = RIDDEN if is_finished else BROKEN_OFF
    now.arrival_s = _full_arrival_s(plan, state, trip)
    if number >= 0:
        state.sets[number].place = row.to_place
        state.sets[number].ready_s = now.arrival_s + row.turn_s
        state.sets[number].trip = trip
        if row.is_to_home > 0:
            bring_home(plan, state, trip, now.arrival_s + row.turn_s)


@compiled(counts_references=False, is_merged=True)
def _can_matter(leg: Row, variant: Row) -> bool:
    """Whether a variant at a leg can change anything beside what happened."""
    if variant.kind == HOST_LATER:
        return True
    if leg.missed > 1 or leg.status == BROKEN_OFF:
        return True
    if leg.missed == 1 and leg.late_s <= variant.seconds:
        return True
    # The host that took the coach may have waited for it, whether or not one was missed before.
    return bool(variant.kind == STEP_SHORTER and leg.left_late_s > leg.host_late_s)


@compiled(counts_references=False, is_merged=True)
def _count_missed(leg: Row) -> int:
    """Runs of its host that a coach missed at a leg, beside those it had lost before."""
    if leg.status == BROKEN_OFF:
        return int(max(1, leg.missed))
    return int(max(0, leg.run - leg.expected_run))


@compiled(counts_references=False, is_merged=True)
def _try_variants(
    plan: CoachPlan, state: CoachState, chance: Chance, trip: Trip, variants: Rows, outcome: Rows
) -> None:  # fmt: skip
    """What waits, later hosts and shorter steps would have changed, with the same chance."""
    begin, end = plan.trips[trip].leg_begin, plan.trips[trip].leg_end
    arrival_s = state.trips[trip].arrival_s
    for leg in range(begin, end):
        state.kept[leg - begin] = state.legs[leg]
    for leg in legs_between(begin + 1, end):
        happened = state.kept[leg - begin]
        if happened.status == NOT_REACHED:
            break
        for number in range(len(variants)):
            missed, saved_s = _count_missed(happened), 0
            if _can_matter(happened, variants[number]):
                kind, seconds = variants[number].kind, variants[number].seconds
                variant = Variant(
                    leg,
                    seconds if kind == HOST_WAITS else 0,
                    seconds if kind == HOST_LATER else 0,
                    seconds if kind == STEP_SHORTER else 0,
                )
                for later in range(leg, end):
                    state.legs[later].status = NOT_REACHED
                # When the coach came to the hand-over: the procedure is worked again within `ride`.
                ready_s = state.legs[leg - 1].arrival_s
                ride(plan, state, chance, trip, leg, ready_s, variant, False)
                saved_s = arrival_s - _full_arrival_s(plan, state, trip)
                missed = _count_missed(state.legs[leg])
                # Put back: a later trip of the same set is attributed through these legs.
                for later in range(leg, end):
                    state.legs[later] = state.kept[later - begin]
            outcome[leg, number].tried = 1
            outcome[leg, number].missed = min(missed, 1)
            outcome[leg, number].saved_s = saved_s


@compiled(counts_references=False, is_merged=True)
def _wait_of_missed(plan: CoachPlan, state: CoachState, leg: Leg) -> int:
    """Seconds from when the first host that was missed leaves by its plan to the departure."""
    row, run = plan.legs[leg], state.legs[leg].expected_run
    if run >= plan.hosts[row.host].run_end:
        return plan.longest_wait_s
    leaves_s = plan.times_s[plan.runs[run].event + 2 * row.from_stop + 1]
    return int(max(0, state.legs[leg].departure_s - leaves_s))


@compiled(counts_references=False, is_merged=True)
def _is_lost(plan: CoachPlan, state: CoachState, trip: Trip) -> bool:
    """Whether a trip has no set that is ready at its planned departure."""
    now, begin = state.trips[trip], plan.trips[trip].leg_begin
    # One whose first host was cancelled at a closed line had a set that was ready for it.
    is_unserved = now.status == CANCELLED and state.legs[begin].closed_by < 0
    return bool(is_unserved or now.set_ready_s > plan_departure_s(plan, begin))


@compiled(counts_references=False, is_merged=True)
def _set_late_s(plan: CoachPlan, state: CoachState, trip: Trip) -> int:
    """By how much the want of a set makes a trip leave late [s]."""
    if state.trips[trip].status == CANCELLED:
        return plan.longest_wait_s if _is_lost(plan, state, trip) else 0
    begin = plan.trips[trip].leg_begin
    first, planned_s = state.legs[begin], plan_departure_s(plan, begin)
    if state.trips[trip].set_ready_s <= planned_s:
        return 0
    return int(max(0, first.departure_s - max(first.first_leave_s, planned_s)))


@compiled(counts_references=False, is_merged=True)
def _arrival_delay_s(plan: CoachPlan, state: CoachState, trip: Trip) -> int:
    """By how much a trip arrives after the timetable of the draw [s]."""
    return int(state.trips[trip].arrival_s - plan_arrival_s(plan, plan.trips[trip].leg_end - 1))


@compiled(counts_references=False, is_merged=True)
def _write_events(
    plan: CoachPlan, state: CoachState, leg: Leg, replication: int, outcome: Outcome
) -> None:  # fmt: skip
    """Write how late a coach leaves and comes to each stop of a leg, by the draw's timetable."""
    row = plan.legs[leg]
    times = plan.runs[row.announced_run].event + 2 * row.from_stop + 1
    for number in range(2 * (row.to_stop - row.from_stop)):
        at_s = state.events[row.event + number].at_s
        if at_s != NEVER:
            late_s = at_s - plan.times_s[times + number]
            outcome.events_s[replication, row.event + number] = late_s


@compiled(counts_references=False, is_merged=True)
def _write_trip(
    plan: CoachPlan, state: CoachState, trip: Trip, replication: int, outcome: Outcome
) -> None:  # fmt: skip
    """Write what a trip gave: delays, missed hosts, late set, and what its legs met."""
    row, now, out = plan.trips[trip], state.trips[trip], outcome.trips[replication, trip]
    for leg in legs_between(row.leg_begin, row.leg_end):
        _write_events(plan, state, leg, replication, outcome)
    leaves_s = plan_departure_s(plan, row.leg_begin)
    out.status = now.status
    out.arrival_s = now.arrival_s
    out.arrival_delay_s = _arrival_delay_s(plan, state, trip)
    out.elapsed_s = now.arrival_s - leaves_s
    out.is_lost = 1 if _is_lost(plan, state, trip) else 0
    out.set_late_s = _set_late_s(plan, state, trip)
    out.first_missed = -1
    if now.status == CANCELLED:
        out.missed = 1
        out.first_missed = 0
        outcome.legs[replication, row.leg_begin].offered = 1
        outcome.legs[replication, row.leg_begin].missed = 1
        is_closed = state.legs[row.leg_begin].closed_by >= 0
        outcome.legs[replication, row.leg_begin].cancelled = 1 if is_closed else 0
        return
    out.departure_delay_s = state.legs[row.leg_begin].departure_s - leaves_s
    for leg in legs_between(row.leg_begin, row.leg_end):
        if state.legs[leg].status == NOT_REACHED:
            break
        missed = _count_missed(state.legs[leg])
        out.missed += missed
        if missed > 0 and out.first_missed < 0:
            out.first_missed = leg - row.leg_begin
        met = outcome.legs[replication, leg]
        met.offered = 1
        met.missed = min(missed, 1)
        met.cancelled = 1 if state.legs[leg].closed_by >= 0 else 0
        met.wait_s = _wait_of_missed(plan, state, leg) if missed > 0 else 0
        met.cost_s = state.legs[leg].cost_s if state.legs[leg].status == RIDDEN else 0


@compiled(counts_references=False, is_merged=True)
def _attribute_trip(
    plan: CoachPlan, state: CoachState, trip: Trip, outcome: Outcome, groups: Groups
) -> None:  # fmt: skip
    """Share the delay of a finished trip that counts; note by how much the shares miss it."""
    row, now = plan.trips[trip], state.trips[trip]
    if now.status != RIDDEN or row.group < 0:
        return
    share_delay(plan, state, trip, now.arrival_s)
    total_s = add_trip(plan, state, trip, outcome, groups)
    gap_s = abs(total_s - _arrival_delay_s(plan, state, trip))
    outcome.gap_s[0] = max(outcome.gap_s[0], gap_s)
    groups.groups[row.group].finished += 1
    if row.works_group >= 0:
        groups.groups[row.works_group].finished += 1


@compiled(counts_references=False, is_merged=True)
def _run_with_spares(
    plan: CoachPlan, state: CoachState, chance: Chance, number: int, outcome: Rows
) -> None:  # fmt: skip
    """Run all trips once more with another number of spare sets."""
    start_sets(plan, state, number)
    for trip in trips_of(plan):
        serve_works(plan, state, plan_departure_s(plan, plan.trips[trip].leg_begin))
        _run_trip(plan, state, chance, trip, False)
        out = outcome[trip]
        out.arrival_delay_s = _arrival_delay_s(plan, state, trip)
        out.is_lost = 1 if _is_lost(plan, state, trip) else 0
        out.is_cancelled = 1 if state.trips[trip].status == CANCELLED else 0
        out.set_late_s = _set_late_s(plan, state, trip)


@compiled(counts_references=False)
def simulate_replications(
    plan: CoachPlan,
    state: CoachState,
    variants: Rows,
    key: np.uint64,
    first: int,
    outcome: Outcome,
    groups: Groups,
) -> bool:
    """Simulate as many replications as the outcome has, from number `first`; False if too long.

    Buffers are tried on as many as the outcome has room for.
    """
    plan_ready_times(plan, state)
    plan_sets(plan, state)
    for replication in range(outcome.trips.shape[0]):
        chance = Chance(key, first + replication)
        # Traces of all trips of a replication stand one behind another: sets link them.
        state.sizes[0].trace = 0
        for passage in range(len(state.passages)):
            state.passages[passage].is_known = 0
            state.passages[passage].is_whole = 0
        start_sets(plan, state, 0)
        for trip in trips_of(plan):
            serve_works(plan, state, plan_departure_s(plan, plan.trips[trip].leg_begin))
            _run_trip(plan, state, chance, trip, True)
            if state.sizes[0].trace > len(state.trace):
                return False
            _attribute_trip(plan, state, trip, outcome, groups)
            _write_trip(plan, state, trip, replication, outcome)
            if replication < outcome.variants.shape[0] and plan.trips[trip].group >= 0:
                _try_variants(plan, state, chance, trip, variants, outcome.variants[replication])
        add_groups(outcome, groups)
        # Attribution follows a set back through its trips: theirs must stand until here.
        for number in range(outcome.spares.shape[0]):
            _run_with_spares(plan, state, chance, number + 1, outcome.spares[number, replication])
    return True
