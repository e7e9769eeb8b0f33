"""Ways that cross in the throat of a station, found for every pair of days."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stated_cases import make_line, resolve

from arterial.timetable.paths.stated_requests import list_stated_paths, request_stated_day
from arterial.timetable.paths.throats import find_crossed_paths
from arterial.units import DAY_S

JUNCTION = [{"from_point": one, "to_point": "J"} for one in "ABC"]
POINTS = {"A": {}, "B": {}, "C": {}, "J": {"tracks_count": 9}}
CROSSED = {"exclusion_id": "X1", "point_id": "J", "section_id": "A-J", "other_section_id": "B-J"}


def find(trains, exclusions=(CROSSED,), **tables):
    """Conflicts of trains over the junction."""
    study = make_line(POINTS, JUNCTION, trains, **tables)
    frame = pl.DataFrame(list(exclusions), infer_schema_length=None)
    study = study.with_tables(throat_exclusions=frame) if exclusions else study
    return resolve(study)


def into(origin, face):
    """A train that comes into the junction."""
    return [(origin, None, "07:00"), ("J", face, None)]


def test_two_trains_in_the_throat_at_one_instant_cannot_be_run():
    trains = {"T1": into("A", "08:00"), "T2": into("B", "08:00"), "T3": into("C", "08:00")}
    found = find(trains)
    (row,) = found.tables["timetable_conflicts"].to_dicts()
    assert (row["kind"], row["point_id"], row["is_impossible"]) == ("throat", "J", True)
    assert {row["train_id"], row["other_train_ids"]} == {"T1", "T2"}
    assert row["missing_s"] == 60
    assert row["days_count"] > 0
    assert "timetable:throats" in found.assumptions["assumption_id"].to_list()
    # Nothing is stated: nothing is known against it.
    assert find(trains, ()).tables["timetable_conflicts"].is_empty()


@pytest.mark.parametrize(("face", "missing_s"), [("08:02", 60), ("08:03", None), ("07:58", 60)])
def test_who_comes_later_lacks_what_is_left_of_the_time_to_clear(face, missing_s):
    trains = {"T1": into("A", "08:00"), "T2": into("B", face)}
    rows = find(trains, [CROSSED | {"clear_min": 3.0}]).tables["timetable_conflicts"].to_dicts()
    assert [row["missing_s"] for row in rows] == ([] if missing_s is None else [missing_s])
    if rows:
        later = "T2" if face > "08:00" else "T1"
        assert (rows[0]["train_id"], rows[0]["is_impossible"]) == (later, False)


def test_a_train_that_leaves_is_in_the_throat_when_it_leaves():
    trains = {"T1": [("J", None, "08:00"), ("A", "08:40", None)], "T2": into("B", "08:00")}
    assert find(trains).tables["timetable_conflicts"]["kind"].to_list() == ["throat"]


@pytest.mark.parametrize(("track", "is_found"), [("1", True), ("2", False), (None, False)])
def test_an_exclusion_of_tracks_binds_only_trains_stated_on_them(track, is_found):
    points = {name: values for name, values in POINTS.items() if name != "J"} | {"J": {}}
    study = make_line(points, JUNCTION, {"T1": into("A", "08:00"), "T2": into("B", "08:00")})
    here = (pl.col("train_id") == "T1") & (pl.col("point_id") == "J")
    stops = study.table("train_stops").with_columns(
        track_id=pl.when(here).then(pl.lit(track, dtype=pl.String))
    )
    study = study.with_tables(
        train_stops=stops,
        station_tracks=pl.DataFrame({"point_id": ["J"] * 3, "track_id": ["1", "2", "3"]}),
        throat_exclusions=pl.DataFrame([CROSSED | {"track_ids": "1"}]),
    )
    kinds = resolve(study).tables["timetable_conflicts"]["kind"].to_list()
    assert kinds == (["throat"] if is_found else [])


FACES = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
DAYS = st.lists(st.integers(1, 6), min_size=1, max_size=4, unique=True)


@given(FACES, FACES, DAYS, DAYS, st.sampled_from([1.0, 5.0, 60.0]))
def test_days_are_those_on_which_the_two_are_really_close(one, two, days, other_days, clear_min):
    calendars = {"C1": days, "C2": other_days}
    rules = [
        {"calendar_id": name, "sequence": 1, "pattern": "days_of_month", "effect": "runs"}
        | {"days": ";".join(map(str, sorted(own)))}
        for name, own in calendars.items()
    ]
    trains = {
        "T1": [("A", None, "00:00"), ("J", one, None)],
        "T2": [("B", None, "00:00"), ("J", two, None)],
    }
    study = make_line(POINTS, JUNCTION, trains)
    listed = study.table("trains").with_columns(calendar_id=pl.Series(["C1", "C2"]))
    study = study.with_tables(
        trains=listed,
        calendars=pl.DataFrame([{"calendar_id": name, "name": name} for name in calendars]),
        calendar_rules=pl.DataFrame(rules),
        throat_exclusions=pl.DataFrame([CROSSED | {"clear_min": clear_min}]),
    )
    found = resolve(study)
    times = found.tables["train_times"].filter(pl.col("point_id") == "J")
    first, last = study.settings.horizon_from, study.settings.horizon_to
    horizon = range((last - first).days + 1)
    at = {}
    for train, own in (("T1", days), ("T2", other_days)):
        (arrival_s,) = times.filter(pl.col("train_id") == train)["arrival_s"].to_list()
        at[train] = [
            (number, number * DAY_S + arrival_s)
            for number in range(-1, len(horizon) + 1)
            if (first + timedelta(days=number)).day in own
        ]
    # A pair is of the horizon where one of the two runs on a day of it.
    close = sum(
        abs(here_s - there_s) < clear_min * 60 and (here in horizon or there in horizon)
        for here, here_s in at["T1"]
        for there, there_s in at["T2"]
    )
    conflicts = found.tables["timetable_conflicts"].filter(pl.col("kind") == "throat")
    assert conflicts["days_count"].sum() == close


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 40)), min_size=2, max_size=6))
def test_a_plan_tells_the_pairs_that_stated_times_would_have(arrivals):
    trains = {
        f"T{n}": into(origin, f"08:{minute:02d}") for n, (origin, minute) in enumerate(arrivals)
    }
    study = make_line(POINTS, JUNCTION, trains)
    frame = pl.DataFrame([CROSSED | {"clear_min": 3.0}])
    study = study.with_tables(throat_exclusions=frame)
    found = resolve(study)
    day = study.settings.horizon_from
    requests, _ = request_stated_day(found.traffic, study.tables, day)
    # Each train where it is stated, whatever the others do.
    paths = [path for name, path in list_stated_paths(requests).items() if name.endswith(f"@{day}")]
    crossed = find_crossed_paths(found.traffic.model, study.table("throat_exclusions"), paths)
    told = found.tables["timetable_conflicts"].filter(pl.col("kind") == "throat")
    rows = zip(told["train_id"], told["other_train_id"], told["missing_s"], strict=True)
    planned = {
        (frozenset(name.partition("@")[0] for name in pair), missing_s)
        for *pair, missing_s in crossed.select(
            "train_id", "other_train_id", "missing_s"
        ).iter_rows()
    }
    assert planned == {(frozenset({one, two}), missing_s) for one, two, missing_s in rows}
