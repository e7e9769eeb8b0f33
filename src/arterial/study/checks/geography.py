"""Places: coordinates, chainage and time zones must agree with one another.

The rail is never shorter than the great circle; this alone found every pair of stations that
shared a name in the first network tables.
"""

import datetime as dt
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from arterial.errors import Fault
from arterial.study.faults import WARNING
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.units import HOUR_S

__all__ = [
    "CHECKS",
    "EARTH_RADIUS_KM",
    "great_circle_km",
    "group_line_points",
]

EARTH_RADIUS_KM: Final = 6371.0088
"""Mean radius of the earth, IUGG."""

SPHERE_SHARE: Final = 0.006
"""Largest share by which a distance on the sphere differs from that on the ellipsoid."""

UNSTATED_COORDINATE_ERROR_KM: Final = 1.0
"""Error taken for a coordinate that states none; a station's extent is of this order."""

UNSTATED_LOCATION_ERROR_KM: Final = 0.5
"""Error taken for a kilometre point that states none."""

MAXIMUM_ZONE_GAP_H: Final = 3.5
"""Farthest that a zone's standard offset may lie from the sun's time; China's west has 3.1."""

LONGEST_DETOUR: Final = 5.0
"""Rail over air between neighbours beyond which one is not believed; spirals make about 4."""

LONGEST_LOOP_KM: Final = 10.0
"""Length that a line may wind beyond that: a loop between points that lie side by side."""

FARTHEST_FROM_ZONE_KM: Final = 3000.0
"""Farthest that a place lies from the nearest town of a time zone of its country, in China's
north 2,500 km."""

_NO_COUNTRY: Final = frozenset({"AA", "ZZ", "XK"})
"""Codes that ISO 3166-1 leaves to users, beside QM to QZ and XA to XZ; XK is Kosovo's."""

_HOURS_A_DAY: Final = 24.0
_DEGREES_AN_HOUR: Final = 15.0
_ZONE_DAYS: Final = (dt.datetime(2025, 1, 1), dt.datetime(2025, 7, 1))  # noqa: DTZ001 - local


def great_circle_km(
    latitude_a_deg: float, longitude_a_deg: float, latitude_b_deg: float, longitude_b_deg: float
) -> float:
    """Great-circle distance of two points on the sphere [km], by the haversine formula.

    Examples
    --------
    One degree of the equator:

    >>> round(great_circle_km(0.0, 0.0, 0.0, 1.0), 3)
    111.195
    """
    first, second = math.radians(latitude_a_deg), math.radians(latitude_b_deg)
    half_latitude = (second - first) / 2
    half_longitude = math.radians(longitude_b_deg - longitude_a_deg) / 2
    chord = (
        math.sin(half_latitude) ** 2
        + math.cos(first) * math.cos(second) * math.sin(half_longitude) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def group_line_points(tables: CheckedTables) -> dict[str, list[Record]]:
    """Points of each line in order of sequence, those with an unknown place left out."""
    lines: dict[str, list[Record]] = defaultdict(list)
    for record in tables.records("line_points"):
        needed = ("line_id", "sequence", "point_id", "location_km")
        if all(record[column] is not None for column in needed):
            lines[record["line_id"]].append(record)
    return {
        line: sorted(records, key=lambda record: int(record["sequence"]))
        for line, records in lines.items()
    }


def _check_coordinates(tables: CheckedTables) -> list[Fault]:
    """Find points that have one half of a coordinate."""
    faults: list[Fault] = []
    for record in tables.records("operational_points"):
        missing = [column for column in ("latitude_deg", "longitude_deg") if record[column] is None]
        if len(missing) == 1:
            cause = "The coordinate has only one of latitude and longitude."
            faults.append(record.fault(cause, "Give both or none.", missing[0]))
    return faults


def _check_zone_longitude(tables: CheckedTables) -> list[Fault]:
    """Find points whose zone is far from the sun's time at their longitude."""
    faults: list[Fault] = []
    for record in tables.records("operational_points"):
        longitude_deg = record["longitude_deg"]
        if longitude_deg is None or record["zone"] is None:
            continue
        offset_h = _standard_offset_h(record["zone"])
        gap_h = abs(offset_h - longitude_deg / _DEGREES_AN_HOUR) % _HOURS_A_DAY
        if min(gap_h, _HOURS_A_DAY - gap_h) > MAXIMUM_ZONE_GAP_H:
            cause = (
                f"The zone {record['zone']} (UTC{offset_h:+g} h) does not fit the longitude "
                f"{longitude_deg:g} deg (sun's time UTC{longitude_deg / _DEGREES_AN_HOUR:+.1f} h)."
            )
            faults.append(record.fault(cause, "Correct the zone or the longitude.", "zone"))
    return faults


def _check_country_zones(tables: CheckedTables) -> list[Fault]:
    """Find points whose country has another zone, or lies far away; and codes of no country.

    Countries, their zones and the chief town of each zone are those of the tz database.
    """
    faults: list[Fault] = []
    zones, towns, codes = _read_zones()
    for table in list_tables(TableRole.INPUT):
        if "country" not in load_schema(table).columns:
            continue
        for record in tables.records(table):
            code = record["country"]
            is_code = code is not None and len(code) == 2 and code.isascii() and code.isalpha()  # noqa: PLR2004
            if not is_code or code != code.upper() or _is_users(code):
                continue
            if code not in codes:
                cure = "Use the two letters of ISO 3166-1: KP, KR, RU."
                cause = f"ISO 3166-1 has no country {code}."
                faults.append(record.fault(cause, cure, "country", severity=WARNING))
            elif table == "operational_points":
                faults.extend(_check_place(record, code, zones, towns))
    return faults


def _check_place(
    record: Record,
    code: str,
    zones: Mapping[str, frozenset[str]],
    towns: Mapping[str, Sequence[tuple[float, float]]],
) -> Iterator[Fault]:
    countries = zones.get(record["zone"])
    if countries is not None and code not in countries:
        cause = (
            f"The zone {record['zone']} is kept in {', '.join(sorted(countries))}, not in {code}."
        )
        yield record.fault(cause, "Correct the zone or the country.", "zone", severity=WARNING)
        return
    place = (record["latitude_deg"], record["longitude_deg"])
    if None in place or code not in towns:
        return
    nearest_km = min(great_circle_km(*place, *town) for town in towns[code])
    if nearest_km > FARTHEST_FROM_ZONE_KM:
        cause = f"The place is {nearest_km:,.0f} km from the nearest zone of {code}."
        cure = "Correct the coordinate, its sign, or the country."
        yield record.fault(cause, cure, "latitude_deg", severity=WARNING)


def _check_line_order(tables: CheckedTables) -> list[Fault]:
    """Find points that stand twice on a line, and kilometre points that run back."""
    faults: list[Fault] = []
    for records in group_line_points(tables).values():
        seen: dict[str, int] = {}
        for record in records:
            first_row = seen.setdefault(record["point_id"], record.row)
            if first_row != record.row:
                cause = f"{record['point_id']} is already on this line, in row {first_row}."
                cure = "Keep one, or give the second its own point."
                faults.append(record.fault(cause, cure, "point_id"))
        is_rising = records[-1]["location_km"] >= records[0]["location_km"]
        for before, after in pairwise(records):
            step_km = after["location_km"] - before["location_km"]
            if step_km < 0 if is_rising else step_km > 0:
                cause = (
                    f"The kilometre point {after['location_km']:g} of {after['point_id']} runs "
                    f"back from {before['location_km']:g} of {before['point_id']}."
                )
                cure = "Correct the order or the figure; two chainages make two lines."
                faults.append(after.fault(cause, cure, "location_km"))
    return faults


def _check_great_circle(tables: CheckedTables) -> list[Fault]:
    """Find neighbours on a line, and ends of a section, that lie nearer by rail than by air.

    The rule is ``great circle <= rail + stated errors``; the error of a coordinate or kilometre
    point that states none is taken as 1 km and 0.5 km.
    """
    points = tables.index("operational_points", "point_id")
    faults: list[Fault] = []
    for records in group_line_points(tables).values():
        for before, after in pairwise(records):
            rail_km = abs(after["location_km"] - before["location_km"])
            error_km = _location_error_km(before) + _location_error_km(after)
            ends = (before["point_id"], after["point_id"])
            faults.extend(_check_against(points, ends, rail_km, error_km, after, "location_km"))
    for section in tables.records("sections"):
        rail_km = section["length_km"]
        if rail_km is not None:
            error_km = section["length_error_km"] or 0.0
            ends = (section["from_point"], section["to_point"])
            faults.extend(_check_against(points, ends, rail_km, error_km, section, "length_km"))
    return faults


def _check_against(
    points: dict[str, Record],
    ends: tuple[str, str],
    rail_km: float,
    error_km: float,
    placed_at: Record,
    column: str,
) -> Iterator[Fault]:
    first, second = points.get(ends[0]), points.get(ends[1])
    if first is None or second is None or first.row == second.row:
        return
    columns = ("latitude_deg", "longitude_deg")
    degrees = [point[column] for point in (first, second) for column in columns]
    if None in degrees:
        return
    air_km = great_circle_km(*degrees)
    error_km += _coordinate_error_km(first) + _coordinate_error_km(second)
    if air_km * (1 - SPHERE_SHARE) > rail_km + error_km:
        cause = (
            f"{ends[0]} and {ends[1]} are {air_km:.1f} km apart by air but {rail_km:.1f} km by "
            f"rail; the stated errors make {error_km:.1f} km."
        )
        cure = "Correct the figure or a coordinate, or state a larger error; look for namesakes."
        yield placed_at.fault(cause, cure, column)
    elif rail_km > LONGEST_DETOUR * (air_km + error_km) + LONGEST_LOOP_KM:
        cause = (
            f"{ends[0]} and {ends[1]} are {rail_km:.1f} km apart by rail but {air_km:.1f} km by "
            "air: no line winds so much."
        )
        cure = "Correct the figure or its unit, or a coordinate; name the points between them."
        yield placed_at.fault(cause, cure, column, severity=WARNING)


def _is_users(code: str) -> bool:
    return code in _NO_COUNTRY or code[0] == "X" or (code[0] == "Q" and code[1] >= "M")


@cache
def _read_zones() -> tuple[
    dict[str, frozenset[str]], dict[str, list[tuple[float, float]]], frozenset[str]
]:
    """Countries of each zone, places of the towns of each country, and all codes."""
    zones: dict[str, set[str]] = defaultdict(set)
    towns: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for file in ("zone.tab", "zone1970.tab"):
        for codes, place, zone in _read_rows(file, 3):
            for code in codes.split(","):
                zones[zone].add(code)
                towns[code].append(_read_place(place))
    known = frozenset(code for (code,) in _read_rows("iso3166.tab", 1))
    return {zone: frozenset(codes) for zone, codes in zones.items()}, towns, known


def _read_rows(file: str, width: int) -> Iterator[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", file).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")[:width]


def _read_place(text: str) -> tuple[float, float]:
    """Latitude and longitude of ISO 6709 text such as +5545+03735 [deg].

    Examples
    --------
    >>> _read_place("+5545+03735")[0]
    55.75
    """
    parts = re.fullmatch(r"([+-]\d{4,6})([+-]\d{5,7})", text)
    if parts is None:
        message = f"{text!r} is no place of the tz database."
        raise ValueError(message)
    return _read_angle(parts[1], 2), _read_angle(parts[2], 3)


def _read_angle(text: str, width: int) -> float:
    sign, digits = text[0], text[1:]
    degrees, minutes, seconds = digits[:width], digits[width : width + 2], digits[width + 2 :]
    angle = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -angle if sign == "-" else angle


def _location_error_km(record: Record) -> float:
    error_km = record["location_error_km"]
    return UNSTATED_LOCATION_ERROR_KM if error_km is None else float(error_km)


def _coordinate_error_km(record: Record) -> float:
    error_km = record["coordinate_error_km"]
    return UNSTATED_COORDINATE_ERROR_KM if error_km is None else float(error_km)


def _standard_offset_h(zone: str) -> float:
    """Smaller of the winter and summer offsets: the one without daylight saving."""
    offsets = [day.replace(tzinfo=ZoneInfo(zone)).utcoffset() for day in _ZONE_DAYS]
    return min(offset.total_seconds() / HOUR_S for offset in offsets if offset is not None)


CHECKS: Final[tuple[Check, ...]] = (
    _check_coordinates,
    _check_zone_longitude,
    _check_country_zones,
    _check_line_order,
    _check_great_circle,
)
"""Checks of this file, in the order in which their faults are told."""
