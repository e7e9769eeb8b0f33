"""What the page is given of simulated operations: parts sum to what they were, long lists end."""

import polars as pl
import pytest

from arterial.report.columns import display_tables
from arterial.report.reliability import (
    LISTED_CAUSES,
    LISTED_SECTIONS,
    RELIABILITY_TABLES,
    keep_main_causes,
    keep_main_sections,
    list_worst_assets,
)
from reliability_cases import spread


def cause(cause_id: str, parent: str | None, minutes: float, rank: int | None) -> dict:
    return {
        "service_id": "S",
        "group_id": "all",
        "cause_id": cause_id,
        "parent_id": parent,
        "cause": "turnout" if parent else None,
        "name": cause_id,
        "rank": rank,
        **spread("delay_min", minutes),
        **spread("primary_min", minutes),
        **spread("knock_on_min", 0.0),
        "share": minutes / 210,
    }


@pytest.fixture
def many_causes() -> pl.DataFrame:
    # 20 turnouts with 1 to 20 min: 210 min in all.
    leaves = [cause(f"T{n}", "kind", float(n), 21 - n) for n in range(1, 21)]
    rows = [cause("total", None, 210.0, None), cause("kind", "total", 210.0, None), *leaves]
    return pl.DataFrame(rows, infer_schema_length=None)


def test_the_rest_of_a_kind_is_one_row_and_the_sum_stays(many_causes):
    kept = keep_main_causes(many_causes)
    parts = kept.filter(pl.col("parent_id") == "kind")
    assert parts.height == LISTED_CAUSES + 1
    assert {"T20", "T11"} <= set(parts["cause_id"])
    rest = parts.filter(pl.col("cause_id").str.ends_with(":others")).row(0, named=True)
    # The ten smallest: 1 + 2 + ... + 10.
    assert rest["delay_min"] == 55.0
    assert rest["name"] == "10 others"
    assert rest["delay_min_low"] is None
    assert parts["delay_min"].sum() == 210.0


def test_a_kind_with_few_parts_is_given_whole(many_causes):
    few = many_causes.filter(pl.col("rank").is_null() | (pl.col("rank") <= LISTED_CAUSES + 1))
    assert keep_main_causes(few).height == few.height


def test_a_deep_cause_among_the_first_keeps_its_branch(many_causes):
    # A branch of 0.5 min would not be listed, were its only asset not the first in rank.
    deep = [cause("B", "kind", 0.5, None), cause("A", "B", 0.5, 1), cause("C", "T20", 0.4, 40)]
    rows = pl.concat([many_causes, pl.DataFrame(deep, infer_schema_length=None)], how="diagonal")
    kept = keep_main_causes(rows)["cause_id"].to_list()
    assert {"A", "B"} <= set(kept)
    assert "C" not in kept


def test_causes_of_single_trips_are_left_out(many_causes):
    trips = many_causes.with_columns(group_id=pl.lit("S@2025-06-17"))
    assert keep_main_causes(trips).is_empty()


def test_sections_beyond_the_listed_are_one_row_without_a_name():
    rows = [
        {
            "section_id": f"S{n}",
            "train_km_per_year": 10.0,
            "mean_class": 2.0,
            "derailments_per_year_low": 0.5 * n,
            "derailments_per_year": float(n),
            "derailments_per_year_high": 2.0 * n,
        }
        for n in range(1, LISTED_SECTIONS + 4)
    ]
    kept = keep_main_sections(pl.DataFrame(rows))
    rest = kept.filter(pl.col("section_id").is_null()).row(0, named=True)
    # The three least of them: 1 + 2 + 3.
    assert rest["derailments_per_year"] == 6.0
    assert rest["derailments_per_year_low"] == 3.0
    assert rest["train_km_per_year"] == 30.0
    assert kept["section_id"][0] == f"S{LISTED_SECTIONS + 3}"


def asset_tables() -> dict[str, pl.DataFrame]:
    minutes = ("primary", "knock_on", "restriction")
    effects = [
        {
            "asset_id": f"A{n}",
            "kind": "turnout" if n < 3 else "bridge",
            "section_id": "S",
            "rank": n,
            "failures_per_year": 1.0,
            **{f"{part}_delay_min_per_year": 60.0 / n for part in minutes},
            "derailments_per_year_low": 0.00001,
            "derailments_per_year": 0.000123456,
            "derailments_per_year_high": 0.001,
        }
        for n in (1, 2, 3)
    ]
    states = [
        {
            "asset_id": f"A{n}",
            "latitude_deg": 40.0 if n != 2 else None,
            "longitude_deg": 129.0,
            "is_generated": n != 1,
            "units_count": 2,
        }
        for n in (1, 2, 3)
    ]
    return list_worst_assets(pl.DataFrame(states), pl.DataFrame(effects))


def test_assets_are_summed_by_kind_and_drawn_where_they_lie():
    tables = asset_tables()
    kinds = {row["kind"]: row for row in tables["asset_kinds"].iter_rows(named=True)}
    # Three parts of an hour each, and of half an hour each.
    assert kinds["turnout"]["delay_h"] == pytest.approx(4.5)
    assert kinds["turnout"]["generated_count"] == 1
    assert kinds["bridge"]["assets_count"] == 1
    by_section = tables["asset_sections"].select("section_id", "kind", "delay_h")
    assert by_section.row(0) == ("S", "turnout", 4.5)
    assert tables["asset_places"]["rank"].to_list() == [1, 3]
    assert tables["worst_assets"]["rank"].to_list() == [1, 2, 3]


def test_small_rates_keep_their_figures():
    assert asset_tables()["worst_assets"]["derailments_per_year"][0] == 0.0001235


def test_a_run_without_simulation_shows_the_same_tables_as_before(study, results):
    empty = {name: pl.DataFrame(schema={"group_id": pl.String}) for name in RELIABILITY_TABLES}
    plain = display_tables(study, results)
    assert list(display_tables(study, {**results, **empty})) == list(plain)
    assert not set(plain) & {*RELIABILITY_TABLES, "worst_assets", "trip_delays"}


def test_thousands_of_assets_and_all_trips_stay_small(study, simulated):
    tables = display_tables(study, simulated)
    assert "asset_states" not in tables
    assert tables["trip_delays"]["group_id"].n_unique() == simulated["trips"].height
    assert set(tables["handover_risks"]["group_id"]) == {"works", "all"}
