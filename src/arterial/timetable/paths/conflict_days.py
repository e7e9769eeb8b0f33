"""Days on which stated trains are in conflict: days that are alike, and each day counted once.

Main functions: :func:`group_days` and :func:`count_days_once`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.rows import Rows
from arterial.timetable.paths.courses_kernel import Passings
from arterial.timetable.paths.crowds_kernel import DayClasses
from arterial.timetable.paths.occupation_kernel import Uses
from arterial.timetable.trains.timed_trains import TimedTrains
from arterial.units import DAY_S

__all__ = ["DayGroups", "count_days_once", "group_days", "order_uses"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DayGroups:
    """Days on which the same trains are about.

    Parameters
    ----------
    days : tuple of ndarray of int64
        Days of the period in groups that are alike, ``(n_groups,)``.
    """

    days: tuple[Integers, ...]

    @property
    def classes(self) -> DayClasses:
        """The groups as kernels take them."""
        return DayClasses(
            np.array([group[0] for group in self.days], dtype=np.int64),
            np.array([len(group) for group in self.days], dtype=np.int64),
        )


def group_days(timed: TimedTrains, passings: Passings) -> DayGroups:
    """Days on which the same trains are about.

    Parameters
    ----------
    timed : TimedTrains
        The trains.
    passings : Passings
        Their times at every place.

    Returns
    -------
    DayGroups
        As many as there are different days.
    """
    known = passings.departure_s[passings.departure_s > -DAY_S * DAY_S]
    before = int(known.max(initial=0)) // DAY_S + 2
    after = -(int(known.min(initial=0)) // DAY_S) + 1
    days = np.pad(timed.days, ((0, 0), (before, after)))
    groups: dict[bytes, list[int]] = {}
    for day in range(timed.days.shape[1]):
        around = days[:, day : day + before + after + 1]
        groups.setdefault(np.packbits(around).tobytes(), []).append(day)
    return DayGroups(tuple(np.array(group, dtype=np.int64) for group in groups.values()))


def count_days_once(
    found: pl.DataFrame, keys: Sequence[str], list_days: Callable[[int], Integers]
) -> pl.DataFrame:
    """Conflicts in which a day counts once, however often the same trains meet on it.

    Trains that take several days meet each other, and themselves, several times a day.

    Parameters
    ----------
    found : DataFrame
        Conflicts with ``days_count``.
    keys : sequence of str
        Columns that name the trains and the place.
    list_days : callable
        Operating days of the second train of a row, by its number.

    Returns
    -------
    DataFrame
        With the days of several rows of the same key in the first of them, 0 in the others;
        ``days`` lists them where the conflict is impossible, so that a departure is charged with
        those of its own day alone.
    """
    lists = [
        list_days(row).tolist() if is_impossible else None
        for row, is_impossible in enumerate(found["is_impossible"].to_list())
    ]
    counts = found["days_count"].to_numpy().copy()
    numbers = pl.DataFrame({"row": pl.int_range(found.height, eager=True)}).hstack(
        found.select(keys)
    )
    for rows in (
        numbers.group_by(keys, maintain_order=True)
        .agg("row")
        .filter(pl.col("row").list.len() > 1)["row"]
        .to_list()
    ):
        counts[rows] = 0
        counts[rows[0]] = len(np.unique(np.concatenate([list_days(row) for row in rows])))
    return found.with_columns(
        days_count=pl.Series(counts), days=pl.Series(lists, dtype=pl.List(pl.Int64))
    )


def order_uses(first: Integers, rows: Rows, *, by_end: bool = False) -> Uses:
    """Uses in order of their step or point and the time of day.

    Parameters
    ----------
    first : ndarray of int64, shape (n + 1,)
        First use of each step or point.
    rows : ndarray of USE
        The uses.
    by_end : bool
        Whether of those that begin at one instant the one that ends first comes first: it may
        leave as the other comes.

    Returns
    -------
    Uses
        In order.
    """
    owner = np.repeat(np.arange(len(first) - 1), np.diff(first))
    ends_s = rows["to_s"] if by_end else np.zeros(len(rows), np.int64)
    return Uses(first, rows[np.lexsort((ends_s, rows["from_s"], owner))])
