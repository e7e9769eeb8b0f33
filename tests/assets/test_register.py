"""The register: own rows first, then what densities say, in places that stay."""

import datetime as dt

import polars as pl
import pytest

from arterial.assets.register import EVEN, build_register
from arterial.errors import LimitError
from asset_cases import (
    AS_OF,
    SECTIONS,
    make_densities,
    make_density,
    make_section,
    make_table,
    make_tables,
)


def build(*densities: dict, draw: int = -1, seed: int = 7, **tables: pl.DataFrame) -> pl.DataFrame:
    given = {**tables, "asset_densities": make_densities(*densities)} if densities else tables
    return build_register(make_tables(**given), as_of=AS_OF, seed=seed, draw=draw)


def test_units_are_density_times_length() -> None:
    register = build(make_density("T", "turnout", 0.92))
    # 0.92 x 30, 10 and 20 km = 27.6, 9.2 and 18.4
    assert register["section_id"].value_counts().sort("section_id")["count"].to_list() == [
        28,
        9,
        18,
    ]
    assert register["asset_id"].n_unique() == 55
    assert register["is_generated"].all()


def test_track_is_cut_into_contiguous_pieces_of_the_whole_section() -> None:
    track = build(make_density("T", "track", 1.0, unit_length_m=1000.0)).filter(section_id="S1")
    assert track.height == 30
    assert track["from_offset_m"].to_list() == [1000.0 * km for km in range(30)]
    assert track["to_offset_m"].to_list() == [1000.0 * (km + 1) for km in range(30)]
    assert track["asset_id"][0] == "S1.track.0001"


def test_units_with_a_length_do_not_overlap() -> None:
    bridges = build(make_density("B", "bridge", 0.6, unit_length_m=50.0)).filter(section_id="S1")
    assert bridges.height == 18
    gaps = bridges["from_offset_m"][1:] - bridges["to_offset_m"][:-1]
    assert gaps.min() >= -1e-9
    assert bridges["to_offset_m"].max() <= 30_000.0


def test_the_first_turnouts_lie_at_stations() -> None:
    few = build(make_density("T", "turnout", 0.2)).filter(section_id="S1")
    counts = few["point_id"].value_counts()
    assert sorted(counts["count"].to_list()) == [1, 1, 2, 2]
    assert set(counts["point_id"].to_list()) == {"A", "B", "C", "D"}
    place_m = {"A": 0.0, "B": 10_000.0, "C": 18_000.0, "D": 30_000.0}
    for row in few.iter_rows(named=True):
        assert abs(row["from_offset_m"] - place_m[row["point_id"]]) <= 450.0


def test_turnouts_beyond_ten_a_station_lie_between_stations() -> None:
    many = build(make_density("T", "turnout", 2.0)).filter(section_id="S1")
    assert many.height == 60
    assert many["point_id"].null_count() == 20
    assert many.filter(point_id="B").height == 10


def test_the_most_specific_density_counts() -> None:
    densities = (
        make_density("ALL", "bridge", 0.1),
        make_density("RAILWAY", "bridge", 0.2, railway_id="R1"),
        make_density("LINE", "bridge", 0.3, line_id="L1"),
        make_density("SECTION", "bridge", 0.5, section_id="S2"),
    )
    register = build(*densities)
    basis = dict(register.group_by("section_id").agg(pl.col("basis").first()).iter_rows())
    assert basis == {
        "S1": "density LINE of line L1",
        "S2": "density SECTION of section S2",
        "S3": "density ALL of all sections",
    }
    by_railway = build(*densities[:2])
    assert by_railway.filter(section_id="S2")["basis"][0] == "density RAILWAY of railway R1"


def test_a_section_with_rows_of_a_kind_gets_none_generated() -> None:
    own = make_table(
        "assets",
        {"asset_id": "MINE", "kind": "bridge", "section_id": "S1", "from_offset_m": 500.0},
    )
    register = build(
        make_density("B", "bridge", 0.5), make_density("T", "turnout", 0.5), assets=own
    )
    on_s1 = register.filter(section_id="S1")
    assert on_s1.filter(kind="bridge")["asset_id"].to_list() == ["MINE"]
    assert on_s1.filter(kind="turnout").height == 15
    assert register.filter(section_id="S3", kind="bridge").height == 10


def test_an_own_row_keeps_what_it_says_and_takes_its_age_from_the_day() -> None:
    own = make_table(
        "assets",
        {
            "asset_id": "T1",
            "kind": "turnout",
            "section_id": "S3",
            "from_offset_m": 10.0,
            "age_y": 3.0,
            "installed": dt.date(2006, 1, 1),
            "units_count": 4,
        },
    )
    row = build(assets=own).row(0, named=True)
    assert row["age_y"] == pytest.approx(20.0, abs=0.01)
    assert (row["units_count"], row["railway_id"], row["basis"]) == (4, "R2", "register")
    assert row["is_generated"] is False


def test_contact_line_is_generated_only_where_there_is_one() -> None:
    register = build(make_density("C", "catenary", 0.2, unit_length_m=5000.0))
    assert set(register["section_id"].to_list()) == {"S1", "S3"}


def test_a_closed_section_gets_nothing() -> None:
    closed = make_section("S1", "L1", "R1", "A-D", is_open=False)
    tables = make_tables(
        closed, *SECTIONS[1:], asset_densities=make_densities(make_density("B", "bridge", 0.5))
    )
    register = build_register(tables, as_of=AS_OF, seed=7)
    assert set(register["section_id"].to_list()) == {"S2", "S3"}


def test_ages_lie_within_their_range_and_differ_between_draws() -> None:
    density = make_density("B", "bridge", 3.0, age_low_y=60.0, age_y=80.0, age_high_y=100.0)
    shown, first, again = build(density), build(density, draw=0), build(density, draw=0)
    for register in (shown, first):
        assert register["age_y"].is_between(60.0, 100.0).all()
    assert first.equals(again)
    assert not shown["age_y"].equals(first["age_y"])
    assert shown["from_offset_m"].equals(first["from_offset_m"])


def test_unknown_ages_stay_unknown() -> None:
    assert build(make_density("B", "bridge", 0.5))["age_y"].null_count() == 30


def test_shares_of_bad_sleepers_keep_their_mean_and_are_alike_between_neighbours() -> None:
    long = make_section("S1", "L9", "R1", "A-B", length_km=4000.0)
    density = make_density("T", "track", 1.0, unit_length_m=1000.0, defect_share=0.1)
    tables = make_tables(long, asset_densities=make_densities(density))
    share = build_register(tables, as_of=AS_OF, seed=3)["defect_share"]
    assert share.len() == 4000
    assert share.mean() == pytest.approx(0.1, rel=0.05)
    assert share.std() == pytest.approx(0.05, rel=0.1)
    # exp(-1 km / 3 km) = 0.717 between the normal ranks, a little less between the shares
    after = pl.DataFrame({"here": share[:-1], "next": share[1:]})
    assert after.select(pl.corr("here", "next")).item() == pytest.approx(0.7, abs=0.05)


def test_more_units_leave_the_places_of_the_others() -> None:
    few = build(make_density("B", "bridge", 0.4, unit_length_m=50.0, age_y=1.0, age_high_y=9.0))
    more = build(make_density("B", "bridge", 0.6, unit_length_m=50.0, age_y=1.0, age_high_y=9.0))
    both = few.join(more, on="asset_id", how="left", suffix="_more")
    assert both["from_offset_m_more"].null_count() == 0
    for column in ("from_offset_m", "age_y"):
        assert both[column].equals(both[f"{column}_more"].alias(column))


def test_a_slip_in_a_density_is_told_before_memory_runs_out() -> None:
    with pytest.raises(LimitError, match=r"correct units_per_km in tables/asset_densities\.csv"):
        build(make_density("B", "bridge", 1000.0 * 60))


def test_a_draw_below_those_that_have_a_name_is_refused() -> None:
    with pytest.raises(LimitError, match="A draw is -1"):
        build(draw=EVEN - 1)


def test_without_densities_and_rows_there_are_no_assets() -> None:
    assert build().is_empty()


@pytest.mark.parametrize("column", ["age_y", "defect_share"])
def test_the_even_picture_hangs_on_no_seed_and_has_the_mean_of_its_range(column: str) -> None:
    density = make_density(
        "T", "track", 1.0, unit_length_m=1000.0, age_low_y=1.0, age_y=15.0, age_high_y=35.0,
        defect_share=0.1,
    )  # fmt: skip
    pictures = [build(density, seed=seed, draw=EVEN) for seed in (1, 2)]
    assert pictures[0].equals(pictures[1])
    assert not pictures[0][column].is_sorted()
    # The mean of the distribution: (1 + 15 + 35) / 3 years, one in ten sleepers.
    expected = {"age_y": 17.0, "defect_share": 0.1}[column]
    assert pictures[0][column].mean() == pytest.approx(expected, rel=0.03)
