"""What reported works take of labour and materials, and what they are worth to trains.

Main functions: `find_labour` and `list_materials`, against what there is in that time, and
`reckon_worth`, if the assets were chosen well, badly or at random.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import polars as pl

from arterial.study.estimates import Range
from arterial.units import HOUR_S, MINUTE_S, MONTHS_PER_YEAR

__all__ = [
    "Need",
    "WorthOfChoice",
    "add_ranges",
    "find_labour",
    "list_materials",
    "make_range",
    "multiply_ranges",
    "reckon_worth",
]

Tables = Mapping[str, pl.DataFrame]

Row = Mapping[str, Any]

Works = Mapping[str, Sequence[Row]]

_SOFT: Final = frozenset({"assumption", None})

_DELAYS: Final = ("primary_delay_min_per_year", "knock_on_delay_min_per_year")

_RESTRICTION: Final = "restriction_delay_min_per_year"

_RATE: Final = "failure_rate_per_year"

_RENEWED: Final = "renewed_failure_rate_per_year"


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


@dataclass(frozen=True, slots=True)
class WorthOfChoice:
    """Delay of all trains that is avoided in the year after.

    Parameters
    ----------
    well_h, random_h, badly_h : float
        If the assets worth most were chosen, any, or those worth least [h].
    count : int
        Assets of the study that are chosen.
    """

    well_h: float
    random_h: float
    badly_h: float
    count: int


def reckon_worth(
    states: pl.DataFrame,
    effects: pl.DataFrame,
    shares: Mapping[str, float],
    age_left: Mapping[str, float],
    part: float,
) -> WorthOfChoice | None:
    """Delay that is avoided if a part of the assets of one kind is worked on.

    A work that leaves the share a of the age takes 1 - a of what a renewal takes from the failure
    rate, and 1 - a of the delay by restricted speed; both are straight lines by assumption.

    Parameters
    ----------
    states, effects : DataFrame
        Rows of ``asset_states`` and ``asset_effects`` of one kind.
    shares : mapping of str to float
        Share of each action; each asset is worth the mean over them.
    age_left : mapping of str to float
        Share of its age that an asset keeps, by action.
    part : float
        Part of the stock that is worked on, up to 1.

    Returns
    -------
    WorthOfChoice or None
        None where delays or rates are not known.

    Examples
    --------
    Two assets of 60 and 30 min; a renewal takes all failures away, and half of them are renewed:

    >>> states = pl.DataFrame({"asset_id": ["A", "B"], "failure_rate_per_year": [1.0, 1.0],
    ...     "renewed_failure_rate_per_year": [0.0, 0.0]})
    >>> effects = pl.DataFrame({"asset_id": ["A", "B"], "primary_delay_min_per_year": [60.0, 30.0],
    ...     "knock_on_delay_min_per_year": 0.0, "restriction_delay_min_per_year": 0.0})
    >>> reckon_worth(states, effects, {"renew": 1.0}, {"renew": 0.0}, 0.5)
    WorthOfChoice(well_h=1.0, random_h=0.75, badly_h=0.5, count=1)
    """
    if set(shares) - set(age_left):
        return None
    gained = sum(share * (1 - age_left[action]) for action, share in shares.items())
    rows = effects.select("asset_id", *_DELAYS, _RESTRICTION).join(
        states.select("asset_id", _RATE, _RENEWED), on="asset_id"
    )
    spared = (1 - pl.col(_RENEWED) / pl.col(_RATE)).clip(0, 1)
    # An asset that never fails is spared no failure.
    spared = pl.when(pl.col(_RATE) > 0).then(spared).when(pl.col(_RATE) == 0).then(0.0)
    delay_min = pl.sum_horizontal(*_DELAYS, ignore_nulls=False) * spared + pl.col(_RESTRICTION)
    hours = rows.select(delay_min * gained * MINUTE_S / HOUR_S).to_series().sort(descending=True)
    # A sum over unknown delays is unknown.
    if not hours.len() or hours.null_count():
        return None
    count = min(int(part * hours.len() + 0.5), hours.len())
    return WorthOfChoice(
        well_h=float(hours.head(count).sum()),
        random_h=float(hours.sum()) * count / hours.len(),
        badly_h=float(hours.tail(count).sum()),
        count=count,
    )
