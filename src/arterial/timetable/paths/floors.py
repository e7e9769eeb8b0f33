"""Stated times that no train can keep: faster than the limits of the line or its own.

Main function: :func:`find_too_fast`. What a train needs at least is the length of each step over
the lowest of its limits; where its run was computed under the kindest gradients, that; and the
standstill that each stop between states. Clock faces of whole minutes may each be half a minute
off.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from arterial.timetable.paths.courses_kernel import Passings
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.trains.timed_trains import TimedTrains
from arterial.units import HOUR_S

__all__ = ["find_too_fast", "list_least_times"]

ROUNDING_S: Final = 60
"""By how much two clock faces of whole minutes may be off together [s]."""

FASTEST_KMH: Final = 360.0
"""Limit where neither the section nor the train states one, as the schema bounds them [km/h]."""

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


def list_least_times(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    passings: Passings,
    timed: TimedTrains,
    computed_s: Mapping[int, Numbers],
) -> list[Numbers]:
    """What each pattern needs at least up to each place of its course.

    Parameters
    ----------
    model : LineModel
        Points and steps.
    tables : mapping of str to DataFrame
        ``sections`` and ``trains``.
    passings : Passings
        Courses of the patterns.
    timed : TimedTrains
        Trains of the patterns.
    computed_s : mapping of int to ndarray
        Least running time of each step, for trains by number whose run was computed [s].

    Returns
    -------
    list of ndarray of float64, shape (n_places,)
        Seconds from the first place of each pattern; those alike share one array.
    """
    limits = {
        category: _list_limits(model, tables["sections"], category)
        for category in ("passenger", "freight")
    }
    lengths = np.array([step.length_km for step in model.steps], dtype=np.float64)
    rows = tables["trains"].select("category", "top_speed_kmh").rows()
    kept: dict[tuple[int, str, float, int], Numbers] = {}
    found = []
    for course, train in zip(passings.own.tolist(), timed.pattern_trains.tolist(), strict=True):
        category = "freight" if rows[train][0] == "freight" else "passenger"
        top = float(rows[train][1] or FASTEST_KMH)
        key = (course, category, top, train if train in computed_s else -1)
        if key not in kept:
            courses = passings.courses
            steps = courses.step[courses.first[course] : courses.first[course + 1]]
            need = np.zeros(len(steps))
            known = steps >= 0
            speed_kmh = np.minimum(limits[category][steps[known]], top)
            need[known] = lengths[steps[known]] / speed_kmh * HOUR_S
            if train in computed_s:
                need[1:] = np.maximum(need[1:], computed_s[train])
            kept[key] = np.cumsum(need)
        found.append(kept[key])
    return found


def _list_limits(model: LineModel, sections: pl.DataFrame, category: str) -> Numbers:
    """Speed limit of each step [km/h]."""
    column = f"{category}_speed_limit_kmh"
    limits = dict(sections.select("section_id", column).iter_rows())
    return np.array(
        [limits.get(step.section_id) or FASTEST_KMH for step in model.steps], dtype=np.float64
    )


def find_too_fast(
    passings: Passings, timed: TimedTrains, least_s: list[Numbers], *, lists_days: bool = True
) -> pl.DataFrame:
    """Stretches between two stated times of a train that it cannot run in the time there is.

    Parameters
    ----------
    passings : Passings
        Courses of the patterns.
    timed : TimedTrains
        Stated times.
    least_s : list of ndarray
        As `list_least_times` gives them.
    lists_days : bool
        Whether the days of each are listed.

    Returns
    -------
    DataFrame
        train, from_number and to_number (of points), first_day and days_count of the pattern,
        from_s and to_s after 00:00 UTC of the operating day, missing_s, standing_s of what is
        needed: the standstills stated between the two times, and the days, counted within the
        period.
    """
    stated = np.flatnonzero(timed.is_stated)
    owner = np.searchsorted(timed.event_first, stated, side="right") - 1
    within = stated - timed.event_first[owner]
    together = (owner[1:] == owner[:-1]) & (within[1:] // 2 > within[:-1] // 2)
    before, after = np.flatnonzero(together), np.flatnonzero(together) + 1
    courses, pattern = passings.courses, owner[before]
    stops = courses.stop_first[passings.own[pattern]]
    begin, end = (courses.stop_place[stops + within[events] // 2] for events in (before, after))
    need_s = _read_places(least_s, pattern, end) - _read_places(least_s, pattern, begin)
    standing_s = _sum_standing(timed, pattern, within[before], within[after])
    need_s += standing_s
    from_s, to_s = timed.event_s[stated[before]], timed.event_s[stated[after]]
    short = np.flatnonzero((to_s >= from_s) & (to_s - from_s < need_s - ROUNDING_S))
    pattern, from_s, to_s = pattern[short], from_s[short], to_s[short]
    places, days = courses.first[passings.own[pattern]], timed.days[timed.pattern_days[pattern]]
    first_day = days.argmax(axis=1) if len(days) else pattern
    values = (
        timed.pattern_trains[pattern],
        courses.point[places + begin[short]],
        courses.point[places + end[short]],
        first_day,
        days.sum(axis=1),
        from_s,
        to_s,
        np.rint(need_s[short]).astype(np.int64) - (to_s - from_s),
        np.rint(standing_s[short]).astype(np.int64),
    )
    found = pl.DataFrame(dict(zip(COLUMNS, values, strict=True)), dict.fromkeys(COLUMNS, pl.Int64))
    sure = pl.repeat(value=True, n=len(short), eager=True)
    listed = [np.flatnonzero(row).tolist() if lists_days else None for row in days[: len(short)]]
    lists = pl.Series(listed, dtype=pl.List(pl.Int64))
    return found.with_columns(is_impossible=sure, is_fixed=sure, days=lists)


def _sum_standing(
    timed: TimedTrains, patterns: Integers, before: Integers, after: Integers
) -> Numbers:
    """Standstills that are stated between two events of each pattern [s]."""
    sums = np.concatenate([[0.0], np.cumsum(timed.standing_s)])
    first = timed.stop_first[timed.pattern_trains[patterns]]
    # An arrival has the standstill of its own stop behind it, a departure has it in front.
    found: Numbers = sums[first + (after + 1) // 2] - sums[first + (before + 1) // 2]
    return found


def _read_places(
    values: list[Numbers], patterns: NDArray[np.int64], places: NDArray[np.int64]
) -> Numbers:
    """What arrays by pattern, many of them the same, hold at places."""
    shared = {id(array): array for array in values}
    ends = np.cumsum([len(array) for array in shared.values()], dtype=np.int64)
    first = {key: end - len(shared[key]) for key, end in zip(shared, ends.tolist(), strict=True)}
    begins = np.array([first[id(array)] for array in values], dtype=np.int64)
    found: Numbers = np.concatenate([*shared.values(), np.empty(0)])[begins[patterns] + places]
    return found


COLUMNS: Final = (
    "train",
    "from_number",
    "to_number",
    "first_day",
    "days_count",
    "from_s",
    "to_s",
    "missing_s",
    "standing_s",
)
