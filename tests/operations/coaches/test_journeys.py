"""Journeys whose delay is known by hand."""

from datetime import date

import polars as pl
import pytest

from arterial.operations.coaches import simulate_coaches, summarise_coaches
from arterial.operations.coaches.simulate import draw_plan
from coach_cases import build_model, make_disturbance, make_states, make_table, make_tables


def run(model, *, draw=-1, replications=20, first=0):
    return simulate_coaches(model, draws=[draw], first_replication=first, replications=replications)


def trips_of(parts, service):
    return parts["simulated_trips"].filter(pl.col("trip_id").str.starts_with(f"{service}@"))


def test_without_disturbances_and_with_best_steps_every_trip_runs_as_resolved():
    model = build_model(samples_steps=False)
    parts = run(model)
    assert parts["simulated_trips"].height == 20 * 18
    assert parts["simulated_trips"]["arrival_delay_s"].to_list() == [0] * (20 * 18)
    assert parts["simulated_trips"]["missed_count"].sum() == 0
    assert parts["cause_sums"].height == 0
    arrivals = dict(
        zip(
            parts["simulated_trips"]["trip_id"],
            parts["simulated_trips"]["arrival_at_s"],
            strict=True,
        )
    )
    # The 5th of January at 14:00 is 4 days and 14 hours after the epoch.
    assert arrivals["OUT@2025-01-05"] == 4 * 86_400 + 14 * 3600


def test_a_late_host_at_its_origin_is_late_by_less_the_supplement_on_arrival():
    late = make_disturbance("LATE", cause="late_host", train_id="T2", rate=1.0, **minutes(20))
    model = build_model(make_tables(disturbances=[late]), samples_steps=False)
    found = set(trips_of(run(model), "OUT")["arrival_delay_s"])
    # A mean number of one: none, one, two ... times 20 minutes, less 655 s that can be made up.
    assert found - {0} <= {1200 * count - 655 for count in range(1, 12)}
    assert {0, 1200 - 655, 2400 - 655} <= found


def minutes(value):
    return {f"delay_{end}_min": float(value) for end in ("low", "best", "high")}


def test_a_coach_that_is_not_ready_takes_the_host_of_the_next_day():
    border = make_disturbance(
        "PAPERS", cause="border", point_id="B", per="stop", rate=1.0, **minutes(120)
    )
    model = build_model(make_tables(disturbances=[border]), samples_steps=False)
    parts = run(model, replications=3)
    out = trips_of(parts, "OUT")
    # Ready at 10:00 + 1 h + 2 h = 13:00, an hour after T2 has left: a day is lost.
    assert set(out["arrival_delay_s"]) == {86_400}
    assert set(out["first_missed_leg"]) == {2}
    risks = summarise_coaches(parts, model)["handover_risks"].filter(
        (pl.col("group_id") == "all") & (pl.col("service_id") == "OUT")
    )
    row = risks.filter(pl.col("sequence") == 2).row(0, named=True)
    assert row["missed_share"] == 1.0
    assert row["wait_if_missed_h"] == pytest.approx(24.0)
    assert row["delay_cost_h"] == pytest.approx(24.0)


def test_the_wait_for_the_next_host_is_laid_to_what_made_the_coach_late():
    border = make_disturbance(
        "PAPERS", cause="border", point_id="B", per="stop", rate=1.0, **minutes(120)
    )
    model = build_model(make_tables(disturbances=[border]), samples_steps=False)
    causes = summarise_coaches(run(model, replications=3), model)["delay_causes"]
    row = causes.filter(
        (pl.col("cause_id") == "disturbance:PAPERS")
        & (pl.col("group_id") == "all")
        & (pl.col("service_id") == "OUT")
    ).row(0, named=True)
    assert row["knock_on_min"] == pytest.approx(1440.0)
    assert row["primary_min"] == 0.0
    assert row["share"] == pytest.approx(1.0)
    assert row["delay_min_error"] == pytest.approx(0.0, abs=1e-9)


def test_a_host_that_waits_long_enough_takes_the_late_coach_with_it():
    border = make_disturbance(
        "PAPERS", cause="border", point_id="B", per="stop", rate=1.0, **minutes(120)
    )
    tables = make_tables(disturbances=[border])
    legs = tables["coach_legs"].with_columns(host_wait_min=pl.lit(60.0))
    model = build_model(tables | {"coach_legs": legs}, samples_steps=False)
    out = trips_of(run(model, replications=2), "OUT")
    # The host leaves an hour late and makes up 655 s.
    assert set(out["arrival_delay_s"]) == {3600 - 655}


def test_a_set_that_comes_back_late_delays_the_next_departure_and_its_delay_is_knock_on():
    late = make_disturbance(
        "SLOW",
        cause="vehicle",
        train_id="T2",
        per="train_run",
        rate=1.0,
        section_id="BC",
        **minutes(300),
    )
    model = build_model(make_tables(disturbances=[late]), samples_steps=False, seed=3)
    parts = run(model, replications=30)
    back = trips_of(parts, "BACK")
    held = back.filter(pl.col("set_late_s") > 0)
    # T2 arrives 14:00 + 5 h - 655 s, the turn takes 2 h, so T3 at 18:00 is missed by hours.
    assert held.height > 0
    assert set(held["arrival_delay_s"] // 86_400) <= {1, 2, 3, 4}
    assert parts["coach_batches"]["attribution_gap_s"].item() == 0
    causes = summarise_coaches(parts, model)["delay_causes"]
    row = causes.filter(
        (pl.col("cause_id") == "disturbance:SLOW")
        & (pl.col("group_id") == "all")
        & (pl.col("service_id") == "BACK")
    ).row(0, named=True)
    assert row["primary_min"] == 0.0
    assert row["knock_on_min"] > 0.0


def test_a_journey_without_a_host_within_the_days_looked_ahead_ends_unfinished_and_is_counted():
    tables = make_tables()
    weekly = {
        "calendar_id": "WEEKLY",
        "sequence": 1,
        "pattern": "days_of_month",
        "days": "5",
        "effect": "runs",
    }
    rules = pl.concat(
        [tables["calendar_rules"], make_tables(calendar_rules=[weekly])["calendar_rules"]]
    )
    trains = tables["trains"].with_columns(
        calendar_id=pl.when(pl.col("train_id") == "T2")
        .then(pl.lit("WEEKLY"))
        .otherwise("calendar_id")
    )
    model = build_model(tables | {"calendar_rules": rules, "trains": trains}, samples_steps=False)
    parts = run(model, replications=2)
    out = trips_of(parts, "OUT")
    assert out["arrival_at_s"].is_null().sum() == 2 * 6
    punctual = summarise_coaches(parts, model)["punctuality"].filter(
        (pl.col("service_id") == "OUT") & (pl.col("measure") == "arrival_tolerance")
    )
    shares = dict(zip(punctual["group_id"], punctual["share"], strict=True))
    assert shares["all"] == pytest.approx(3 / 9)
    assert shares["works"] == 1.0


def test_a_closed_line_holds_a_train_for_what_is_left_of_the_repair():
    closed = make_states(
        {
            "asset_id": "X",
            "closes_line": True,
            "repair_median_h": 10.0,
            "failure_rate_per_year": 876.6,
            "kind": "bridge",
        }
    )
    model = build_model(states=closed, samples_steps=False)
    parts = run(model, replications=400)
    first = (
        parts["coach_sums"]
        .filter(
            (pl.col("measure") == "delay")
            & (pl.col("target") == "OUT|all")
            & (pl.col("place") == 2)
        )
        .row(0, named=True)
    )
    # Open failures: 876.6 / 8766 x 10 = 1 on the mean, each with 5 h left on the mean; the one
    # supplement of 655 s is made up once unless all went well (e^-1 of the runs).
    mean_s = first["s"] / first["n"]
    assert mean_s == pytest.approx(5 * 3600 - 655 * (1 - 0.3679), rel=0.05)


def test_a_coach_that_is_a_day_late_does_not_miss_the_hosts_behind_it_anew():
    # At B the coach comes too late for T2; the host of the next day is then its own.
    tables = make_tables(
        disturbances=[
            make_disturbance(
                "PAPERS", cause="border", point_id="B", per="stop", rate=1.0, **minutes(120)
            )
        ]
    )
    more = make_tables(
        trains=[{"train_id": "T5", "number": "T5", "calendar_id": "DAILY"}],
        train_stops=[
            {"train_id": "T5", "sequence": 1, "point_id": "C", "departure": "15:30",
             "departure_day": 0},
            {"train_id": "T5", "sequence": 2, "point_id": "D", "arrival": "17:30",
             "arrival_day": 0},
        ],
        coach_legs=[
            {"service_id": "OUT", "sequence": 3, "train_id": "T5", "from_point": "C",
             "to_point": "D", "boarding_day": 0, "procedure_id": "P", "host_wait_min": 0}
        ],
        operational_points=[{"point_id": "D", "name": "Place D", "zone": "UTC"}],
    )  # fmt: skip
    names = ("trains", "train_stops", "coach_legs", "operational_points")
    joined = {name: pl.concat([tables[name], more[name]]) for name in names}
    services = tables["coach_services"].with_columns(
        to_point=pl.when(pl.col("service_id") == "OUT").then(pl.lit("D")).otherwise(pl.lit("A")),
        from_point=pl.when(pl.col("service_id") == "OUT").then(pl.lit("A")).otherwise("from_point"),
        pool_id=pl.lit(None, pl.String),
    )
    model = build_model(tables | joined | {"coach_services": services}, samples_steps=False)
    parts = run(model, replications=2)
    risks = summarise_coaches(parts, model)["handover_risks"].filter(
        (pl.col("group_id") == "all") & (pl.col("service_id") == "OUT")
    )
    rows = {row["sequence"]: row for row in risks.iter_rows(named=True)}
    assert [rows[sequence]["missed_share"] for sequence in (1, 2, 3)] == [0.0, 1.0, 0.0]
    assert rows[2]["delay_cost_h"] == pytest.approx(24.0)
    assert rows[3]["delay_cost_h"] == 0.0
    assert set(trips_of(parts, "OUT")["missed_count"]) == {1}


def put_in_works(model_tables, first, last, **options):
    """The model with one set of the pool in the works between two days of January."""
    away = make_table(
        "set_availability",
        [{"pool_id": "POOL", "from_day": date(2025, 1, first), "to_day": date(2025, 1, last),
          "sets_away": 1}],
    )  # fmt: skip
    return build_model(model_tables, away=away, samples_steps=False, **options)


def test_a_departure_whose_set_is_in_the_works_waits_until_it_is_back():
    parts = run(put_in_works(make_tables(), 15, 16), replications=2)
    delays = dict(
        parts["simulated_trips"].filter(replication=0).select("trip_id", "arrival_delay_s").rows()
    )
    # Ready on the 17th at 00:00: T1 of the 17th, two days late, and so is the way back.
    assert delays.pop("OUT@2025-01-15") == delays.pop("BACK@2025-01-15") == 2 * 86_400
    assert set(delays.values()) == {0}
    assert parts["coach_batches"]["attribution_gap_s"].item() == 0


def test_a_set_in_the_works_is_named_as_cause_and_a_spare_set_makes_up_for_it():
    model = put_in_works(make_tables(), 15, 16)
    tables = summarise_coaches(run(model, replications=2), model)
    row = tables["delay_causes"].filter(
        service_id="OUT", group_id="all", cause_id="turn:POOL@A"
    ).row(0, named=True)  # fmt: skip
    assert row["name"] == "Turn-round and works of Coaches, Place A"
    # Two of nine departures' worth of days: 48 h over the nine trips out.
    assert row["knock_on_min"] == pytest.approx(2 * 1440 / 9)
    lost = dict(tables["rotation_risks"].select("spare_sets", "lost_share").rows())
    assert lost[0] == pytest.approx(2 / 18)
    assert lost[1] == 0.0


def test_a_stay_in_the_works_between_two_trips_changes_nothing():
    plain = run(build_model(make_tables(), samples_steps=False), replications=2)
    found = run(put_in_works(make_tables(), 6, 14), replications=2)
    assert found["simulated_trips"].equals(plain["simulated_trips"])


def test_the_shortest_turn_belongs_to_the_place_where_a_set_turns():
    estimates = [
        {"table": "pool_turns", "key": "POOL;C", "attribute": "minimum_turn_h", "low": 2.0,
         "best": 3.0, "high": 5.0},
        {"table": "coach_pools", "key": "POOL", "attribute": "minimum_turn_home_h", "low": 4.0,
         "best": 4.0, "high": 9.0},
    ]  # fmt: skip
    turns = [{"pool_id": "POOL", "point_id": "C", "minimum_turn_h": 3.0}]
    model = build_model(make_tables(pool_turns=turns, estimates=estimates))
    hours = dict(zip(model.trips["to_point"], model.plan.trips["turn_s"] / 3600, strict=True))
    assert hours == {"C": 3.0, "A": 4.0}
    assert sorted(turn.name for turn in model.turns) == [
        "turns/POOL/C", "turns/POOL/minimum_turn_home_h",
    ]  # fmt: skip
    drawn = [draw_plan(model, draw).plan.trips["turn_s"] / 3600 for draw in range(12)]
    ends = model.trips["to_point"].to_numpy()
    found = {place: {hours for turns in drawn for hours in turns[ends == place]} for place in "CA"}
    assert min(found["C"]) >= 2.0
    assert max(found["C"]) <= 5.0
    assert min(found["A"]) >= 4.0
    assert len(found["C"]) > 6 < len(found["A"])
