"""Published days and hours of events checked against the resolved trips.

A published day of the month holds in some months only, because months differ in length: such a
statement is a simplification, and the months in which it fails are listed.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import polars as pl

from arterial.clock import civil_to_epoch_s, local_datetime
from arterial.evidence.quantities import read_period
from arterial.evidence.statement_verdicts import (
    Row,
    StatementCheck,
    StatementKind,
    StatementVerdict,
    name_point,
    name_service,
    read_date,
    read_number,
    read_table,
    read_text,
)
from arterial.units import HOUR_S, MINUTE_S

__all__ = ["check_events"]

FITTED: Final = " It was set from this very source, which therefore proves nothing."
MAXIMUM_LISTED: Final = 12
DAYS_AROUND: Final = 15


class _Agreement(IntEnum):
    """How one trip agrees with a statement."""

    FAILS = 0
    POSSIBLE = 1
    HOLDS = 2


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a trip is at a point: instants [s UTC since the epoch], zone and basis of the time."""

    trip_date: dt.date
    low_at_s: int
    at_s: int
    high_at_s: int
    zone: str
    basis: str


def check_events(
    tables: Mapping[str, pl.DataFrame],
    trips: pl.DataFrame,
    trip_events: pl.DataFrame,
    epoch: dt.date,
) -> list[StatementCheck]:
    """Every published event, checked against each trip it speaks of.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        Study tables ``published_events`` and ``operational_points``.
    trips, trip_events : polars.DataFrame
        Resolved trips and their events.
    epoch : datetime.date
        Study epoch.

    Returns
    -------
    list of StatementCheck
        One for each row. It holds when it holds for every trip, is simplified when it holds for
        some, contradicted when for none; a trip whose range of times only touches the statement
        decides nothing, and one that does not work holds nothing.
    """
    points = read_table(tables, "operational_points")
    zones = dict(points.select("point_id", "zone").rows())
    joined = trip_events.join(
        trips.select("trip_id", "service_id", "trip_date", "verdict"),
        on="trip_id",
        maintain_order="left",
    )
    rows = read_table(tables, "published_events").iter_rows(named=True)
    return [_check_event(tables, zones, joined, row, epoch) for row in rows]


def _check_event(
    tables: Mapping[str, pl.DataFrame],
    zones: Mapping[str, str],
    events: pl.DataFrame,
    row: Row,
    epoch: dt.date,
) -> StatementCheck:
    """One published event."""
    of_event = _select_events(events, row)
    is_blocked = pl.col("verdict").eq_missing("does_not_work")
    blocked = of_event.filter(is_blocked)["trip_date"].n_unique()
    moments = _list_moments(of_event.filter(~is_blocked), zones[str(row["point_id"])])
    results = [(moment, _compare(moment, row, epoch)) for moment in moments]
    verdict = _judge([agreement for _, agreement in results])
    has_time = row["stated_time"] is not None
    is_fitted = verdict is StatementVerdict.HOLDS and _is_set_from(tables, row)
    ahead = _describe_ahead(tables, row, moments, epoch)
    if is_fitted or (ahead and verdict is StatementVerdict.HOLDS):
        verdict = StatementVerdict.CANNOT_TELL
    return StatementCheck(
        statement_id=read_text(row, "statement_id"),
        kind=StatementKind.EVENT_TIME if has_time else StatementKind.ARRIVAL_DAY,
        subject=_write_subject(tables, row),
        stated=_write_stated(row),
        computed=_write_computed(moments, row, epoch),
        verdict=verdict,
        calculation=_write_calculation(results, row, epoch)
        + _write_blocked(blocked)
        + (FITTED if is_fitted else "")
        + ahead,
        row=row,
    )


def _describe_ahead(
    tables: Mapping[str, pl.DataFrame], row: Row, moments: list[_Moment], epoch: dt.date
) -> str:
    """That a single event was told before it happened, so that nobody can have seen it."""
    if row["departure_date"] is None or row["kind"] == "plan" or not moments:
        return ""
    sources = read_table(tables, "sources").select("source_id", "published_on")
    published = read_period(dict(sources.iter_rows()).get(row["source_id"]))
    near = local_datetime(moments[0].at_s, epoch, moments[0].zone).date()
    event = _find_stated_day(moments[0], row, near)
    if published is None or event is None or published[1] >= event:
        return ""
    return f" It was published by {published[1]}, before {event}: a forecast, not a sighting."


def _is_set_from(tables: Mapping[str, pl.DataFrame], row: Row) -> bool:
    """Whether a time or a day of the study was set from this very source, which then is no check.

    A stated time by a stop with that time; a stated day by a later leg with a day of boarding.
    """
    time, source = row["stated_time"], row["source_id"]
    if source is None:
        return False
    if time is not None:
        same = (pl.col("point_id") == row["point_id"]) & (pl.col("source_id") == source)
        stops = read_table(tables, "train_stops").filter(same)
        return any(time in {stop["arrival"], stop["departure"]} for stop in stops.to_dicts())
    legs = read_table(tables, "coach_legs").filter(
        (pl.col("service_id") == row["service_id"])
        & (pl.col("source_id") == source)
        & (pl.col("boarding_day") > 0)
    )
    return not legs.is_empty()


def _select_events(events: pl.DataFrame, row: Row) -> pl.DataFrame:
    """Events that a statement speaks of, of every trip that it speaks of."""
    wanted: pl.Expr = pl.col("service_id").eq(row["service_id"])
    wanted &= pl.col("point_id").eq(row["point_id"])
    day, date = read_number(row, "departure_day_of_month"), read_date(row, "departure_date")
    if day is not None:
        wanted &= pl.col("trip_date").dt.day().eq(int(day))
    if date is not None:
        wanted &= pl.col("trip_date").eq(date)
    if row["event"] != "passing":
        wanted &= pl.col("event").eq(row["event"])
    return events.filter(wanted).drop_nulls("at_s")


def _write_blocked(count: int) -> str:
    """How many departures are left out because they do not work as announced."""
    if not count:
        return ""
    departures = "1 departure is" if count == 1 else f"{count} departures are"
    return f" {departures} not held: announced, but blocked by a finding of their own."


def _list_moments(found: pl.DataFrame, zone: str) -> list[_Moment]:
    """Moments of trips, by day of departure."""
    # A passing lies anywhere between arrival and departure of one standstill.
    spans = found.group_by("trip_date").agg(
        pl.col("low_at_s").min(),
        pl.col("at_s").min(),
        pl.col("high_at_s").max(),
        pl.col("basis").first(),
    )
    return [
        _Moment(
            moment["trip_date"],
            moment["at_s"] if moment["low_at_s"] is None else moment["low_at_s"],
            moment["at_s"],
            moment["at_s"] if moment["high_at_s"] is None else moment["high_at_s"],
            zone,
            str(moment["basis"]),
        )
        for moment in spans.sort("trip_date").iter_rows(named=True)
    ]


def _compare(moment: _Moment, row: Row, epoch: dt.date) -> _Agreement:
    """Whether a trip agrees with a statement."""
    local = local_datetime(moment.at_s, epoch, moment.zone)
    days = [
        local_datetime(at_s, epoch, moment.zone).date()
        for at_s in (moment.low_at_s, moment.high_at_s)
    ]
    stated = _find_stated_day(moment, row, local.date())
    if row["stated_time"] is None:
        if stated == local.date():
            return _Agreement.HOLDS
        possible = stated is not None and days[0] <= stated <= days[1]
        return _Agreement.POSSIBLE if possible else _Agreement.FAILS
    gap_s = _find_gap_s(moment, row, stated, epoch)
    tolerance_s = (read_number(row, "tolerance_min") or 0.0) * MINUTE_S
    if abs(gap_s) <= tolerance_s:
        return _Agreement.HOLDS
    stated_at_s = moment.at_s + gap_s
    inside = moment.low_at_s - tolerance_s <= stated_at_s <= moment.high_at_s + tolerance_s
    return _Agreement.POSSIBLE if inside else _Agreement.FAILS


def _find_stated_day(moment: _Moment, row: Row, near: dt.date) -> dt.date | None:
    """Local day that a statement names for a trip; None where it names none or no such day."""
    offset = read_number(row, "stated_day_offset")
    if offset is not None:
        return moment.trip_date + dt.timedelta(days=offset)
    wanted = read_number(row, "stated_day_of_month")
    if wanted is None:
        return near
    nearest = [near + dt.timedelta(days=d) for d in range(-DAYS_AROUND, DAYS_AROUND + 1)]
    return min(
        (day for day in nearest if day.day == int(wanted)),
        key=lambda day: abs((day - near).days),
        default=None,
    )


def _find_gap_s(moment: _Moment, row: Row, stated: dt.date | None, epoch: dt.date) -> float:
    """Seconds from the computed to the stated moment, the nearest day where none is stated."""
    names_day = row["stated_day_offset"] is not None or row["stated_day_of_month"] is not None
    day = stated or local_datetime(moment.at_s, epoch, moment.zone).date()
    shifts = (0,) if names_day else (-1, 0, 1)
    clock_time = read_text(row, "stated_time")
    gaps = [
        civil_to_epoch_s(
            day + dt.timedelta(days=shift), clock_time, moment.zone, epoch, allow_gap=True
        )
        - moment.at_s
        for shift in shifts
    ]
    return min(gaps, key=abs)


def _judge(agreements: list[_Agreement]) -> StatementVerdict:
    """Verdict over all trips."""
    if not agreements:
        return StatementVerdict.CANNOT_TELL
    if min(agreements) is _Agreement.HOLDS:
        return StatementVerdict.HOLDS
    if max(agreements) is _Agreement.FAILS:
        return StatementVerdict.CONTRADICTED
    if _Agreement.HOLDS in agreements and _Agreement.FAILS in agreements:
        return StatementVerdict.SIMPLIFIED
    return StatementVerdict.CANNOT_TELL


def _write_subject(tables: Mapping[str, pl.DataFrame], row: Row) -> str:
    """The event that a statement speaks of."""
    event, place = row["event"], name_point(tables, row["point_id"])
    words = f"passing {place}" if event == "passing" else f"{event} at {place}"
    return f"{name_service(tables, row['service_id'])}, {words}"


def _write_stated(row: Row) -> str:
    """The statement in words."""
    parts = []
    if row["stated_day_of_month"] is not None:
        parts.append(f"on day {row['stated_day_of_month']} of the month")
    if row["stated_day_offset"] is not None:
        parts.append(f"on day +{row['stated_day_offset']}")
    if row["stated_time"] is not None:
        parts.append(f"at {row['stated_time']} local time")
    if row["departure_date"] is not None:
        parts.append(f"(departure of {row['departure_date']})")
    elif row["departure_day_of_month"] is not None:
        parts.append(f"(departures on day {row['departure_day_of_month']})")
    return " ".join(parts)


def _write_computed(moments: list[_Moment], row: Row, epoch: dt.date) -> str:
    """What the model gives, over all trips."""
    if not moments:
        return "no resolved trip is at this point"
    locals_ = [local_datetime(moment.at_s, epoch, moment.zone) for moment in moments]
    if len(moments) == 1:
        return f"{locals_[0]:%Y-%m-%d %H:%M} local time"
    if row["stated_day_of_month"] is not None:
        days = sorted({local.day for local in locals_})
        return f"day {_join([str(day) for day in days])} of the month"
    offsets = sorted(
        {(local.date() - m.trip_date).days for m, local in zip(moments, locals_, strict=True)}
    )
    return f"day {_join([f'+{offset}' for offset in offsets])}"


def _join(words: list[str]) -> str:
    """Words with commas and a last "or"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _write_calculation(results: list[tuple[_Moment, _Agreement]], row: Row, epoch: dt.date) -> str:
    """The trips that agree and those that do not, each with its day."""
    if not results:
        return "No trip of this service, on these days, has a known time at this point."
    parts = []
    words = {
        _Agreement.HOLDS: "Holds",
        _Agreement.POSSIBLE: "Possible within the range of times",
        _Agreement.FAILS: "Does not hold",
    }
    for agreement, wording in words.items():
        moments = [moment for moment, found in results if found is agreement]
        if moments:
            listed = ", ".join(_write_moment(m, row, epoch) for m in moments[:MAXIMUM_LISTED])
            more = len(moments) - MAXIMUM_LISTED
            parts.append(
                f"{wording} for {len(moments)} of {len(results)} departures: {listed}"
                f"{f' and {more} more' if more > 0 else ''}."
            )
    parts += _write_range(results, row, epoch)
    bases = sorted({moment.basis for moment, _ in results} - {"computed"})
    if bases:
        parts.append(
            f"The model's time here stands in its tables ({', '.join(bases)}), so agreement may "
            "be no independent check."
        )
    return " ".join(parts)


def _write_range(results: list[tuple[_Moment, _Agreement]], row: Row, epoch: dt.date) -> list[str]:
    """That the best time holds a stated day which the range of times leaves."""
    if row["stated_time"] is not None:
        return []
    leaves = 0
    for moment, agreement in results:
        ends = (moment.low_at_s, moment.high_at_s)
        days = {local_datetime(at_s, epoch, moment.zone).date() for at_s in ends}
        leaves += agreement is _Agreement.HOLDS and len(days) > 1
    if not leaves:
        return []
    return [f"By the best time only: the range of {leaves} of them reaches another day."]


def _write_moment(moment: _Moment, row: Row, epoch: dt.date) -> str:
    """Day of departure and what came of it."""
    local = local_datetime(moment.at_s, epoch, moment.zone)
    if row["stated_time"] is None:
        return f"{moment.trip_date} -> {local:%m-%d}"
    offset = local.utcoffset() or dt.timedelta()
    hours = offset.total_seconds() / HOUR_S
    return f"{moment.trip_date} -> {local:%m-%d %H:%M} (UTC{hours:+g})"
