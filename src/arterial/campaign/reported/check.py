"""Reported works held against wear, labour, materials and the usual pace of renewals.

A report of so many works rarely says whether the assets were repaired or renewed. `check_reported`
reckons each reading of the wording: which share of the stock it is, how many repairs wear alone
asks for, what labour and material it takes, what it is worth if chosen well, at random or badly.
Reports of track, catenary and embankments count kilometres, all others units.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import Any, Final

import polars as pl

from arterial.campaign.reported.needs import (
    Need,
    WorthOfChoice,
    find_labour,
    list_materials,
    make_range,
    multiply_ranges,
    reckon_worth,
)
from arterial.campaign.reported.sentences import Estimate, describe
from arterial.study.estimates import Range
from arterial.study.tables import conform_table, empty_table, split_list
from arterial.units import DAYS_PER_YEAR, KM_TO_M

__all__ = ["ReportedRules", "ReportedVerdict", "check_reported"]

Tables = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]

BY_LENGTH: Final = frozenset({"track", "catenary", "embankment"})
"""Kinds of assets that are counted in kilometres."""

_ORDER: Final = ("repair", "refurbish", "renew")
_RATES: Final = (
    "failure_rate_low_per_year",
    "failure_rate_per_year",
    "failure_rate_high_per_year",
)


class ReportedVerdict(StrEnum):
    """What a reading of a report can be."""

    PLAUSIBLE = "plausible"
    POSSIBLE_AS_REPAIR = "possible_as_repair"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReportedRules:
    """What no table of a study says, each number a named assumption.

    Parameters
    ----------
    worker_hours_per_year : float
        Hours that a worker gives to such works in a year [h].
    usual_life_y : mapping of str to float
        Years after which an asset of a kind is usually renewed [y].
    extraordinary_pace : float
        Renewals beyond so many times the usual pace are taken for extraordinary.
    renewed_shares : tuple of float
        Shares of renewals in the mixes of repair and renewal that are estimate.
    published_rates : mapping of str to float
        Failures of a unit or kilometre in a year told beside those of the study [1/y]; 0.53 for
        powered turnouts is derived from [Bemment 2018].
    """

    worker_hours_per_year: float = 1800.0
    usual_life_y: Mapping[str, float] = field(
        default_factory=lambda: {
            "turnout": 25.0,
            "track": 25.0,
            "bridge": 100.0,
            "tunnel": 100.0,
            "embankment": 100.0,
            "catenary": 40.0,
            "signalling": 30.0,
        }
    )
    extraordinary_pace: float = 5.0
    renewed_shares: tuple[float, ...] = (0.5,)
    published_rates: Mapping[str, float] = field(default_factory=lambda: {"turnout": 0.53})


def check_reported(
    tables: Tables,
    states: pl.DataFrame | None = None,
    effects: pl.DataFrame | None = None,
    *,
    rules: ReportedRules | None = None,
) -> pl.DataFrame:
    """What each report can mean, reading by reading.

    The verdict is ``not_possible`` only where the stock, or rows none of which is an assumption,
    contradict the reading: an assumption cannot refute a report. ``possible_as_repair`` says that
    the number is possible as repairs: as a renewal it is extraordinary or short of what is assumed
    to be there, as a repair it is more than wear alone asks for. ``plausible`` says that nothing
    known speaks against it.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Study tables: ``reported_works``, ``work_kinds``, ``work_materials``, ``materials``,
        ``labour_pools`` and ``estimates``.
    states, effects : DataFrame, optional
        Tables ``asset_states`` and ``asset_effects``; without them wear follows published rates,
        where there are any, and worth stays unknown.
    rules : ReportedRules, optional
        Named assumptions.

    Returns
    -------
    DataFrame
        Table ``reported_checks``, in the order of the reports.

    Notes
    -----
    Worth counts the delay of all trains in the year after, on the lines of the study.
    """
    rules = rules or ReportedRules()
    rows = []
    for report in tables["reported_works"].iter_rows(named=True):
        rate = _find_rate(report["kind"], states, rules)
        for shares in _list_readings(report, rules):
            estimate = _reckon(report, shares, tables, rate, rules)
            worth = _find_worth(estimate, states, effects)
            rows.append(_fill_row(estimate, worth, rules))
    if not rows:
        return empty_table("reported_checks")
    return conform_table("reported_checks", pl.DataFrame(rows, infer_schema_length=None))


def _list_readings(report: Row, rules: ReportedRules) -> Iterator[dict[str, float]]:
    """Shares of actions: each alone, then the mixes of repair and renewal."""
    actions = [action for action in _ORDER if action in split_list(report["actions"])]
    for action in actions:
        yield {action: 1.0}
    if "repair" in actions and "renew" in actions:
        yield from ({"repair": 1 - share, "renew": share} for share in rules.renewed_shares)


def _find_rate(kind: str, states: pl.DataFrame | None, rules: ReportedRules) -> Range | None:
    """Failures of one unit or kilometre in a year: of the study, else as published [1/y]."""
    rows = None if states is None else states.filter(pl.col("kind") == kind)
    if rows is None or rows.is_empty():
        known = rules.published_rates.get(kind)
        return None if known is None else Range(known, known, known)
    counted = pl.col("units_count").fill_null(1).cast(pl.Float64)
    if kind in BY_LENGTH:
        length_km = (pl.col("to_offset_m") - pl.col("from_offset_m")) / KM_TO_M
        counted *= length_km.fill_null(1.0)
    units = float(rows.select(counted).to_series().sum())
    # A sum over unknown rates is unknown.
    low, best, high = (
        None if rows[column].null_count() or not units else float(rows[column].sum()) / units
        for column in _RATES
    )
    return None if best is None else make_range(best, low, high)


def _reckon(
    report: Row,
    shares: Mapping[str, float],
    tables: Tables,
    rate: Range | None,
    rules: ReportedRules,
) -> Estimate:
    """Everything of one reading but its worth."""
    kind = report["kind"]
    quantity = make_range(report["quantity"], report["quantity_low"], report["quantity_high"])
    stock = None
    # A stock of none would be a slip; nothing can be a share of it.
    if report["stock"]:
        stock = make_range(report["stock"], report["stock_low"], report["stock_high"])
    days = int((report["last_day"] - report["first_day"]).days) + 1
    years = days / DAYS_PER_YEAR
    works = {action: _find_works(tables, kind, action) for action in shares}
    age_left = {
        action: median(row["age_share_left"] for row in rows)
        for action, rows in works.items()
        if rows and all(row["age_share_left"] is not None for row in rows)
    }
    labour = find_labour(tables, works, shares, quantity, years)
    failures = None if rate is None or stock is None else multiply_ranges(rate, stock, years)
    return Estimate(
        report=report,
        shares=shares,
        quantity=quantity,
        stock=stock,
        days=days,
        years=years,
        rate=rate,
        published_rate=rules.published_rates.get(kind),
        failures=failures,
        labour=labour,
        workers=None
        if labour is None
        else labour.need.best / (rules.worker_hours_per_year * years),
        materials=tuple(list_materials(tables, works, shares, quantity, years)),
        age_left=age_left,
        usual_life_y=rules.usual_life_y.get(kind),
    )


def _find_worth(
    estimate: Estimate, states: pl.DataFrame | None, effects: pl.DataFrame | None
) -> WorthOfChoice | None:
    if states is None or effects is None or estimate.stock is None:
        return None
    kind = pl.col("kind") == estimate.report["kind"]
    part = min(estimate.quantity.best / estimate.stock.best, 1.0)
    return reckon_worth(
        states.filter(kind), effects.filter(kind), estimate.shares, estimate.age_left, part
    )


def judge(estimate: Estimate, rules: ReportedRules) -> ReportedVerdict:
    """Whether a reading is possible, by its needs, the stock, wear and the usual pace."""
    needs: list[Need] = [*([estimate.labour] if estimate.labour else []), *estimate.materials]
    short = [need for need in needs if need.is_short]
    if any(need.is_firm for need in short) or _is_beyond_stock(estimate):
        return ReportedVerdict.NOT_POSSIBLE
    if estimate.labour is None or estimate.stock is None:
        return ReportedVerdict.UNKNOWN
    if set(estimate.shares) == {"repair"}:
        return _judge_repair(estimate, is_short=bool(short))
    may_be_repair = "repair" in split_list(estimate.report["actions"])
    is_fast = estimate.pace is not None and estimate.pace > rules.extraordinary_pace
    # Where the wording knows no repair, a fast renewal is what was reported: only needs can tell.
    if short or (is_fast and may_be_repair):
        return ReportedVerdict.POSSIBLE_AS_REPAIR if may_be_repair else ReportedVerdict.UNKNOWN
    return ReportedVerdict.PLAUSIBLE


def _judge_repair(estimate: Estimate, *, is_short: bool) -> ReportedVerdict:
    """Repairs beyond what wear asks for are possible, but need a reason that is not told."""
    if is_short or estimate.failures is None:
        return ReportedVerdict.UNKNOWN
    if estimate.quantity.low > estimate.failures.high:
        return ReportedVerdict.POSSIBLE_AS_REPAIR
    return ReportedVerdict.PLAUSIBLE


def _is_beyond_stock(estimate: Estimate) -> bool:
    """More renewed than there are; an asset can be repaired more than once."""
    renewed = estimate.quantity.low * estimate.shares.get("renew", 0.0)
    return estimate.stock is not None and renewed > estimate.stock.high


def _fill_row(
    estimate: Estimate, worth: WorthOfChoice | None, rules: ReportedRules
) -> dict[str, object]:
    """One row of ``reported_checks``."""
    verdict, share, labour = judge(estimate, rules), estimate.share, estimate.labour
    return {
        "report_id": estimate.report["report_id"],
        "reading": estimate.reading,
        "quantity": estimate.quantity.best,
        "share_of_stock_low": share and share.low,
        "share_of_stock": share and share.best,
        "share_of_stock_high": share and share.high,
        "expected_failures": estimate.failures and estimate.failures.best,
        "labour_h_low": labour and labour.need.low,
        "labour_h": labour and labour.need.best,
        "labour_h_high": labour and labour.need.high,
        "workers": estimate.workers,
        "worth_chosen_well_h": worth and worth.well_h,
        "worth_chosen_badly_h": worth and worth.badly_h,
        "worth_at_random_h": worth and worth.random_h,
        "verdict": verdict.value,
        "calculation": describe(estimate, worth),
    }


def _find_works(tables: Tables, kind: str, action: str) -> list[Row]:
    """Works of one kind of asset and action, from ``work_kinds``."""
    rows = tables["work_kinds"].filter((pl.col("kind") == kind) & (pl.col("action") == action))
    return list(rows.iter_rows(named=True))
