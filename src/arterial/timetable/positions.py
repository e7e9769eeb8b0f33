"""Where the stated trains are at an instant; main function `find_positions`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import polars as pl

from arterial.clock import (
    CivilTimeKind,
    civil_to_epoch_s,
    classify_civil_time,
    local_text,
    to_epoch_s,
)
from arterial.errors import UsageError
from arterial.timetable.paths.stated_conflicts import StatedTraffic
from arterial.timetable.trains.timing_kernel import UNKNOWN
from arterial.units import DAY_S

__all__ = ["POSITION_SCHEMA", "Instant", "find_positions", "read_instant"]

POSITION_SCHEMA: Final = {
    "train_id": pl.String,
    "operating_day": pl.Date,
    "point_id": pl.String,
    "section_id": pl.String,
    "from_point": pl.String,
    "to_point": pl.String,
    "share": pl.Float64,
    "since_s": pl.Int64,
    "until_s": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant as people write it.

    Parameters
    ----------
    at_s : int
        Seconds UTC since the study epoch [s].
    note : str
        What was taken where no clock shows it; else empty.
    """

    at_s: int
    note: str = ""


def read_instant(text: str, zones: Sequence[str], epoch: date) -> Instant:
    """Seconds UTC since the study epoch of an instant as people write it.

    Parameters
    ----------
    text : str
        As ``2026-03-01T08:15``, with its offset from UTC (``+09:00``, ``Z``) or on the clock of
        the one zone.
    zones : sequence of str
        Zones of the study.
    epoch : date
        Study epoch, midnight UTC.

    Returns
    -------
    Instant
        The instant.

    Raises
    ------
    LimitError
        If it is none, or has no offset where there are several zones.
    """
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        message = f"'{text}' is no instant; write 2026-03-01T08:15."
        raise UsageError(message) from None
    if instant.tzinfo is not None:
        return Instant(to_epoch_s(instant, epoch))
    if len(zones) != 1:
        message = f"The study has {len(zones)} time zones; write {text}+09:00 or {text}Z."
        raise UsageError(message)
    face = f"{instant:%H:%M:%S}"
    day, zone = instant.date(), zones[0]
    at_s = civil_to_epoch_s(day, face, zone, epoch, allow_gap=True)
    if classify_civil_time(day, face, zone) is not CivilTimeKind.NONEXISTENT:
        return Instant(at_s)
    taken = local_text(at_s, epoch, zone)
    return Instant(at_s, f"{face} on {day} never showed on the clocks of {zone}; {taken} is taken.")


def find_positions(traffic: StatedTraffic, at_s: int) -> pl.DataFrame:
    """Trains that are under way at an instant, and where.

    Parameters
    ----------
    traffic : StatedTraffic
        All stated trains.
    at_s : int
        The instant [s].

    Returns
    -------
    DataFrame
        One row a train and operating day: at ``point_id``, or between ``from_point`` and
        ``to_point``, of which it has run ``share`` by time alone; since when and until when. A
        train is under way from its first departure to its last arrival.
    """
    timed, passings, model = traffic.timed, traffic.passings, traffic.model
    courses, first_day = passings.courses, (timed.period.day_from - timed.period.epoch).days
    rows = []
    for pattern, train in enumerate(timed.pattern_trains.tolist()):
        begin, end = int(passings.first[pattern]), int(passings.first[pattern + 1])
        known = begin + np.flatnonzero(passings.arrival_s[begin:end] != UNKNOWN)
        if len(known) < 2:  # noqa: PLR2004 two ends
            continue
        last_s = int(passings.arrival_s[known[-1]])
        number = at_s // DAY_S - first_day
        running = timed.days[timed.pattern_days[pattern]]
        for day in range(max(number - max(last_s, 0) // DAY_S - 1, 0), number + 2):
            since_s = at_s - (first_day + day) * DAY_S
            is_out = passings.departure_s[known[0]] <= since_s <= last_s
            if day >= len(running) or not running[day] or not is_out:
                continue
            # The last place that it has come to.
            come = int(np.searchsorted(passings.arrival_s[known], since_s, side="right")) - 1
            at = int(known[come])
            place = int(courses.first[passings.own[pattern]]) + at - begin
            here = model.point_ids[courses.point[place]]
            row: dict[str, object] = {"train_id": timed.train_ids[train], "operating_day": day}
            shift_s = (first_day + day) * DAY_S
            leave_s = int(passings.departure_s[at])
            if since_s <= max(leave_s, int(passings.arrival_s[at])) or come + 1 == len(known):
                times = (int(passings.arrival_s[at]), max(leave_s, int(passings.arrival_s[at])))
                row |= {"point_id": here, "since_s": times[0] + shift_s}
                rows.append(row | {"until_s": times[1] + shift_s})
                continue
            there = int(known[come + 1])
            step = int(courses.step[place + there - at]) if there == at + 1 else -1
            arrive_s = int(passings.arrival_s[there])
            row |= {
                "section_id": model.steps[step].section_id if step >= 0 else None,
                "from_point": here,
                "to_point": model.point_ids[courses.point[place + there - at]],
                "share": (since_s - leave_s) / max(arrive_s - leave_s, 1),
                "since_s": leave_s + shift_s,
                "until_s": arrive_s + shift_s,
            }
            rows.append(row)
    table = pl.DataFrame(rows, schema=POSITION_SCHEMA | {"operating_day": pl.Int64})
    dates = pl.lit(timed.period.day_from) + pl.duration(days=pl.col("operating_day"))
    return table.with_columns(operating_day=dates).sort("train_id", "operating_day")
