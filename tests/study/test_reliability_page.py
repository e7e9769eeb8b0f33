"""The page on the assumptions of reliability says what the flagship's tables say."""

from pathlib import Path

import polars as pl
import pytest

from arterial.assets.parameters import load_parameter_set
from arterial.assets.register import build_register
from arterial.assets.states import assess_assets
from arterial.study import Study, read_study
from reliability_page import list_rows

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guide" / "reliability-assumptions.md"


@pytest.fixture(scope="module")
def flagship() -> Study:
    return read_study(ROOT / "studies" / "pyongyang_moscow")


@pytest.mark.parametrize("table", ["asset_densities", "disturbances", "coach_legs"])
def test_every_row_of_the_study_stands_on_the_page(flagship: Study, table: str) -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = list_rows(flagship)[table]
    assert rows
    assert [row for row in rows if row not in lines] == []


def test_hosts_wait_alike_for_every_service(flagship: Study) -> None:
    """The page gives one wait a train and place, so no two services may differ."""
    waits = flagship.table("coach_legs").drop_nulls("host_wait_min")
    of_places = waits.group_by("train_id", "from_point").n_unique()
    assert (of_places["host_wait_min"] == 1).all()


def test_every_uncertain_number_has_a_range(flagship: Study) -> None:
    stated = set(flagship.table("estimates").select("table", "key", "attribute").rows())
    for row in flagship.table("disturbances").iter_rows(named=True):
        for column in ("rate", "delay_best_min"):
            assert ("disturbances", row["disturbance_id"], column) in stated
    for row in flagship.table("asset_densities").iter_rows(named=True):
        key = row["density_id"]
        if row["defect_share"] is not None:
            assert ("asset_densities", key, "defect_share") in stated
        # Track and contact line cover the whole line: their number is no estimate.
        if row["kind"] not in {"track", "catenary"}:
            assert ("asset_densities", key, "units_per_km") in stated


def test_the_failures_of_a_year_are_those_that_the_page_tells(flagship: Study) -> None:
    settings = flagship.settings
    register = build_register(flagship.tables, as_of=settings.as_of, seed=settings.seed)
    states = assess_assets(
        register,
        flagship.tables,
        load_parameter_set(settings.reliability.parameter_set),
        as_of=settings.as_of,
        seed=settings.seed,
    ).states
    railways = register.select("asset_id", "railway_id")
    sums = states.join(railways, on="asset_id").group_by("railway_id", "kind")
    found = {
        (railway, kind): rate
        for railway, kind, rate in sums.agg(pl.col("failure_rate_per_year").sum()).iter_rows()
    }
    told = {
        ("KSR", "turnout"): 170,
        ("KSR", "track"): 80,
        ("KSR", "signalling"): 70,
        ("KSR", "catenary"): 26,
        ("KSR", "embankment"): 0.3,
        ("KSR", "bridge"): 1 / 7,
        ("RZD", "turnout"): 4900,
        ("RZD", "track"): 260,
        ("RZD", "signalling"): 530,
        ("RZD", "catenary"): 190,
    }
    assert {key: found[key] for key in told} == pytest.approx(told, rel=0.1)
