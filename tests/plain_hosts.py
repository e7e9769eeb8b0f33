"""Host trains of coaches run plainly: a run is a list of delays on each of its steps."""

import math

from arterial.operations.chance.chance_kernel import exponential, lognormal, triangular, uniform

DAY_S = 86_400
TRIANGULAR, UNIFORM, LOGNORMAL, OUTAGE = range(4)


class PlainHosts:
    """Host trains of one replication of one draw."""

    def __init__(self, plan, key, replication):
        self.plan, self.key, self.replication = plan, key, replication
        self.delays = {}

    def ask(self, *event):
        return uniform(self.key, self.replication, *event)

    def sample(self, source, u, rest):
        row = self.plan.sources[source]
        first, second, third = float(row["first"]), float(row["second"]), float(row["third"])
        if row["shape"] == LOGNORMAL:
            seconds = lognormal(u, first, second)
        elif row["shape"] == OUTAGE:
            seconds = lognormal(u, first * math.exp(second * second), second) * rest
        elif row["shape"] == UNIFORM:
            seconds = first + u * (third - first)
        else:
            seconds = triangular(u, first, second, third)
        return int(min(seconds, 200.0 * DAY_S) + 0.5)

    def list_delays(self, run):
        """Delays of a run on each step: pairs of source and seconds."""
        plan, row = self.plan, self.plan.runs[run]
        host = plan.hosts[row["host"]]
        code = int(row["host"] * (1 << 24) + row["midnight_s"] // DAY_S + (1 << 20))
        left, strikes, seen = exponential(self.ask(code, 0, 1), 1.0), 0, {}
        crossing_s = self.find_crossing_wait(row["host"], code)
        steps = {}
        for step in range(host["step_begin"], self.last_step(row["host"]) + 1):
            here = plan.host_steps[step]
            day = int((row["midnight_s"] + here["offset_s"]) // DAY_S)
            month = self.find_month(day)
            met = steps[step] = []
            begin, end = here["hazard_begin"], here["hazard_end"]
            place, whole = 0.0, plan.hazard_sum[end - 1, month] if end > begin else 0.0
            while begin < end and left <= whole - place:
                place += left
                sums = plan.hazard_sum[begin:end, month]
                source = plan.hazard_source[
                    begin + min(int((sums <= place).sum()), end - begin - 1)
                ]
                if self.ask(code, strikes, 2) < plan.sources[source]["factor"]:
                    u, rest = self.ask(code, strikes, 3), self.ask(code, strikes, 4)
                    met.append((source, self.sample(source, u, rest)))
                strikes += 1
                left = exponential(self.ask(code, strikes, 1), 1.0)
            left -= whole - place
            for source in plan.day_source[here["day_begin"] : here["day_end"]].tolist():
                if seen.get(source) != day:
                    seen[source] = day
                    met += self.strike_by_day(source, day, month, code)
            if crossing_s > 0 and step > host["step_begin"]:
                shares = plan.host_steps["crossing_share"][step - 1 : step + 1] * crossing_s + 0.5
                part_s = int(shares[1]) - int(shares[0])
                met += [(host["crossing_source"], part_s)] if part_s > 0 else []
            if here["restriction_s"] > 0:
                met.append((here["restriction_source"], int(here["restriction_s"])))
        return steps

    def find_month(self, day):
        """Month of a day; beyond the calendar that of its last day."""
        return self.plan.months[min(day - self.plan.first_day, len(self.plan.months) - 1)]

    def find_crossing_wait(self, host, code):
        if self.plan.hosts[host]["crossing_source"] < 0:
            return 0.0
        place = self.ask(code, 0, 7) * 20
        low, high = self.plan.crossing_s[host, int(place) : int(place) + 2]
        return low + (place - int(place)) * (high - low)

    def strike_by_day(self, source, day, month, code):
        row = self.plan.sources[source]
        day += 1 << 20
        share = row["day_rate"] * self.plan.season[source, month]
        if self.ask((1 << 50) + day, int(row["day_group"]), 5) >= share:
            return []
        u = self.ask(code, day * (1 << 20) + int(row["day_slot"]), 6)
        return [(source, self.sample(source, u, 0.0))]

    def last_step(self, host):
        begins = [*self.plan.hosts["step_begin"], len(self.plan.host_steps)]
        return int(begins[host + 1]) - 1

    def comes_at_s(self, run, step, delay_s):
        offset_s = self.plan.host_steps[step]["offset_s"]
        return int(self.plan.runs[run]["midnight_s"] + offset_s) + delay_s

    def follow(self, run, closure, steps):
        """Delays of a run that waits for no coach, and what cancels it: source, step, until when.

        `closure` is what cancelled a run before it: the line stays closed until it opens.
        """
        if run not in self.delays:
            self.delays[run] = self.list_delays(run)
        delays, most_s, own_s = dict(self.delays[run]), self.plan.closed_wait_s, 0
        for step in steps:
            at_s = self.comes_at_s(run, step, own_s)
            if closure and closure[1] == step and closure[2] > at_s:
                if closure[2] - at_s > most_s:
                    return delays, closure
                delays[step] = [(closure[0], closure[2] - at_s), *delays[step]]
                at_s = closure[2]
            for source, seconds in self.delays[run][step]:
                if self.plan.sources[source]["shape"] == OUTAGE and seconds > most_s:
                    return delays, (source, step, at_s + seconds)
            own_s = self.grow(own_s, delays, [step])
        return delays, None

    def grow(self, delay_s, delays, steps, run=-1, closure=None):
        for step in steps:
            if closure and len(delays[step]) > len(self.delays[run][step]):
                # However late, a run goes on when the line opens, and is held no longer.
                held_s = max(delay_s, closure[2] - self.comes_at_s(run, step, 0))
                recovery_s = int(self.plan.host_steps[step]["recovery_s"])
                more_s = sum(seconds for _, seconds in delays[step][1:])
                delay_s = max(0, held_s + more_s - recovery_s)
                continue
            more_s = sum(seconds for _, seconds in delays[step])
            recovery_s = int(self.plan.host_steps[step]["recovery_s"])
            delay_s = max(0, delay_s + more_s - recovery_s)
        return delay_s
