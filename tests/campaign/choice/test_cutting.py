"""Long assets are cut into workable lengths, whatever the rows of the register."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from arterial.campaign.choice.cutting import cut_assets, list_pieces, name_pieces
from arterial.study.settings import SITE_MARK
from campaign_table_cases import fill, make_tables, work

KM = [work("TR", "track", 0.0, per="km"), work("BR", "bridge", 0.0)]


def make_register(*ends_m: float, kind: str = "track") -> dict[str, pl.DataFrame]:
    """Tables with rows that lie one behind the other."""
    begins = (0.0, *ends_m[:-1])
    rows = [
        {"asset_id": f"A{k}", "kind": kind, "section_id": "S", "from_offset_m": a,
         "to_offset_m": b, "age_y": 30.0, "defect_share": 0.1}
        for k, (a, b) in enumerate(zip(begins, ends_m, strict=True))
    ]  # fmt: skip
    tables = make_tables(work_kinds=KM)
    return {
        **tables,
        "assets": fill("assets", rows),
        "asset_densities": fill("asset_densities", []),
        "inspections": fill("inspections", [{"asset_id": "A0", "state": 4}]),
    }


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_rows_of_whole_kilometres_give_the_pieces_of_rows_of_one(lengths_km):
    ends = [1000.0 * sum(lengths_km[: k + 1]) for k in range(len(lengths_km))]
    short = [1000.0 * (k + 1) for k in range(sum(lengths_km))]
    columns = ("kind", "section_id", "from_offset_m", "to_offset_m", "age_y", "defect_share")
    cut = [cut_assets(make_register(*each))["assets"].select(columns) for each in (ends, short)]
    assert cut[0].equals(cut[1])


@given(st.floats(1.0, 500_000.0))
def test_pieces_fill_the_row_and_are_about_a_kilometre(length_m):
    pieces = cut_assets(make_register(length_m))["assets"]
    lengths = (pieces["to_offset_m"] - pieces["from_offset_m"]).to_list()
    assert sum(lengths) == pytest.approx(length_m)
    assert max(lengths) <= 1500.0 + 1e-6
    assert pieces["asset_id"].is_unique().all()
    assert pieces["to_offset_m"].to_list()[:-1] == pytest.approx(
        pieces["from_offset_m"].to_list()[1:]
    )


def test_what_is_done_by_the_unit_is_done_to_the_whole():
    tables = make_register(20_000.0, kind="bridge")
    assert list_pieces(tables).is_empty()
    assert cut_assets(tables)["assets"].height == 1


def test_an_inspection_of_a_row_is_one_of_each_of_its_pieces():
    cut = cut_assets(make_register(3000.0, 3500.0))
    assert cut["inspections"]["asset_id"].to_list() == ["A0/001", "A0/002", "A0/003"]
    assert cut["assets"]["asset_id"].to_list() == ["A0/001", "A0/002", "A0/003", "A1"]


def test_a_density_of_long_units_becomes_one_of_short_units():
    tables = make_register(500.0)
    density = {"density_id": "D", "kind": "track", "units_per_km": 0.2, "unit_length_m": 5000.0}
    cut = cut_assets({**tables, "asset_densities": fill("asset_densities", [density])})
    assert cut["asset_densities"].select("units_per_km", "unit_length_m").row(0) == (1.0, 1000.0)


def test_wishes_for_a_row_are_wishes_for_its_pieces():
    pieces = list_pieces({**make_register(2000.0), "inspections": fill("inspections", [])})
    assert name_pieces(["A0", "B"], pieces, SITE_MARK) == ["A0/001", "A0/002", "B"]


def test_wishes_for_a_short_row_are_wishes_for_the_piece_that_holds_it():
    ends = [400.0 * (k + 1) for k in range(5)]
    pieces = list_pieces({**make_register(*ends), "inspections": fill("inspections", [])})
    assert name_pieces(["A1:TR"], pieces, SITE_MARK) == ["A0/001:TR"]
    assert name_pieces(["A2"], pieces, SITE_MARK) == ["A0/001", "A2/001"]


@given(
    st.lists(st.integers(1, 8), min_size=1, max_size=4),
    st.lists(st.sampled_from([100.0, 250.0, 400.0, 800.0]), min_size=8, max_size=8),
)
def test_short_rows_end_to_end_give_the_pieces_of_one_long_row(lengths_km, steps_m):
    whole_m = 1000.0 * sum(lengths_km)
    short = np.unique(np.append(np.cumsum(np.tile(steps_m, 200)), whole_m))
    short = short[short <= whole_m].tolist()
    columns = ("kind", "section_id", "from_offset_m", "to_offset_m", "age_y", "defect_share")
    cut = [
        cut_assets({**make_register(*ends), "inspections": fill("inspections", [])})["assets"]
        for ends in ([whole_m], short)
    ]
    assert_frame_equal(cut[0].select(columns), cut[1].select(columns))
    assert cut[1]["asset_id"].is_unique().all()


def test_rows_of_which_another_thing_is_known_stay_apart():
    tables = {**make_register(300.0, 600.0, 900.0), "inspections": fill("inspections", [])}
    older = pl.when(pl.col("asset_id") == "A1").then(50.0).otherwise("age_y").alias("age_y")
    assert list_pieces({**tables, "assets": tables["assets"].with_columns(older)}).is_empty()
    estimate = {"table": "assets", "key": "A1", "attribute": "age_y", "low": 1.0, "best": 30.0,
                "high": 60.0}  # fmt: skip
    assert list_pieces({**tables, "estimates": fill("estimates", [estimate])}).is_empty()
    inspected = fill("inspections", [{"asset_id": "A1", "state": 4}])
    assert list_pieces({**tables, "inspections": inspected}).is_empty()


def test_rows_of_two_tracks_side_by_side_are_two_stretches():
    one = make_register(500.0, 1000.0)["assets"]
    other = one.with_columns(asset_id="B" + pl.col("asset_id"))
    tables = {**make_register(500.0), "inspections": fill("inspections", [])}
    cut = cut_assets({**tables, "assets": pl.concat([one, other])})["assets"]
    assert cut["asset_id"].to_list() == ["A0/001", "BA0/001"]


def test_a_gap_between_rows_stays_a_gap():
    tables = make_register(400.0, 700.0, 1100.0)
    assets = tables["assets"].filter(pl.col("asset_id") != "A1")
    tables = {**tables, "assets": assets, "inspections": fill("inspections", [])}
    assert list_pieces(tables).is_empty()


@pytest.mark.parametrize(("per_km", "told"), [(4.0, (1.0, 1000.0)), (0.4, (0.4, 250.0))])
def test_a_density_of_short_units_without_gaps_is_one_of_kilometres(per_km, told):
    density = {"density_id": "D", "kind": "track", "units_per_km": per_km, "unit_length_m": 250.0}
    tables = make_register(500.0) | {"asset_densities": fill("asset_densities", [density])}
    cut = cut_assets(tables)["asset_densities"]
    assert cut.select("units_per_km", "unit_length_m").row(0) == told
