"""The delay of a journey shared among its causes plainly, to hold kernels against.

See :mod:`plain_coaches`; the chain is walked backwards, and each level that a missed host opens
divides what is left by the rule of three, rounded down on running sums.
"""

from collections import Counter

from plain_coaches import RIDDEN
from plain_sets import LONG_AGO_S


class Level:
    """Seconds that are shared, and those that bear them."""

    def __init__(self, shared_s, bearing_s):
        self.shared_s, self.bearing_s, self.borne_s = shared_s, bearing_s, 0

    def pass_up(self, seconds, *, is_counted=True):
        before, behind = self.borne_s, self.borne_s + seconds
        self.borne_s = behind if is_counted else before
        return self.shared_s * behind // self.bearing_s - self.shared_s * before // self.bearing_s


class Sharing:
    """Shares of one trip: seconds by source, primary and knock-on."""

    def __init__(self, coaches, trip):
        self.coaches, self.plan = coaches, coaches.plan
        self.levels, self.is_passed_on = [], False
        self.shares = Counter()
        self.share(trip)

    def charge(self, source, seconds, *, is_passed_on=None):
        for level in reversed(self.levels):
            seconds = level.pass_up(seconds)
        passed_on = self.is_passed_on if is_passed_on is None else is_passed_on
        self.shares[int(source), passed_on] += seconds

    def charge_list(self, delays, unpaid_s):
        for source, seconds in reversed(delays):
            paid_s = min(unpaid_s, seconds)
            if paid_s > 0:
                self.charge(source, paid_s)
            unpaid_s -= paid_s
        return unpaid_s

    def share(self, trip):
        coaches, plan = self.coaches, self.plan
        leg = int(plan.trips[trip]["leg_end"]) - 1
        planned_s = coaches.planned_s(leg, "to_stop")
        unpaid_s = coaches.journeys[trip].arrival_s - planned_s
        while unpaid_s > 0:
            begin, journey = int(plan.trips[trip]["leg_begin"]), coaches.journeys[trip]
            ride = journey.rides[leg - begin]
            unpaid_s = self.share_leg(leg, ride, unpaid_s)
            if unpaid_s <= 0:
                return
            self.is_passed_on |= ride.too_late_s > 0
            if leg > begin:
                short_s = coaches.plan_ready_s(leg) - ride.due_s
                unpaid_s = self.charge_short(plan.legs[leg]["short_source"], short_s, unpaid_s)
                leg -= 1
                continue
            before, turn_source = journey.before, plan.trips[trip]["turn_source"]
            if before >= 0:
                last = int(plan.trips[before]["leg_end"]) - 1
                ready_s = coaches.planned_s(last, "to_stop") + int(plan.trips[before]["turn_s"])
                unpaid_s = self.charge_short(turn_source, ready_s - ride.due_s, unpaid_s)
            self.is_passed_on = True
            if before < 0 or coaches.journeys[before].status != RIDDEN:
                source = plan.untraced_source
                if before >= 0:
                    source = plan.legs[last]["no_later_source"]
                elif journey.set_ready_s > LONG_AGO_S:
                    source = turn_source
                self.charge(source, unpaid_s)
                return
            trip, leg = before, last

    def charge_short(self, source, short_s, unpaid_s):
        paid_s = min(unpaid_s, max(0, short_s))
        self.charge(source, paid_s)
        return unpaid_s - paid_s

    def share_leg(self, leg, ride, unpaid_s):
        unpaid_s = self.charge_list(ride.on_ride, unpaid_s)
        if unpaid_s > 0:
            unpaid_s = self.share_departure(leg, ride, unpaid_s)
        if unpaid_s <= 0:
            return 0
        was_passed_on = self.is_passed_on
        if ride.too_late_s > 0 and len(self.levels) < 30:
            self.levels.append(Level(unpaid_s, ride.too_late_s))
            unpaid_s, self.is_passed_on = ride.too_late_s, True
        unpaid_s = self.charge_list(ride.at_handover, unpaid_s)
        self.is_passed_on = was_passed_on
        return unpaid_s

    def share_departure(self, leg, ride, unpaid_s):
        """Charge the host and days without it; what the coach itself has to answer for."""
        coaches, row = self.coaches, self.plan.legs[leg]
        late_s = min(unpaid_s, ride.left_late_s)
        unpaid_s -= late_s
        by_coach_s = late_s if ride.left_late_s > ride.host_late_s else 0
        if by_coach_s == 0:
            unpaid_s += self.charge_list(ride.of_host, late_s)
        announced_s, first_s, taken_s = (
            coaches.planned_s(leg, "to_stop", run)
            for run in (row["announced_run"], row["first_run"], ride.run)
        )
        wait_s = min(unpaid_s, taken_s - first_s)
        days_s = min(unpaid_s - wait_s, first_s - announced_s)
        if days_s > 0:
            self.charge(row["no_host_source"], days_s)
        rest_s = unpaid_s - wait_s - max(days_s, 0)
        if rest_s:
            self.charge(self.plan.untraced_source, rest_s)
        if ride.expected < ride.run:
            own_s = min(wait_s, taken_s - coaches.planned_s(leg, "to_stop", ride.expected))
            for level in reversed(self.levels):
                own_s = level.pass_up(own_s, is_counted=False)
            ride.cost_s += max(own_s, 0)
        if ride.closed_by >= 0:
            closed_s = min(wait_s, taken_s - ride.closed_from_s)
            self.charge(ride.closed_by, closed_s)
            wait_s -= closed_s
        return by_coach_s + wait_s


def share_all(coaches):
    """Seconds of each node of the tree of causes, trip by trip: pairs of primary and knock-on.

    Trips are shared in order, for a trip adds to the costs of the legs that it is followed to.
    """
    found = {}
    for trip, journey in coaches.journeys.items():
        if journey.status != RIDDEN or coaches.plan.trips[trip]["group"] < 0:
            continue
        nodes = {}
        for (source, is_passed_on), seconds in Sharing(coaches, trip).shares.items():
            for node in coaches.plan.path[source]:
                if node >= 0 and seconds:
                    pair = nodes.setdefault(int(node), [0, 0])
                    pair[is_passed_on] += seconds
        costs = [ride.cost_s for ride in journey.rides]
        found[trip] = nodes, costs
    return found
