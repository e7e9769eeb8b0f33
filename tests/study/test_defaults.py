"""Defaults are named, applied on request only, and counted."""

import polars as pl

from arterial.study import (
    Study,
    apply_defaults,
    list_default_uses,
    list_tables,
    load_schema,
)


def test_a_default_fills_unknown_cells_and_no_others(two_stations: Study) -> None:
    assert two_stations.table("sections")["direction"].to_list() == [None]
    filled = apply_defaults(two_stations, "sections")
    assert filled["direction"].to_list() == ["both"]
    assert filled["is_open"].to_list() == [True]
    assert filled["signalling"].to_list() == [None]
    stated = two_stations.with_tables(
        sections=two_stations.table("sections").with_columns(direction=pl.lit("forward"))
    )
    assert apply_defaults(stated, "sections")["direction"].to_list() == ["forward"]


def test_every_table_keeps_its_columns_and_types(two_stations: Study) -> None:
    for name in list_tables("input"):
        filled = apply_defaults(two_stations, name)
        assert filled.schema == two_stations.table(name).schema, name


def test_every_use_of_a_default_can_be_listed(two_stations: Study) -> None:
    uses = list_default_uses(two_stations, "sections", "calendar_rules")
    assert uses["where"].to_list() == ["sections.direction", "sections.is_open"]
    assert uses["value"].to_list() == ["both", "true"]
    assert uses["uses_count"].to_list() == [1, 1]
    assert tuple(uses.columns) == load_schema("assumptions").columns


def test_no_use_gives_an_empty_list(two_stations: Study) -> None:
    assert list_default_uses(two_stations, "lines").is_empty()
