"""What the works leaves of a pool against what its trips need; main function `tabulate_shortages`.

The planner reads here on which days which departures have no set, before any chance is drawn.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.study import conform_table
from arterial.timetable.coaches.coach_pools import PoolView
from arterial.timetable.coaches.set_turns import Rotation
from arterial.timetable.coaches.trip_model import Finding, write_count, write_day

__all__ = ["count_sets_out", "tabulate_shortages"]

NAMED: Final = 3
"""Departures without a set that are named in words [1]."""


def tabulate_shortages(
    view: PoolView,
    rotation: Rotation,
    away: pl.DataFrame,
    late: Iterable[Finding],
    zone: str,
) -> pl.DataFrame:
    """Rows of one pool in ``set_availability``: needs, departures without a set, words.

    Parameters
    ----------
    view : PoolView
        The pool.
    rotation : Rotation
        Its turns.
    away : polars.DataFrame
        Table ``set_availability`` of :func:`arterial.timetable.coaches.set_stays.count_sets_away`.
    late : iterable of Finding
        Departures without a set, as the rotation found them.
    zone : str
        IANA zone of the depot.

    Returns
    -------
    polars.DataFrame
        Rows of the pool.
    """
    own = away.filter(pl.col("pool_id") == view.pool_id)
    if own.is_empty():
        return own
    without = sorted(
        (finding.trip_date, finding.finding_id.rpartition(":")[0])
        for finding in late
        if finding.trip_date is not None
    )
    rows = []
    for row in own.iter_rows(named=True):
        span = (row["from_day"], row["to_day"] + timedelta(days=1))
        begin_s, end_s = (
            civil_to_epoch_s(day, "00:00", zone, view.epoch, allow_gap=True) for day in span
        )
        dates = [trip.trip_date for trip in view.trips if trip.trip_date is not None]
        rows.append(
            _describe(
                view,
                row
                | {
                    "sets_needed": count_sets_out(view, rotation, begin_s, end_s),
                    "departures_count": sum(_is_in(row, day) for day in dates),
                },
                [trip_id for day, trip_id in without if _is_in(row, day)],
            )
        )
    return conform_table("set_availability", pl.DataFrame(rows, schema=own.schema))


def count_sets_out(view: PoolView, rotation: Rotation, begin_s: int, end_s: int) -> int:
    """Most sets that are away from home, or in their shortest stay there, in a span of time.

    Parameters
    ----------
    view : PoolView
        The pool.
    rotation : Rotation
        Its turns.
    begin_s, end_s : int
        The span, its end left out [s UTC since the study epoch].

    Returns
    -------
    int
        Sets.
    """
    stay_s = view.turn_s.get(view.home_point, 0.0)
    out = sum(turns[0].trip.from_point != view.home_point for turns in rotation.sets)
    # A set that is ready at the very second of a departure can take it, so it counts first.
    changes = sorted(
        [(t.arrival.at_s + stay_s, -1) for t in view.trips if t.to_point == view.home_point]
        + [(float(t.departure.at_s), 1) for t in view.trips if t.from_point == view.home_point]
    )
    most = out + sum(change for at_s, change in changes if at_s <= begin_s)
    for at_s, change in changes:
        out += change
        if begin_s < at_s < end_s:
            most = max(most, out)
    return most


def _is_in(row: Mapping[str, Any], day: date) -> bool:
    return bool(row["from_day"] <= day <= row["to_day"])


def _describe(view: PoolView, row: Mapping[str, Any], without: list[str]) -> dict[str, Any]:
    """A row with its words; whether departures lack a set is unknown where the sets are."""
    jobs = row["job_ids"].replace(";", ", ")
    held = f"The works has {write_count(row['sets_away'], 'set')} of {view.name} ({jobs})"
    days = f"{write_day(row['from_day'])} to {write_day(row['to_day'])}"
    words = [f"{days}: {held[0].lower()}{held[1:]}"]
    if row["sets_owned"] is None:
        words[0] += f"; the trips need {row['sets_needed']} at once."
        words.append(
            f"How many there are is not stated: {row['sets_needed'] + row['sets_away']} would do."
        )
        return {**row, "departures_without_set": None, "explanation": " ".join(words)}
    words[0] += (
        f", leaving {row['sets_available']} of {row['sets_owned']} for trips that need "
        f"{row['sets_needed']} at once."
    )
    if without:
        more = len(without) - NAMED
        named = ", ".join(without[:NAMED]) + (f" and {more} more" if more > 0 else "")
        count = write_count(row["departures_count"], "departure")
        words.append(f"{len(without)} of {count} {_have(len(without))} no set: {named}.")
    elif row["sets_available"] < row["sets_needed"]:
        words.append(
            "Still every departure of these days has one: a set under way goes in once it is home."
            if row["departures_count"]
            else "Nothing departs in these days."
        )
    return {**row, "departures_without_set": len(without), "explanation": " ".join(words)}


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
