"""Compiled attribution: the delay at the end of a journey, shared among its causes to the second.

`share_delay` walks the binding chain backwards from the last arrival and gives each delay that it
meets what is still unpaid of the whole, at most its own seconds, nearest first, so that slack wipes
out the oldest. Where the chain leads through a host that was missed, all that made the coach late
for it bear the wait in proportion to the seconds by which each made it late: a level of the chain
with seconds to share, seconds that bear them, and seconds borne so far. Behind a missed host or a
late coach set every share is knock-on. What the chain cannot explain goes to a source of its own.
"""

from arterial.compiling import compiled
from arterial.operations.coaches.journey_kernel import plan_arrival_s, run_arrival_s
from arterial.operations.coaches.state import (
    DEEPEST,
    NEVER,
    RIDDEN,
    CoachPlan,
    CoachState,
    Leg,
    Source,
    Trip,
)

__all__ = ["share_delay"]


@compiled(counts_references=False, is_merged=True)
def _convert(state: CoachState, deepest: int, seconds: int, is_borne: bool) -> int:
    """Seconds of delay at the end that seconds on the chain stand for.

    Each level maps the first c of its seconds to floor(shared c / bearing) seconds of the level
    above, so that shares of any size add up to the whole. Seconds that are borne are counted.
    """
    for number in range(deepest, 0, -1):
        level = state.levels[number]
        before = level.borne_s
        if is_borne:
            level.borne_s = before + seconds
        # Not shared * seconds // bearing: rounded shares would miss the whole by seconds.
        behind = level.shared_s * (before + seconds) // level.bearing_s
        seconds = behind - level.shared_s * before // level.bearing_s
    return seconds


@compiled(counts_references=False)
def _attribute_delay(
    plan: CoachPlan, state: CoachState, source: Source, seconds: int, level: int, is_passed_on: bool
) -> None:  # fmt: skip
    """Charge a source, and all that it is part of, with seconds on the chain."""
    charged_s = _convert(state, level, seconds, True)
    if charged_s == 0:
        return
    for place in range(plan.path.shape[1]):
        node = plan.path[source, place]
        if node < 0:
            break
        share = state.nodes[node]
        if share.is_touched == 0:
            share.is_touched = 1
            state.touched[state.sizes[0].touched] = node
            state.sizes[0].touched += 1
        if is_passed_on:
            share.knock_on_s += charged_s
        else:
            share.primary_s += charged_s


@compiled(counts_references=False, is_merged=True)
def _attribute_trace(
    plan: CoachPlan, state: CoachState, begin: int, end: int, unpaid_s: int, level: int,
    is_passed_on: bool,
) -> int:  # fmt: skip
    """Charge the delays of a part of the trace, nearest first; the seconds still unpaid."""
    for place in range(end - 1, begin - 1, -1):
        if unpaid_s <= 0:
            break
        seconds = min(unpaid_s, state.trace[place].seconds)
        _attribute_delay(plan, state, state.trace[place].source, seconds, level, is_passed_on)
        unpaid_s -= seconds
    return unpaid_s


@compiled(counts_references=False, is_merged=True)
def _attribute_departure(
    plan: CoachPlan, state: CoachState, leg: Leg, unpaid_s: int, level: int, is_passed_on: bool
) -> int:  # fmt: skip
    """Charge the host's own lateness, days without it, a closed line; what the coach bears."""
    now = state.legs[leg]
    by_coach_s = 0
    part_s = min(unpaid_s, now.left_late_s)
    unpaid_s -= part_s
    if now.left_late_s > now.host_late_s:
        # The host waited for the coach, which has to say why it was late.
        by_coach_s = part_s
    else:
        unpaid_s += _attribute_trace(
            plan, state, now.from_host, now.from_ride, part_s, level, is_passed_on
        )
    wait_s = min(unpaid_s, now.missed_wait_s)
    unpaid_s -= wait_s
    days_s = min(unpaid_s, now.no_host_s)
    if days_s > 0:
        source = plan.legs[leg].no_host_source
        _attribute_delay(plan, state, source, days_s, level, is_passed_on)
        unpaid_s -= days_s
    if unpaid_s != 0:
        _attribute_delay(plan, state, plan.untraced_source, unpaid_s, level, is_passed_on)
    own_wait_s = min(wait_s, _own_wait_s(plan, state, leg))
    if own_wait_s > 0:
        now.cost_s += _convert(state, level, own_wait_s, False)
    if now.closed_by >= 0:
        # Only that of the runs that were cancelled; the coach was late for those before.
        closed_s = min(wait_s, run_arrival_s(plan, leg, now.run) - now.closed_from_s)
        _attribute_delay(plan, state, now.closed_by, closed_s, level, is_passed_on)
        wait_s -= closed_s
    return int(by_coach_s + wait_s)


@compiled(counts_references=False, is_merged=True)
def _own_wait_s(plan: CoachPlan, state: CoachState, leg: Leg) -> int:
    """By how much later a coach arrives than with the first run that it could expect [s]."""
    now = state.legs[leg]
    if now.expected_run >= now.run:
        return 0
    taken_s = run_arrival_s(plan, leg, now.run)
    return taken_s - run_arrival_s(plan, leg, now.expected_run)


@compiled(counts_references=False, is_merged=True)
def _attribute_leg(
    plan: CoachPlan, state: CoachState, leg: Leg, unpaid_s: int, level: int, is_passed_on: bool
) -> tuple[int, int]:  # fmt: skip
    """Charge a leg and what came before it at the hand-over; its level, and what is unpaid."""
    now = state.legs[leg]
    unpaid_s = _attribute_trace(
        plan, state, now.from_ride, now.trace_end, unpaid_s, level, is_passed_on
    )
    if unpaid_s <= 0:
        return level, 0
    unpaid_s = _attribute_departure(plan, state, leg, unpaid_s, level, is_passed_on)
    if unpaid_s <= 0:
        return level, 0
    # Deeper than this no level is opened, so the wait is passed on second for second.
    if now.late_s > 0 and level < DEEPEST:
        level += 1
        state.levels[level].shared_s = unpaid_s
        state.levels[level].bearing_s = now.late_s
        state.levels[level].borne_s = 0
        unpaid_s = now.late_s
        is_passed_on = True
    unpaid_s = _attribute_trace(
        plan, state, now.from_procedure, now.from_host, unpaid_s, level, is_passed_on
    )
    return level, unpaid_s


@compiled(counts_references=False, is_merged=True)
def _attribute_shortage(
    plan: CoachPlan, state: CoachState, source: Source, short_s: int, unpaid_s: int, level: int,
    is_passed_on: bool,
) -> int:  # fmt: skip
    """Charge what was planned too short before a leg; the seconds still unpaid."""
    short_s = min(unpaid_s, max(0, short_s))
    if short_s > 0:
        _attribute_delay(plan, state, source, short_s, level, is_passed_on)
    return unpaid_s - short_s


@compiled(counts_references=False)
def share_delay(plan: CoachPlan, state: CoachState, trip: Trip, arrival_s: int) -> None:
    """Share the delay of a finished trip among its causes, into the nodes of the state."""
    leg: Leg = plan.trips[trip].leg_end - 1
    unpaid_s, level = arrival_s - plan_arrival_s(plan, leg), 0
    # Whether a missed host or a late set lies between here and the end.
    is_passed_on = False
    while unpaid_s > 0:
        level, unpaid_s = _attribute_leg(plan, state, leg, unpaid_s, level, is_passed_on)
        if unpaid_s <= 0:
            return
        if state.legs[leg].late_s > 0:
            is_passed_on = True
        is_first = leg == plan.trips[trip].leg_begin
        source = plan.trips[trip].turn_source if is_first else plan.legs[leg].short_source
        ready_s = state.trips[trip].plan_ready_s if is_first else plan.legs[leg].plan_ready_s
        unpaid_s = _attribute_shortage(
            plan, state, source, ready_s - state.legs[leg].due_s, unpaid_s, level, is_passed_on
        )
        if not is_first:
            leg -= 1  # type: ignore[assignment]
            continue
        # The set came from another trip, which has to say why it was late.
        before = state.trips[trip].before
        is_passed_on = True
        if before < 0 or state.trips[before].status != RIDDEN:
            source = plan.untraced_source
            if before >= 0:
                source = plan.legs[plan.trips[before].leg_end - 1].no_later_source
            elif state.trips[trip].set_ready_s > NEVER:
                # It comes from the works.
                source = plan.trips[trip].turn_source
            _attribute_delay(plan, state, source, unpaid_s, level, is_passed_on)
            return
        trip = before
        leg = plan.trips[trip].leg_end - 1
