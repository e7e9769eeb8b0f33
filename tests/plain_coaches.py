"""Through coaches simulated plainly: the rules of the guide, one day after another, no kernels.

A journey is a list of rides, and a coach set a dictionary; for runs of hosts see
:mod:`plain_hosts`. Only the numbers of chance come from the package.
"""

import math
from dataclasses import dataclass, field

from arterial.operations.chance.chance_kernel import triangular
from plain_hosts import PlainHosts
from plain_sets import count_planned_sets, serve_works, start_sets

DAY_S = 86_400
NOT_REACHED, RIDDEN, BROKEN_OFF, CANCELLED = range(4)


@dataclass
class Ride:
    """A coach at one leg: how it came to its host, and what delayed it there."""

    status: int = BROKEN_OFF
    run: int = -1
    expected: int = -1
    missed: int = 0
    too_late_s: int = 0
    due_s: int = 0
    first_leave_s: int = 0
    host_late_s: int = 0
    left_late_s: int = 0
    departure_s: int = 0
    arrival_s: int = 0
    events_s: list = field(default_factory=list)
    at_handover: list = field(default_factory=list)
    of_host: list = field(default_factory=list)
    on_ride: list = field(default_factory=list)
    cost_s: int = 0
    closed_by: int = -1
    closed_from_s: int = 0

    @property
    def missed_hosts(self):
        if self.status == BROKEN_OFF:
            return max(1, self.missed)
        return max(0, self.run - self.expected)


@dataclass
class Journey:
    """A trip of one replication."""

    status: int
    rides: list
    arrival_s: int
    set_ready_s: int = 0
    before: int = -1
    closed_by: int = -1
    causes: dict = field(default_factory=dict)


@dataclass
class Change:
    """What is different at one leg."""

    leg: int = -1
    wait_s: int = 0
    later_s: int = 0
    shorter_s: int = 0


class PlainCoaches(PlainHosts):
    """One replication of one draw."""

    def __init__(self, plan, key, replication):
        super().__init__(plan, key, replication)
        self.journeys = {}
        self.sets_there = count_planned_sets(self)

    # Hand-overs

    def work_procedure(self, procedure, begin_s, durations_s):
        """When each step is over, and by how much opening hours held it up."""
        plan, over_s, held_s, before = self.plan, [], [], []
        row = plan.procedures[procedure]
        for number, step in enumerate(range(row["step_begin"], row["step_end"])):
            rule = plan.procedure_steps[step]
            waits_for = plan.after[rule["after_begin"] : rule["after_end"]].tolist()
            ready_s = max([begin_s, *(over_s[other] for other in waits_for)])
            last = [other for other in waits_for if over_s[other] == ready_s]
            # Where several are over at once, the first of them is taken to have held it up.
            before.append((last or waits_for or [-1])[0])
            start_s = ready_s
            for opens_s, closes_s in plan.windows[rule["window_begin"] : rule["window_end"]]:
                needed_s = min(durations_s[number], closes_s - opens_s)
                if closes_s > ready_s and max(ready_s, opens_s) + needed_s <= closes_s:
                    start_s = int(max(ready_s, opens_s))
                    break
            held_s.append(start_s - ready_s)
            over_s.append(start_s + durations_s[number])
        return over_s, held_s, before

    def list_best_durations(self, procedure):
        row = self.plan.procedures[procedure]
        return self.plan.procedure_steps["best_s"][row["step_begin"] : row["step_end"]].tolist()

    def plan_ready_s(self, leg):
        procedure = int(self.plan.legs[leg]["procedure"])
        arrival_s = self.planned_s(leg - 1, "to_stop")
        if procedure < 0:
            return arrival_s
        best_s = self.list_best_durations(procedure)
        return max([arrival_s, *self.work_procedure(procedure, arrival_s, best_s)[0]])

    def hand_over(self, trip, order, leg, arrival_s):
        """When the coach is ready for a leg, and what delayed it in between."""
        plan, procedure = self.plan, int(self.plan.legs[leg]["procedure"])
        if procedure < 0:
            return arrival_s, []
        row, best_s = plan.procedures[procedure], self.list_best_durations(procedure)
        code, number = (1 << 45) + int(plan.trips[trip]["code"]), order * (1 << 10)
        durations_s = list(best_s)
        if plan.samples_steps:
            rules = plan.procedure_steps[row["step_begin"] : row["step_end"]]
            durations_s = [
                int(triangular(self.ask(code, number + place, 11), *ends) + 0.5)
                for place, ends in enumerate(rules[["low_s", "mode_s", "high_s"]].tolist())
            ]
        over_s, held_s, before = self.work_procedure(procedure, arrival_s, durations_s)
        end_s = max([arrival_s, *over_s])
        chain, step = [], max((n for n, at in enumerate(over_s) if at == end_s), default=-1)
        while step >= 0:
            chain.insert(0, step)
            step = before[step]
        delays = []
        for step in chain:
            rule = plan.procedure_steps[row["step_begin"] + step]
            longer_s = durations_s[step] - best_s[step]
            delays += [(rule["opening_source"], held_s[step])] if held_s[step] > 0 else []
            delays += [(rule["source"], longer_s)] if longer_s > 0 else []
        month = self.find_month(arrival_s // DAY_S)
        for place, mishap in enumerate(plan.mishaps[row["mishap_begin"] : row["mishap_end"]]):
            source, mark = int(mishap["source"]), number + place
            if self.ask(code, mark, 12) < mishap["rate"] * plan.season[source, month]:
                seconds = self.sample(source, self.ask(code, mark, 13), 0.0)
                delays.append((source, seconds))
                end_s += seconds
        return end_s, delays

    # Journeys

    def planned_s(self, leg, stop, run=None):
        row = self.plan.legs[leg]
        event = self.plan.runs[row["announced_run"] if run is None else run]["event"]
        return int(self.plan.times_s[event + 2 * row[stop] + (stop == "from_stop")])

    def find_expected(self, leg, rides):
        row, runs = self.plan.legs[leg], self.plan.runs
        if not rides:
            return int(row["first_run"])
        before = self.plan.legs[leg - 1]["announced_run"]
        later_s = runs[rides[-1].run]["midnight_s"] - runs[before]["midnight_s"]
        wanted_s = runs[row["announced_run"]]["midnight_s"] + later_s
        end = int(self.plan.hosts[row["host"]]["run_end"])
        fitting = [
            run for run in range(row["first_run"], end) if runs[run]["midnight_s"] >= wanted_s
        ]
        return fitting[0] if fitting else max(end, int(row["first_run"]))

    def find_last_departure(self, trip, leg):
        """Latest planned departure with which a trip still leaves its first place."""
        ends = [self.planned_s(leg, "from_stop") + self.plan.cancel_after_s]
        following = self.plan.trips[trip]["next_trip"]
        if following >= 0:
            begin = int(self.plan.trips[following]["leg_begin"])
            ends.append(self.planned_s(begin, "from_stop") - 1)
        return min(ends)

    def take_host(self, leg, ready_s, change, ride, until_s):
        """Fill in a ride; without a host soon enough it is broken off."""
        plan, row, host = self.plan, self.plan.legs[leg], self.plan.legs[leg]["host"]
        wait_s = int(row["wait_s"]) + (change.wait_s if change.leg == leg else 0)
        later_s = change.later_s if change.leg == leg else 0
        stops = plan.stop_step[plan.hosts[host]["stop_begin"] :].tolist()
        begin, boarding = int(plan.hosts[host]["step_begin"]), stops[row["from_stop"]]
        waits_from_s, closure = max(ready_s, self.planned_s(leg, "from_stop") + later_s), None
        ride.departure_s = max(ready_s, self.planned_s(leg, "from_stop")) + plan.longest_wait_s
        for run in range(row["first_run"], plan.hosts[host]["run_end"]):
            leaves_s = self.planned_s(leg, "from_stop", run) + later_s
            if leaves_s - waits_from_s > plan.longest_wait_s:
                return
            if run > row["first_run"] and leaves_s > until_s:
                return
            delays, closed = self.follow(run, closure, range(begin, stops[row["to_stop"]]))
            last = boarding if closed is None else min(boarding, closed[1] - 1)
            late_s = self.grow(0, delays, range(begin, last + 1), run, closure)
            last_s = leaves_s + max(late_s, wait_s)
            if ride.missed == 0:
                ride.first_leave_s = leaves_s + late_s
                ride.due_s = last_s if ready_s > last_s else leaves_s
            if ready_s > last_s:
                ride.too_late_s = ride.too_late_s if ride.missed else ready_s - last_s
                ride.missed += 1
                continue
            if closed is not None:
                if ride.closed_by < 0:
                    ride.closed_by = closed[0]
                    ride.closed_from_s = self.planned_s(leg, "to_stop", run)
                ride.missed, closure = ride.missed + 1, closed
                continue
            ride.status, ride.run, ride.host_late_s = RIDDEN, run, late_s
            ride.departure_s = max(leaves_s + late_s, ready_s)
            ride.left_late_s = ride.departure_s - leaves_s
            ride.of_host = [one for step in range(begin, boarding + 1) for one in delays[step]]
            self.go_along(ride, row, stops, (delays, closure), later_s)
            return

    def go_along(self, ride, row, stops, met, later_s):
        delays, closure = met
        delay_s, event = ride.left_late_s, int(self.plan.runs[ride.run]["event"])
        ride.events_s = [ride.departure_s]
        for stop in range(row["from_stop"] + 1, row["to_stop"] + 1):
            between = range(stops[stop - 1] + 1, stops[stop])
            delay_s = self.grow(delay_s, delays, between, ride.run, closure)
            ride.on_ride += [one for step in between for one in delays[step]]
            at_s = int(self.plan.times_s[event + 2 * stop]) + later_s
            ride.events_s.append(at_s + delay_s)
            if stop < row["to_stop"]:
                delay_s = self.grow(delay_s, delays, [stops[stop]], ride.run, closure)
                ride.on_ride += delays[stops[stop]]
                at_s = int(self.plan.times_s[event + 2 * stop + 1]) + later_s
                ride.events_s.append(at_s + delay_s)
        ride.arrival_s = ride.events_s[-1]

    def travel(self, trip, ready_s, change=None, rides=()):
        """Rides of a trip from where it stands on."""
        change, rides = change or Change(), list(rides)
        begin, end = (int(self.plan.trips[trip][name]) for name in ("leg_begin", "leg_end"))
        for leg in range(begin + len(rides), end):
            ride = Ride(expected=self.find_expected(leg, rides))
            if rides:
                came_s = rides[-1].arrival_s
                ready_s, ride.at_handover = self.hand_over(trip, leg - begin, leg, came_s)
                if change.leg == leg:
                    ready_s = max(came_s, ready_s - change.shorter_s)
            until_s = math.inf if rides else self.find_last_departure(trip, leg)
            self.take_host(leg, ready_s, change, ride, until_s)
            rides.append(ride)
            if ride.status == BROKEN_OFF:
                break
        return rides

    def full_arrival_s(self, trip, rides):
        """Arrival, or when a coach broken off would be there if a host came at the last moment."""
        begin, end = (int(self.plan.trips[trip][name]) for name in ("leg_begin", "leg_end"))
        planned_s = self.planned_s(end - 1, "to_stop")
        if not rides:
            return planned_s + self.plan.longest_wait_s
        if rides[-1].status == RIDDEN:
            return rides[-1].arrival_s
        last = begin + len(rides) - 1
        return planned_s + rides[-1].departure_s - self.planned_s(last, "from_stop")

    # Days

    def run_all(self, number=0):
        """All trips with the sets of one number of spares."""
        plan = self.plan
        sets = start_sets(plan, number)
        waiting = list(plan.stays)
        self.journeys = {}
        for trip, row in enumerate(plan.trips):
            departure_s = self.planned_s(int(row["leg_begin"]), "from_stop")
            waiting = [stay for stay in waiting if not serve_works(stay, sets, departure_s)]
            self.journeys[trip] = self.make_journey(trip, row, departure_s, sets)
        return self.journeys

    def make_journey(self, trip, row, departure_s, sets):
        mine = [s for s in sets if s["pool"] == row["pool"] and s["place"] == row["from_place"]]
        taken = min(mine, key=lambda s: s["ready_s"], default=None) if row["pool"] >= 0 else None
        if row["pool"] >= 0 and taken is None:
            return Journey(CANCELLED, [], self.full_arrival_s(trip, []))
        ready_s = departure_s if taken is None else taken["ready_s"]
        rides = self.travel(trip, ready_s)
        if rides[0].status != RIDDEN:
            late_s = self.full_arrival_s(trip, [])
            return Journey(CANCELLED, [], late_s, ready_s, closed_by=rides[0].closed_by)
        whole = len(rides) == row["leg_end"] - row["leg_begin"] and rides[-1].status == RIDDEN
        status, before = RIDDEN if whole else BROKEN_OFF, -1 if taken is None else taken["trip"]
        arrival_s = self.full_arrival_s(trip, rides)
        if taken is not None:
            leaving = [taken]
            if row["is_to_home"]:
                spare = [s for s in mine if s is not taken and s["ready_s"] <= departure_s]
                leaving += spare[: max(0, len(spare) + 1 - self.sets_there[trip])]
            for one in leaving:
                ready_again_s = arrival_s + int(row["turn_s"])
                one |= {"place": row["to_place"], "ready_s": ready_again_s, "trip": trip}
        return Journey(status, rides, arrival_s, ready_s, before)

    def set_late_s(self, trip):
        journey = self.journeys[trip]
        planned_s = self.planned_s(int(self.plan.trips[trip]["leg_begin"]), "from_stop")
        if journey.status == CANCELLED:
            # One whose host was cancelled had a set that was ready for it.
            if journey.closed_by >= 0 and journey.set_ready_s <= planned_s:
                return False, 0
            return True, self.plan.longest_wait_s
        if journey.set_ready_s <= planned_s:
            return False, 0
        first = journey.rides[0]
        return True, max(0, first.departure_s - max(first.first_leave_s, planned_s))
