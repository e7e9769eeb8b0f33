"""The event-driven model once more, written with simpy: a judge of its speed and its mean delays.

Same rules, same disturbances, first come first served; trains are processes, steps are served when
something changes. It shares the plan and nothing of the engine.
"""

from collections.abc import Generator
from typing import Any

import numpy as np
import simpy

from arterial.operations.line.layout import FOLLOWING, HEADWAY, OPPOSING, UNLIMITED
from arterial.operations.line.plan import OperationsPlan

__all__ = ["simulate_with_simpy"]

FAR = 1 << 40
LAST_OF_SECOND = 3


class Line:
    """Trains, steps and tracks of one replication."""

    def __init__(self, plan: OperationsPlan, disturbances: dict[int, int]) -> None:
        self.env = simpy.Environment()
        self.plan, self.disturbances = plan, disturbances
        events, layout = plan.events, plan.layout
        self.planned, self.least = events.planned.tolist(), events.least.tolist()
        self.step, self.direction = events.step.tolist(), events.direction.tolist()
        self.point, self.tracks = events.point.tolist(), layout.tracks.tolist()
        self.is_single = (layout.step_tracks == 1).tolist()
        self.follows = layout.follows.tolist()
        self.between, self.release = layout.between.tolist(), layout.release_s
        steps, points = len(self.is_single), len(self.tracks)
        self.departed = [[-FAR, -FAR] for _ in range(steps)]
        self.arrived = [[-FAR, -FAR] for _ in range(steps)]
        self.queues: list[list[int]] = [[] for _ in range(steps)]
        self.due = [FAR] * steps
        self.present = [[0, 0] for _ in range(points)]
        self.free_at = [[-FAR] * (t if t < UNLIMITED else 0) for t in self.tracks]
        self.beside: list[list[int]] = [[] for _ in range(points)]
        for step, ends in enumerate(layout.ends.tolist()):
            for point in ends:
                self.beside[point].append(step)
        runs = plan.runs_count
        self.ready, self.at, self.held = [0] * runs, [0] * runs, [-1] * runs
        self.go: list[Any] = [None] * runs
        self.arrival = [0] * runs

    def train(self, run: int) -> Generator[simpy.Event, Any, None]:
        """One train from its first departure to its last arrival."""
        env = self.env
        first, last = (int(e) for e in self.plan.events.first[run : run + 2])
        clock, held = 0, -1
        for event in range(first, last, 2):
            waits = self.least[event] + self.disturbances.get(event, 0)
            start = self.planned[event] if event == first else clock
            ready = max(self.planned[event], start + waits)
            yield env.timeout(ready - env.now)
            step = self.step[event]
            self.ready[run], self.at[run], self.held[run] = ready, event, held
            self.go[run] = env.event()
            self.queues[step].append(run)
            self.serve_at(step, env.now)
            held = yield self.go[run]
            clock = self.arrival[run]
            yield env.timeout(clock - env.now)
        point = self.point[last - 1]
        self.leave(point, self.direction[last - 1], held)

    def leave(self, point: int, direction: int, held: int) -> None:
        """A train sets its track free."""
        self.present[point][direction] -= 1
        if held >= 0:
            self.free_at[point][held] = self.env.now + self.release
        for step in self.beside[point]:
            if self.queues[step]:
                self.serve_at(step, self.env.now)

    def serve_at(self, step: int, instant: int) -> None:
        """Look at a step at an instant, after all else of that second."""
        if instant < self.due[step]:
            self.due[step] = instant
            later = self.env.event()
            later.callbacks.append(lambda _, s=step, t=instant: self.serve(s, t))
            later._ok, later._value = True, None  # noqa: SLF001 simpy offers no ranked timeout
            self.env.schedule(later, priority=LAST_OF_SECOND, delay=instant - self.env.now)

    def earliest(self, run: int) -> int:
        """Instant from which a train may enter its step."""
        event = self.at[run]
        step, direction, point = self.step[event], self.direction[event], self.point[event + 1]
        instant, between = self.ready[run], self.between[step][direction]
        if self.tracks[point] < UNLIMITED:
            if self.present[point][direction] >= max(self.tracks[point] - 1, 1):
                return FAR
            instant = max(instant, min(self.free_at[point]))
        if self.follows[step]:
            instant = max(instant, self.departed[step][direction] + between[HEADWAY])
        else:
            instant = max(instant, self.arrived[step][direction] + between[FOLLOWING])
        if self.is_single[step]:
            instant = max(instant, self.arrived[step][1 - direction] + between[OPPOSING])
        return instant

    def serve(self, step: int, instant: int) -> None:
        """Let trains enter a step, first come first served."""
        if self.due[step] != instant:
            return
        self.due[step] = FAR
        while self.queues[step]:
            times = [(self.earliest(run), run) for run in self.queues[step]]
            able = [run for earliest, run in times if earliest <= self.env.now]
            if not able:
                soonest = min(earliest for earliest, _ in times)
                if soonest < FAR:
                    self.serve_at(step, soonest)
                return
            best = min(able, key=lambda run: (self.ready[run], self.planned[self.at[run]]))
            self.queues[step].remove(best)
            self.depart(best, step)

    def depart(self, run: int, step: int) -> None:
        """A train enters its step."""
        event, now = self.at[run], self.env.now
        direction, point = self.direction[event], self.point[event + 1]
        arrival = now + self.least[event + 1] + self.disturbances.get(event + 1, 0)
        arrival = max(arrival, self.planned[event + 1])
        if self.follows[step]:
            headway_s = self.between[step][direction][HEADWAY]
            arrival = max(arrival, self.arrived[step][direction] + headway_s)
        self.departed[step][direction], self.arrived[step][direction] = now, arrival
        self.present[point][direction] += 1
        taken = -1
        if self.tracks[point] < UNLIMITED:
            free = self.free_at[point]
            taken = min(range(len(free)), key=free.__getitem__)
            free[taken] = FAR
        self.arrival[run] = arrival
        if event > self.plan.events.first[run]:
            self.leave(self.point[event - 1], self.direction[event - 1], self.held[run])
        self.go[run].succeed(taken)


def simulate_with_simpy(plan: OperationsPlan, disturbances: dict[int, int]) -> np.ndarray:
    """Delay of every run at its end in one replication [s]."""
    line = Line(plan, disturbances)
    for run in range(plan.runs_count):
        line.env.process(line.train(run))
    line.env.run()
    last = plan.events.first[1:] - 1
    return np.maximum(np.array(line.arrival) - plan.events.planned[last], 0)
