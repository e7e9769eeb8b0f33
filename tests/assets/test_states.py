"""States: what age, sleepers, state and inspections make of each asset."""

import datetime as dt

import polars as pl
import pytest

from arterial.assets.parameters import load_parameter_set
from arterial.assets.register import build_register
from arterial.assets.states import assess_assets, assess_renewed, find_seasons
from arterial.study.schema import load_schema
from asset_cases import AS_OF, make_densities, make_density, make_table, make_tables

PARAMETERS = load_parameter_set("literature_2026")


def assess(*assets: dict, draw: int = -1, **more: pl.DataFrame) -> pl.DataFrame:
    """States of own assets on the section S1, whose limit is 60 km/h."""
    rows = [
        {"asset_id": f"X{n}", "section_id": "S1", "from_offset_m": 1000.0 * n, **asset}
        for n, asset in enumerate(assets)
    ]
    tables = make_tables(**({"assets": make_table("assets", *rows)} if rows else {}), **more)
    register = build_register(tables, as_of=AS_OF, seed=5, draw=draw)
    return assess_assets(register, tables, PARAMETERS, as_of=AS_OF, seed=5, draw=draw).states


def track(**more: object) -> dict:
    return {"kind": "track", "to_offset_m": 1000.0, "age_y": 10.0, **more}


def inspect(day: str, **found: object) -> pl.DataFrame:
    row = {"asset_id": "X0", "inspected_on": dt.date.fromisoformat(day), **found}
    return make_table("inspections", row)


def test_the_table_has_the_columns_of_its_schema() -> None:
    assert tuple(assess(track()).columns) == load_schema("asset_states").columns


def test_a_turnout_fails_as_its_power_law_says_over_the_coming_year() -> None:
    rate = assess({"kind": "turnout", "age_y": 24.0, "units_count": 2})["failure_rate_per_year"]
    # scale 4.463 y: (25 / 4.463)^1.5 - (24 / 4.463)^1.5 = 13.25 - 12.463
    assert rate.item() == pytest.approx(2 * 0.787, abs=0.002)


def test_a_turnout_thrown_by_hand_fails_three_tenths_as_often() -> None:
    rates = assess(
        {"kind": "turnout", "age_y": 10.0}, {"kind": "turnout", "age_y": 10.0, "is_powered": False}
    )["failure_rate_per_year"]
    assert rates[1] == pytest.approx(0.3 * rates[0])


@pytest.mark.parametrize(
    ("asset", "rate"),
    [
        ({"kind": "signalling", "units_count": 3}, 1.5),
        ({"kind": "catenary", "to_offset_m": 5000.0, "age_y": 10.0}, 0.05),
        ({"kind": "catenary", "to_offset_m": 5000.0, "age_y": 40.0}, 0.2),
        ({"kind": "tunnel", "to_offset_m": 500.0}, 0.01),
        ({"kind": "bridge", "state": 5}, 0.04),
        # timber is jointed: 0.1 failures of joints a kilometre
        (track(material="timber_softwood", to_offset_m=2000.0), 0.2),
        (track(material="concrete"), 0.0),
    ],
)
def test_other_kinds_fail_by_units_and_kilometres(asset: dict, rate: float) -> None:
    assert assess(asset)["failure_rate_per_year"].item() == pytest.approx(rate)


def test_the_range_of_a_rate_holds_the_rate() -> None:
    states = assess(
        track(annual_tonnage_mgt=40.0),
        {"kind": "turnout", "age_y": 12.0},
        {"kind": "bridge", "state": 2},
        {"kind": "embankment", "state": 3, "to_offset_m": 3000.0},
        {"kind": "signalling"},
    )
    low, best, high = (states[f"failure_rate{end}_per_year"] for end in ("_low", "", "_high"))
    assert (low < best).all()
    assert (best < high).all()


@pytest.mark.parametrize(
    ("share", "track_class", "limit_kmh", "state"),
    [
        (0.02, 5, None, 1),
        # class 3 allows 97 km/h, more than the 60 km/h of the section
        (0.1, 3, None, 3),
        # 15 mph = 24.1 km/h
        (0.2, 1, 25.0, 5),
        # 10 mph = 16.1 km/h
        (0.4, 0, 15.0, 5),
    ],
)
def test_bad_sleepers_lower_class_and_speed(
    share: float, track_class: int, limit_kmh: float | None, state: int
) -> None:
    row = assess(track(defect_share=share)).row(0, named=True)
    assert row["track_class"] == track_class
    assert row["speed_limit_kmh"] == limit_kmh
    assert row["state"] == state


def test_a_condition_that_allows_the_stated_speed_restricts_nothing() -> None:
    """15 mph is 24.1 km/h, which a line of 25 km/h takes for its own limit."""
    slow = make_tables()["sections"].with_columns(passenger_speed_limit_kmh=pl.lit(25.0))
    assert assess(track(defect_share=0.2), sections=slow)["speed_limit_kmh"].item() is None


def test_track_without_a_known_share_takes_that_of_its_age() -> None:
    row = assess(track(material="timber_softwood", age_y=15.0)).row(0, named=True)
    assert row["defect_share"] == pytest.approx(0.48, abs=0.005)
    assert row["basis"] == "register; sleepers by age"


def test_derailments_are_those_of_the_class() -> None:
    row = assess(track(defect_share=0.2)).row(0, named=True)
    assert row["derailments_per_million_train_km_low"] == pytest.approx(0.88, abs=0.005)
    assert row["derailments_per_million_train_km"] == pytest.approx(5.2, abs=0.05)
    assert row["derailments_per_million_train_km_high"] == pytest.approx(30.2, abs=0.05)


def test_only_lines_with_signals_that_follow_trains_count_as_signalled() -> None:
    def rate(signalling: str) -> float:
        sections = make_tables()["sections"].with_columns(signalling=pl.lit(signalling))
        states = assess(track(defect_share=0.2), sections=sections)
        return states["derailments_per_million_train_km_low"].item()

    manual = rate("semi-automatic / manual block")
    assert manual == pytest.approx(0.88, abs=0.005)
    # the coefficient of signals: exp(-0.3377) = 0.7134
    assert rate("semi-automatic -> automatic on new second track") == pytest.approx(
        0.7134 * manual, rel=1e-3
    )


def test_the_latest_inspection_counts_and_is_aged_to_the_day() -> None:
    found = pl.concat(
        [
            inspect("2024-01-01", defect_share=0.9),
            inspect("2025-01-01", defect_share=0.2),
            inspect("2027-01-01", defect_share=0.01),
        ]
    )
    row = assess(track(defect_share=0.05, material="timber_softwood"), inspections=found).row(
        0, named=True
    )
    # scale 16.44 y, shape 4.5: 0.2 is reached at 11.78 y, and 12.78 y give 1 - exp(-0.3222)
    assert row["defect_share"] == pytest.approx(0.275, abs=0.001)
    assert row["basis"] == "register; inspected 2025-01-01"


def test_an_inspection_from_before_the_renewal_says_nothing() -> None:
    asset = {"kind": "bridge", "installed": dt.date(2020, 1, 1), "state": 1}
    assert assess(asset, inspections=inspect("2019-06-01", state=5))["state"].item() == 1


def test_an_inspected_bridge_gets_no_better_with_time() -> None:
    old = inspect("2006-01-01", state=3)
    states = [
        assess({"kind": "bridge"}, inspections=old, draw=draw)["state"].item() for draw in range(30)
    ]
    assert min(states) >= 3
    # after 20 years nearly all have reached the worst
    assert sum(state == 5 for state in states) > 25


def test_a_bridge_of_unknown_state_allows_the_speed_that_its_section_states() -> None:
    densities = make_densities(
        make_density("B", "bridge", 10.0, age_low_y=60.0, age_y=80.0, age_high_y=100.0)
    )
    states = assess(asset_densities=densities)
    assert set(states["state"].to_list()) == {1, 2, 3}
    assert states["speed_limit_kmh"].null_count() == states.height


def test_a_bridge_of_known_bad_state_restricts() -> None:
    states = assess({"kind": "bridge", "state": 4}, {"kind": "bridge", "state": 5})
    assert states["speed_limit_kmh"].to_list() == [30.0, 15.0]


def test_what_is_assumed_is_named() -> None:
    basis = assess({"kind": "turnout"}, {"kind": "embankment"})["basis"].to_list()
    assert basis == [
        "register; age assumed, 20 y",
        "register; age assumed, 20 y; length assumed, 1 km; state assumed, fair",
    ]


def test_places_lie_between_the_points_with_coordinates() -> None:
    states = assess({"kind": "turnout"}, {"kind": "turnout", "from_offset_m": 15_000.0})
    # half way from A to D, B and C having none
    assert states.row(1, named=True)["latitude_deg"] == pytest.approx(40.15)
    assert states.row(1, named=True)["longitude_deg"] == pytest.approx(125.3)
    assert states.row(0, named=True)["latitude_deg"] == pytest.approx(40.0)


def test_consequences_come_from_the_parameters() -> None:
    rows = assess({"kind": "turnout"}, {"kind": "bridge", "state": 1}).to_dicts()
    assert [row["closes_line"] for row in rows] == [False, True]
    assert [row["repair_median_h"] for row in rows] == [3.0, 96.0]


def test_renewal_makes_new_and_leaves_the_others() -> None:
    before = assess(
        track(defect_share=0.3),
        track(defect_share=0.3, from_offset_m=0.0),
        {"kind": "turnout", "age_y": 24.0},
    )
    after = assess_renewed(before, ["X0", "X2"], PARAMETERS)
    assert after["track_class"].to_list() == [5, 0, None]
    assert after["speed_limit_kmh"].to_list() == [None, 15.0, None]
    assert after["age_y"].to_list() == [0.0, 10.0, 0.0]
    # first year of a power law of scale 4.463 y: 0.224 to the power of 1.5
    assert after["failure_rate_per_year"][2] == pytest.approx(0.106, abs=0.0005)
    assert after["derailments_per_million_train_km_high"][0] == pytest.approx(0.199, abs=0.001)
    assert after.row(1) == before.row(1)


def test_seasons_cover_every_kind_and_keep_the_mean() -> None:
    seasons = find_seasons(PARAMETERS)
    assert seasons.height == 7 * 12
    means = seasons.group_by("kind").agg(pl.col("factor").mean())
    assert means["factor"].to_list() == pytest.approx([1.0] * 7)


def test_no_assets_give_empty_states() -> None:
    assert assess().is_empty()
