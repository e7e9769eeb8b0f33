"""The only conversion factors: table units outside, SI inside (style §3); and sums in order."""

from collections.abc import Iterable
from typing import Final

__all__ = [
    "DAYS_PER_YEAR",
    "DAY_S",
    "GRAVITY_M_S2",
    "HOURS_PER_YEAR",
    "HOUR_S",
    "KMH_TO_MS",
    "KM_TO_M",
    "LARGEST_ERROR",
    "MILE_TO_KM",
    "MINUTE_S",
    "MONTHS_PER_YEAR",
    "SHORT_TON_TO_T",
    "STANDARD_GRAVITY_M_S2",
    "TONNE_TO_KG",
    "YEAR_S",
    "add_in_order",
    "kmh_to_ms",
    "mph_to_kmh",
    "ms_to_kmh",
]

GRAVITY_M_S2: Final = 9.81
"""Acceleration of free fall used for running times [m/s²], the customary engineering value."""

STANDARD_GRAVITY_M_S2: Final = 9.80665
"""Standard acceleration of free fall [m/s²], for converting tonne-force to newton."""

KMH_TO_MS: Final = 1 / 3.6
KM_TO_M: Final = 1000.0
TONNE_TO_KG: Final = 1000.0
MILE_TO_KM: Final = 1.609344
SHORT_TON_TO_T: Final = 0.90718474
MINUTE_S: Final = 60
HOUR_S: Final = 3600
DAY_S: Final = 86_400

LARGEST_ERROR: Final = 0.5
"""Monte-Carlo error over its value up to which a figure is ranked and told in words [1]."""

MONTHS_PER_YEAR: Final = 12
DAYS_PER_YEAR: Final = 365.25
"""Mean length of a year of the Julian calendar [d]: what rates per year are spread over."""

HOURS_PER_YEAR: Final = DAYS_PER_YEAR * DAY_S / HOUR_S
YEAR_S: Final = DAYS_PER_YEAR * DAY_S


def kmh_to_ms(speed_kmh: float) -> float:
    """Speed in metres per second from kilometres per hour.

    Examples
    --------
    >>> kmh_to_ms(90.0)
    25.0
    """
    return speed_kmh / 3.6


def ms_to_kmh(speed_ms: float) -> float:
    """Speed in kilometres per hour from metres per second.

    Examples
    --------
    >>> ms_to_kmh(25.0)
    90.0
    """
    return speed_ms * 3.6


def mph_to_kmh(speed_mph: float) -> float:
    """Speed in kilometres per hour from miles per hour.

    Examples
    --------
    >>> round(mph_to_kmh(25.0), 1)
    40.2
    """
    return speed_mph * MILE_TO_KM


def add_in_order(values: Iterable[float]) -> float:
    """Sum of numbers, one after the other, with the same bits on every Python.

    Examples
    --------
    >>> add_in_order([0.1, 0.2, 0.3])
    0.6000000000000001
    """
    total = 0.0
    # The built-in sum makes up for rounding from Python 3.12 on, and did not before.
    for value in values:
        total += value
    return total
