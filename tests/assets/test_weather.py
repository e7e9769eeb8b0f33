"""Storms come in the monsoon and hit every embankment of their region together."""

import datetime as dt

import polars as pl
import pytest

from arterial.assets.embankments import embankment_failure_rate
from arterial.assets.parameters import load_parameter_set
from arterial.assets.weather import simulate_storms, simulate_washouts

PARAMETERS = load_parameter_set("literature_2026")
FIRST = dt.date(2026, 1, 1)
YEARS = 400


def storms_of(*regions: str, years: int = YEARS, draw: int = 0) -> pl.DataFrame:
    return simulate_storms(
        regions,
        PARAMETERS,
        first_day=FIRST,
        days_count=365,
        replications=range(years),
        seed=11,
        draw=draw,
    )


def make_states(count: int, state: int, **more: object) -> pl.DataFrame:
    row = {"kind": "embankment", "section_id": "S", "state": state, "units_count": 1, **more}
    rows = [
        {"asset_id": f"E{n}", "from_offset_m": 0.0, "to_offset_m": 1000.0, **row}
        for n in range(count)
    ]
    return pl.DataFrame(rows)


def test_storms_are_as_many_as_the_parameters_say_and_come_in_the_monsoon() -> None:
    storms = storms_of("EAST")
    # 3 a year: standard error sqrt(3 / 400) = 0.087
    assert storms.height / YEARS == pytest.approx(3.0, abs=0.3)
    monsoon = storms.filter(pl.col("day").is_between(181, 242)).height
    assert monsoon / storms.height == pytest.approx(0.6, abs=0.06)
    assert storms["rain_mm"].median() == pytest.approx(50.0, rel=0.05)


def test_regions_and_replications_do_not_shift_each_other() -> None:
    alone = storms_of("EAST", years=5)
    both = storms_of("WEST", "EAST", years=5)
    assert both.filter(region="EAST").equals(alone)
    part = simulate_storms(
        ["EAST"], PARAMETERS, first_day=FIRST, days_count=365, replications=[3], seed=11
    )
    assert alone.filter(replication=3).equals(part)
    assert not storms_of("EAST", years=5, draw=1).equals(alone)


def test_washouts_are_as_frequent_as_the_rate_and_come_together() -> None:
    states = make_states(20, 5)
    storms = storms_of("EAST")
    failed = simulate_washouts(states, storms, {"S": "EAST"}, PARAMETERS, seed=11)
    rate = failed.height / (YEARS * 20)
    assert rate == pytest.approx(float(embankment_failure_rate(5, PARAMETERS)), rel=0.15)
    # With 20 alike units, chance independent of the storm would put two in three alone on a day.
    by_day = failed.group_by("replication", "day").len()
    assert by_day["len"].mean() > 3.0


def test_long_embankments_fail_as_often_as_their_kilometres() -> None:
    storms = pl.DataFrame(
        {"region": ["EAST"] * 4000, "replication": range(4000), "day": [0] * 4000}
    ).with_columns(rain_mm=pl.lit(110.0))
    states = make_states(1, 5, to_offset_m=2000.0)
    failed = simulate_washouts(states, storms, {"S": "EAST"}, PARAMETERS, seed=11)
    # each kilometre fails with one half: 1 - 1/4
    assert failed.height / 4000 == pytest.approx(0.75, abs=0.03)


def test_elsewhere_and_other_kinds_stay_dry() -> None:
    storms = storms_of("EAST", years=20)
    elsewhere = simulate_washouts(make_states(5, 5), storms, {"S": "WEST"}, PARAMETERS, seed=11)
    bridges = make_states(5, 5, kind="bridge")
    assert elsewhere.is_empty()
    assert simulate_washouts(bridges, storms, {"S": "EAST"}, PARAMETERS, seed=11).is_empty()
    assert simulate_washouts(
        make_states(5, 5), storms.clear(), {"S": "EAST"}, PARAMETERS, seed=11
    ).is_empty()


def test_no_regions_have_no_storms() -> None:
    assert storms_of().columns == ["region", "replication", "day", "rain_mm"]
