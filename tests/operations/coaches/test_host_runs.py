"""The compiled run of a host against a plain reckoning of the same rules."""

import math

import numpy as np

from arterial.operations.chance import make_key
from arterial.operations.chance.chance_kernel import lognormal, uniform
from arterial.operations.coaches import renew_assets
from arterial.operations.coaches.arrays import Chance
from arterial.operations.coaches.desk import WORK_TRACE_S, WORK_TRACE_SIZE, pack_desk
from arterial.operations.coaches.drawing import draw_world
from arterial.operations.coaches.hosts_kernel import begin_run, run_steps
from coach_cases import build_model, make_disturbance, make_states, make_tables

GAP, ACCEPT, SIZE = 1, 2, 3
DAYS_BEFORE, RUN_CODE = 1 << 20, 1 << 24
KEY = make_key(7, "test", 0)


def build():
    states = make_states(
        *({"asset_id": f"X{i}", "from_offset_m": 5000.0 * i, "failure_rate_per_year": 600.0,
           "delay_sigma": 0.8} for i in range(15))
    )  # fmt: skip
    slow = make_disturbance("SLOW", per="train_km", rate=0.01, shape="lognormal",
                            delay_high_min=90.0)  # fmt: skip
    return build_model(make_tables(disturbances=[slow]), states)


def run_compiled(world, run, replication):
    desk = pack_desk(world, 1, 4096)
    chance = Chance(KEY, replication)
    begin_run(desk, chance, run)
    host = world.hosts.run_host[run]
    first, behind = world.hosts.step_begin[host], world.hosts.step_begin[host + 1]
    delay = run_steps(desk, chance, run, first, behind - 1, 0)
    size = desk.ints[desk.at[WORK_TRACE_SIZE]]
    begin = desk.at[WORK_TRACE_S]
    return delay, desk.ints[begin : begin + size].tolist()


def run_plainly(world, run, replication):
    """The same rules without any desk: a clock that runs down with the hazard of each step."""
    hosts, sources = world.hosts, world.sources
    host = int(hosts.run_host[run])
    code = host * RUN_CODE + int(hosts.run_midnight_s[run]) // 86_400 + DAYS_BEFORE
    number, delay, met = 0, 0, []
    left = -math.log1p(-uniform(KEY, replication, code, 0, GAP))
    for step in range(hosts.step_begin[host], hosts.step_begin[host + 1]):
        day = (hosts.run_midnight_s[run] + hosts.offset_s[step]) // 86_400
        month = world.month[day - world.first_day]
        rows = range(hosts.list_begin[step], hosts.list_begin[step + 1])
        place, whole, more = 0.0, hosts.list_hazard[rows[-1], month] if rows else 0.0, 0
        while left <= whole - place:
            place += left
            row = next(
                row for row in rows if hosts.list_hazard[row, month] > place or row == rows[-1]
            )
            source = hosts.list_source[row]
            if uniform(KEY, replication, code, number, ACCEPT) < sources.factor[source]:
                u = uniform(KEY, replication, code, number, SIZE)
                seconds = math.floor(
                    lognormal(u, sources.first[source], sources.second[source]) + 0.5
                )
                met.append(seconds)
                more += seconds
            number += 1
            left = -math.log1p(-uniform(KEY, replication, code, number, GAP))
        left -= whole - place
        delay = max(0, delay + more - int(hosts.recovery_s[step]))
    return delay, met


def test_the_compiled_run_gives_what_a_plain_reckoning_gives():
    world = draw_world(build(), 2).world
    found = [(run, replication) for run in (0, 40, 150) for replication in range(40)]
    compiled = [run_compiled(world, *case) for case in found]
    assert compiled == [run_plainly(world, *case) for case in found]
    assert sum(len(met) for _, met in compiled) > 50


def test_failures_of_a_renewed_asset_are_a_part_of_those_before():
    model = build()
    states = make_states(
        *({"asset_id": f"X{i}", "failure_rate_per_year": 150.0} for i in range(15))
    )
    before, after = draw_world(model, 0).world, draw_world(renew_assets(model, states), 0).world
    fewer = 0
    for replication in range(60):
        _, met = run_compiled(before, 3, replication)
        _, left = run_compiled(after, 3, replication)
        assert len(left) <= len(met)
        assert set(left) <= set(met)
        fewer += len(met) - len(left)
    assert fewer > 0


def test_the_mean_number_of_delays_is_the_summed_hazard():
    model = build()
    world = draw_world(model, -1).world
    counts = [len(run_compiled(world, 5, replication)[1]) for replication in range(2000)]
    # 15 assets of 600 / 8766 h, an hour each, and 100 km at 0.01.
    mean = 15 * 600 / 8766 + 1.0
    assert abs(np.mean(counts) - mean) < 4 * math.sqrt(mean / 2000)
