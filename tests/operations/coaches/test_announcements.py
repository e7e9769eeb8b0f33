"""What was announced: the local day of arrival, and hand-overs that an operator has planned."""

import numpy as np
import polars as pl
import pytest

from arterial.operations.coaches import simulate_coaches, summarise_coaches
from arterial.operations.coaches.host_rows import read_crossing_waits
from arterial.operations.coaches.simulate import draw_plan
from arterial.operations.coaches.timetable_draws import miss_announcements
from coach_cases import build_model, make_disturbance, make_tables


def share_on_the_day(model):
    parts = simulate_coaches(model, draws=[-1], first_replication=0, replications=3)
    found = summarise_coaches(parts, model)["punctuality"]
    row = found.filter(
        (pl.col("measure") == "announced_day")
        & (pl.col("group_id") == "all")
        & (pl.col("service_id") == "OUT")
    )
    return row["limit_h"].item(), row["share"].item()


def test_a_coach_that_arrives_on_its_day_is_punctual_by_the_announced_day():
    # Out at 08:00, there at 14:00 of the same day: day 0, which is 0 h of whole days.
    assert share_on_the_day(build_model(samples_steps=False)) == (0.0, 1.0)


def test_a_coach_of_the_next_morning_has_missed_its_announced_day():
    papers = make_disturbance(
        "PAPERS", cause="border", point_id="B", per="stop", rate=1.0,
        delay_low_min=120.0, delay_best_min=120.0, delay_high_min=120.0,
    )  # fmt: skip
    model = build_model(make_tables(disturbances=[papers]), samples_steps=False)
    assert share_on_the_day(model) == (0.0, 0.0)


def test_the_announced_day_ends_at_midnight_where_the_coach_arrives():
    tables = make_tables()
    points = tables["operational_points"].with_columns(
        zone=pl.when(pl.col("point_id") == "C").then(pl.lit("Africa/Lagos")).otherwise("zone")
    )
    model = build_model(tables | {"operational_points": points})
    out = model.trips.filter(pl.col("trip_id") == "OUT@2025-01-05")
    # Midnight in Lagos is 23:00 UTC.
    assert out["announced_until_s"].item() == 4 * 86_400 + 23 * 3600


def make_uncertain_tables():
    tables = make_tables()
    stops = tables["train_stops"].with_columns(
        later_min=pl.when(pl.col("train_id") == "T1").then(180.0)
    )
    return tables | {"train_stops": stops}


def miss(model, plan):
    return miss_announcements(
        model, plan.times_s, plan.procedure_steps["mode_s"], plan.legs["wait_s"]
    )


@pytest.mark.parametrize("draw", range(12))
def test_a_drawn_timetable_keeps_what_was_announced(draw):
    model = build_model(make_uncertain_tables())
    drawn = draw_plan(model, draw)
    assert drawn.missed_s == 0
    # The coach comes at 10:00 to 13:00, and T2 does not wait at 12:00.
    assert miss(model, drawn.plan) == 0


def test_without_trust_some_drawn_timetables_cannot_be_kept():
    model = build_model(make_uncertain_tables(), trusts_announcements=False)
    plans = [draw_plan(model, draw).plan for draw in range(12)]
    missed = [miss(model, plan) for plan in plans]
    assert sum(value > 0 for value in missed) >= 3


def test_a_timetable_that_can_be_kept_is_the_same_with_and_without_trust():
    trusting = build_model(make_uncertain_tables())
    other = build_model(make_uncertain_tables(), trusts_announcements=False)
    first = [draw for draw in range(12) if draw_plan(trusting, draw).attempts == 1]
    assert first
    for draw in first:
        one, two = draw_plan(trusting, draw).plan, draw_plan(other, draw).plan
        assert np.array_equal(one.times_s, two.times_s)


def test_draws_that_cannot_be_kept_are_counted_and_take_the_one_that_misses_least():
    # T2 leaves before T1 can ever be there.
    tables = make_tables()
    stops = tables["train_stops"].with_columns(
        departure=pl.when((pl.col("train_id") == "T2") & (pl.col("sequence") == 1))
        .then(pl.lit("10:10"))
        .otherwise("departure"),
        later_min=pl.when(pl.col("train_id") == "T1").then(60.0),
    )
    model = build_model(tables | {"train_stops": stops})
    parts = simulate_coaches(model, draws=[0], first_replication=0, replications=2)
    runs = summarise_coaches(parts, model)["simulation_runs"]
    assert runs["draws_not_kept"].item() == 1
    assert runs["timetables_kept_share"].item() == 0.0


def make_waits(planned_h, **options):
    times = np.zeros((4, 3), np.int64)
    times[2, 1] = int(planned_h * 3600)
    results = {
        "host_delays": pl.DataFrame(
            {"train_id": ["T"] * 3, "quantile": [0.0, 0.5, 1.0], "delay_min": [0.0, 300.0, 900.0]}
        ),
        "crossing_delays": pl.DataFrame(
            {"train_id": ["T"], "flow_case": ["best"], "host_order": ["among_passenger"],
             "journey_h": [22.0]}
        ),
    }  # fmt: skip
    return read_crossing_waits(results, "T", times, **options)


def test_a_timetable_longer_than_the_laid_path_makes_up_for_waits():
    # 25 h are planned and 22 h laid: three of the five hours at the median are in the plan.
    waits_s = make_waits(25.0)
    assert waits_s[10] == 2 * 3600
    assert waits_s[-1] == 12 * 3600
    assert waits_s[0] == 0


def test_waits_at_a_closed_line_are_not_counted_twice():
    waits_s = make_waits(22.0, closed_share=0.25)
    # Behind three quarters all are as long as there: half way from 5 h to 15 h.
    assert waits_s[15:].tolist() == [10 * 3600] * 6


def make_estimate(table, key, attribute, low, best, high):
    return {"table": table, "key": key, "attribute": attribute, "low": low, "best": best,
            "high": high}  # fmt: skip


def test_the_wait_of_a_host_and_the_size_of_a_disturbance_are_drawn_within_their_ranges():
    late = make_disturbance("LATE", shape="lognormal", delay_best_min=30.0, delay_high_min=90.0)
    tables = make_tables(
        disturbances=[late],
        estimates=[
            make_estimate("coach_legs", "OUT;2", "host_wait_min", 0.0, 0.0, 30.0),
            make_estimate("disturbances", "LATE", "delay_best_min", 15.0, 30.0, 60.0),
        ],
    )
    model = build_model(tables)
    leg = model.legs.with_row_index().filter(pl.col("train_id") == "T2")["index"][0]
    source = model.delays[0].rows[0]
    plans = [draw_plan(model, draw).plan for draw in range(-1, 40)]
    waits_s = np.array([plan.legs["wait_s"][leg] for plan in plans])
    sizes_s = np.array([plan.sources["first"][source] for plan in plans])
    assert waits_s[0] == 0
    assert 0 < waits_s.max() <= 1800
    assert sizes_s[0] == 1800
    assert 900 <= sizes_s.min() < 1500
    assert 2100 < sizes_s.max() <= 3600
