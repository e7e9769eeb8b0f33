"""What is drawn in a replication against the same rules in plain Python."""

import math

import numpy as np
import pytest

from arterial.operations.chance.chance_kernel import lognormal, triangular
from arterial.operations.line.hazards import Horizon, Shape
from arterial.operations.line.sampling_kernel import draw_replication, make_draws
from operations_cases import (
    KEY,
    Source,
    make_hazards,
    mix_plainly,
    random_line,
    uniform_plainly,
)

GAP, PICK, SIZE, ACCEPT, REPAIR, DAY = 0, 1, 2, 3, 4, 6
FACTORS = np.array([1.0, 0.4, 0.7, 0.5, 1.0, 0.3])
SOURCES = [
    Source("even", Shape.EXPONENTIAL, (240.0, 0.0, 0.0)),
    Source("wide", Shape.TRIANGULAR, (0.0, 60.0, 600.0)),
    Source("storm", Shape.UNIFORM, (100.0, 900.0, 0.0), day_rate=0.6),
    *(
        Source(f"asset-{n}", rate_per_s=(n + 1) * 2e-5, step=step, repair_median_s=1500.0)
        for n, step in enumerate((1, 1, 3))
    ),
]


def signed(number: int) -> int:
    return number - 2**64 if number >= 2**63 else number


def find_above(totals, position: float) -> int:
    return next(place for place, total in enumerate(totals) if total > position)


def delay_of(row, u: float) -> int:
    value = {
        Shape.UNIFORM: lambda: row["low"] + u * (row["middle"] - row["low"]),
        Shape.LOGNORMAL: lambda: lognormal(u, row["low"], row["middle"]),
        Shape.EXPONENTIAL: lambda: -row["low"] * math.log1p(-u),
        Shape.TRIANGULAR: lambda: triangular(u, row["low"], row["middle"], row["high"]),
    }[Shape(row["shape"])]()
    return int(value + 0.5)


def draw_runs_plainly(hazards, number):
    """(event, source, seconds) of all runs; `number` gives the chance of an event."""
    for run, after in zip(hazards.runs[:-1], hazards.runs[1:], strict=True):
        items = hazards.items[run["item_first"] : after["item_first"]]
        position, candidate = -math.log1p(-number(run["key"], 0, GAP)), 0
        while position < items["total"][-1]:
            item = items[find_above(items["total"], position)]
            if number(run["key"], candidate, ACCEPT) < FACTORS[item["source"]]:
                u = number(run["key"], candidate, SIZE)
                yield item["event"], item["source"], delay_of(hazards.sources[item["source"]], u)
            candidate += 1
            position += -math.log1p(-number(run["key"], candidate, GAP))
        for event, source, day in hazards.hits[run["hit_first"] : after["hit_first"]].tolist():
            row = hazards.sources[source]
            if number(row["group_key"], day, DAY) < row["day_rate"] * FACTORS[source]:
                mixed = signed(mix_plainly((int(run["key"]) ^ day) & (2**64 - 1)))
                yield event, source, delay_of(row, number(mixed, source, SIZE))


def draw_steps_plainly(hazards, number):
    """(step, source, start, end) of all outages."""
    for step, (row, after) in enumerate(zip(hazards.steps[:-1], hazards.steps[1:], strict=True)):
        assets = hazards.assets[row["first"] : after["first"]]
        if assets.size == 0:
            continue
        rate, candidate = assets["total"][-1], 0
        instant = float(hazards.horizon[0]) - math.log1p(-number(row["key"], 0, GAP)) / rate
        while instant < hazards.horizon[1]:
            pick = number(row["key"], candidate, PICK) * rate
            source = int(assets["source"][find_above(assets["total"], pick)])
            if number(row["key"], candidate, ACCEPT) < FACTORS[source]:
                u, asset = number(row["key"], candidate, REPAIR), hazards.sources[source]
                repair = lognormal(u, asset["repair_median"], asset["repair_sigma"])
                start = math.floor(instant)
                yield step, source, start, start + int(repair + 0.5)
            candidate += 1
            instant += -math.log1p(-number(row["key"], candidate, GAP)) / rate


@pytest.mark.parametrize("replication", range(6))
def test_what_is_drawn_equals_the_plain_rules(replication: int) -> None:
    plan = random_line(2)
    chances = [(event, event % 2, 0.1) for event in range(plan.events_count)]
    hits = [(int(first), 2, n % 3) for n, first in enumerate(plan.events.first[:-1])]
    horizon = Horizon(-3600, 90_000)
    hazards = make_hazards(plan, SOURCES, chances=chances, hits=hits, horizon=horizon)
    draws = make_draws(plan.events_count, plan.layout.step_tracks.size, 4096)
    draw_replication(hazards, FACTORS, KEY, replication, 0, draws)

    def number(name: int, candidate: int, which: int) -> float:
        return uniform_plainly(int(KEY), replication, int(name), int(candidate), which)

    entries = draws.entries[: draws.counters["entries"][0]][["event", "source", "seconds"]]
    outages = draws.outages[: draws.counters["outages"][0]][["step", "source", "start", "end"]]
    assert entries.size > 0
    assert outages.size > 0
    plainly = [row for row in draw_runs_plainly(hazards, number) if row[2] > 0]
    assert entries.tolist() == plainly
    assert outages.tolist() == list(draw_steps_plainly(hazards, number))
