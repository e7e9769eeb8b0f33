"""Blocks, usage and ranking on a small network, and on the shipped studies."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from arterial.capacity import (
    CapacityNorms,
    MeetScheme,
    ValueRange,
    count_trains,
    find_blocks,
    list_norms,
    list_passing_points,
    rank_bottlenecks,
    typical_step_times,
)
from arterial.errors import StudyError
from arterial.network import build_network
from arterial.study import (
    apply_defaults,
    conform_table,
    empty_table,
    list_tables,
    read_study,
)

STUDIES = Path(__file__).parents[2] / "studies"
DAYS = {"day_from": date(2025, 6, 1), "day_to": date(2025, 6, 30)}


def make_table(name, rows):
    return conform_table(name, pl.DataFrame(rows, infer_schema_length=None), fill_missing=True)


def make_point(name, kind="station", tracks=2):
    return {
        "point_id": name, "name": name, "country": "XX", "zone": "UTC", "kind": kind,
        "tracks_count": tracks, "tracks_grade": "sourced",
    }  # fmt: skip


def make_section(name, begin, end, length, tracks=1, **more):
    return {
        "section_id": name, "line_id": "L", "from_point": begin, "to_point": end,
        "length_km": length, "gauges_mm": "1520", "tracks_count": tracks,
        "tracks_grade": "sourced", "direction": "both", "is_open": True,
        "typical_freight_speed_kmh": 30.0, **more,
    }  # fmt: skip


def make_flow(name, begin, end, trains, *, direction="forward", **more):
    row = {"flow_id": name, "from_point": begin, "to_point": end, "trains_per_day": trains}
    return row | {"category": "freight", "direction": direction, **more}


def make_flows(*rows):
    return make_table("train_flows", list(rows)) if rows else empty_table("train_flows")


@pytest.fixture
def tables():
    """a --8 km-- b (halt) --7 km-- c (loop) --8 km-- d ==double 10 km== e, single but for d-e."""
    rows = {
        "operational_points": [
            make_point("a"), make_point("b", "halt", 1), make_point("c", "loop"),
            make_point("d"), make_point("e", "terminal"),
        ],
        "sections": [
            make_section("S1", "a", "b", 8.0), make_section("S2", "b", "c", 7.0),
            make_section("S3", "c", "d", 8.0), make_section("S4", "d", "e", 10.0, 2),
        ],
        "trains": [
            {"train_id": "7", "number": "7", "calendar_id": "odd", "category": "passenger"}
        ],
        "train_stops": [
            {"train_id": "7", "sequence": 1, "point_id": "a"},
            {"train_id": "7", "sequence": 2, "point_id": "d"},
        ],
        "calendar_rules": [
            {"calendar_id": "odd", "sequence": 1, "pattern": "days_of_month", "days": "1;11;21",
             "effect": "runs"}
        ],
    }  # fmt: skip
    return {name: empty_table(name) for name in list_tables()} | {
        name: make_table(name, found) for name, found in rows.items()
    }


def rank(tables, flows=(), **more):
    times = more.pop("times", None)
    if times is None:
        times = typical_step_times(build_network(tables), tables)
    return rank_bottlenecks(
        build_network(tables), tables, times, make_flows(*flows), **DAYS, **more
    )


def by_ends(table):
    return {(row["from_point"], row["to_point"]): row for row in table.iter_rows(named=True)}


def test_a_block_runs_over_a_halt_to_the_next_loop(tables) -> None:
    blocks = find_blocks(build_network(tables), list_passing_points(tables["operational_points"]))
    assert [(block.from_point, block.to_point) for block in blocks] == [
        ("a", "c"), ("c", "d"), ("d", "e"),
    ]  # fmt: skip
    assert blocks[0].section_ids == ("S1", "S2")
    assert blocks[0].length_km == pytest.approx(15)
    assert blocks[0].points == ("a", "b", "c")


def test_a_block_ends_where_double_track_begins(tables) -> None:
    points = tables["operational_points"].with_columns(tracks_count=pl.lit(1))
    blocks = find_blocks(build_network(tables), list_passing_points(points))
    # The point called a loop has one track here, so that only the change of tracks at d is left.
    assert [(block.from_point, block.to_point) for block in blocks] == [("a", "d"), ("d", "e")]


def test_the_oracle_numbers_come_out_of_a_study(tables) -> None:
    rows = by_ends(rank(tables))
    # 15 km and 8 km at 30 km/h: 30 + 30 + 13 and 16 + 16 + 13 min.
    assert rows["a", "c"]["period_min"] == pytest.approx(73)
    assert rows["c", "d"]["period_min"] == pytest.approx(45)
    assert int(rows["c", "d"]["pairs_per_day"]) == 27
    assert round(rows["a", "c"]["pairs_per_day"]) == 17
    assert rows["c", "d"]["formula"] == (
        "T (both_stop) = 16.0 + 16.0 + 5 + 8 = 45.0 min; N = (1440 - 75) x 0.9 / 45.0 = 27.3"
    )


def test_double_track_counts_following_trains_and_automatic_block_an_interval(tables) -> None:
    double = by_ends(rank(tables))["d", "e"]
    # 10 km at 30 km/h and 4 min: (1440 - 120) 0.9 / 24.
    assert double["method"] == "following_trains"
    assert double["pairs_per_day"] == pytest.approx(1320 * 0.9 / 24)
    signalled = tables | {
        "sections": tables["sections"].with_columns(signalling=pl.lit("automatic block"))
    }
    automatic = by_ends(rank(signalled))["d", "e"]
    assert automatic["method"] == "automatic_block"
    assert automatic["pairs_per_day"] == pytest.approx(1320 * 0.9 / 9)
    semi = tables | {
        "sections": tables["sections"].with_columns(signalling=pl.lit("semi-automatic block"))
    }
    assert by_ends(rank(semi))["d", "e"]["method"] == "following_trains"


def test_the_busier_direction_is_what_is_used(tables) -> None:
    flows = [
        make_flow("coal", "a", "e", 5.0),
        make_flow("empties", "a", "e", 3.0, direction="backward"),
    ]
    known = {"table": "train_flows", "key": "coal", "attribute": "trains_per_day"}
    estimates = make_table("estimates", [known | {"low": 4.0, "best": 5.0, "high": 8.0}])
    row = by_ends(rank(tables | {"estimates": estimates}, flows))["c", "d"]
    # The train runs on 3 of 30 days and takes 1.2 freight pairs; on a busy day a whole path.
    assert row["trains_up_per_day"] == pytest.approx(5.1)
    assert row["trains_down_per_day"] == pytest.approx(3.0)
    assert row["used_pairs_per_day"] == pytest.approx(5.1)
    assert row["used_pairs_per_day_high"] == pytest.approx(9.0)
    assert row["used_share"] == pytest.approx((5 + 0.1 * 1.2) / row["pairs_per_day"])
    assert row["used_share_high"] == pytest.approx((8 + 1.6) / row["pairs_per_day_low"])


def test_a_figure_is_no_surer_than_the_flow_it_rests_on(tables) -> None:
    grades = {
        grade: by_ends(rank(tables, [make_flow("f", "a", "c", 5.0, grade=grade)]))
        for grade in ("sourced", "assumption")
    }
    assert grades["sourced"]["a", "c"]["grade"] == "estimate"
    assert grades["assumption"]["a", "c"]["grade"] == "assumption"
    assert grades["assumption"]["c", "d"]["grade"] == "estimate"


def test_the_ranking_begins_with_the_most_used(tables) -> None:
    table = rank(tables, [make_flow("f", "d", "e", 40.0), make_flow("g", "a", "c", 1.0)])
    assert table["rank"].to_list() == [1, 2, 3]
    assert table["to_point"].to_list() == ["e", "c", "d"]
    assert table["used_share"].to_list() == sorted(table["used_share"], reverse=True)


def test_ranges_of_speed_carry_through_to_pairs(tables) -> None:
    speeds = {
        "table": "sections", "key": "S3", "attribute": "typical_freight_speed_kmh",
        "low": 20.0, "best": 30.0, "high": 60.0,
    }  # fmt: skip
    row = by_ends(rank(tables | {"estimates": make_table("estimates", [speeds])}))["c", "d"]
    assert row["running_up_low_s"] == pytest.approx(480)
    assert row["running_up_high_s"] == pytest.approx(1440)
    # Shortest: 8 + 8 + (1 + 2) + (3 + 2) min, 60 min window, 0.94.
    assert row["period_low_min"] == pytest.approx(24)
    assert row["pairs_per_day_high"] == pytest.approx(1380 * 0.94 / 24)
    assert row["pairs_per_day_low"] < row["pairs_per_day"] < row["pairs_per_day_high"]


def test_what_is_unknown_stays_unknown_and_comes_last(tables) -> None:
    sections = tables["sections"].with_columns(
        typical_freight_speed_kmh=pl.when(pl.col("section_id") == "S2").then(None).otherwise(30.0),
        tracks_count=pl.when(pl.col("section_id") == "S3").then(None).otherwise("tracks_count"),
    )
    table = rank(tables | {"sections": sections}, [make_flow("f", "a", "e", 2.0)])
    last = table.row(-1, named=True)
    assert (last["from_point"], last["pairs_per_day"], last["used_share"]) == ("a", None, None)
    assert last["used_pairs_per_day"] == pytest.approx(2.1)
    assert "Running time unknown." in last["note"]
    guessed = by_ends(table)["c", "d"]
    assert (guessed["method"], guessed["grade"]) == ("single_line_period", "assumption")
    assert "counted as one" in guessed["note"]


def test_a_time_known_one_way_stands_for_the_other_and_says_so(tables) -> None:
    times = pl.DataFrame({"from_point": ["c"], "to_point": ["d"], "running_s": [960.0]})
    row = by_ends(rank(tables, times=times))["c", "d"]
    assert row["running_down_s"] == 960
    assert "one direction taken for the other" in row["note"]


def test_times_between_passing_points_are_taken_as_they_are(tables) -> None:
    rows = {"from_point": ["a", "c"], "to_point": ["c", "a"], "running_s": [1000.0, 1100.0]}
    row = by_ends(rank(tables, times=pl.DataFrame(rows)))["a", "c"]
    assert (row["running_up_s"], row["running_down_s"]) == (1000, 1100)


def test_stretches_that_seem_to_lack_points_come_behind_the_others(tables) -> None:
    sections = tables["sections"].with_columns(
        length_km=pl.when(pl.col("section_id") == "S1").then(60.0).otherwise("length_km")
    )
    table = rank(tables | {"sections": sections}, [make_flow("f", "a", "e", 3.0)])
    last = table.row(-1, named=True)
    assert last["from_point"] == "a"
    assert last["used_share"] == table["used_share"].max()
    assert last["note"].startswith("67 km without a passing point")


def test_the_norms_decide_and_are_listed(tables) -> None:
    norms = CapacityNorms(scheme=MeetScheme.LEAVE_MOVING, single_window_min=ValueRange.exactly(0))
    row = by_ends(rank(tables, norms=norms))["c", "d"]
    assert row["period_min"] == pytest.approx(32 + 2 * (2 + 2))
    listed = {item["name"]: item for item in list_norms(norms).iter_rows(named=True)}
    assert listed["scheme"]["value"] == "leave_moving"
    assert [name for name, item in listed.items() if not item["is_default"]] == [
        "scheme", "single_window_min",
    ]  # fmt: skip
    assert all(item["source"] for item in listed.values())


def test_every_flow_without_a_way_is_named(tables) -> None:
    flows = [make_flow("f", "a", "nowhere", 1.0), make_flow("g", "gone", "e", 1.0)]
    with pytest.raises(StudyError) as caught:
        rank(tables, flows)
    assert "Flow f" in str(caught.value)
    assert "Flow g" in str(caught.value)


def test_a_flow_of_unknown_size_is_not_counted_as_one(tables) -> None:
    network = build_network(tables)
    flows = make_flows(make_flow("f", "a", "c", None), make_flow("g", "c", "d", 2.0))
    counts = count_trains(network, tables, flows, **DAYS)
    assert counts["S1", "a", "b"].freight.best == 0
    assert counts["S3", "c", "d"].freight.best == 2


def test_a_flow_runs_both_ways_unless_it_says_otherwise(tables) -> None:
    flows = make_flows(make_flow("f", "a", "c", 4.0, direction="both"))
    counts = count_trains(build_network(tables), tables, flows, **DAYS)
    assert counts["S1", "a", "b"].freight.best == counts["S1", "b", "a"].freight.best == 4


def test_a_flow_counts_on_the_days_on_which_it_is_valid(tables) -> None:
    last = make_flow("f", "a", "c", 4.0, first_day=date(2025, 6, 16))
    gone = make_flow("g", "a", "c", 9.0, last_day=date(2025, 5, 31))
    counts = count_trains(build_network(tables), tables, make_flows(last, gone), **DAYS)
    freight = counts["S1", "a", "b"].freight
    # 15 of 30 days; on such a day all four run.
    assert (freight.best, freight.high) == (2, 4)


def test_a_closed_section_is_no_block(tables) -> None:
    sections = tables["sections"].with_columns(is_open=pl.col("section_id") != "S4")
    rows = by_ends(rank(tables | {"sections": sections}))
    assert ("d", "e") not in rows
    assert ("c", "d") in rows


@pytest.mark.parametrize("name", ["two_stations", "pyongyang_moscow", "pyongyang_beijing"])
def test_every_stretch_of_a_shipped_study_is_ranked(name) -> None:
    study = read_study(STUDIES / name)
    tables = {table: apply_defaults(study, table) for table in study.tables}
    network = build_network(tables)
    settings = study.settings
    table = rank_bottlenecks(
        network,
        tables,
        typical_step_times(network, tables),
        empty_table("train_flows"),
        day_from=settings.horizon_from,
        day_to=settings.horizon_to,
    )
    assert table["block_id"].n_unique() == table.height
    assert table["length_km"].sum() == pytest.approx(float(network.step_length_km.sum()))
    known = table.drop_nulls("pairs_per_day")
    assert (known["pairs_per_day_low"] <= known["pairs_per_day"]).all()
    assert (known["pairs_per_day"] <= known["pairs_per_day_high"]).all()
    assert table["used_pairs_per_day"].max() > 0
