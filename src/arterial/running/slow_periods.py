"""Periods of days on which the same temporary speed restrictions are valid.

Main function: :func:`list_slow_periods`. A restriction costs time to the trains that are there on
the days on which it is valid and to no other, whatever the day that the study is of.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

__all__ = ["DatedLinks", "SlowPeriod", "list_slow_periods"]


@dataclass(frozen=True, slots=True)
class SlowPeriod:
    """Days between which the same restrictions are valid.

    Parameters
    ----------
    first, last : date
        Ends, both included.
    section_ids : frozenset of str
        Sections with a restriction.
    """

    first: date
    last: date
    section_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class DatedLinks:
    """Running times between stops on the days of a period.

    Parameters
    ----------
    first, last : date
        Days on which trains are there, both included.
    link_times : polars.DataFrame
        Of the trains that are slowed down, as in `TrainRuns`, and ``slow_after_s``: running
        time from the stop before until it meets a restriction; null = none on the link.
    """

    first: date
    last: date
    link_times: pl.DataFrame


def list_slow_periods(
    restrictions: pl.DataFrame | None, ends: Collection[date]
) -> tuple[SlowPeriod, ...]:
    """List the periods in which restrictions are valid.

    Parameters
    ----------
    restrictions : polars.DataFrame or None
        Table ``speed_restrictions``.
    ends : collection of date
        First and last day to look at.

    Returns
    -------
    tuple of SlowPeriod
        In order, without overlap; days without a restriction lie in none.

    Examples
    --------
    >>> rows = pl.DataFrame({
    ...     "section_id": ["A", "B"],
    ...     "valid_from": [date(2026, 1, 10), date(2026, 1, 12)],
    ...     "valid_to": [date(2026, 1, 12), None],
    ... })
    >>> for period in list_slow_periods(rows, (date(2026, 1, 1), date(2026, 1, 31))):
    ...     print(period.first, period.last, sorted(period.section_ids))
    2026-01-10 2026-01-11 ['A']
    2026-01-12 2026-01-12 ['A', 'B']
    2026-01-13 2026-01-31 ['B']
    """
    first, last = min(ends), max(ends)
    if restrictions is None or restrictions.is_empty():
        return ()
    rows = [
        (
            row["section_id"],
            max(row["valid_from"] or first, first),
            min(row["valid_to"] or last, last),
        )
        for row in restrictions.iter_rows(named=True)
    ]
    day = timedelta(days=1)
    cuts = sorted({first, last + day, *(r[1] for r in rows), *(r[2] + day for r in rows)})
    periods = []
    for begin, end in pairwise(cuts):
        here = frozenset(section for section, valid, to in rows if valid <= begin <= to)
        if here and first <= begin <= last:
            periods.append(SlowPeriod(begin, end - day, here))
    return tuple(periods)
