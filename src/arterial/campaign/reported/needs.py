"""What reported works take of labour and materials, against what there is in that time.

Main functions: `find_labour` and `list_materials`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import polars as pl

from arterial.study.estimates import Range
from arterial.units import MONTHS_PER_YEAR

__all__ = [
    "Need",
    "add_ranges",
    "find_labour",
    "find_works",
    "list_materials",
    "make_range",
    "multiply_ranges",
]

Tables = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
Works = Mapping[str, Sequence[Row]]

_SOFT: Final = frozenset({"assumption", None})


@dataclass(frozen=True, slots=True)
class Need:
    """What is taken of one thing, and what there is of it in that time.

    Parameters
    ----------
    name : str
        The thing, with its unit.
    need : Range
        What is taken.
    there : Range or None
        What there is; None where it is not known.
    is_firm : bool
        Whether no number behind it is an assumption.
    """

    name: str
    need: Range
    there: Range | None
    is_firm: bool

    @property
    def is_short(self) -> bool:
        """Whether even the least need is more than the most that there is."""
        return self.there is not None and self.need.low > self.there.high


def make_range(best: float, low: float | None, high: float | None) -> Range:
    """Range of a value; an unknown end is the value itself.

    Examples
    --------
    >>> make_range(1800, None, 1900)
    Range(low=1800, best=1800, high=1900, shape=<EstimateShape.TRIANGULAR: 'triangular'>, \
claim_id=None)
    """
    return Range(
        best if low is None else min(best, low), best, best if high is None else max(best, high)
    )


def add_ranges(ranges: Sequence[Range]) -> Range:
    """Sum of ranges, end by end: all low or all high at once."""
    return Range(
        sum(one.low for one in ranges),
        sum(one.best for one in ranges),
        sum(one.high for one in ranges),
    )


def multiply_ranges(one: Range, other: Range, factor: float = 1.0) -> Range:
    """Product of two ranges without negative numbers, end by end."""
    return Range(
        one.low * other.low * factor, one.best * other.best * factor, one.high * other.high * factor
    )


def find_works(tables: Tables, kind: str, action: str) -> list[Row]:
    """Works of one kind of asset and action, from ``work_kinds``."""
    rows = tables["work_kinds"].filter((pl.col("kind") == kind) & (pl.col("action") == action))
    return list(rows.iter_rows(named=True))


def find_labour(
    tables: Tables, works: Works, shares: Mapping[str, float], quantity: Range, years: float
) -> Need | None:
    """Man-hours of reported works against those of all gangs, were they to do nothing else.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``labour_pools`` and ``estimates``.
    works : mapping of str to sequence of mapping
        Works that each action may mean.
    shares : mapping of str to float
        Share of each action.
    quantity : Range
        Reported number.
    years : float
        Span of time [y].

    Returns
    -------
    Need or None
        None where an action has no work with known hours.
    """
    parts = []
    for action, share in shares.items():
        hours = [
            _find_range(tables, "work_kinds", row["work_id"], "labour_h", row["labour_h"])
            for row in works[action]
            if row["labour_h"] is not None
        ]
        if not hours:
            return None
        parts.append(multiply_ranges(_blend(hours), quantity, share))
    pools = list(tables["labour_pools"].iter_rows(named=True))
    months = years * MONTHS_PER_YEAR
    there = add_ranges([_pool_hours(tables, row, months) for row in pools]) if pools else None
    rows = [*pools, *(row for action in shares for row in works[action])]
    is_firm = all(row["grade"] not in _SOFT for row in rows)
    return Need("man-hours", add_ranges(parts), there, is_firm)


def list_materials(
    tables: Tables, works: Works, shares: Mapping[str, float], quantity: Range, years: float
) -> Iterator[Need]:
    """Materials of reported works against store and supply; parameters as for `find_labour`."""
    for row in tables["materials"].iter_rows(named=True):
        parts, grades = [], [row["grade"]]
        for action, share in shares.items():
            if not works[action]:
                continue
            uses = [
                _find_use(tables, work["work_id"], row["material_id"]) for work in works[action]
            ]
            grades += [grade for use, grade in uses if use.high]
            parts.append(multiply_ranges(_blend([use for use, _ in uses]), quantity, share))
        need = add_ranges(parts) if parts else Range(0, 0, 0)
        if need.high:
            is_firm = all(grade not in _SOFT for grade in grades)
            yield Need(_name(row), need, _find_supply(tables, row, years), is_firm)


def _name(row: Row) -> str:
    name, unit = str(row["name"]), str(row["unit"])
    return (
        name.lower() if unit in name.lower() or name.lower() in unit else f"{name.lower()} ({unit})"
    )


def _find_range(tables: Tables, table: str, key: str, attribute: str, best: float) -> Range:
    """A cell with the range that ``estimates`` gives it."""
    found = tables["estimates"].filter(
        (pl.col("table") == table) & (pl.col("key") == key) & (pl.col("attribute") == attribute)
    )
    if found.is_empty():
        return Range(best, best, best)
    return make_range(best, found["low"][0], found["high"][0])


def _blend(ranges: Sequence[Range]) -> Range:
    """Of several works that a word may mean: the least, the middle and the most."""
    middle = median(one.best for one in ranges)
    return Range(min(one.low for one in ranges), middle, max(one.high for one in ranges))


def _pool_hours(tables: Tables, row: Row, months: float) -> Range:
    gangs, hours = (
        _find_range(tables, "labour_pools", row["pool_id"], column, row[column])
        for column in ("gangs_count", "hours_per_gang_month")
    )
    return multiply_ranges(gangs, hours, months)


def _find_use(tables: Tables, work_id: str, material_id: str) -> tuple[Range, str | None]:
    """What a work takes of a material, and the grade of that."""
    found = tables["work_materials"].filter(
        (pl.col("work_id") == work_id) & (pl.col("material_id") == material_id)
    )
    if found.is_empty():
        return Range(0, 0, 0), None
    key, best = f"{work_id};{material_id}", found["quantity"][0]
    return _find_range(tables, "work_materials", key, "quantity", best), found["grade"][0]


def _find_supply(tables: Tables, row: Row, years: float) -> Range | None:
    """Store on the first day and what comes in the time."""
    if row["stock"] is None or row["supply_per_month"] is None:
        return None
    store, monthly = (
        _find_range(tables, "materials", row["material_id"], column, row[column])
        for column in ("stock", "supply_per_month")
    )
    months = years * MONTHS_PER_YEAR
    return add_ranges([store, multiply_ranges(monthly, Range(months, months, months))])
