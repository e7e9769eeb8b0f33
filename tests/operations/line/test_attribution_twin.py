"""Attribution of delay against the same walk as a plain recursion."""

import numpy as np
import pytest

from arterial.operations.line.attribution_kernel import BY_DISPATCHING, make_records
from arterial.operations.line.event_engine import Policy, _build_inputs
from arterial.operations.line.event_kernel import EventOutput, run_chunk
from arterial.operations.line.sampling_kernel import Chance, make_draws
from arterial.operations.line.state_kernel import make_state
from operations_cases import KEY, random_line, rough_hazards, with_slack


class PlainAttribution:
    """Parts of one delay: of the train that let this one go first, then of its own past."""

    def __init__(self, plan, state, draws, run: int) -> None:
        self.late_s = (state.events["time"] - plan.events.planned).tolist()
        self.cause = state.events["cause"].tolist()
        self.starts = set(plan.events.first[:-1].tolist())
        self.drawn: dict[tuple[int, int], list[tuple[int, int]]] = {}
        # What was drawn last for an event is charged first.
        for entry in draws.entries[: draws.counters["entries"][0]][::-1]:
            place = (int(entry["event"]), int(entry["is_late"]))
            self.drawn.setdefault(place, []).append((int(entry["source"]), int(entry["seconds"])))
        last = int(plan.events.first[run + 1]) - 1
        self.left, self.parts, self.seen = max(self.late_s[last], 0), [], set()
        self.explain(last, 0)
        if self.left > 0:
            self.parts.append((BY_DISPATCHING, 1, self.left))

    def charge(self, place: tuple[int, int], is_knock_on: int) -> None:
        for source, seconds in self.drawn.get(place, []):
            part = min(self.left, seconds)
            if part > 0:
                self.parts.append((source, is_knock_on, part))
                self.left -= part

    def explain(self, event: int, is_knock_on: int) -> None:
        if self.left == 0 or event in self.seen or self.late_s[event] <= 0:
            return
        self.seen.add(event)
        self.charge((event, 1), is_knock_on)
        if self.cause[event] >= 0:
            self.explain(self.cause[event], 1)
        self.charge((event, 0), is_knock_on)
        if event not in self.starts:
            self.explain(event - 1, is_knock_on)


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("seed", range(3))
def test_parts_are_those_of_the_plain_recursion(seed: int, policy: Policy) -> None:
    plan = with_slack(random_line(seed, runs=20), 0.05)
    hazards = rough_hazards(plan, chance=0.2)
    draws = make_draws(plan.events_count, plan.layout.step_tracks.size, 4096)
    inputs = _build_inputs(plan, hazards, policy)._replace(draws=draws)
    state = make_state(plan.layout, plan.events, capacity=4096)
    for replication in range(5):
        output = EventOutput(
            np.zeros((1, plan.runs_count), dtype=np.int32),
            np.zeros((0, plan.events_count), dtype=np.int64),
            make_records(4096),
            np.zeros(1, dtype=np.int64),
            np.zeros((1, plan.runs_count), dtype=np.bool_),
        )
        factor = np.ones(hazards.sources.size)
        assert run_chunk(inputs, state, factor, Chance(KEY, replication), output)
        rows = output.records.rows[: output.records.counts[0]]
        assert rows.size > 0
        for run in range(plan.runs_count):
            mine = rows[rows["run"] == run][["source", "is_knock_on", "seconds"]].tolist()
            assert mine == PlainAttribution(plan, state, draws, run).parts
