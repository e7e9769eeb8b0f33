"""Ranges of what reported works take, and of what there is."""

import polars as pl
import pytest

from arterial.campaign.reported.needs import (
    add_ranges,
    find_labour,
    list_materials,
    make_range,
    multiply_ranges,
    reckon_worth,
)
from arterial.study.estimates import Range
from arterial.study.tables import empty_table

STATES = pl.DataFrame(
    {
        "asset_id": ["A", "B", "C", "D"],
        "failure_rate_per_year": [1.0, 2.0, 0.0, 1.0],
        "renewed_failure_rate_per_year": [0.5, 0.0, 0.0, 2.0],
    }
)

# C never fails but is restricted; D would fail more when new, which spares nothing.
EFFECTS = pl.DataFrame(
    {
        "asset_id": ["A", "B", "C", "D"],
        "primary_delay_min_per_year": [120.0, 60.0, 0.0, 600.0],
        "knock_on_delay_min_per_year": [120.0, 60.0, 0.0, 600.0],
        "restriction_delay_min_per_year": [0.0, 0.0, 30.0, 0.0],
    }
)


def fill(name: str, rows: list[dict]) -> pl.DataFrame:
    """Rows of a table whose other columns are unknown."""
    empty = empty_table(name)
    cells = [{column: row.get(column) for column in empty.columns} for row in rows]
    return pl.DataFrame(cells, schema=empty.schema) if rows else empty


def estimate(table: str, key: str, attribute: str, low: float, best: float, high: float) -> dict:
    return {
        "table": table,
        "key": key,
        "attribute": attribute,
        "low": low,
        "best": best,
        "high": high,
    }


def ends(one: Range) -> list[float]:
    return [one.low, one.best, one.high]


def test_unknown_ends_are_the_value_and_crossed_ends_are_widened() -> None:
    assert ends(make_range(5, None, None)) == [5, 5, 5]
    assert ends(make_range(5, 2, None)) == [2, 5, 5]
    assert ends(make_range(5, 6, 4)) == [5, 5, 5]
    assert ends(make_range(0, None, 0)) == [0, 0, 0]


def test_ranges_are_joined_end_by_end() -> None:
    one, other = Range(1, 2, 3), Range(10, 20, 40)
    assert ends(add_ranges([one, other])) == [11, 22, 43]
    assert ends(multiply_ranges(one, other, 0.5)) == [5, 20, 60]


def test_a_word_for_several_works_takes_the_least_and_the_most_of_them() -> None:
    works = {
        "refurbish": [
            {"work_id": "SLEEPERS", "labour_h": 400.0, "grade": "sourced"},
            {"work_id": "RAIL", "labour_h": 900.0, "grade": "sourced"},
            {"work_id": "OTHER", "labour_h": None, "grade": "sourced"},
        ]
    }
    tables = {
        "estimates": fill(
            "estimates", [estimate("work_kinds", "RAIL", "labour_h", 300, 900, 1500)]
        ),
        "labour_pools": fill("labour_pools", []),
    }
    need = find_labour(tables, works, {"refurbish": 1.0}, Range(10, 10, 20), 1.0)
    assert need is not None
    assert ends(need.need) == [10 * 300, 10 * 650, 20 * 1500]
    assert need.there is None
    assert need.is_firm
    assert not need.is_short
    assert find_labour(tables, {"renew": []}, {"renew": 1.0}, Range(1, 1, 1), 1.0) is None


def test_gangs_give_their_hours_in_all_months() -> None:
    pools = [
        {"pool_id": "P", "gangs_count": 2.0, "hours_per_gang_month": 1000.0, "grade": "sourced"},
        {"pool_id": "Q", "gangs_count": 1.0, "hours_per_gang_month": 500.0, "grade": "assumption"},
    ]
    tables = {
        "estimates": fill("estimates", [estimate("labour_pools", "P", "gangs_count", 1, 2, 4)]),
        "labour_pools": fill("labour_pools", pools),
    }
    works = {"renew": [{"work_id": "W", "labour_h": 100.0, "grade": "sourced"}]}
    need = find_labour(tables, works, {"renew": 1.0}, Range(181, 181, 181), 0.5)
    assert need is not None
    assert need.there is not None
    # Half a year: six months of 2500 h, 1500 h at least and 4500 h at most.
    assert ends(need.there) == [9000, 15000, 27000]
    assert ends(need.need) == [18100, 18100, 18100]
    assert not need.is_firm
    assert not need.is_short


@pytest.mark.parametrize(("quantity", "is_short"), [(28.0, False), (28.1, True)])
def test_supply_adds_to_the_store(quantity: float, is_short: bool) -> None:  # noqa: FBT001
    material = {"material_id": "M", "name": "Turnout set", "unit": "sets", "grade": "sourced"}
    tables = {
        "materials": fill("materials", [{**material, "stock": 4.0, "supply_per_month": 2.0}]),
        "work_materials": fill(
            "work_materials",
            [{"work_id": "W", "material_id": "M", "quantity": 2.0, "grade": "sourced"}],
        ),
        "estimates": fill("estimates", [estimate("materials", "M", "stock", 0, 4, 8)]),
    }
    works = {"renew": [{"work_id": "W"}], "repair": [{"work_id": "V"}]}
    one = Range(quantity, quantity, quantity)
    (need,) = list_materials(tables, works, {"renew": 1.0}, one, 2.0)
    assert need.name == "turnout set (sets)"
    # 4 (0 to 8) and 24 months of 2.
    assert ends(need.there) == [48, 52, 56]
    assert need.is_short is is_short
    assert need.is_firm
    assert list(list_materials(tables, works, {"repair": 1.0}, one, 2.0)) == []


def test_an_unknown_store_is_not_taken_for_none() -> None:
    material = {"material_id": "M", "name": "Rail", "unit": "t"}
    tables = {
        "materials": fill("materials", [{**material, "supply_per_month": 2.0}]),
        "work_materials": fill(
            "work_materials", [{"work_id": "W", "material_id": "M", "quantity": 100.0}]
        ),
        "estimates": fill("estimates", []),
    }
    one = Range(10, 10, 10)
    (need,) = list_materials(tables, {"renew": [{"work_id": "W"}]}, {"renew": 1.0}, one, 1.0)
    assert need.there is None
    assert not need.is_short


@pytest.mark.parametrize(
    ("part", "found"),
    [
        # Worth of a renewal: A 2 h, B 2 h, C 0.5 h, D 0.
        (0.0, (0, 0, 0, 0)),
        (0.25, (1, 2, 1.125, 0)),
        (0.5, (2, 4, 2.25, 0.5)),
        (1.0, (4, 4.5, 4.5, 4.5)),
        (9.0, (4, 4.5, 4.5, 4.5)),
    ],
)
def test_the_best_are_worth_more_than_any_and_those_more_than_the_worst(part, found) -> None:
    worth = reckon_worth(STATES, EFFECTS, {"renew": 1.0}, {"renew": 0.0}, part)
    assert worth is not None
    assert (worth.count, worth.well_h, worth.random_h, worth.badly_h) == pytest.approx(found)


def test_worth_falls_with_the_age_that_is_left() -> None:
    shares = {"repair": 0.5, "renew": 0.5}
    worth = reckon_worth(STATES, EFFECTS, shares, {"repair": 0.9, "renew": 0.1}, 1.0)
    assert worth is not None
    assert worth.well_h == pytest.approx(4.5 * (0.5 * 0.1 + 0.5 * 0.9))


def test_an_action_of_unknown_gain_has_no_worth() -> None:
    assert reckon_worth(STATES, EFFECTS, {"renew": 1.0}, {"repair": 1.0}, 0.5) is None


def test_no_assets_have_no_worth() -> None:
    assert reckon_worth(STATES.clear(), EFFECTS, {"renew": 1.0}, {"renew": 0.0}, 0.5) is None
