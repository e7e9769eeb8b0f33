"""Reported works: shares, wear, labour and verdicts worked out by hand."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from arterial.campaign.reported.check import ReportedRules, check_reported
from arterial.study import list_tables, load_schema, read_study
from arterial.study.schema import TableRole
from arterial.study.tables import empty_table

STUDIES = Path(__file__).parents[3] / "studies"
Make = Callable[..., pl.DataFrame]

WORKS = [
    {"work_id": "REPAIR", "action": "repair", "labour_h": 20.0, "age_share_left": 1.0},
    {"work_id": "REFURBISH", "action": "refurbish", "labour_h": 100.0, "age_share_left": 0.5},
    {"work_id": "RENEW", "action": "renew", "labour_h": 400.0, "age_share_left": 0.0},
]
POOLS = [{"pool_id": "P", "gangs_count": 10.0, "hours_per_gang_month": 2000.0}]
# 0.4 failures a turnout and year (0.2 to 0.8), in two rows of 1 and 3 units.
STATES = pl.DataFrame(
    {
        "asset_id": ["A", "B"],
        "kind": "turnout",
        "from_offset_m": [0.0, 1.0],
        "to_offset_m": [None, None],
        "units_count": [1, 3],
        "failure_rate_low_per_year": [0.2, 0.6],
        "failure_rate_per_year": [0.4, 1.2],
        "failure_rate_high_per_year": [0.8, 2.4],
        "renewed_failure_rate_per_year": [0.0, 0.6],
    },
    schema_overrides={"to_offset_m": pl.Float64},
)
# A: 600 min a year, all by failures; B: 60 min by failures, 30 by restricted speed.
EFFECTS = pl.DataFrame(
    {
        "asset_id": ["A", "B"],
        "kind": "turnout",
        "primary_delay_min_per_year": [500.0, 40.0],
        "knock_on_delay_min_per_year": [100.0, 20.0],
        "restriction_delay_min_per_year": [0.0, 30.0],
    }
)


def fill(name: str, rows: list[dict]) -> pl.DataFrame:
    """Rows of a table whose other columns are unknown."""
    empty = empty_table(name)
    if not rows:
        return empty
    return pl.DataFrame(
        [{column: row.get(column) for column in empty.columns} for row in rows],
        schema=empty.schema,
    )


@pytest.fixture
def reckon() -> Make:
    """Reported checks of one report over 365 days: ``reckon(quantity=100, stock=1000)``."""

    def make(states=None, effects=None, rules=None, tables=None, **report: object) -> pl.DataFrame:
        row = {
            "report_id": "R",
            "name": "R",
            "kind": "turnout",
            "quantity": 100.0,
            "first_day": dt.date(2025, 1, 1),
            "last_day": dt.date(2025, 12, 31),
            "actions": "repair;refurbish;renew",
            "stock": 1000.0,
            **report,
        }
        rows = {
            "reported_works": [row],
            "work_kinds": [{"kind": "turnout", "grade": "assumption", **work} for work in WORKS],
            "labour_pools": POOLS,
            **(tables or {}),
        }
        filled = {name: fill(name, rows.get(name, [])) for name in list_tables(TableRole.INPUT)}
        return check_reported(filled, states, effects, rules=rules)

    return make


def read(frame: pl.DataFrame, reading: str) -> dict:
    """The row of a reading."""
    (row,) = frame.filter(pl.col("reading") == reading).to_dicts()
    return row


def test_every_reading_of_the_wording_is_reckoned(reckon: Make) -> None:
    frame = reckon()
    assert frame["reading"].to_list() == [
        "repair",
        "refurbish",
        "renew",
        "repair 50%, renew 50%",
    ]
    assert tuple(frame.columns) == load_schema("reported_checks").columns
    assert reckon(actions="renew")["reading"].to_list() == ["renew"]
    rules = ReportedRules(renewed_shares=(0.1, 0.25))
    mixed = reckon(actions="renew;repair", rules=rules)["reading"].to_list()
    assert mixed == ["repair", "renew", "repair 90%, renew 10%", "repair 75%, renew 25%"]


def test_the_share_is_least_for_the_greatest_stock(reckon: Make) -> None:
    # 1800 of 7000 to 15000: 12 %, 18 % and 25.7 %.
    row = read(
        reckon(quantity=1800.0, stock_low=7000.0, stock=10000.0, stock_high=15000.0), "renew"
    )
    found = [row[f"share_of_stock{end}"] for end in ("_low", "", "_high")]
    assert found == pytest.approx([0.12, 0.18, 0.2571], abs=1e-4)


def test_the_density_of_running_tracks_gives_two_fifths_of_the_stock(reckon: Make) -> None:
    # 4725 km at 0.92 a kilometre are 4347; 0.53 failures a year each are 78 % more than reported.
    row = read(reckon(quantity=1800.0, stock=4725 * 0.92), "repair")
    assert row["share_of_stock"] == pytest.approx(0.414, abs=5e-4)
    # Without states the published rate holds: 0.53 x 4347 x 365 / 365.25.
    assert row["expected_failures"] == pytest.approx(2302.3, abs=0.1)
    assert row["quantity"] / row["expected_failures"] == pytest.approx(0.78, abs=2e-3)


def test_wear_follows_the_states_of_the_study(reckon: Make) -> None:
    row = read(reckon(STATES), "repair")
    assert row["expected_failures"] == pytest.approx(0.4 * 1000 * 365 / 365.25)
    assert "0.4 (0.2 to 0.8) failures a year each" in row["calculation"]
    assert "At the published 0.53 a year it would be 530." in row["calculation"]


def test_track_wears_by_the_kilometre(reckon: Make) -> None:
    # Half a failure on 500 m and a quarter on 1000 m: half a failure a kilometre.
    states = STATES.with_columns(
        kind=pl.lit("track"),
        units_count=pl.lit(1),
        to_offset_m=pl.Series([500.0, 1001.0]),
        failure_rate_per_year=pl.Series([0.5, 0.25]),
    )
    row = read(reckon(states, kind="track"), "repair")
    assert row["expected_failures"] == pytest.approx(0.5 * 1000 * 365 / 365.25)


def test_labour_is_the_number_times_the_hours_of_the_work(reckon: Make) -> None:
    estimate = {"table": "work_kinds", "key": "RENEW", "attribute": "labour_h"}
    estimates = [{**estimate, "low": 250.0, "best": 400.0, "high": 700.0}]
    frame = reckon(tables={"estimates": estimates}, quantity_low=80.0, quantity_high=120.0)
    row = read(frame, "renew")
    assert [row[name] for name in ("labour_h_low", "labour_h", "labour_h_high")] == [
        80 * 250,
        100 * 400,
        120 * 700,
    ]
    # 40000 h at 1800 h a worker and year are 22.2 workers for a year.
    assert row["workers"] == pytest.approx(40_000 / 1800 * 365.25 / 365)
    mixed = read(frame, "repair 50%, renew 50%")
    assert mixed["labour_h"] == 50 * 20 + 50 * 400
    assert mixed["labour_h_low"] == 40 * 20 + 40 * 250


def test_all_replaced_at_250_to_700_hours_needs_250_to_700_workers_for_a_year(
    reckon: Make,
) -> None:
    estimate = {"table": "work_kinds", "key": "RENEW", "attribute": "labour_h"}
    tables = {"estimates": [{**estimate, "low": 250.0, "best": 400.0, "high": 700.0}]}
    row = read(reckon(quantity=1800.0, stock=4347.0, tables=tables), "renew")
    assert (row["labour_h_low"], row["labour_h_high"]) == (450_000, 1_260_000)
    assert 250 < row["workers"] < 700


@pytest.mark.parametrize(
    ("quantity", "verdicts"),
    [
        # Wear asks for 200 to 800 repairs; the usual pace renews 40 a year, five times that 200,
        # and refurbishes 80, five times that 400.
        (100.0, ["plausible", "plausible", "plausible", "plausible"]),
        (300.0, ["plausible", "plausible", "possible_as_repair", "plausible"]),
        (450.0, ["plausible", *["possible_as_repair"] * 3]),
        (900.0, ["possible_as_repair"] * 4),
        # More repairs than turnouts can be, more renewals not; of a mix half are renewals.
        (1100.0, [*["possible_as_repair"] * 2, "not_possible", "possible_as_repair"]),
        (2200.0, [*["possible_as_repair"] * 2, "not_possible", "not_possible"]),
    ],
)
def test_verdicts_follow_wear_pace_and_stock(reckon: Make, quantity: float, verdicts) -> None:
    pools = [{**POOLS[0], "gangs_count": 1000.0}]
    frame = reckon(STATES, quantity=quantity, tables={"labour_pools": pools})
    assert frame["verdict"].to_list() == verdicts


def test_a_pace_of_five_times_the_usual_is_told(reckon: Make) -> None:
    # 300 of 1000 in a year, against one in 25 years: 7.5 times.
    row = read(reckon(STATES, quantity=300.0), "renew")
    assert "no less than 7.51 times the usual pace of one life in 25 years" in row["calculation"]


def test_without_repair_in_the_wording_a_fast_renewal_is_what_was_reported(reckon: Make) -> None:
    frame = reckon(STATES, quantity=300.0, actions="renew")
    assert frame["verdict"].to_list() == ["plausible"]


@pytest.mark.parametrize(
    ("grade", "actions", "verdict"),
    [
        ("assumption", "repair;renew", "possible_as_repair"),
        ("assumption", "renew", "unknown"),
        (None, "renew", "unknown"),
        ("sourced", "repair;renew", "not_possible"),
        ("derived", "renew", "not_possible"),
    ],
)
def test_an_assumption_cannot_refute_a_report(reckon: Make, grade, actions, verdict) -> None:
    # 150 x 400 h are 60000 h; one gang of 100 h a month has 1200 h in a year.
    tables = {
        "labour_pools": [{**POOLS[0], "gangs_count": 0.05, "grade": grade}],
        "work_kinds": [{"kind": "turnout", "grade": grade, **work} for work in WORKS],
    }
    row = read(reckon(STATES, quantity=150.0, actions=actions, tables=tables), "renew")
    assert row["verdict"] == verdict
    assert "too few even at the far ends" in row["calculation"]


def test_materials_are_held_against_store_and_supply(reckon: Make) -> None:
    material = {"material_id": "SET", "name": "Turnout set", "unit": "sets", "grade": "sourced"}
    use = {"work_id": "RENEW", "material_id": "SET", "quantity": 1.0, "grade": "sourced"}
    tables = {
        "materials": [{**material, "stock": 20.0, "supply_per_month": 5.0}],
        "work_materials": [use],
    }
    # 20 + 5 x 12 x 365 / 365.25 are a little under 80 sets.
    frame = reckon(STATES, tables=tables)
    renew = read(frame, "renew")
    assert renew["verdict"] == "not_possible"
    wanted = "It takes 100 of turnout set (sets); store and supply give 80, too few"
    assert wanted in renew["calculation"]
    assert "turnout set" not in read(frame, "repair")["calculation"]
    mixed = read(frame, "repair 50%, renew 50%")
    assert mixed["verdict"] == "plausible"
    assert "It takes 50 of turnout set" in mixed["calculation"]


def test_worth_of_the_best_the_worst_and_any(reckon: Make) -> None:
    # Half of two assets. Renewal of A spares 10 h; of B half of 60 min and 30 min, 1 h.
    frame = reckon(STATES, EFFECTS, quantity=500.0)
    names = ("worth_chosen_well_h", "worth_at_random_h", "worth_chosen_badly_h")
    found = {
        reading: [read(frame, reading)[name] for name in names] for reading in frame["reading"]
    }
    assert found["renew"] == pytest.approx([10, 5.5, 1])
    assert found["refurbish"] == pytest.approx([5, 2.75, 0.5])
    assert found["repair"] == [0, 0, 0]
    assert found["repair 50%, renew 50%"] == pytest.approx([5, 2.75, 0.5])


def test_what_is_not_known_stays_unknown(reckon: Make) -> None:
    row = read(reckon(stock=None, tables={"work_kinds": []}), "renew")
    for name in ("share_of_stock", "expected_failures", "labour_h", "workers"):
        assert row[name] is None, name
    assert row["worth_chosen_well_h"] is None
    assert row["verdict"] == "unknown"
    assert "is not known" in row["calculation"]
    assert read(reckon(kind="bridge"), "renew")["expected_failures"] is None


def test_unknown_rates_and_delays_are_not_summed_over(reckon: Make) -> None:
    gap = pl.when(pl.col("asset_id") == "A").then(None)
    states = STATES.with_columns(failure_rate_per_year=gap.otherwise("failure_rate_per_year"))
    row = read(reckon(states, EFFECTS), "renew")
    assert row["expected_failures"] is None
    assert row["worth_chosen_well_h"] is None
    effects = EFFECTS.with_columns(
        knock_on_delay_min_per_year=gap.otherwise("knock_on_delay_min_per_year")
    )
    assert read(reckon(STATES, effects), "renew")["worth_chosen_well_h"] is None


def test_no_reports_give_an_empty_table() -> None:
    tables = {name: empty_table(name) for name in list_tables(TableRole.INPUT)}
    frame = check_reported(tables)
    assert frame.height == 0
    assert tuple(frame.columns) == load_schema("reported_checks").columns


def test_the_turnouts_of_2025_may_be_repairs_in_five_months_and_renewals_in_eleven() -> None:
    study = read_study(STUDIES / "renewal_2025")
    frame = check_reported(study.tables)
    verdicts = {(row["report_id"], row["reading"]): row["verdict"] for row in frame.to_dicts()}
    assert verdicts["TURNOUTS-JUNE-ALL", "repair"] == "plausible"
    assert verdicts["TURNOUTS-JUNE-ALL", "renew"] == "possible_as_repair"
    assert verdicts["TURNOUTS-NOVEMBER-ALL", "renew"] == "plausible"
    assert "not_possible" not in verdicts.values()
    june = read(frame.filter(pl.col("report_id") == "TURNOUTS-JUNE-ALL"), "renew")
    assert june["labour_h"] == 1800 * 450
    # 152 days of 1800 h a year are 749 h.
    assert june["workers"] == pytest.approx(810_000 / (1800 * 152 / 365.25))
    assert june["expected_failures"] == pytest.approx(0.53 * 10_000 * 152 / 365.25)
