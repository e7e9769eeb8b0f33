"""Calendars, trains and coaches: dates can be named, times go forward, rides join up."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from operator import gt
from typing import Final

from arterial.clock import civil_to_instant, local_text, to_epoch_s
from arterial.clock_faces import read_face_s
from arterial.errors import Fault
from arterial.study.faults import WARNING
from arterial.study.paces import name_repetitions
from arterial.study.records import Check, CheckedTables, Record
from arterial.units import MINUTE_S

__all__ = ["CHECKS"]

MINUTES_PER_HOUR: Final = 60
MINUTES_PER_DAY: Final = 1440
HALF_DAY_MIN: Final = 720
"""Minutes from which a host that leaves before the coach comes is one of the wrong day."""

DAY_COLUMNS: Final = {"arrival": "arrival_day", "departure": "departure_day"}

REFERENCE_DAYS: Final = (dt.date(2025, 1, 15), dt.date(2025, 7, 15))
"""Days on which times are laid out: one without and one with daylight saving."""


@dataclass(frozen=True, slots=True)
class _StatedTime:
    """A stated clock time of a train: the day it falls on, its instants on the reference days."""

    record: Record
    column: str
    clock_time: str
    day: int
    at_s: tuple[int, ...]

    def margin_s(self, column: str) -> float:
        return (self.record[column] or 0.0) * MINUTE_S


@cache
def _time_face(clock_time: str, day: int, zone: str) -> tuple[int, ...]:
    """Instant of a clock face so many days after each of the reference days [s]."""
    days = (operating_day + dt.timedelta(days=day) for operating_day in REFERENCE_DAYS)
    return tuple(
        to_epoch_s(civil_to_instant(day, clock_time, zone, allow_gap=True), REFERENCE_DAYS[0])
        for day in days
    )


def _check_train_stops(tables: CheckedTables) -> list[Fault]:
    """Find trains without stops or times, and times that run backwards in UTC.

    A time whose day is not stated is left out, for the day then follows from the running time.
    """
    stops = tables.group("train_stops", "train_id", "sequence")
    points = tables.index("operational_points", "point_id")
    zones = {point: record["zone"] for point, record in points.items()}
    faults: list[Fault] = []
    for train in tables.records("trains"):
        records = stops.get(train["train_id"], ())
        points_passed = [stop.values["point_id"] for stop in records]
        if len(records) < 2:  # noqa: PLR2004 - a ride has two ends
            cause = "The train has fewer than two stops."
            cure = "Give its stops in train_stops; without them it carries nothing."
            faults.append(train.fault(cause, cure, severity=WARNING))
        elif all(stop[column] is None for stop in records for column in ("arrival", "departure")):
            cause = "No time of the train is known, so its running times have no beginning."
            cure = "State at least the departure from its first stop."
            faults.append(records[0].fault(cause, cure, "departure", severity=WARNING))
        faults.extend(_check_times(records, zones))
        faults.extend(_check_stands(records))
        for number, (before, after) in enumerate(pairwise(points_passed), 1):
            if before is not None and before == after:
                cause = f"The train runs from {before} to itself."
                cure = "Write arrival and departure into one row, or name the point it runs to."
                faults.append(records[number].fault(cause, cure, "point_id"))
    return faults


def _check_train_links(tables: CheckedTables) -> list[Fault]:
    """Find links of a train with itself, and links where one of the two does not stop."""
    stops = tables.group("train_stops", "train_id", "sequence")
    faults = []
    for link in tables.records("train_links"):
        train, other = link["train_id"], link["other_train_id"]
        if train is not None and train == other:
            cause = f"The train {train} is linked with itself."
            cure = "Name the other train, or remove the row; a standstill is dwell_min of a stop."
            faults.append(link.fault(cause, cure, "other_train_id"))
            continue
        for name in (train, other):
            places = [stop["point_id"] for stop in stops.get(name, ())]
            if places and link["point_id"] is not None and link["point_id"] not in places:
                cause = f"The train {name} does not stop at {link['point_id']}."
                cure = f"It stops at {', '.join(map(str, places[:8]))}; name one, or add the stop."
                faults.append(link.fault(cause, cure, "point_id"))
    return faults


def _check_paced_names(tables: CheckedTables) -> list[Fault]:
    """Find repetitions of paced trains whose id another train bears."""
    made, trains = name_repetitions(tables.frames), tables.index("trains", "train_id")
    stops = tables.group("train_stops", "train_id", "sequence")
    faults = []
    for pace in tables.records("paced_trains"):
        for name, clock in made.get((pace["train_id"], pace["first_departure"]), ()):
            if name not in trains:
                continue
            own = stops.get(name, ())
            # A study that was written with its repetitions has them as rows of their own.
            if own and own[0]["departure"] == clock and name != pace["train_id"]:
                base = [stop["point_id"] for stop in stops.get(pace["train_id"], ())]
                if [stop["point_id"] for stop in own] == base:
                    continue
            cause = f"The repetition at {clock} would be called {name}, as another train is."
            cure = "Give that train another train_id in trains, or leave the time out of the pace."
            faults.append(pace.fault(cause, cure, "train_id"))
    return faults


def _check_paced_trains(tables: CheckedTables) -> list[Fault]:
    """Find paced trains whose first departure is not known."""
    stops = tables.group("train_stops", "train_id", "sequence")
    trains = tables.index("trains", "train_id")
    faults = []
    for pace in tables.records("paced_trains"):
        own = stops.get(pace["train_id"], ())
        if pace["train_id"] in trains and (not own or own[0]["departure"] is None):
            cause = f"The departure of {pace['train_id']} from its first stop is not known."
            cure = "State it in train_stops; its repetitions are shifted from there."
            faults.append(pace.fault(cause, cure, "train_id"))
    return faults


def _check_train_parts(tables: CheckedTables) -> list[Fault]:
    """Find changes of number where the train does not stop, or at its ends."""
    stops = tables.group("train_stops", "train_id", "sequence")
    faults = []
    for part in tables.records("train_parts"):
        points = [stop["point_id"] for stop in stops.get(part["train_id"], ())]
        if not points or part["from_point"] is None or part["from_point"] in points[1:-1]:
            continue
        if part["from_point"] in points:
            cause = f"{part['from_point']} is an end of the train {part['train_id']}."
            cure = "Its first number stands in trains; name a stop on the way."
            faults.append(part.fault(cause, cure, "from_point", severity=WARNING))
            continue
        cause = f"The train {part['train_id']} does not stop at {part['from_point']}."
        cure = f"It stops at {', '.join(map(str, points[:8]))}; name one, or add the stop."
        faults.append(part.fault(cause, cure, "from_point"))
    return faults


def _check_identifiers(tables: CheckedTables) -> list[Fault]:
    """Find codes that name nothing, or a point and a train."""
    cure = "Give point_id or train_id; a code of both needs a row each, with schemes of their own."
    return [
        record.fault(f"The code {record['code']} names {what}.", cure, "point_id")
        for record in tables.records("identifiers")
        for named in [sum(record[name] is not None for name in ("point_id", "train_id"))]
        for what in {0: ["neither a point nor a train"], 2: ["a point and a train"]}.get(named, [])
    ]


def _check_coach_services(tables: CheckedTables) -> list[Fault]:
    """Find coaches that have no legs, and returns that do not lead back."""
    legs = tables.group("coach_legs", "service_id", "sequence")
    services = tables.index("coach_services", "service_id")
    faults: list[Fault] = []
    for service in tables.records("coach_services"):
        if service["service_id"] not in legs:
            cause = "The coach has no legs, so no train carries it."
            cure = "Give its rides in coach_legs."
            faults.append(service.fault(cause, cure, severity=WARNING))
        back = services.get(service["return_service_id"])
        ends = {service["from_point"], service["to_point"]}
        if back is not None and {back["from_point"], back["to_point"]} != ends:
            cause = f"The return {back['service_id']} does not lead back between the same points."
            cure = "Correct its points or return_service_id."
            faults.append(service.fault(cause, cure, "return_service_id", severity=WARNING))
    return faults


def _check_coach_legs(tables: CheckedTables) -> list[Fault]:
    """Find legs that do not join end to end, or ride where the host train does not stop."""
    services = tables.index("coach_services", "service_id")
    stops = tables.group("train_stops", "train_id", "sequence")
    faults: list[Fault] = []
    for service_id, legs in tables.group("coach_legs", "service_id", "sequence").items():
        service = services.get(service_id)
        if service is not None:
            faults.extend(_check_ends(service, legs))
        for before, after in pairwise(legs):
            ends = (before["to_point"], after["from_point"])
            if None not in ends and ends[0] != ends[1]:
                cause = f"The leg before ends at {ends[0]}, this one begins at {ends[1]}."
                cure = "Correct a point, or add the leg between them."
                faults.append(after.fault(cause, cure, "from_point"))
            faults.extend(_check_boarding(before, after, stops))
        for leg in legs:
            faults.extend(_check_host(leg, stops.get(leg["train_id"], ())))
    return faults


def _check_boarding(
    before: Record, after: Record, stops: Mapping[object, Sequence[Record]]
) -> Iterator[Fault]:
    """A boarding day on which the host leaves long before the coach comes is the wrong day."""
    comes = _find_face(before, stops, "to_point", "arrival")
    leaves = _find_face(after, stops, "from_point", "departure")
    if comes is None or leaves is None or leaves - comes > -HALF_DAY_MIN:
        return
    hours = (comes - leaves) / MINUTES_PER_HOUR
    cause = (
        f"The train {after['train_id']} leaves {after['from_point']} {hours:.1f} h before the "
        f"coach comes there with {before['train_id']}, by the boarding days stated."
    )
    days = math.ceil((comes - leaves) / MINUTES_PER_DAY)
    cure = f"Board on day {after['boarding_day'] + days}, or leave boarding_day empty."
    yield after.fault(cause, cure, "boarding_day")


def _find_face(
    leg: Record, stops: Mapping[object, Sequence[Record]], column: str, event: str
) -> float | None:
    """Local minutes from the day of departure to an event of a leg; None where not stated."""
    rows = {stop["point_id"]: stop for stop in stops.get(leg["train_id"], ())}
    boarded, here = rows.get(leg["from_point"]), rows.get(leg[column])
    if boarded is None or here is None or leg["boarding_day"] is None or here[event] is None:
        return None
    if boarded["departure"] is None:
        return None
    day = leg["boarding_day"] - (boarded["departure_day"] or 0) + (here[f"{event}_day"] or 0)
    return float(day * MINUTES_PER_DAY + read_face_s(here[event]) // MINUTE_S)


def _check_times(records: Sequence[Record], zones: dict[str, str | None]) -> Iterator[Fault]:
    times = _list_times(records, zones)
    for before, after in pairwise(times):
        if all(map(gt, before.at_s, after.at_s)):
            margin_s = after.margin_s("later_min") + before.margin_s("earlier_min")
            if not all(
                two + margin_s < one for one, two in zip(before.at_s, after.at_s, strict=True)
            ):
                continue
            at = [
                local_text(time.at_s[0], REFERENCE_DAYS[0], "UTC")[-5:] for time in (before, after)
            ]
            cause = (
                f"The {after.column} at {after.record['point_id']}, {after.clock_time} on day "
                f"{after.day} ({at[1]} UTC), lies before the {before.column} at "
                f"{before.record['point_id']}, {before.clock_time} on day {before.day} "
                f"({at[0]} UTC)."
            )
            cure = "Correct the time or the day; both count on the local clock of the stop."
            yield after.record.fault(cause, cure, after.column)


def _check_stands(records: Sequence[Record]) -> Iterator[Fault]:
    """Find departures that an unstated day puts half a day and more behind the arrival."""
    for stop in records:
        values = stop.values
        arrival, departure = values["arrival"], values["departure"]
        if arrival is None or departure is None or values["departure_day"] is not None:
            continue
        stands_min = (read_face_s(departure) - read_face_s(arrival)) / MINUTE_S % MINUTES_PER_DAY
        if stands_min >= HALF_DAY_MIN:
            hours, minutes = divmod(round(stands_min), MINUTES_PER_HOUR)
            cause = (
                f"The departure {departure} is taken as of the day after the arrival {arrival}: "
                f"the train stands {hours} h {minutes:02d} min."
            )
            cure = "Correct the time, or state departure_day if it stands so long."
            yield stop.fault(cause, cure, "departure", severity=WARNING)


def _list_times(records: Sequence[Record], zones: dict[str, str | None]) -> list[_StatedTime]:
    times = []
    for index, record in enumerate(records):
        values = record.values
        zone = zones.get(values["point_id"])
        for column, day_column in DAY_COLUMNS.items():
            clock_time, day = values[column], values[day_column]
            if day is None and index == 0 and column == "departure":
                day = 0
            if clock_time is not None and day is not None and zone is not None:
                at_s = _time_face(clock_time, day, zone)
                times.append(_StatedTime(record, column, clock_time, day, at_s))
    return times


def _check_ends(service: Record, legs: Sequence[Record]) -> Iterator[Fault]:
    for leg, column, word in ((legs[0], "from_point", "begins"), (legs[-1], "to_point", "ends")):
        ends = (leg[column], service[column])
        if None not in ends and ends[0] != ends[1]:
            cause = f"The coach {word} at {ends[1]}, but this leg {word} at {ends[0]}."
            cure = "Correct the leg or coach_services."
            yield leg.fault(cause, cure, column)
    first = legs[0]
    if first["boarding_day"] and first["from_point"] == service["from_point"]:
        cause = (
            f"The coach begins here, on the days of its calendar {service['calendar_id']}, but "
            f"boards on day {first['boarding_day']}: it would leave later than on its dates."
        )
        cure = "State 0 or leave it empty, and move the days in calendar_rules if they are wrong."
        yield first.fault(cause, cure, "boarding_day")


def _check_host(leg: Record, stops: Sequence[Record]) -> Iterator[Fault]:
    if not stops or None in {leg["from_point"], leg["to_point"]}:
        return
    points = [stop["point_id"] for stop in stops]
    missing = [column for column in ("from_point", "to_point") if leg[column] not in points]
    for column in missing:
        cause = f"The train {leg['train_id']} does not stop at {leg[column]}."
        yield leg.fault(cause, f"It stops at {', '.join(map(str, points[:8]))}.", column)
    if missing:
        return
    first = points.index(leg["from_point"])
    if leg["to_point"] not in points[first + 1 :]:
        cause = (
            f"The train {leg['train_id']} does not reach {leg['to_point']} after "
            f"{leg['from_point']}."
        )
        yield leg.fault(cause, "Exchange the points, or take the other direction.", "to_point")


def _check_standstills(tables: CheckedTables) -> list[Fault]:
    """Find stops whose standstill is another than lies between both of their times."""
    faults = []
    for stop in tables.records("train_stops"):
        comes, leaves, dwell_min = stop["arrival"], stop["departure"], stop["dwell_min"]
        if None in {comes, leaves, dwell_min}:
            continue
        stays_min = (read_face_s(leaves) - read_face_s(comes)) / MINUTE_S
        if None in {stop["arrival_day"], stop["departure_day"]}:
            # The day of one is not stated: as many as fit the standstill.
            days = round((dwell_min - stays_min) / MINUTES_PER_DAY)
        else:
            days = stop["departure_day"] - stop["arrival_day"]
        stays_min += days * MINUTES_PER_DAY
        if abs(stays_min - dwell_min) < 1:
            continue
        cause = (
            f"Train {stop['train_id']} stands {stays_min:g} min at {stop['point_id']} by its times "
            f"({comes} to {leaves}) and {dwell_min:g} min by dwell_min; the times are used."
        )
        cure = "Leave dwell_min empty where both times are stated, or correct one of them."
        faults.append(stop.fault(cause, cure, "dwell_min", severity=WARNING))
    return faults


CHECKS: Final[tuple[Check, ...]] = (
    _check_train_stops,
    _check_standstills,
    _check_paced_trains,
    _check_paced_names,
    _check_train_links,
    _check_train_parts,
    _check_identifiers,
    _check_coach_services,
    _check_coach_legs,
)
"""Checks of this file, in the order in which their faults are told."""
