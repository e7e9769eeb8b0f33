"""The whole stated timetable: conflicts, patterns of times, and how each train is run."""

from collections import Counter
from datetime import date

import numpy as np
import polars as pl
import pytest
from tests.stated_cases import (
    list_plain_crowds,
    list_plain_pairs,
    make_line,
    make_random,
    resolve,
    resolve_around,
)

from arterial.timetable.paths.conflict_rows import CONFLICT_KINDS

SECONDS = 60
AB = [{"from_point": "A", "to_point": "B"}]
ABC = [*AB, {"from_point": "B", "to_point": "C"}]


def find_conflicts(stations, sections, trains, **tables):
    return resolve(make_line(stations, sections, trains, **tables)).tables["timetable_conflicts"]


@pytest.mark.parametrize("arrival", ["08:13", "08:14"])
def test_a_track_is_free_a_minute_after_a_stop_of_any_length(arrival):
    stations = {"A": {}, "B": {"tracks_count": 1}, "C": {}, "D": {}}
    sections = [*ABC, {"from_point": "D", "to_point": "B"}]
    trains = {
        "T1": [("A", None, "08:00"), ("B", arrival, "08:14"), ("C", "08:30", None)],
        "T2": [("D", None, "08:00"), ("B", "08:15", None)],
    }
    assert find_conflicts(stations, sections, trains).is_empty()


@pytest.mark.parametrize("seed", range(6))
def test_conflicts_are_those_that_every_day_by_itself_has(seed):
    found = resolve(make_random(seed)).tables["timetable_conflicts"]
    traffic, inside = resolve_around(make_random(seed), 4)
    numbers = {name: n for n, name in enumerate(traffic.timed.train_ids)}
    steps = {(s.from_point, s.to_point): n for n, s in enumerate(traffic.model.steps)}
    kinds, pairs = Counter(), Counter()
    for row in found.filter(pl.col("kind").is_in(CONFLICT_KINDS[:3])).iter_rows(named=True):
        ends = (row["from_point"], row["to_point"])
        step = steps.get(ends, steps.get(ends[::-1]))
        train, other = numbers[row["train_id"]], numbers[row["other_train_id"]]
        kinds[row["kind"], step, frozenset((train, other))] += row["days_count"]
        pairs[step, frozenset((train, other))] += row["days_count"]
    plain_kinds, plain_pairs = Counter(), Counter()
    # A day counts once, however often the same two trains meet on it.
    for kind, step, train, other, _ in set(list_plain_pairs(traffic, inside)):
        plain_pairs[step, frozenset((train, other))] += 1
        if kind != "either":
            plain_kinds[kind, step, frozenset((train, other))] += 1
    assert plain_pairs
    assert pairs == plain_pairs
    assert all(kinds[key] >= count for key, count in plain_kinds.items())
    crowds = Counter()
    for row in found.filter(pl.col("kind") == "station_full").iter_rows(named=True):
        point = traffic.model.point_numbers[row["point_id"]]
        crowds[numbers[row["train_id"]], point] += row["days_count"]
    assert crowds == Counter(
        (train, point) for train, point, _ in list_plain_crowds(traffic, inside)
    )


def test_the_number_of_days_changes_nothing_but_the_days():
    study = make_random(3)
    daily = study.with_tables(
        trains=study.table("trains").with_columns(calendar_id=pl.lit("DAILY"))
    )
    settings = daily.settings
    longer = settings.model_copy(update={"horizon_to": date(2026, 2, 28)})
    columns = ["kind", "train_id", "other_train_id", "point_id", "section_id", "missing_s"]
    short, long = (
        resolve(one).tables["timetable_conflicts"].select(columns).sort(columns)
        for one in (daily, daily.with_settings(longer))
    )
    assert short.height > 10
    assert short.equals(long)


def test_trains_that_meet_head_on_are_found_with_place_and_time():
    trains = {"T1": [("A", None, "08:00"), ("B", "09:10", None)]}
    trains["T2"] = [("B", None, "08:30"), ("A", "09:40", None)]
    (row,) = find_conflicts({"A": {}, "B": {}}, AB, trains).to_dicts()
    assert (row["kind"], row["is_impossible"], row["train_id"]) == ("opposing", True, "T2")
    assert (row["from_point"], row["to_point"], row["other_train_id"]) == ("B", "A", "T1")
    assert row["from_at_s"] == 8.5 * 3600
    # It has to wait until 09:10 and the interval of a crossing.
    assert row["missing_s"] == (40 + 1) * SECONDS
    double = [AB[0] | {"tracks_count": 2}]
    assert find_conflicts({"A": {}, "B": {}}, double, trains).is_empty()


def test_where_trains_can_cross_on_the_way_they_need_not_collide():
    trains = {"T1": [("A", None, "08:00"), ("C", "09:00", None)]}
    trains["T2"] = [("C", None, "08:10"), ("A", "09:10", None)]
    may_wait = find_conflicts({"A": {}, "B": {"tracks_count": 2}, "C": {}}, ABC, trains)
    assert may_wait["basis"].to_list() == ["computed"]
    assert not may_wait["is_impossible"].any()
    cannot = find_conflicts({"A": {}, "B": {"tracks_count": 1}, "C": {}}, ABC, trains)
    assert cannot.filter("is_impossible")["kind"].to_list() == ["opposing"]


def test_a_train_that_catches_up_is_told_from_one_that_only_follows_closely():
    slow = [("A", None, "08:00"), ("B", "09:00", None)]
    fast = [("A", None, "08:20"), ("B", "08:50", None)]
    close = [("A", None, "08:58"), ("B", "09:58", None)]
    (row,) = find_conflicts({"A": {}, "B": {}}, AB, {"S": slow, "F": fast}).to_dicts()
    assert (row["kind"], row["is_impossible"], row["train_id"]) == ("catching_up", True, "F")
    (row,) = find_conflicts({"A": {}, "B": {}}, AB, {"S": slow, "F": close}).to_dicts()
    assert (row["kind"], row["is_impossible"]) == ("headway", False)
    assert row["missing_s"] == (2 + 4) * SECONDS
    free = [("A", None, "09:04"), ("B", "10:00", None)]
    assert find_conflicts({"A": {}, "B": {}}, AB, {"S": slow, "F": free}).is_empty()


def test_more_trains_than_tracks_are_found_at_a_station_and_a_junction():
    sections = [*ABC, {"from_point": "B", "to_point": "D"}]
    trains = {
        "T1": [("A", None, "08:00"), ("B", "08:20", "08:50"), ("C", "09:10", None)],
        "T2": [("C", None, "08:10"), ("B", "08:30", "08:55"), ("D", "09:30", None)],
    }
    for kind in ("station", "junction"):
        stations = {name: {} for name in "ACD"} | {"B": {"kind": kind, "tracks_count": 1}}
        rows = find_conflicts(stations, sections, trains).filter(pl.col("kind") == "station_full")
        (row,) = rows.to_dicts()
        assert (row["point_id"], row["train_id"], row["other_train_ids"]) == ("B", "T2", "T1")
        assert row["is_impossible"]
        assert row["missing_s"] == (20 + 1) * SECONDS
    stations["B"] = {"tracks_count": 2}
    assert find_conflicts(stations, sections, trains).is_empty()


def test_a_loop_that_holds_neither_of_two_trains_is_found():
    vehicles = pl.DataFrame(
        {"vehicle_type_id": ["W"], "name": ["W"], "kind": ["wagon"], "length_m": [20.0]}
    )
    formation = {
        "formations": pl.DataFrame({"formation_id": ["LONG"], "name": ["Long"]}),
        "formation_vehicles": pl.DataFrame(
            {"formation_id": ["LONG"], "position": [1], "vehicle_type_id": ["W"], "count": [40]}
        ),
        "vehicle_types": vehicles,
    }
    trains = {
        "T1": [("A", None, "08:00"), ("B", "08:20", "08:50"), ("C", "09:10", None)],
        "T2": [("C", None, "08:10"), ("B", "08:30", "08:55"), ("A", "09:30", None)],
    }
    stations = {name: {} for name in "AC"} | {"B": {"tracks_count": 2, "loop_length_m": 700.0}}
    study = make_line(stations, ABC, trains, **formation)
    long = study.table("trains").with_columns(formation_id=pl.lit("LONG"))
    found = resolve(study.with_tables(trains=long)).tables["timetable_conflicts"]
    assert found["kind"].to_list() == ["loop_too_short"]
    assert found["point_id"].to_list() == ["B"]
    stations["B"]["loop_length_m"] = 900.0
    study = make_line(stations, ABC, trains, **formation).with_tables(trains=long)
    assert resolve(study).tables["timetable_conflicts"].is_empty()


def test_a_train_on_closed_track_is_found_on_its_days():
    possession = pl.DataFrame(
        {
            "possession_id": ["P"],
            "section_id": ["A-B"],
            "start": ["08:30"],
            "duration_min": [60.0],
            "first_day": [date(2026, 1, 10)],
            "last_day": [date(2026, 1, 12)],
        }
    )
    trains = {"T1": [("A", None, "08:00"), ("B", "09:10", None)]}
    (row,) = find_conflicts({"A": {}, "B": {}}, AB, trains, possessions=possession).to_dicts()
    assert (row["kind"], row["days_count"]) == ("possession", 3)
    assert (row["first_day"], row["possession_id"]) == (date(2026, 1, 10), "P")


def test_every_train_says_how_it_is_run_and_why_not_otherwise():
    trains = {
        "GOOD": [("A", None, "08:00"), ("B", "09:10", None)],
        "BACK": [("A", None, "08:00"), ("B", "07:10", None)],
        "FAR": [("A", None, "08:00"), ("Z", "09:10", None)],
        "ONE": [("A", None, "08:00")],
        "BLANK": [("A", None, None), ("B", None, None)],
    }
    study = make_line({"A": {}, "B": {}, "Z": {}}, AB, trains)
    stops = study.table("train_stops").with_columns(
        arrival_day=pl.when(pl.col("train_id") == "BACK")
        .then(pl.col("sequence") * 0)
        .otherwise(None)
    )
    runs = resolve(study.with_tables(train_stops=stops)).tables["train_runs"]
    told = {row["train_id"]: row for row in runs.iter_rows(named=True)}
    assert {name: row["mode"] for name, row in told.items()} == {
        "GOOD": "timetable",
        "BACK": "not_run",
        "FAR": "timetable",
        "ONE": "not_run",
        "BLANK": "not_run",
    }
    assert "backwards" in told["BACK"]["reason"]
    assert "Z" in told["FAR"]["reason"]
    assert "two stops" in told["ONE"]["reason"]
    assert "No time" in told["BLANK"]["reason"]
    assert told["GOOD"]["journey_min"] == 70


def test_seconds_are_kept():
    trains = {"T1": [("A", None, "08:00:30"), ("B", "08:59:59", None)]}
    times = resolve(make_line({"A": {}, "B": {}}, AB, trains)).tables["train_times"]
    assert times["departure_s"][0] == 8 * 3600 + 30
    assert times["arrival_s"][-1] == 9 * 3600 - 1


def test_a_pattern_ends_where_a_clock_changes():
    zones = {"A": {"zone": "Europe/Berlin"}, "B": {"zone": "Asia/Pyongyang"}}
    study = make_line(zones, AB, {"T1": [("A", None, "23:30"), ("B", "10:00", None)]})
    settings = study.settings.model_copy(
        update={"horizon_from": date(2026, 3, 20), "horizon_to": date(2026, 4, 10)}
    )
    stated = resolve(study.with_settings(settings))
    patterns, times = stated.tables["train_patterns"], stated.tables["train_times"]
    assert patterns["days_count"].sum() == 22
    leaves = times.filter(pl.col("sequence") == 1)["departure_s"].to_list()
    # 23:30 in Berlin is 22:30 UTC in winter and 21:30 in summer, which begins on 29 March.
    assert set(leaves) == {22.5 * 3600, 21.5 * 3600}
    summer = patterns.filter(pl.Series(np.array(leaves) == 21.5 * 3600))
    assert summer["first_day"].min() == date(2026, 3, 29)
    assert times.filter(pl.col("sequence") == 2)["arrival_s"].unique().to_list() == [25 * 3600]


def test_a_study_without_a_network_has_times_all_the_same():
    trains = {"T1": [("A", None, "08:00"), ("B", "08:30", "08:35"), ("C", "09:10", None)]}
    study = make_line({"A": {}, "B": {}, "C": {}}, AB, trains)
    study = study.with_tables(sections=study.table("sections").clear())
    stated = resolve(study)
    assert stated.tables["train_times"].height == 3
    assert stated.tables["train_runs"]["mode"].to_list() == ["timetable"]


def test_shipped_studies_state_no_trains_that_exclude_each_other(moscow):
    assert moscow["train_runs"]["mode"].to_list() == ["running_time"] * 8
    assert not moscow["timetable_conflicts"]["is_impossible"].any()


def test_a_stated_time_below_what_line_and_train_allow_is_found():
    sections = [AB[0] | {"length_km": 8.0, "passenger_speed_limit_kmh": 40.0}]
    trains = {"T1": [("A", None, "08:00"), ("B", "08:03", None)]}
    (row,) = find_conflicts({"A": {}, "B": {}}, sections, trains).to_dicts()
    # 8 km at 40 km/h are 12 minutes.
    assert (row["kind"], row["is_impossible"], row["missing_s"]) == ("too_fast", True, 9 * SECONDS)
    assert (row["from_point"], row["to_point"], row["days_count"]) == ("A", "B", 31)
    # Two clock faces of whole minutes may hide one minute, no more.
    for arrival, count in (("08:11", 0), ("08:10", 1)):
        trains = {"T1": [("A", None, "08:00"), ("B", arrival, None)]}
        assert find_conflicts({"A": {}, "B": {}}, sections, trains).height == count


def test_the_speed_of_the_train_and_stops_without_times_count_too():
    stations, sections = {name: {} for name in "ABC"}, [one | {"length_km": 20.0} for one in ABC]
    trains = {"T1": [("A", None, "08:00"), ("B", None, None), ("C", "08:20", None)]}
    study = make_line(stations, sections, trains)
    assert resolve(study).tables["timetable_conflicts"].is_empty()
    slow = study.table("trains").with_columns(top_speed_kmh=pl.lit(80.0))
    (row,) = resolve(study.with_tables(trains=slow)).tables["timetable_conflicts"].to_dicts()
    # 40 km at 80 km/h are 30 minutes.
    assert (row["from_point"], row["to_point"], row["missing_s"]) == ("A", "C", 10 * SECONDS)


def test_a_train_may_come_back_to_where_it_began_and_arrive_the_day_before():
    stations = {"A": {"zone": "Asia/Vladivostok"}, "B": {"zone": "Asia/Pyongyang"}}
    trains = {"T1": [("A", None, "00:10"), ("B", "23:40", "23:50"), ("A", "01:20", None)]}
    study = make_line(stations, AB, trains)
    days = pl.Series([None, -1, 0], dtype=pl.Int64)
    stops = study.table("train_stops").with_columns(
        arrival_day=days, departure_day=pl.Series([0, -1, None], dtype=pl.Int64)
    )
    stated = resolve(study.with_tables(train_stops=stops))
    assert stated.tables["train_runs"]["journey_min"].to_list() == [70.0]
    assert stated.tables["train_times"]["point_id"].to_list() == ["A", "B", "A"]


@pytest.mark.parametrize(("leaves", "is_certain"), [("08:40", False), ("08:52", True)])
def test_a_place_to_cross_helps_only_where_the_stated_times_leave_room(leaves, is_certain):
    # Beyond B one train comes in at 09:00, and the other goes out: they have met at B, or cannot.
    limits = {"passenger_speed_limit_kmh": 60.0}
    sections = [one | limits for one in ABC]
    trains = {"T1": [("A", None, "08:00"), ("C", "09:00", None)]}
    trains["T2"] = [("C", None, leaves), ("A", "10:00", None)]
    found = find_conflicts({"A": {}, "B": {"tracks_count": 2}, "C": {}}, sections, trains)
    assert found["is_impossible"].any() == is_certain


@pytest.mark.parametrize(
    ("point", "line", "is_raised"), [(1, 2, True), (1, 3, True), (2, 3, False), (2, 2, False)]
)
def test_tracks_taken_from_the_sections_against_what_a_point_states_are_told(
    point, line, is_raised
):
    stations = {"A": {}, "B": {"tracks_count": point}, "C": {}}
    sections = [one | {"tracks_count": line} for one in ABC]
    trains = {"T": [("A", None, "08:00"), ("C", "10:00", None)]}
    told = resolve(make_line(stations, sections, trains)).assumptions
    words = " ".join(told["reason"].drop_nulls().to_list())
    assert (f"B ({point}, taken as {line})" in words) == is_raised


@pytest.mark.parametrize(
    ("point", "line", "is_certain"),
    [(1, 1, True), (2, 1, False), (1, 2, True), (2, 2, False), (3, 2, False)],
)
def test_no_train_overtakes_where_each_direction_has_one_track(point, line, is_certain):
    limit = {"tracks_count": line, "length_km": 30.0, "passenger_speed_limit_kmh": 100.0}
    sections = [one | limit for one in ABC]
    trains = {
        "S": [("A", None, "08:00"), ("C", "10:00", None)],
        "F": [("A", None, "08:30"), ("C", "09:10", None)],
    }
    stations = {"A": {}, "B": {"tracks_count": point}, "C": {}}
    found = find_conflicts(stations, sections, trains)
    assert found["is_impossible"].any() == is_certain


def test_opposing_trains_still_meet_where_each_direction_has_one_track():
    limit = {"tracks_count": 2, "length_km": 30.0, "passenger_speed_limit_kmh": 100.0}
    trains = {
        "E": [("A", None, "08:00"), ("B", "08:20", "08:30"), ("C", "09:00", None)],
        "W": [("C", None, "08:00"), ("B", "08:20", "08:30"), ("A", "09:00", None)],
    }
    stations = {"A": {}, "B": {"tracks_count": 1}, "C": {}}
    assert find_conflicts(stations, [one | limit for one in ABC], trains).is_empty()


@pytest.mark.parametrize(
    ("point", "line", "expected"),
    [
        (1, 2, {"S-F"}),
        (0, 2, {"S-F"}),
        (2, 2, {"S;W-F"}),
        (1, 3, set()),
        (1, 4, set()),
    ],
)
def test_two_trains_of_one_direction_need_two_tracks_of_it(point, line, expected):
    """One train a direction at a halt of double track; three and four tracks hold two of one."""
    limit = {"tracks_count": line, "passenger_speed_limit_kmh": 100.0}
    trains = {
        "S": [("A", None, "08:00"), ("B", "08:20", "08:50"), ("C", "09:10", None)],
        "F": [("A", None, "08:10"), ("B", "08:30", "09:00"), ("C", "09:20", None)],
        "W": [("C", None, "08:10"), ("B", "08:30", "08:50"), ("A", "09:10", None)],
    }
    stations = {"A": {}, "B": {"tracks_count": point}, "C": {}}
    found = find_conflicts(stations, [one | limit for one in ABC], trains)
    found = found.filter(kind="station_full")
    assert {f"{row['other_train_ids']}-{row['train_id']}" for row in found.to_dicts()} == expected


def test_stated_tracks_stay_below_those_of_the_line():
    """Three trains need three tracks: two that are stated are not made three by the sections."""
    limit = {"tracks_count": 3, "passenger_speed_limit_kmh": 100.0}
    trains = {
        name: [("A", None, f"08:{n}0"), ("B", f"08:{n + 2}0", "09:00"), ("C", "09:30", None)]
        for n, name in enumerate("XYZ")
    }
    for tracks, count in ((2, 1), (3, 0)):
        stations = {"A": {}, "B": {"tracks_count": tracks}, "C": {}}
        found = find_conflicts(stations, [one | limit for one in ABC], trains)
        assert found.filter(kind="station_full").height == count
