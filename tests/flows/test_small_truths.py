"""Small studies whose right answer is worked out by hand: physics, days and words."""

import datetime as dt
from typing import Any

import polars as pl
import pytest

from arterial.flows.run import resolve_study, resolve_timetable
from arterial.report import answer_study, summarise
from arterial.report.concerns import list_concerns
from arterial.study import Study, read_study

HORIZON = (dt.date(2026, 3, 28), dt.date(2026, 3, 30))


@pytest.fixture
def small(small_study) -> Study:
    return read_study(small_study)


def shorten(study: Study, first: dt.date, last: dt.date) -> Study:
    """The study over few days."""
    settings = study.settings.model_copy(
        update={"horizon_from": first, "horizon_to": last, "as_of": first}
    )
    return Study(study.path, settings, study.tables, study.warnings)


def resolve(study: Study) -> tuple[dict[str, pl.DataFrame], str]:
    results = resolve_study(study)
    return results, " ".join(summarise(study, results))


def put(frame: pl.DataFrame, **cells: Any) -> pl.DataFrame:
    """A table with cells of its first row changed."""
    first = pl.int_range(pl.len()) == 0
    return frame.with_columns(
        pl.when(first).then(pl.lit(value)).otherwise(name).alias(name)
        for name, value in cells.items()
    )


def test_a_slow_order_costs_time_beside_the_typical_speed(small: Study) -> None:
    """60 of 125 km at 15 km/h take 4 h; at 100 km/h they take 36 min."""
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    order = pl.DataFrame(
        {"restriction_id": ["R"], "section_id": ["NOR-SOU"], "from_offset_m": [0.0],
         "to_offset_m": [60_000.0], "speed_limit_kmh": [15.0]}
    )  # fmt: skip
    plain, _ = resolve(few)
    slow, _ = resolve(few.with_tables(speed_restrictions=order))
    lost = slow["trips"]["elapsed_h"][0] - plain["trips"]["elapsed_h"][0]
    assert lost == pytest.approx(4.0 - 0.6, abs=0.05)
    assert slow["section_runs"]["quality_factor"].min() >= 1


@pytest.mark.parametrize(("begin_km", "nights"), [(0, 0), (100, 1)])
def test_a_slow_order_holds_the_train_that_comes_to_it_on_its_day(
    small: Study, begin_km: int, nights: int
) -> None:
    """From 23:50 on 100 km take an hour at least; the first kilometre is left before midnight."""
    few = shorten(small, dt.date(2026, 1, 8), dt.date(2026, 1, 11))
    stops = small.table("train_stops").with_columns(
        arrival=pl.lit(None, dtype=pl.String), departure=pl.Series(["23:50", None])
    )
    order = pl.DataFrame(
        {"restriction_id": ["R"], "section_id": ["NOR-SOU"],
         "from_offset_m": [1000.0 * begin_km], "to_offset_m": [1000.0 * begin_km + 20_000],
         "speed_limit_kmh": [20.0], "valid_from": ["2026-01-10"], "valid_to": ["2026-01-10"]}
    ).with_columns(pl.col("valid_from", "valid_to").str.to_date())  # fmt: skip
    found, _ = resolve(few.with_tables(train_stops=stops, speed_restrictions=order))
    slow = found["trips"].filter(pl.col("elapsed_h") > pl.col("elapsed_h").min() + 0.5)
    assert slow["trip_date"].to_list() == [dt.date(2026, 1, 10 - nights)]


def test_a_train_that_cannot_climb_what_is_known_does_not_work(small: Study) -> None:
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    steep = pl.DataFrame(
        {"section_id": ["NOR-SOU"] * 3, "offset_m": [0.0, 20_000.0, 30_000.0],
         "gradient_permille": [0.0, 25.0, 0.0]}
    )  # fmt: skip
    weak = put(small.table("vehicle_types"), power_kw=1500.0, starting_effort_kn=80.0)
    results, told = resolve(few.with_tables(profile_pieces=steep, vehicle_types=weak))
    assert set(results["trips"]["verdict"]) == {"does_not_work"}
    (cause,) = set(results["findings"].filter(kind="host_cannot_run")["cause"])
    assert "cannot climb what is known" in cause
    assert "a host train cannot run as it is stated" in told


def test_a_stated_time_that_no_train_can_keep_withholds_works(small: Study) -> None:
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    stops = small.table("train_stops").with_columns(
        arrival=pl.Series([None, "22:00"]), arrival_day=pl.Series([None, 0])
    )
    results, told = resolve(few.with_tables(train_stops=stops))
    assert set(results["trips"]["verdict"]) == {"does_not_work"}
    assert "work as announced" not in told


def test_a_clock_time_that_does_not_exist_is_told_with_what_was_taken(small: Study) -> None:
    points = small.table("operational_points").with_columns(zone=pl.lit("Europe/Berlin"))
    stops = put(small.table("train_stops"), departure="02:30")
    few = shorten(small, *HORIZON).with_tables(operational_points=points, train_stops=stops)
    found = resolve(few)[0]["findings"].filter(kind="clock_time_missing")
    assert found["trip_date"].to_list() == [dt.date(2026, 3, 29)]
    told = "02:30 of train 1 at Northport does not exist on Sun 2026-03-29, as clocks go forward"
    assert found["cause"].to_list() == [f"{told} there."]
    assert "03:30 is taken" in found["consequence"][0]


def test_a_clock_time_that_exists_twice_is_told_with_what_was_taken(small: Study) -> None:
    points = small.table("operational_points").with_columns(zone=pl.lit("Europe/Berlin"))
    stops = put(small.table("train_stops"), departure="02:30")
    few = shorten(small, dt.date(2026, 10, 24), dt.date(2026, 10, 26))
    study = few.with_tables(operational_points=points, train_stops=stops)
    results, _ = resolve(study)
    found = results["findings"].filter(kind="clock_time_twice")
    assert found["trip_date"].to_list() == [dt.date(2026, 10, 25)]
    assert found["consequence"].to_list() == ["The first showing is taken."]
    told = [write() for write in list_concerns(study, results)]
    assert any("02:30" in concern.what and "first" in concern.why for concern in told)


def test_ranges_that_would_let_a_coach_come_before_it_leaves_are_told(small: Study) -> None:
    stops = small.table("train_stops").with_columns(earlier_min=120.0, later_min=120.0)
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6)).with_tables(train_stops=stops)
    results, _ = resolve(few)
    found = results["findings"].filter(kind="faster_than_physics")
    assert found["severity"].to_list() == ["note"] * 2
    assert results["trips"]["elapsed_low_h"].min() > 1.0


def test_rows_without_source_and_grade_are_counted(small: Study) -> None:
    bare = small.table("sections").with_columns(
        source_id=pl.lit(None, pl.String), grade=pl.lit(None, pl.String)
    )
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6)).with_tables(sections=bare)
    _, told = resolve(few)
    assert "1 row without source and grade" in told


def test_an_exception_of_a_calendar_is_named(small: Study) -> None:
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 9))
    rules = pl.concat(
        [
            small.table("calendar_rules"),
            small.table("calendar_rules").with_columns(calendar_id=pl.lit("TRAIN")),
            small.table("calendar_rules").with_columns(
                calendar_id=pl.lit("TRAIN"),
                sequence=pl.lit(2, pl.Int64),
                pattern=pl.lit("dates"),
                days=pl.lit("2026-01-07"),
                effect=pl.lit("does_not_run"),
            ),
        ]
    )
    calendars = pl.concat(
        [
            small.table("calendars"),
            small.table("calendars").with_columns(calendar_id=pl.lit("TRAIN")),
        ]
    )
    trains = small.table("trains").with_columns(calendar_id=pl.lit("TRAIN"))
    few = few.with_tables(calendar_rules=rules, calendars=calendars, trains=trains)
    _, told = resolve(few)
    assert "runs daily, except on 7 January 2026, while" in told


def test_a_restriction_costs_time_on_the_days_on_which_it_is_valid(small: Study) -> None:
    """10 km at 30 km/h are 20 min; at 100 km/h they are 6."""
    month = small.table("sections").with_columns(
        typical_passenger_speed_kmh=pl.lit(None, pl.Float64)
    )
    order = pl.DataFrame(
        {"restriction_id": ["R"], "section_id": ["NOR-SOU"], "from_offset_m": [0.0],
         "to_offset_m": [10_000.0], "speed_limit_kmh": [30.0],
         "valid_from": [dt.date(2026, 1, 10)], "valid_to": [dt.date(2026, 1, 12)]}
    )  # fmt: skip
    # Whatever the day that the evidence is of.
    for as_of in (dt.date(2026, 1, 11), dt.date(2026, 1, 20)):
        settings = small.settings.model_copy(update={"as_of": as_of})
        study = Study(small.path, settings, small.tables, small.warnings)
        results, _ = resolve(study.with_tables(sections=month, speed_restrictions=order))
        trips = results["trips"].with_columns(lost=pl.col("elapsed_h") - pl.col("elapsed_h").min())
        slow = trips.filter(pl.col("lost") > 0)
        assert slow["trip_date"].to_list() == [dt.date(2026, 1, day) for day in (10, 11, 12)]
        assert (slow["lost"] * 60).to_list() == pytest.approx([14.0] * 3, abs=0.5)


def test_a_time_beyond_physics_is_not_called_a_connection_at_risk(small: Study) -> None:
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    fast = put(few.table("sections"), typical_passenger_speed_kmh=140.0)
    results, words = resolve(few.with_tables(sections=fast))
    assert set(results["trips"]["verdict"]) == {"at_risk"}
    assert "on all a time is stated or published that no train would take (at risk: 2)" in words


UNFIT = {
    "gauge of the coaches": ({"gauges_mm": "1520"}, {}, ("1520 mm", "1435 mm")),
    "axle load of the coaches": ({"axle_load_t": 25.0}, {}, ("25.0 t", "22.5 t")),
    "axle load of the line": ({}, {"maximum_axle_load_t": 13.0}, ("13.5 t", "13.0 t")),
    "outline of the coaches": ({"loading_gauge": "GC"}, {}, ("GC", "G1")),
}
UNFIT_LOCOMOTIVES = {
    "gauge": ({"gauges_mm": "1520"}, ("1520 mm", "1435 mm")),
    "axle load": ({"axle_load_t": 23.0}, ("23.0 t", "22.5 t")),
    "outline": ({"loading_gauge": "GC"}, ("GC", "G1")),
}


@pytest.mark.parametrize("case", UNFIT)
def test_vehicles_that_do_not_fit_the_line_do_not_run(small: Study, case: str) -> None:
    coach, section, told = UNFIT[case]
    types = small.table("vehicle_types")
    is_coach = pl.col("kind") == "coach"
    types = pl.concat([
        types.filter(~is_coach), put(types.filter(is_coach), **coach)
    ])  # fmt: skip
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    study = few.with_tables(vehicle_types=types, sections=put(small.table("sections"), **section))
    results = resolve_timetable(study).results
    assert set(results["trips"]["verdict"]) == {"does_not_work"}
    cause = " ".join(results["findings"].filter(severity="block")["cause"].unique())
    assert "NOR-SOU" in cause
    assert all(value in cause for value in told)


def test_a_coach_that_its_host_cannot_take_does_not_run(small: Study) -> None:
    """The host is of coaches that fit, the through coach of another type is not."""
    types = small.table("vehicle_types")
    wide = put(types.filter(kind="coach"), vehicle_type_id="WIDE", gauges_mm="1520")
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    study = few.with_tables(
        vehicle_types=pl.concat([types, wide]),
        coach_services=put(small.table("coach_services"), vehicle_type_id="WIDE"),
    )
    results = resolve_timetable(study).results
    assert set(results["trips"]["verdict"]) == {"does_not_work"}
    (cause,) = results["findings"].filter(kind="compatibility")["cause"].unique()
    assert "1520 mm" in cause
    assert "1435 mm" in cause


ANNOUNCED = {
    "half an hour": ("21:30", {"announced_duration_h": 0.5}, False),
    "two hours": ("21:30", {"announced_duration_h": 2.0}, True),
    "same day, too late": ("23:30", {"announced_arrival_day": 0}, False),
    "same day": ("21:30", {"announced_arrival_day": 0}, True),
    "next day": ("23:30", {"announced_arrival_day": 1}, True),
}


@pytest.mark.parametrize("case", ANNOUNCED)
def test_an_announced_arrival_is_held_against_the_earliest_one(small: Study, case: str) -> None:
    """The coach takes 1 h 55 min, and 75 min at least, without any simulation."""
    leaves, announced, is_kept = ANNOUNCED[case]
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    study = few.with_tables(
        train_stops=put(small.table("train_stops"), departure=leaves),
        coach_services=put(small.table("coach_services"), **announced),
    )
    results, told = resolve(study)
    assert set(results["trips"]["verdict"]) == {"works" if is_kept else "does_not_work"}
    missed = results["findings"].filter(kind="published_arrival_differs")
    assert missed["severity"].to_list() == ([] if is_kept else ["block"] * 2)
    assert "no arrival is announced" not in answer_study(study, results).headline
    assert "no arrival is announced" not in told


def alter(study: Study, kind: str, **values: Any) -> pl.DataFrame:
    """Vehicle types with values of one kind put in."""
    types = study.table("vehicle_types")
    is_kind = pl.col("kind") == kind
    return pl.concat([types.filter(~is_kind), put(types.filter(is_kind), **values)])


@pytest.mark.parametrize("case", UNFIT_LOCOMOTIVES)
def test_an_assigned_locomotive_that_does_not_fit_does_not_run(small: Study, case: str) -> None:
    values, told = UNFIT_LOCOMOTIVES[case]
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 6))
    results = resolve_timetable(
        few.with_tables(vehicle_types=alter(small, "locomotive", **values))
    ).results
    assert set(results["trips"]["verdict"]) == {"does_not_work"}
    cause = " ".join(results["findings"].filter(severity="block")["cause"].unique())
    assert all(value in cause for value in ("NOR-SOU", "locomotive LOCO", *told))


@pytest.mark.parametrize("kind", ["coach", "locomotive"])
@pytest.mark.parametrize(
    ("grade", "is_reported", "verdicts"),
    [
        ("estimate", True, {"ran", "works"}),
        ("sourced", True, {"ran", "does_not_work"}),
        ("estimate", False, {"does_not_work"}),
    ],
)
def test_no_assumed_value_stops_what_was_seen_to_run(
    small: Study, kind: str, grade: str, *, is_reported: bool, verdicts: set[str]
) -> None:
    """A value that nobody read bars a train only until one is reported to have run so."""
    rules = put(small.table("calendar_rules"), grade="sourced")
    first = put(
        rules.head(1),
        sequence=9,
        pattern="dates",
        days="2026-01-05",
        valid_from=None,
        valid_to=None,
        reported=True,
    )
    few = shorten(small, dt.date(2026, 1, 5), dt.date(2026, 1, 7))
    study = few.with_tables(
        calendar_rules=pl.concat([rules, *([first] if is_reported else [])]),
        vehicle_types=alter(small, kind, axle_load_t=23.0).with_columns(grade=pl.lit("sourced")),
        sections=put(small.table("sections"), axle_load_grade=grade),
        traction_assignments=put(small.table("traction_assignments"), grade="sourced"),
    )
    results = resolve_timetable(study).results
    assert set(results["trips"]["verdict"]) == verdicts
    told = results["assumptions"].filter(pl.col("assumption_id").str.starts_with("contradiction"))
    assert told.height == (verdicts == {"ran", "works"})
