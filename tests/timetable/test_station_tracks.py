"""Stated trains at station tracks, under headways and beside possessions of tracks."""

import polars as pl
import pytest
from tests.stated_cases import make_line, resolve

from arterial.timetable.paths.stated_track import derive_headways, read_headways

SECONDS = 60
AB = [{"from_point": "A", "to_point": "B"}]
ABC = [*AB, {"from_point": "B", "to_point": "C"}]

TRACKS = {"point_id": ["B", "B"], "track_id": ["1", "2"]}
THREE = {
    "T1": [("A", None, "08:00"), ("B", "08:20", "08:50"), ("C", "09:10", None)],
    "T2": [("C", None, "08:10"), ("B", "08:30", "08:55"), ("A", "09:30", None)],
}


def with_tracks(study, on=(), **columns):
    """The study with two tracks at B, trains stated on some of them."""
    stops = study.table("train_stops").with_columns(
        track_id=pl.struct("train_id", "point_id").map_elements(
            lambda row: dict(on).get(row["train_id"]) if row["point_id"] == "B" else None,
            return_dtype=pl.String,
        )
    )
    return study.with_tables(
        train_stops=stops, station_tracks=pl.DataFrame(TRACKS | columns, infer_schema_length=None)
    )


def test_two_trains_stated_on_one_track_of_a_station_are_in_conflict():
    study = make_line({name: {} for name in "ABC"}, ABC, THREE)
    assert (
        resolve(with_tracks(study, {"T1": "1", "T2": "2"})).tables["timetable_conflicts"].is_empty()
    )
    both = resolve(with_tracks(study, {"T1": "1", "T2": "1"}))
    (row,) = both.tables["timetable_conflicts"].to_dicts()
    assert (row["kind"], row["point_id"], row["is_impossible"]) == ("track_taken", "B", True)
    assert (row["train_id"], row["other_train_ids"]) == ("T2", "T1")
    assert row["missing_s"] == (20 + 1) * SECONDS
    # What is stated of one train only leaves the other the second track.
    assert resolve(with_tracks(study, {"T1": "1"})).tables["timetable_conflicts"].is_empty()


def test_a_track_that_is_not_reached_from_the_section_of_a_train_does_not_count():
    study = make_line({name: {} for name in "ABC"}, ABC, THREE)
    found = resolve(with_tracks(study, section_ids=["A-B;B-C", "A-B"]))
    (row,) = found.tables["timetable_conflicts"].to_dicts()
    assert (row["kind"], row["point_id"]) == ("track_taken", "B")
    gauge = resolve(with_tracks(study, gauges_mm=["1435", "1520"]))
    assert gauge.tables["timetable_conflicts"]["kind"].to_list() == ["track_taken"]
    assert (
        resolve(with_tracks(study, gauges_mm=["1435", "1435;1520"]))
        .tables["timetable_conflicts"]
        .is_empty()
    )


def test_a_third_train_finds_two_listed_tracks_full_whatever_else_is_stated():
    trains = THREE | {"T3": [("A", None, "08:15"), ("B", "08:40", "09:00"), ("C", "09:30", None)]}
    double = [row | {"tracks_count": 2} for row in ABC]
    study = make_line({name: {} for name in "AC"} | {"B": {"tracks_count": 2}}, double, trains)
    for one in (study, with_tracks(study)):
        rows = resolve(one).tables["timetable_conflicts"].filter(pl.col("kind") == "station_full")
        (row,) = rows.to_dicts()
        assert (row["train_id"], row["other_train_ids"]) == ("T3", "T1;T2")
        assert row["missing_s"] == (10 + 1) * SECONDS


def test_a_possession_of_a_station_track_leaves_the_second_train_none():
    study = with_tracks(make_line({name: {} for name in "ABC"}, ABC, THREE))
    closed = {"possession_id": "P", "point_id": "B", "start": "08:35", "duration_min": 60.0}
    one = study.with_tables(possessions=pl.DataFrame([closed | {"track_ids": "2"}]))
    (row,) = resolve(one).tables["timetable_conflicts"].to_dicts()
    assert (row["kind"], row["possession_id"], row["point_id"]) == ("possession", "P", "B")
    settings = study.settings
    days_count = (settings.horizon_to - settings.horizon_from).days + 1
    assert (row["train_id"], row["days_count"]) == ("T2", days_count)
    both = study.with_tables(possessions=pl.DataFrame([closed]))
    found = resolve(both).tables["timetable_conflicts"]
    assert found["train_id"].sort().to_list() == ["T1", "T2"]
    later = closed | {"start": "08:55"}
    assert (
        resolve(study.with_tables(possessions=pl.DataFrame([later])))
        .tables["timetable_conflicts"]
        .is_empty()
    )


def test_a_stated_headway_lets_trains_follow_and_an_interval_holds_in_its_direction():
    trains = {
        "T1": [("A", None, "08:00"), ("B", "08:20", None)],
        "T2": [("A", None, "08:04"), ("B", "08:24", None)],
        "T3": [("B", None, "08:26"), ("A", "08:46", None)],
    }
    study = make_line({name: {} for name in "AB"}, AB, trains)

    def missing(*rows):
        table = pl.DataFrame(rows, infer_schema_length=None)
        found = resolve(study.with_tables(headways=table)).tables["timetable_conflicts"]
        return {(row["kind"], row["train_id"]): row["missing_s"] for row in found.to_dicts()}

    assert missing({"section_id": "A-B", "headway_min": 4.0}) == {}
    assert missing({"section_id": "A-B", "headway_min": 5.0}) == {("headway", "T2"): 60}
    crossing = {"section_id": "A-B", "headway_min": 4.0, "direction": "backward"}
    assert missing(crossing | {"crossing_min": 3.5}) == {("headway", "T2"): 300} | {
        ("opposing", "T3"): 90
    }
    forward = {"section_id": "A-B", "direction": "forward", "crossing_min": 3.5}
    assert missing({"section_id": "A-B", "headway_min": 4.0}, forward) == {}


def test_a_train_under_way_for_days_is_in_conflict_on_days_not_on_pairs():
    # It stands two nights at B, where its own next runs, and those of the day after, find it.
    slow = [("A", None, "08:00"), ("B", "08:20", "09:00"), ("C", "09:20", None)]
    study = make_line({"A": {}, "B": {"tracks_count": 1}, "C": {}}, ABC, {"S": slow})
    stops = study.table("train_stops").with_columns(
        departure_day=pl.when(pl.col("point_id") == "B").then(2).otherwise("departure_day")
    )
    found = resolve(study.with_tables(train_stops=stops)).tables["timetable_conflicts"]
    full = found.filter(pl.col("kind") == "station_full")
    # On the first day it finds the one that left the day before the horizon.
    days = study.settings.horizon_to - study.settings.horizon_from
    assert full["days_count"].sum() == days.days + 1


@pytest.mark.parametrize(
    "trains",
    [
        {"T1": [("A", None, "08:00"), ("B", "08:20", None)],
         "T2": [("B", None, "08:20"), ("C", "08:40", None)]},
        {"T1": [("A", None, "08:00"), ("B", "08:20", None)],
         "T2": [("B", None, "08:20"), ("A", "08:40", None)]},
        {"T1": [("B", "08:20", "08:20"), ("C", "08:40", None)],
         "T2": [("A", None, "08:00"), ("B", "08:20", "08:30"), ("A", "09:00", None)]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_listed", [False, True])
def test_at_one_track_one_train_may_leave_at_the_instant_at_which_the_other_comes(
    trains, is_listed
):
    study = make_line({"A": {}, "B": {"tracks_count": 1}, "C": {}}, ABC, trains)
    if is_listed:
        study = study.with_tables(
            station_tracks=pl.DataFrame({"point_id": ["B"], "track_id": ["1"]})
        )
    rows = resolve(study).tables["timetable_conflicts"]
    full = rows.filter(pl.col("kind") == "station_full")
    # Closer than the time that a track needs to be clear, which is an assumption.
    assert full["is_impossible"].to_list() == [False]
    assert not rows["is_impossible"].any()


def test_at_one_track_two_trains_cannot_change_places_at_one_instant():
    trains = {
        "T1": [("A", None, "08:00"), ("B", "08:20", "08:30"), ("C", "08:50", None)],
        "T2": [("C", None, "08:10"), ("B", "08:30", "08:35"), ("A", "08:55", None)],
    }
    rows = resolve(make_line({"A": {}, "B": {"tracks_count": 1}, "C": {}}, ABC, trains))
    met = rows.tables["timetable_conflicts"].filter(pl.col("kind") == "opposing")
    assert met.select("section_id", "is_impossible").rows() == [("B-C", True)]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"section_ids": ["A-B", None]}, "Track 1 is not reached from section B-C"),
        ({"gauges_mm": ["1520", None]}, "Track 1 has 1520 mm, section A-B 1435 mm"),
    ],
)
def test_a_stated_track_that_cannot_hold_its_train_is_told(columns, words):
    study = make_line({name: {} for name in "ABC"}, ABC, {"T1": THREE["T1"]})
    (row,) = (
        resolve(with_tracks(study, {"T1": "1"}, **columns)).tables["timetable_conflicts"].to_dicts()
    )
    assert (row["kind"], row["point_id"], row["train_id"]) == ("track_unfit", "B", "T1")
    assert row["is_impossible"]
    assert row["cure"].startswith(words)
    # The other track holds it.
    other = resolve(with_tracks(study, {"T1": "2"}, **columns))
    assert other.tables["timetable_conflicts"].is_empty()


def test_a_stated_track_shorter_than_its_train_is_told():
    long = pl.DataFrame(
        {"vehicle_type_id": ["X"], "name": ["X"], "kind": ["coach"], "length_m": [180.0]}
    )
    study = make_line(
        {name: {} for name in "ABC"},
        ABC,
        {"T1": THREE["T1"]},
        vehicle_types=long,
        formations=pl.DataFrame({"formation_id": ["F"], "name": ["F"]}),
        formation_vehicles=pl.DataFrame(
            {"formation_id": ["F"], "position": [1], "vehicle_type_id": ["X"], "count": [2]}
        ),
    )
    study = study.with_tables(trains=study.table("trains").with_columns(formation_id=pl.lit("F")))
    found = resolve(with_tracks(study, {"T1": "1"}, usable_length_m=[300.0, 600.0]))
    (row,) = found.tables["timetable_conflicts"].to_dicts()
    assert row["kind"] == "track_unfit"
    assert "Track 1 is 300 m long, the train 380 m" in row["cure"]


def _state_signals(*places_km: float, speed_kmh: float | None = 60.0) -> dict[str, pl.DataFrame]:
    rows = [
        {"signal_id": f"S{n}", "section_id": "A-B", "direction": "forward", "position_km": km}
        for n, km in enumerate(places_km)
    ]
    section = {"section_id": "A-B", "length_km": 10.0, "typical_freight_speed_kmh": speed_kmh}
    sections = pl.DataFrame([section], infer_schema_length=None)
    return {
        "signals": pl.DataFrame([{"kind": "block", **row} for row in rows]),
        "sections": sections,
    }


def test_signals_give_the_headway_of_the_worst_place():
    assert derive_headways(_state_signals(2.0, 4.0, 7.0)) == {("A-B", 0): 531}
    assert derive_headways(_state_signals(5.0)) == {("A-B", 0): 651}
    # More signals never part trains further.
    finer = derive_headways(_state_signals(1.0, 2.0, 3.0, 4.0, 5.5, 7.0, 8.5))
    assert finer["A-B", 0] < 531
    assert derive_headways(_state_signals(5.0, speed_kmh=None)) == {}
    assert derive_headways(_state_signals(0.0, 10.0)) == {}


def test_a_stated_headway_stands_over_signals():
    tables = _state_signals(2.0, 4.0, 7.0)
    tables["headways"] = pl.DataFrame(
        [{"section_id": "A-B", "direction": None, "headway_min": 4.0}],
        schema_overrides={"direction": pl.String},
    ).with_columns(following_min=pl.lit(None, pl.Float64), crossing_min=pl.lit(None, pl.Float64))
    assert [one.headway_s for one in read_headways(tables)["A-B"]] == [240, 240]
    tables["headways"] = tables["headways"].with_columns(direction=pl.lit("backward"))
    assert [one.headway_s for one in read_headways(tables)["A-B"]] == [531, 240]
