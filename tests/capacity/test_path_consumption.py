"""Consumption of train paths as the timetable gives them."""

import polars as pl
import pytest

from arterial.capacity import list_block_occupations, measure_path_consumption
from arterial.errors import StudyError
from arterial.study import conform_table

INTERVALS = {"following": 240, "crossing": 60, "headway": 540}


def make_table(name, rows):
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None), fill_missing=True)


@pytest.fixture
def tables():
    """a - b (halt) - c single, c = d double with automatic block."""
    points = [
        {"point_id": name, "name": name, "country": "XX", "zone": "UTC", "kind": kind,
         "tracks_count": tracks}
        for name, kind, tracks in (
            ("a", "station", 2), ("b", "halt", 1), ("c", "station", 2), ("d", "station", 2))
    ]  # fmt: skip
    sections = [
        {"section_id": name, "line_id": "L", "from_point": begin, "to_point": end,
         "length_km": 9.0, "gauges_mm": "1520", "tracks_count": tracks, "direction": "both",
         "is_open": True, "signalling": block}
        for name, begin, end, tracks, block in (
            ("S1", "a", "b", 1, None), ("S2", "b", "c", 1, None),
            ("S3", "c", "d", 2, "automatic block"))
    ]  # fmt: skip
    return {
        "operational_points": make_table("operational_points", points),
        "sections": make_table("sections", sections),
    }


def make_uses(*rows):
    uses = [
        {"occupation_id": f"O{number}", "kind": "step", "path_id": path, "section_id": section,
         "from_point": begin, "to_point": end, "from_at_s": 60 * start, "to_at_s": 60 * stop}
        for number, (path, section, begin, end, start, stop) in enumerate(rows)
    ]  # fmt: skip
    held = [
        {"occupation_id": "P", "kind": "point", "path_id": "1", "point_id": "a",
         "from_at_s": 0, "to_at_s": 9000},
        {"occupation_id": "Q", "kind": "step", "possession_id": "works", "section_id": "S1",
         "from_point": "a", "to_point": "b", "from_at_s": 0, "to_at_s": 9000},
    ]  # fmt: skip
    return make_table("path_occupations", uses + held)


PATHS = (
    ("1", "S1", "a", "b", 0, 10), ("1", "S2", "b", "c", 10, 20), ("1", "S3", "c", "d", 20, 30),
    ("2", "S3", "d", "c", 15, 25), ("2", "S2", "c", "b", 30, 41), ("2", "S1", "b", "a", 41, 52),
    ("3", "S3", "c", "d", 30, 41),
)  # fmt: skip


def measure(tables, uses, **more):
    period = {"from_at_s": 0, "to_at_s": 7200} | more
    return measure_path_consumption(
        uses, tables, **period, additional_rate=0.5, intervals_s=INTERVALS
    )


def test_each_block_is_compressed_by_itself(tables) -> None:
    rows = {row["line_section_id"]: row for row in measure(tables, make_uses(*PATHS)).to_dicts()}
    # Single line over the halt: 20 up, 1 to cross, 22 down, 1 to cross.
    assert rows["S1:a~c"]["occupancy_s"] == 44 * 60
    assert rows["S1:a~c"]["trains_count"] == 2
    # Two tracks, 9 min apart: 3 enters 9 min behind 1 and runs a minute longer, so that the next 1
    # enters 10 min behind it to leave 9 min behind it; 2 alone: 9.
    assert rows["S3:c~d"]["occupancy_s"] == 19 * 60
    assert rows["S3:c~d"]["consumption"] == pytest.approx(19 / 120 * 1.5)


def test_only_what_enters_within_the_period_counts(tables) -> None:
    found = measure(tables, make_uses(*PATHS), from_at_s=25 * 60, to_at_s=85 * 60)
    counts = dict(zip(found["line_section_id"], found["trains_count"], strict=True))
    assert counts == {"S1:a~c": 1, "S3:c~d": 1}
    assert set(found["period_s"]) == {3600}


def test_possessions_and_tracks_at_points_are_no_train_paths(tables) -> None:
    rows = list_block_occupations(make_uses(*PATHS), tables, intervals_s=INTERVALS)
    assert set(rows["train_id"]) == {"1", "2", "3"}
    assert rows.height == len(PATHS)
    assert rows.filter(pl.col("train_id") == "1").sort("sequence")["begin_s"].is_sorted()


def test_paths_in_conflict_are_refused(tables) -> None:
    clash = ("4", "S1", "a", "b", 5, 15)
    with pytest.raises(StudyError, match="Trains 1 and 4 are 540 s too close on S1:a-b"):
        measure(tables, make_uses(*PATHS, clash))


def test_stated_headways_hold_before_the_train_of_their_direction(tables) -> None:
    stated = {"section_id": "S1", "direction": "backward", "crossing_min": 5.0}
    ahead = {"section_id": "S2", "direction": "forward", "crossing_min": 4.0}
    headways = make_table("headways", [stated, ahead])
    rows = measure(tables | {"headways": headways}, make_uses(*PATHS)).to_dicts()
    found = {row["line_section_id"]: row["occupancy_s"] for row in rows}
    # 20 up, 1 to cross on S2, 22 down, 1 on S1, as without: 31 min lie between 1 and 2 on S1, and
    # 11 between 2 and the next 1 on S2.
    assert found["S1:a~c"] == 44 * 60
    back = make_table("headways", [stated | {"section_id": "S2"}])
    rows = measure(tables | {"headways": back}, make_uses(*PATHS)).to_dicts()
    found = {row["line_section_id"]: row["occupancy_s"] for row in rows}
    assert found["S1:a~c"] == 48 * 60
