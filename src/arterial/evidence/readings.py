"""How else a figure can be read: another unit, another period, clock faces, wagons for tonnes.

Main functions: :func:`compare_ranges` and :func:`list_scalings`. A reading is tried only where the
figure as worded does not fit, and every one that was tried is told.
"""

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from arterial.evidence.ledger import Claim
from arterial.evidence.quantities import Dimension, Quantity
from arterial.units import DAY_S, HOUR_S, HOURS_PER_YEAR, MILE_TO_KM, MONTHS_PER_YEAR

__all__ = [
    "GREAT_FACTOR",
    "Fit",
    "compare_ranges",
    "list_scalings",
    "read_literally",
    "write_range",
    "write_stated",
    "write_taken",
]

DAY_H: Final = DAY_S / HOUR_S
SLACK: Final = 1e-9
NARROW: Final = 1.5
VERY_NARROW: Final = 1.05
"""Greatest over least value of a model range up to which a change of unit means something [1];
for a small factor, such as that of miles, it has to be the smaller one."""

GREAT_FACTOR: Final = 10.0

LONG_H: Final = HOURS_PER_YEAR
"""Durations from here on are told in years [h]."""

_DAY_UNITS: Final = frozenset({"d", "day", "days"})


class Fit(StrEnum):
    """How a range lies to that of the model."""

    HOLDS = "holds"
    TOUCHES = "touches"
    FAILS = "fails"


_SCALINGS: Final[Mapping[Dimension, tuple[tuple[str, float, float], ...]]] = {
    Dimension.LENGTH: (
        ("metres printed as kilometres", 0.001, 0.001),
        ("kilometres printed as metres", 1000.0, 1000.0),
        ("miles", MILE_TO_KM, MILE_TO_KM),
        ("kilometres printed as miles", 1 / MILE_TO_KM, 1 / MILE_TO_KM),
    ),
    Dimension.DURATION: (
        ("days printed as hours", DAY_H, DAY_H),
        ("hours printed as days", 1 / DAY_H, 1 / DAY_H),
        ("hours printed as minutes", 60.0, 60.0),
        ("minutes printed as hours", 1 / 60, 1 / 60),
    ),
    Dimension.MASS: (
        ("thousands of tonnes", 1000.0, 1000.0),
        ("kilograms printed as tonnes", 0.001, 0.001),
        ("wagons of 60 to 70 t", 60.0, 70.0),
    ),
    Dimension.MASS_RATE: (
        ("thousands of tonnes", 1000.0, 1000.0),
        ("kilograms printed as tonnes", 0.001, 0.001),
        ("wagons of 60 to 70 t", 60.0, 70.0),
        ("a month printed as a year", float(MONTHS_PER_YEAR), float(MONTHS_PER_YEAR)),
    ),
    Dimension.RATE: (
        ("every two months", 0.25, 0.25),
        ("a month printed as a year", float(MONTHS_PER_YEAR), float(MONTHS_PER_YEAR)),
        ("a year printed as a month", 1 / MONTHS_PER_YEAR, 1 / MONTHS_PER_YEAR),
        ("both directions counted", 0.5, 0.5),
    ),
}
"""Slips by dimension: what the figure is then multiplied by, least and most."""


def read_literally(stated: Quantity) -> tuple[float, float]:
    """Range of a figure as worded: a bare number of days is that many times 24 hours.

    Counts, rates and ranks are exact; other bare numbers mean what rounds to them.
    """
    exact = stated.dimension in {Dimension.COUNT, Dimension.RATE, Dimension.RANK}
    if not stated.is_bare or not (exact or stated.unit in _DAY_UNITS):
        return stated.low, stated.high
    middle = (stated.low + stated.high) / 2
    slack = 0.0 if exact else 0.5
    return middle - slack, middle + slack


def compare_ranges(
    stated: tuple[float, float], low: float | None, best: float | None, high: float | None
) -> Fit:
    """Whether a stated range holds the model's best value, touches its range, or neither.

    Examples
    --------
    >>> compare_ranges((192.0, 200.0), 193.8, 203.7, 214.2)
    <Fit.TOUCHES: 'touches'>
    """
    first, last = stated
    if best is not None and first - _slack(first) <= best <= last + _slack(last):
        return Fit.HOLDS
    least = best if low is None else low
    most = best if high is None else high
    is_below = most is not None and most < first - _slack(first)
    is_above = least is not None and least > last + _slack(last)
    return Fit.FAILS if is_below or is_above else Fit.TOUCHES


def _slack(end: float) -> float:
    return SLACK * max(1.0, abs(end)) if math.isfinite(end) else 0.0


def list_scalings(
    stated: Quantity, low: float | None, high: float | None
) -> Iterator[tuple[str, tuple[float, float]]]:
    """Ranges that a figure means if its unit slipped, each by name.

    Parameters
    ----------
    stated : Quantity
        The figure.
    low, high : float or None
        Range that it would have to fit; where it is wide, a slip fits by chance and none is given.
    """
    if low is None or high is None or low <= 0 or high > NARROW * low:
        return
    first, last = read_literally(stated)
    is_exact = high <= VERY_NARROW * low
    for name, least, most in _SCALINGS.get(stated.dimension, ()):
        if not is_exact and 1 / GREAT_FACTOR < least < GREAT_FACTOR:
            continue
        ends = (first * least, last * most)
        if not any(math.isnan(end) for end in ends):
            yield name, ends


def write_range(dimension: Dimension, low: float, high: float, best: float | None = None) -> str:
    """A range in words, in the base unit of its dimension.

    Examples
    --------
    >>> write_range(Dimension.LENGTH, 10000.0, math.inf)
    'at least 10000 km'
    """
    if dimension is Dimension.DURATION and _is_long(low, high):
        low, high = low / HOURS_PER_YEAR, high / HOURS_PER_YEAR
        best = None if best is None else best / HOURS_PER_YEAR
        return write_range(Dimension.COUNT, low, high, best) + " years"
    unit = {Dimension.RANK: "", Dimension.COUNT: ""}.get(dimension, dimension.value)
    tail = f" {unit}" if unit else ""
    if math.isinf(low) and math.isinf(high):
        return "anything"
    if math.isinf(high):
        return f"at least {_write(low)}{tail}"
    if math.isinf(low):
        return f"at most {_write(high)}{tail}"
    if _write(low) == _write(high):
        return f"{_write(low)}{tail}"
    middle = "" if best is None or not low <= best <= high else f"{_write(best)} ("
    end = ")" if middle else ""
    return f"{middle}{_write(low)} to {_write(high)}{end}{tail}"


def _is_long(low: float, high: float) -> bool:
    ends = [abs(end) for end in (low, high) if math.isfinite(end)]
    return max(ends, default=0.0) >= LONG_H


def _write(number: float) -> str:
    """A number without more digits than it has."""
    if abs(number) >= 1000:  # noqa: PLR2004 four digits stand whole
        return f"{number:.0f}"
    return f"{number:.4g}"


def write_stated(claim: Claim) -> str:
    """What a claim states, in its own unit."""
    low, value, high = (claim.text(column) for column in ("low", "value", "high"))
    unit = claim.text("unit")
    unit = "" if unit in {"date", "place", "rank", "direction", "day of month"} else unit
    tail = f" {unit}" if unit else ""
    if low and high and low != high:
        return (
            f"{low} to {high}{tail}"
            if not value or value in {low, high}
            else (f"{value} ({low} to {high}){tail}")
        )
    if low and not high:
        return f"at least {low}{tail}"
    if high and not low and not value:
        return f"at most {high}{tail}"
    return f"{value or low or high}{tail}" if value or low or high else "no figure"


def write_taken(claim: Claim, ends: tuple[float, float]) -> str:
    """What is stated, and the range that it is taken as where its words are not that range."""
    stated, taken = write_stated(claim), write_range(claim.stated.dimension, *ends)
    is_counted = claim.stated.dimension is Dimension.COUNT
    is_plain = claim.stated.factor == 1.0 and (is_counted or not claim.stated.is_bare)
    return stated if stated == taken or is_plain else f"{stated}, taken as {taken}"
