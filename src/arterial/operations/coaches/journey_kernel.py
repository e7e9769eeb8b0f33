"""Compiled journeys: procedures at hand-overs, taking a host, and the legs of a trip.

`ride` takes a coach from one leg to the end of its trip. A host leaves without a coach that is not
ready when it leaves, or at the end of the time that it waits; the coach then takes the next run of
that host, as long as it comes within the days that are looked ahead. So it does where the host is
cancelled at a closed line, before it comes or with the coach aboard. From its first place it leaves
before the next departure of its service and within the time after which trips are cancelled, or not
at all.
"""

from typing import Final

from arterial.compiling import compiled
from arterial.operations.chance.chance_kernel import triangular, uniform
from arterial.operations.coaches.hosts_kernel import meet_host, push_delay, sample_delay
from arterial.operations.coaches.state import (
    BROKEN_OFF,
    NEVER,
    RIDDEN,
    Chance,
    CoachPlan,
    CoachState,
    Leg,
    PlaceProcedure,
    Run,
    Trip,
    Variant,
    legs_between,
    month_of,
    runs_between,
    trips_of,
)
from arterial.units import DAY_S

__all__ = ["plan_arrival_s", "plan_departure_s", "plan_ready_times", "ride"]

# Purposes of chance, so that no two questions share a number.
STEP: Final = 11
MISHAP: Final = 12
MISHAP_SIZE: Final = 13
LEG_CODE: Final = 1 << 10
JOURNEY_CODE: Final = 1 << 45


@compiled(counts_references=False, is_merged=True)
def plan_departure_s(plan: CoachPlan, leg: Leg) -> int:
    """Announced departure on a leg, in the timetable of the draw."""
    row = plan.legs[leg]
    return int(plan.times_s[plan.runs[row.announced_run].event + 2 * row.from_stop + 1])


@compiled(counts_references=False, is_merged=True)
def plan_arrival_s(plan: CoachPlan, leg: Leg) -> int:
    """Announced arrival on a leg, in the timetable of the draw."""
    return run_arrival_s(plan, leg, plan.legs[leg].announced_run)


@compiled(counts_references=False, is_merged=True)
def run_arrival_s(plan: CoachPlan, leg: Leg, run: Run) -> int:
    """Planned arrival of a run where the coach gets off at the end of a leg."""
    return int(plan.times_s[plan.runs[run].event + 2 * plan.legs[leg].to_stop])


@compiled(counts_references=False, is_merged=True)
def _find_opening(plan: CoachPlan, step: int, ready_s: int, duration_s: int) -> int:
    """First instant from which a step can be worked within its opening hours."""
    end = plan.procedure_steps[step].window_end
    # Binary, for hours are listed day by day over the whole span.
    low, high = plan.procedure_steps[step].window_begin, end
    while low < high:
        middle = (low + high) // 2
        if plan.windows[middle].closes_s > ready_s:
            high = middle
        else:
            low = middle + 1
    for window in range(low, end):
        opens_s, closes_s = plan.windows[window].opens_s, plan.windows[window].closes_s
        start_s = max(ready_s, opens_s)
        # What takes longer than the hours of a day begins with them and goes on behind.
        if start_s + min(duration_s, closes_s - opens_s) <= closes_s:
            return int(start_s)
    return ready_s


@compiled(counts_references=False)
def _work_steps(plan: CoachPlan, state: CoachState, procedure: PlaceProcedure, begin_s: int) -> int:
    """Work through the steps with the durations in hand; the end of the longest path [s]."""
    first, behind = plan.procedures[procedure].step_begin, plan.procedures[procedure].step_end
    end_s = begin_s
    for step in range(first, behind):
        row, work = plan.procedure_steps[step], state.steps[step - first]
        ready_s = begin_s
        work.before = -1
        # The first predecessor counts even if it is over at once: a chain must not end too soon.
        for place in range(row.after_begin, row.after_end):
            before = plan.after[place]
            if state.steps[before].over_s > ready_s or work.before < 0:
                ready_s = max(ready_s, state.steps[before].over_s)
                work.before = before
        start_s = ready_s
        if row.window_begin < row.window_end:
            start_s = _find_opening(plan, step, ready_s, work.duration_s)
        work.opened_s = start_s - ready_s
        work.over_s = start_s + work.duration_s
        end_s = max(end_s, work.over_s)
    return end_s


@compiled(counts_references=False, is_merged=True)
def plan_ready_times(plan: CoachPlan, state: CoachState) -> None:
    """When the coach would be ready for each leg if all went as announced in this draw."""
    for trip in trips_of(plan):
        for leg in legs_between(plan.trips[trip].leg_begin, plan.trips[trip].leg_end - 1):
            ready_s = plan_arrival_s(plan, leg)
            procedure = plan.legs[leg + 1].procedure
            if procedure >= 0:
                first = plan.procedures[procedure].step_begin
                for step in range(first, plan.procedures[procedure].step_end):
                    state.steps[step - first].duration_s = plan.procedure_steps[step].best_s
                ready_s = _work_steps(plan, state, procedure, ready_s)
            plan.legs[leg + 1].plan_ready_s = ready_s


@compiled(counts_references=False, is_merged=True)
def _push_chain(plan: CoachPlan, state: CoachState, procedure: PlaceProcedure, end_s: int) -> None:
    """Write what is beyond the best durations on the longest path, in order of time."""
    first, behind = plan.procedures[procedure].step_begin, plan.procedures[procedure].step_end
    step = -1
    for number in range(behind - first):
        # Of several that end together the last one stands for the chain, always the same one.
        if state.steps[number].over_s == end_s:
            step = number
    # The chain is followed from its end; `link` keeps it to be written from its begin.
    length = 0
    while step >= 0:
        state.steps[length].link = step
        length += 1
        step = state.steps[step].before
    for place in range(length - 1, -1, -1):
        step = state.steps[place].link
        row, work = plan.procedure_steps[first + step], state.steps[step]
        if work.opened_s > 0:
            push_delay(state, row.opening_source, work.opened_s)
        if work.duration_s > row.best_s:
            push_delay(state, row.source, work.duration_s - row.best_s)


@compiled(counts_references=False, is_merged=True)
def _finish_procedure(
    plan: CoachPlan, state: CoachState, chance: Chance, trip: Trip, leg: Leg, arrival_s: int
) -> int:  # fmt: skip
    """When the coach is ready for a leg, each step of the procedure sampled [s]."""
    procedure = plan.legs[leg].procedure
    if procedure < 0:
        return arrival_s
    row = plan.procedures[procedure]
    # Named by trip, leg and step: a variant that rides the leg again meets the same chance.
    code = JOURNEY_CODE + plan.trips[trip].code
    number = (leg - plan.trips[trip].leg_begin) * LEG_CODE
    for step in range(row.step_begin, row.step_end):
        rule = plan.procedure_steps[step]
        seconds = rule.best_s
        if plan.samples_steps:
            mark = number + step - row.step_begin
            u = uniform(chance.key, chance.replication, code, mark, STEP)
            seconds = int(triangular(u, rule.low_s, rule.mode_s, rule.high_s) + 0.5)
        state.steps[step - row.step_begin].duration_s = seconds
    end_s = _work_steps(plan, state, procedure, arrival_s)
    _push_chain(plan, state, procedure, end_s)
    month = month_of(plan, arrival_s // DAY_S)
    for place in range(row.mishap_begin, row.mishap_end):
        source, mark = plan.mishaps[place].source, number + place - row.mishap_begin
        rate = plan.mishaps[place].rate * plan.season[source, month]
        if uniform(chance.key, chance.replication, code, mark, MISHAP) < rate:
            u = uniform(chance.key, chance.replication, code, mark, MISHAP_SIZE)
            size = plan.sources[source]
            seconds = sample_delay(size.shape, size.first, size.second, size.third, u, 0.0)
            push_delay(state, source, seconds)
            end_s += seconds
    return end_s


@compiled(counts_references=False, is_merged=True)
def _find_expected_run(plan: CoachPlan, state: CoachState, leg: Leg, begin: Leg) -> Run:
    """First run of a host that a coach can expect: as many days later as it rode before."""
    run: Run = plan.legs[leg].first_run
    if leg == begin:
        return run
    runs, before = plan.runs, leg - 1
    announced_s = runs[plan.legs[leg].announced_run].midnight_s
    ridden_s = runs[state.legs[before].run].midnight_s
    later_s = ridden_s - runs[plan.legs[before].announced_run].midnight_s
    end = plan.hosts[plan.legs[leg].host].run_end
    while run < end and runs[run].midnight_s < announced_s + later_s:
        run += 1  # type: ignore[assignment]
    return run


@compiled(counts_references=False, is_merged=True)
def _last_departure_s(plan: CoachPlan, trip: Trip, leg: Leg) -> int:
    """Latest planned departure of a host with which a coach still leaves on a leg.

    At the first leg what comes later belongs to the next departure of the service, or comes when
    the trip is cancelled; a coach on its way takes what comes.
    """
    row = plan.trips[trip]
    if leg > row.leg_begin:
        return -NEVER
    last_s = plan_departure_s(plan, leg) + plan.cancel_after_s
    if row.next_trip >= 0:
        following: Leg = plan.trips[row.next_trip].leg_begin
        last_s = min(last_s, plan_departure_s(plan, following) - 1)
    return int(last_s)


@compiled(counts_references=False, is_merged=True)
def _take_host(
    plan: CoachPlan, state: CoachState, chance: Chance, leg: Leg, ready_s: int, until_s: int,
    variant: Variant, is_traced: bool,
) -> bool:  # fmt: skip
    """Put a coach on the first run that it is ready for; False if none comes soon enough."""
    row, now = plan.legs[leg], state.legs[leg]
    wait_s = row.wait_s + (variant.wait_s if variant.leg == leg else 0)
    later_s = variant.later_s if variant.leg == leg else 0
    waits_from_s = max(ready_s, plan_departure_s(plan, leg) + later_s)
    now.missed = 0
    now.late_s = 0
    now.closed_by = -1
    state.closure[0].closed_by = -1
    for run in runs_between(row.first_run, plan.hosts[row.host].run_end):
        leaves_s = plan.times_s[plan.runs[run].event + 2 * row.from_stop + 1] + later_s
        if leaves_s - waits_from_s > plan.longest_wait_s:
            return False
        # The first run is the announced one, or comes for it where that does not run.
        if leaves_s > until_s and run > row.first_run:
            return False
        trace = state.sizes[0].trace
        passage = meet_host(plan, state, chance, leg, run, ready_s - leaves_s, wait_s, is_traced)
        last_s = leaves_s + max(passage.late_s, wait_s)
        # Only the first run counts here: what came later is the price of having missed it.
        if now.missed == 0:
            now.first_leave_s = leaves_s + passage.late_s
            now.due_s = last_s if ready_s > last_s else leaves_s
        if ready_s <= last_s and passage.closed_by < 0:
            now.run = run
            now.host_late_s = passage.late_s
            now.departure_s = max(leaves_s + passage.late_s, ready_s)
            now.left_late_s = now.departure_s - leaves_s
            # At boarding and on the ride, less what it makes up; never below the ride's own.
            arrives_s = run_arrival_s(plan, leg, run) + later_s
            now.arrival_s = arrives_s + max(passage.floor_s, now.left_late_s + passage.shift_s)
            now.status = RIDDEN
            return True
        if ready_s <= last_s:
            if now.closed_by < 0:
                now.closed_by = passage.closed_by
                now.closed_from_s = run_arrival_s(plan, leg, run)
            state.closure[0].closed_by = passage.closed_by
            state.closure[0].step = passage.step
            state.closure[0].opens_s = passage.opens_s
        elif now.missed == 0:
            now.late_s = ready_s - last_s
        now.missed += 1
        # What a host met that left without the coach delays nobody aboard.
        state.sizes[0].trace = trace
    return False


@compiled(counts_references=False, is_merged=True)
def _note_events(plan: CoachPlan, state: CoachState, leg: Leg) -> None:
    """Write when a coach leaves and comes to each stop of a leg that it has ridden."""
    row, now = plan.legs[leg], state.legs[leg]
    times = plan.runs[now.run].event + 2 * row.from_stop + 1
    state.events[row.event].at_s = now.departure_s
    for number in range(1, 2 * (row.to_stop - row.from_stop)):
        event = state.events[row.event + number]
        late_s = max(event.floor_s, now.left_late_s + event.shift_s)
        event.at_s = plan.times_s[times + number] + late_s


@compiled(counts_references=False)
def ride(
    plan: CoachPlan,
    state: CoachState,
    chance: Chance,
    trip: Trip,
    first: Leg,
    ready_s: int,
    variant: Variant,
    is_traced: bool,
) -> bool:
    """Ride a trip from leg `first` on; False where no host comes soon enough.

    `ready_s` is when the coach is ready for the first leg of the trip, and else when it comes to
    the hand-over before leg `first`. Only a ride that is traced leaves delays for attribution and
    the times of stops.
    """
    begin, trace = plan.trips[trip].leg_begin, state.sizes[0].trace
    is_finished = True
    for leg in legs_between(first, plan.trips[trip].leg_end):
        now = state.legs[leg]
        now.from_procedure = state.sizes[0].trace
        if leg > begin:
            ready_s = _finish_procedure(plan, state, chance, trip, leg, ready_s)
            if variant.leg == leg:
                # A shorter step cannot make the coach ready before it came.
                ready_s = max(state.legs[leg - 1].arrival_s, ready_s - variant.shorter_s)
        now.from_host = state.sizes[0].trace
        now.expected_run = _find_expected_run(plan, state, leg, begin)
        until_s = _last_departure_s(plan, trip, leg)
        is_finished = _take_host(plan, state, chance, leg, ready_s, until_s, variant, is_traced)
        now.trace_end = state.sizes[0].trace
        if not is_finished:
            now.status = BROKEN_OFF
            waits_from_s = max(ready_s, plan_departure_s(plan, leg))
            now.departure_s = waits_from_s + plan.longest_wait_s
            break
        if is_traced:
            _note_events(plan, state, leg)
        # The wait for another day's host: days without one first, then those that were missed.
        first_s = run_arrival_s(plan, leg, plan.legs[leg].first_run)
        now.no_host_s = first_s - plan_arrival_s(plan, leg)
        now.missed_wait_s = run_arrival_s(plan, leg, now.run) - first_s
        ready_s = now.arrival_s
    if not is_traced:
        state.sizes[0].trace = trace
    return is_finished
