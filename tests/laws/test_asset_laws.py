"""Laws of assets: what must hold for every register, condition and draw."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arterial.assets.parameters import load_parameter_set
from arterial.assets.register import build_register
from arterial.assets.states import ASSET_KINDS, assess_assets, assess_renewed
from asset_cases import (
    AS_OF,
    SECTIONS,
    make_densities,
    make_density,
    make_section,
    make_table,
    make_tables,
)

PARAMETERS = load_parameter_set("literature_2026")
MATERIALS = [None, "timber_softwood", "timber_hardwood", "concrete", "concrete_early", "steel"]

shares = st.none() | st.floats(0.0, 1.0)
assets = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(ASSET_KINDS),
            "section_id": st.sampled_from(["S1", "S2", "S3"]),
            "from_offset_m": st.floats(0.0, 5000.0),
            "to_offset_m": st.none() | st.floats(5000.0, 9000.0),
            "units_count": st.integers(1, 20),
            "material": st.sampled_from(MATERIALS),
            "is_powered": st.sampled_from([None, True, False]),
            "age_y": st.none() | st.floats(0.0, 120.0),
            "state": st.none() | st.integers(1, 5),
            "annual_tonnage_mgt": st.none() | st.floats(0.0, 120.0),
        }
    ),
    min_size=1,
    max_size=12,
)


def assess(rows: list[dict], draw: int) -> pl.DataFrame:
    named = [{"asset_id": f"X{n}", **row} for n, row in enumerate(rows)]
    tables = make_tables(assets=make_table("assets", *named))
    register = build_register(tables, as_of=AS_OF, seed=2, draw=draw)
    parameters = PARAMETERS.draw(2, draw)
    return assess_assets(register, tables, parameters, as_of=AS_OF, seed=2, draw=draw).states


@settings(deadline=None, max_examples=40)
@given(assets, st.integers(-1, 5), st.lists(shares, min_size=12, max_size=12))
def test_a_renewed_asset_is_never_worse(rows: list[dict], draw: int, found: list) -> None:
    rows = [
        {**row, "defect_share": share if row["kind"] in {"track", "turnout"} else None}
        for row, share in zip(rows, found, strict=False)
    ]
    before = assess(rows, draw)
    after = assess_renewed(before, before["asset_id"].to_list(), PARAMETERS.draw(2, draw))
    for column in (
        "failure_rate_per_year",
        "failure_rate_low_per_year",
        "failure_rate_high_per_year",
        "derailments_per_million_train_km_low",
        "derailments_per_million_train_km",
        "derailments_per_million_train_km_high",
        "state",
        "defect_share",
    ):
        worse = after[column] > before[column] * (1 + 1e-12)
        assert not worse.fill_null(value=False).any(), column
    assert (after["track_class"] >= before["track_class"]).drop_nulls().all()
    assert after["speed_limit_kmh"].null_count() == after.height
    ends = after.select(pl.col("^failure_rate.*$"))
    assert (ends["failure_rate_low_per_year"] <= ends["failure_rate_per_year"]).all()
    assert (ends["failure_rate_per_year"] <= ends["failure_rate_high_per_year"]).all()


@settings(deadline=None, max_examples=25)
@given(assets, st.integers(-1, 5))
def test_renewal_in_the_states_is_that_in_the_register(rows: list[dict], draw: int) -> None:
    """Failures after `assess_renewed` are those of the same asset entered as new."""
    before = assess(rows, draw)
    after = assess_renewed(before, before["asset_id"].to_list(), PARAMETERS.draw(2, draw))
    as_new = assess([{**row, "age_y": 0.0, "state": 1} for row in rows], draw)
    known = pl.DataFrame(
        {"after": after["failure_rate_per_year"], "new": as_new["failure_rate_per_year"]}
    )
    assert after["asset_id"].equals(as_new["asset_id"])
    assert (known["after"] <= known["new"] * (1 + 1e-9)).all()
    assert known["after"].to_list() == pytest.approx(
        pl.select(pl.min_horizontal(known["new"], before["failure_rate_per_year"]))
        .to_series()
        .to_list()
    )


@settings(deadline=None, max_examples=25)
@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30), st.integers(-1, 8))
def test_more_bad_sleepers_never_raise_class_or_speed(found: list[float], draw: int) -> None:
    rows = [
        {"kind": kind, "section_id": "S1", "from_offset_m": 0.0, "age_y": 5.0, "defect_share": s}
        for kind in ("track", "turnout")
        for s in sorted(found)
    ]
    states = assess(rows, draw).sort("kind", "defect_share")
    for _, group in states.group_by("kind"):
        assert (group.sort("defect_share")["track_class"].diff().drop_nulls() <= 0).all()
        speed = group.sort("defect_share")["speed_limit_kmh"].fill_null(999.0)
        assert (speed.diff().drop_nulls() <= 0).all()


@settings(deadline=None, max_examples=25)
@given(st.floats(0.0, 100.0), st.floats(0.0, 60.0), st.sampled_from(["turnout", "catenary"]))
def test_an_older_asset_never_fails_less(age_y: float, more_y: float, kind: str) -> None:
    row = {"kind": kind, "section_id": "S1", "from_offset_m": 0.0}
    rates = assess([{**row, "age_y": age_y}, {**row, "age_y": age_y + more_y}], -1).sort(
        "asset_id"
    )["failure_rate_per_year"]
    assert rates[0] <= rates[1] * (1 + 1e-12)


densities = st.fixed_dictionaries(
    {
        "units_per_km": st.floats(0.0, 5.0),
        "unit_length_m": st.none() | st.floats(200.0, 3000.0),
        "age_y": st.none() | st.floats(0.0, 40.0),
        "age_high_y": st.none() | st.floats(40.0, 60.0),
    }
)


def generate(kind: str, density: dict, *sections: dict, draw: int = -1) -> pl.DataFrame:
    row = make_density("D", kind, density["units_per_km"])
    share = 0.1 if kind in {"track", "turnout"} else None
    table = make_densities({**row, **density, "defect_share": share})
    tables = make_tables(*sections, asset_densities=table)
    return build_register(tables, as_of=AS_OF, seed=4, draw=draw)


@settings(deadline=None, max_examples=40)
@given(densities, st.sampled_from(ASSET_KINDS), st.integers(-1, 3))
def test_a_further_section_leaves_the_assets_of_the_others(
    density: dict, kind: str, draw: int
) -> None:
    few = generate(kind, density, *SECTIONS[:2], draw=draw)
    new = make_section("S0", "L2", "R1", "E-F", length_km=20.0)
    more = generate(kind, density, new, *SECTIONS, draw=draw)
    assert more.filter(pl.col("section_id").is_in(["S1", "S2"])).equals(few)


@settings(deadline=None, max_examples=40)
@given(densities, st.sampled_from(ASSET_KINDS))
def test_units_add_up_to_density_times_length(density: dict, kind: str) -> None:
    register = generate(kind, density, *SECTIONS)
    for section in SECTIONS:
        if kind == "catenary" and section["electrification"] == "none":
            continue
        length_km, unit_m = section["length_km"], density["unit_length_m"]
        wanted = density["units_per_km"] * length_km
        if unit_m is not None:
            wanted = min(wanted, max(round(length_km * 1000 / unit_m), 1))
        found = register.filter(pl.col("section_id") == section["section_id"])
        assert abs(found.height - wanted) <= 0.5 + 1e-9
        offsets = pl.concat([found["from_offset_m"], found["to_offset_m"].drop_nulls()])
        assert offsets.is_between(0.0, length_km * 1000 + 1e-6).all()
        assert found["asset_id"].n_unique() == found.height
