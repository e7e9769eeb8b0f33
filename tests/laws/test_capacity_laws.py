"""Laws of capacity: what must hold for every line, timetable and network."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.capacity import (
    MeetScheme,
    MeetTimes,
    SectionTimes,
    assign_tracks,
    compress_paths,
    pairs_per_day,
    plan_meets,
    rank_bottlenecks,
    section_period_min,
    typical_step_times,
)
from arterial.network import build_network
from arterial.study import conform_table, empty_table, list_tables

minutes = st.integers(1, 90)
small = st.integers(0, 8)
meet_times = st.builds(
    MeetTimes, arrival_interval_min=small, crossing_interval_min=small, start_min=small,
    stop_min=small,
)  # fmt: skip
lines = st.lists(st.builds(SectionTimes, minutes, minutes), min_size=1, max_size=6)
DAYS = {"day_from": date(2025, 1, 1), "day_to": date(2025, 1, 31)}
FLOW = pl.DataFrame(
    {"flow_id": ["f"], "from_point": ["p0"], "to_point": ["p5"], "category": ["freight"],
     "trains_per_day": [4.0]}
)  # fmt: skip


@given(up=minutes, down=minutes, longer=st.integers(0, 30), times=meet_times)
@settings(max_examples=60, deadline=None)
def test_a_longer_running_time_never_lets_more_pairs_through(up, down, longer, times) -> None:
    for scheme in MeetScheme:
        before, after = (section_period_min(up + by, down, scheme, times) for by in (0, longer))
        assert pairs_per_day(after) <= pairs_per_day(before)


@given(up=minutes, down=minutes, times=meet_times)
@settings(max_examples=60, deadline=None)
def test_a_period_is_the_same_seen_from_the_other_end(up, down, times) -> None:
    here, there = (
        sorted(section_period_min(*way, scheme, times) for scheme in MeetScheme)
        for way in ((up, down), (down, up))
    )
    assert here == there


@given(line=lines, times=meet_times)
@settings(max_examples=40, deadline=None)
def test_a_line_is_never_better_than_its_hardest_section_alone(line, times) -> None:
    alone = [plan_meets([section], times).limiting_period_min for section in line]
    assert plan_meets(line, times).limiting_period_min >= max(alone)


@given(line=lines, times=meet_times, data=st.data())
@settings(max_examples=40, deadline=None)
def test_one_more_loop_never_costs_pairs(line, times, data) -> None:
    # The section cut must be longer than what a stop at the new loop can cost the two trains.
    index = data.draw(st.integers(0, len(line) - 1))
    section = line[index]
    halves = [
        SectionTimes(section.up_min / 2, section.down_min / 2),
        SectionTimes(section.up_min / 2, section.down_min / 2),
    ]
    cut = [*line[:index], *halves, *line[index + 1 :]]
    before = plan_meets(line, times)
    after = plan_meets(cut, times)
    lost = times.start_min + times.stop_min + times.arrival_interval_min
    if min(section.up_min, section.down_min) >= 2 * lost + 2 * times.crossing_interval_min:
        assert pairs_per_day(after.limiting_period_min) >= pairs_per_day(before.limiting_period_min)


def build_line(loops, length_km):
    """Six points in a row, those named being loops, all sections single track."""
    points = [
        {"point_id": f"p{number}", "name": f"p{number}", "country": "XX", "zone": "UTC",
         "kind": "loop" if number in loops or number in {0, 5} else "halt", "tracks_count":
         2 if number in loops or number in {0, 5} else 1}
        for number in range(6)
    ]  # fmt: skip
    sections = [
        {"section_id": f"S{number}", "line_id": "L", "from_point": f"p{number}",
         "to_point": f"p{number + 1}", "length_km": length_km + number, "gauges_mm": "1520",
         "tracks_count": 1, "direction": "both", "is_open": True,
         "typical_freight_speed_kmh": 30.0}
        for number in range(5)
    ]  # fmt: skip
    tables = {name: empty_table(name) for name in list_tables()}
    for name, rows in (("operational_points", points), ("sections", sections)):
        tables[name] = conform_table(name, pl.DataFrame(rows), fill_missing=True)
    return tables


def rank(tables):
    times = typical_step_times(build_network(tables), tables)
    return rank_bottlenecks(build_network(tables), tables, times, FLOW, **DAYS)


@given(loops=st.sets(st.integers(1, 4)), more=st.integers(1, 4), length_km=st.floats(1.0, 40.0))
@settings(max_examples=30, deadline=None)
def test_more_loops_never_lower_the_pairs_of_a_study(loops, more, length_km) -> None:
    fewer, others = (rank(build_line(found, length_km)) for found in (loops, loops | {more}))
    for column in ("pairs_per_day_low", "pairs_per_day", "pairs_per_day_high"):
        assert others[column].min() >= fewer[column].min() - 1e-9


@given(loops=st.sets(st.integers(1, 4)), length_km=st.floats(1.0, 40.0))
@settings(max_examples=20, deadline=None)
def test_blocks_cover_every_section_once(loops, length_km) -> None:
    table = rank(build_line(loops, length_km))
    listed = [name for names in table["sections"] for name in names.split(";")]
    assert sorted(listed) == [f"S{number}" for number in range(5)]
    assert table["length_km"].sum() == pytest.approx(5 * length_km + 10)
    assert table.height == len(loops) + 1


@st.composite
def timetables(draw):
    """Trains on a line of three sections with two-track loops, laid one after another."""
    free: dict[str, int] = {}
    rows = []
    for number in range(draw(st.integers(1, 6))):
        way = ["A", "AB", "B", "BC", "C"]
        way = way[::-1] if draw(st.booleans()) else way
        at = draw(st.integers(0, 60))
        stays = [draw(st.integers(1, 20)) for _ in way]
        # Late enough to find every resource free behind the trains before.
        lag = 0
        for resource, stay in zip(way, stays, strict=True):
            at = max(at, free.get(resource, 0) - lag)
            lag += stay
        begin = at
        for sequence, (resource, stay) in enumerate(zip(way, stays, strict=True), start=1):
            may_wait = resource == "B" and draw(st.booleans())
            shortest = draw(st.integers(0, stay)) if may_wait else None
            rows.append((f"t{number}", sequence, resource, begin, begin + stay, shortest))
            begin += stay
            free[resource] = begin
    names = ["train_id", "sequence", "resource_id", "begin_s", "end_s", "shortest_s"]
    schema = dict.fromkeys(names, pl.Int64) | {"train_id": pl.String, "resource_id": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


@given(paths=timetables(), by=st.integers(0, 100_000))
@settings(max_examples=50, deadline=None)
def test_occupancy_does_not_change_with_a_shift_in_time(paths, by) -> None:
    shifted = paths.with_columns(pl.col("begin_s", "end_s") + by)
    assert compress_paths(shifted).occupancy_s == compress_paths(paths).occupancy_s


@given(paths=timetables())
@settings(max_examples=50, deadline=None)
def test_occupancy_does_not_change_with_names(paths) -> None:
    # The new names sort in another order than the old ones.
    renamed = paths.with_columns(
        train_id=pl.col("train_id").replace({f"t{n}": f"x{9 - n}" for n in range(6)}),
        resource_id=pl.col("resource_id").replace({"A": "z", "AB": "y", "B": "x", "C": "a"}),
    )
    assert compress_paths(renamed).occupancy_s == compress_paths(paths).occupancy_s


@given(paths=timetables(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_removing_a_train_never_raises_the_occupancy(paths, data) -> None:
    gone = data.draw(st.sampled_from(sorted(set(paths["train_id"]))))
    left = paths.filter(pl.col("train_id") != gone)
    assert compress_paths(left).occupancy_s <= compress_paths(paths).occupancy_s


@given(paths=timetables(), data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_longer_blocking_time_never_lowers_the_occupancy(paths, data) -> None:
    # A release time less anywhere is the same law read backwards, and stays free of conflicts.
    row = data.draw(st.integers(0, paths.height - 1))
    numbers = pl.int_range(pl.len())
    shorter = paths.with_columns(
        end_s=pl.when((numbers == row) & pl.col("shortest_s").is_null())
        .then((pl.col("begin_s") + pl.col("end_s")) // 2)
        .otherwise(pl.col("end_s"))
    )
    assert compress_paths(shorter).occupancy_s <= compress_paths(paths).occupancy_s


@given(paths=timetables())
@settings(max_examples=60, deadline=None)
def test_the_occupancy_lies_between_the_busiest_resource_and_the_timetable(paths) -> None:
    found = compress_paths(paths).occupancy_s
    rigid = paths.with_columns(load=pl.coalesce("shortest_s", pl.col("end_s") - pl.col("begin_s")))
    assert found >= rigid.group_by("resource_id").agg(pl.col("load").sum())["load"].max()
    assert found <= paths["end_s"].max() - paths["begin_s"].min()


@given(paths=timetables())
@settings(max_examples=50, deadline=None)
def test_compressed_paths_repeat_without_a_conflict(paths) -> None:
    found = compress_paths(paths)
    begin, end, period = "compressed_begin_s", "compressed_end_s", found.occupancy_s
    for _, group in found.occupations.group_by("resource_id"):
        ordered = group.sort("begin_s", "end_s")
        gaps = (ordered[begin][1:] - ordered[end][:-1]).to_list()
        gaps.append(ordered[begin][0] + period - ordered[end][-1])
        assert min(gaps) >= -1e-6


@given(paths=timetables())
@settings(max_examples=50, deadline=None)
def test_compression_keeps_running_times_and_shortest_stays(paths) -> None:
    rows = compress_paths(paths).occupations.sort("train_id", "sequence")
    stay = rows["compressed_end_s"] - rows["compressed_begin_s"]
    for now, was, shortest in zip(
        stay, rows["end_s"] - rows["begin_s"], rows["shortest_s"], strict=True
    ):
        if shortest is None:
            assert now == pytest.approx(was)
        else:
            assert now >= shortest - 1e-6


@given(paths=timetables())
@settings(max_examples=30, deadline=None)
def test_cutting_a_line_at_a_crossing_station_never_raises_the_highest_occupancy(paths) -> None:
    whole = compress_paths(paths).occupancy_s
    parts = [paths.filter(pl.col("resource_id").is_in(part)) for part in (["A", "AB"], ["BC", "C"])]
    assert max(compress_paths(part).occupancy_s for part in parts) <= whole


@given(paths=timetables(), tracks=st.integers(2, 4))
@settings(max_examples=30, deadline=None)
def test_more_tracks_never_raise_the_occupancy(paths, tracks) -> None:
    assert (
        compress_paths(assign_tracks(paths, {"B": tracks})).occupancy_s
        <= compress_paths(paths).occupancy_s
    )
