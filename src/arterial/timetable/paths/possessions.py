"""What possessions take from the trains; main function `resolve_possessions`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from arterial.clock import civil_to_epoch_s
from arterial.errors import Fault, StudyError
from arterial.study import split_list
from arterial.timetable.paths.line_model import LineModel
from arterial.timetable.trains.calendars import list_calendar_days, resolve_calendars
from arterial.units import DAY_S, MINUTE_S

__all__ = ["Closure", "resolve_lasting_possessions", "resolve_possessions"]

DIRECTIONS: Final = {"both": None, "forward": 0, "backward": 1}

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Closure:
    """What a possession takes from the trains at one place.

    Parameters
    ----------
    possession_id : str
        The possession, on one day.
    from_s, to_s : int
        From when to when [s].
    step : int or None
        Step that is closed; None = tracks of a point.
    direction : int or None
        Direction that is closed; None = both.
    point : int or None
        Point of which tracks are closed.
    tracks_count : int
        Tracks closed there.
    track_ids : tuple of str
        Which they are; empty = not stated.
    """

    possession_id: str
    from_s: int
    to_s: int
    step: int | None = None
    direction: int | None = None
    point: int | None = None
    tracks_count: int = 0
    track_ids: tuple[str, ...] = ()


def resolve_possessions(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    *,
    epoch: date,
    day_from: date,
    day_to: date,
) -> tuple[Closure, ...]:
    """What possessions close on the days of a period.

    Parameters
    ----------
    model : LineModel
        The line.
    tables : mapping of str to DataFrame
        ``possessions``, ``calendar_rules``, ``operational_points``.
    epoch : date
        Study epoch.
    day_from, day_to : date
        First and last local day on which they begin.

    Returns
    -------
    tuple of Closure
        One for each possession, day and step or point.

    Raises
    ------
    StudyError
        Naming every possession that has neither a section nor a point, or a stretch that its
        section does not have.
    """
    points = tables["operational_points"]
    zones = dict(points.select("point_id", "zone").iter_rows())
    calendars = resolve_calendars(tables["calendar_rules"], day_from, day_to)
    faults: list[Fault] = []
    closures: list[Closure] = []
    for row in tables["possessions"].iter_rows(named=True):
        places = list(_list_places(model, row))
        if not places:
            faults.append(_fault_of(row))
            continue
        zone = zones[_find_clock(model, row)]
        for day in _list_days(row, calendars, day_from, day_to):
            from_s = civil_to_epoch_s(day, row["start"], zone, epoch, allow_gap=True)
            closures += [
                Closure(
                    possession_id=f"{row['possession_id']}@{day}",
                    from_s=from_s,
                    to_s=from_s + round(row["duration_min"] * MINUTE_S),
                    step=place if row["section_id"] is not None else None,
                    direction=DIRECTIONS[row["direction"] or "both"],
                    point=None if row["section_id"] is not None else place,
                    tracks_count=_count_closed(model, row, place)
                    if row["section_id"] is None
                    else 0,
                    track_ids=split_list(str(row.get("track_ids") or "")),
                )
                for place in places
            ]
    if faults:
        message = f"{len(faults)} possessions close nothing."
        raise StudyError(message, faults)
    return tuple(closures)


def resolve_lasting_possessions(
    model: LineModel,
    tables: Mapping[str, pl.DataFrame],
    *,
    epoch: date,
    day_from: date,
    day_to: date,
) -> tuple[Closure, ...]:
    """What possessions close in a period, those that began before it and last into it included.

    Parameters
    ----------
    model, tables, epoch
        As of :func:`resolve_possessions`.
    day_from, day_to : date
        First and last day of the period.

    Returns
    -------
    tuple of Closure
        As of :func:`resolve_possessions`.
    """
    lead = timedelta(days=_count_lead_days(tables["possessions"]))
    return resolve_possessions(model, tables, epoch=epoch, day_from=day_from - lead, day_to=day_to)


def _count_lead_days(possessions: pl.DataFrame) -> int:
    """Days before a day on which a possession may begin that still lasts on it; 1 at least [d].

    Clocks of places differ.
    """
    longest_min = possessions["duration_min"].max()
    seconds = float(str(longest_min or 0.0)) * MINUTE_S
    return int(seconds // DAY_S) + 1


def _list_places(model: LineModel, row: Row) -> Iterator[int]:
    """Steps that a possession closes, or the one point."""
    if row["section_id"] is None:
        if row["point_id"] in model.point_numbers:
            yield model.point_numbers[str(row["point_id"])]
        return
    steps = [
        (number, step)
        for number, step in enumerate(model.steps)
        if step.section_id == row["section_id"]
    ]
    begin = row["from_point"] or (steps[0][1].from_point if steps else None)
    end = row["to_point"] or (steps[-1][1].to_point if steps else None)
    names = [step.from_point for _, step in steps] + [step.to_point for _, step in steps[-1:]]
    if begin not in names or end not in names:
        return
    first, last = sorted((names.index(str(begin)), names.index(str(end))))
    for number, _ in steps[first:last]:
        yield number


def _count_closed(model: LineModel, row: Row, point: int) -> int:
    """Tracks of a point that a possession closes: those named, so many, or all."""
    named = split_list(str(row.get("track_ids") or ""))
    return len(named) or int(str(row["tracks_count"] or model.tracks_count[point]))


def _find_clock(model: LineModel, row: Row) -> str:
    """Point whose clock a possession keeps."""
    if row["section_id"] is None:
        return str(row["point_id"])
    steps = [step for step in model.steps if step.section_id == row["section_id"]]
    return str(row["from_point"] or steps[0].from_point)


def _list_days(
    row: Row, calendars: Mapping[str, Mapping[date, object]], day_from: date, day_to: date
) -> list[date]:
    """Days on which a possession begins."""
    first, last = row["first_day"], row["last_day"]
    first = max(day_from, first) if isinstance(first, date) else day_from
    last = min(day_to, last) if isinstance(last, date) else day_to
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    if row["calendar_id"] is None:
        return days
    named = set(list_calendar_days(calendars.get(str(row["calendar_id"]), {})))  # type: ignore[arg-type]
    return [day for day in days if day in named]


def _fault_of(row: Row) -> Fault:
    return Fault(
        cause=f"Possession {row['possession_id']} names no stretch of track.",
        cure="Name section_id with two of its points, or point_id with the tracks that are closed.",
        file="tables/possessions.csv",
        column="section_id",
    )
