"""Compiled choice of coach sets, by where they stand and since when they are ready.

Trips and the works take the set that has been ready longest; what the works holds comes back ready.
A set that was left at the far end rides home with a trip that does not need it.
"""

from arterial.compiling import compiled
from arterial.operations.coaches.journey_kernel import plan_arrival_s, plan_departure_s
from arterial.operations.coaches.state import NEVER, CoachPlan, CoachState, Trip, trips_of

__all__ = ["bring_home", "choose_set", "plan_sets", "serve_works", "start_sets"]


@compiled(counts_references=False, is_merged=True)
def start_sets(plan: CoachPlan, state: CoachState, number: int) -> None:
    """Put every coach set where it stands at the start, for one number of spare sets."""
    begin, end = plan.set_begin[number], plan.set_begin[number + 1]
    state.sizes[0].sets = end - begin
    for place in range(end - begin):
        state.sets[place].pool = plan.sets[begin + place].pool
        state.sets[place].place = plan.sets[begin + place].place
        state.sets[place].ready_s = plan.sets[begin + place].ready_s
        state.sets[place].trip = -1
        state.sets[place].held_until_s = NEVER
    for stay in range(len(plan.stays)):
        state.is_served[stay] = 0


@compiled(counts_references=False, is_merged=True)
def choose_set(plan: CoachPlan, state: CoachState, trip: Trip) -> int:
    """Set of the pool that has been ready longest at the first place of a trip; -1 if none."""
    chosen = -1
    row, sets = plan.trips[trip], state.sets
    for number in range(state.sizes[0].sets):
        if sets[number].pool != row.pool or sets[number].place != row.from_place:
            continue
        if chosen < 0 or sets[number].ready_s < sets[chosen].ready_s:
            chosen = number
    return chosen


@compiled(counts_references=False, is_merged=True)
def _count_sets(plan: CoachPlan, state: CoachState, trip: Trip) -> int:
    """Sets that stand ready for a trip at its planned departure."""
    count, row, sets = 0, plan.trips[trip], state.sets
    leaves_s = plan_departure_s(plan, row.leg_begin)
    for number in range(state.sizes[0].sets):
        is_there = sets[number].pool == row.pool and sets[number].place == row.from_place
        if is_there and sets[number].ready_s <= leaves_s:
            count += 1
    return count


@compiled(counts_references=False, is_merged=True)
def plan_sets(plan: CoachPlan, state: CoachState) -> None:
    """How many sets stand ready for each trip if all goes as announced in this draw."""
    start_sets(plan, state, 0)
    for trip in trips_of(plan):
        row = plan.trips[trip]
        if row.pool < 0:
            continue
        serve_works(plan, state, plan_departure_s(plan, row.leg_begin))
        row.sets_there = _count_sets(plan, state, trip)
        chosen = choose_set(plan, state, trip)
        if chosen >= 0:
            state.sets[chosen].place = row.to_place
            state.sets[chosen].ready_s = plan_arrival_s(plan, row.leg_end - 1) + row.turn_s


@compiled(counts_references=False, is_merged=True)
def bring_home(plan: CoachPlan, state: CoachState, trip: Trip, ready_s: int) -> None:
    """Let sets that are too many at the far end ride home with a trip that has its own.

    They were left there by departures that were cancelled. `ready_s` is when they can leave again.
    """
    row, sets = plan.trips[trip], state.sets
    leaves_s = plan_departure_s(plan, row.leg_begin)
    surplus = _count_sets(plan, state, trip) - row.sets_there + 1
    for number in range(state.sizes[0].sets):
        is_there = sets[number].pool == row.pool and sets[number].place == row.from_place
        if surplus > 0 and is_there and sets[number].ready_s <= leaves_s:
            sets[number].place = row.to_place
            sets[number].ready_s = ready_s
            sets[number].trip = trip
            surplus -= 1


@compiled(counts_references=False, is_merged=True)
def serve_works(plan: CoachPlan, state: CoachState, at_s: int) -> None:
    """Hand the works the sets that are due by an instant, and say when they are ready again.

    It takes the set at home that has been ready longest, or is next to come; one that the works
    still holds only where there is no other and it is back by then. A set that comes in late stays
    as long as planned.
    """
    sets = state.sets
    for stay in range(len(plan.stays)):
        row = plan.stays[stay]
        if state.is_served[stay] > 0 or row.from_s > at_s:
            continue
        chosen, is_free = -1, False
        for number in range(state.sizes[0].sets):
            if sets[number].pool != row.pool or sets[number].place != row.place:
                continue
            if sets[number].held_until_s > max(row.from_s, at_s):
                continue
            is_back = sets[number].held_until_s <= row.from_s
            if chosen >= 0:
                if is_free and not is_back:
                    continue
                if is_free == is_back and sets[number].ready_s >= sets[chosen].ready_s:
                    continue
            chosen, is_free = number, is_back
        if chosen < 0:
            continue
        ready_s = max(sets[chosen].ready_s, row.from_s) + row.until_s - row.from_s
        sets[chosen].ready_s = ready_s
        sets[chosen].trip = -1
        sets[chosen].held_until_s = ready_s
        state.is_served[stay] = 1
