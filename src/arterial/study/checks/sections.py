"""Sections and routes: chainage is never mixed, and what meets joins up and goes on.

Gauge and electrification go on from section to section, or a change is declared.
`trace_sections` gives the points that each section passes; the checks rest on it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final

from arterial.errors import Fault
from arterial.study.checks.geography import group_line_points
from arterial.study.faults import ERROR, WARNING, limit_faults, shorten_text
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.schema import TableRole, list_tables, load_schema
from arterial.study.tables import split_list

__all__ = ["CHECKS", "GAUGE_CURE", "Trace", "is_track_gauge", "trace_sections"]

LENGTH_TOLERANCE_KM: Final = 0.5

LENGTH_TOLERANCE_SHARE: Final = 0.01
"""A section's length and chainage may differ by so much without a word: rounding, old surveys."""

MIXED_CHAINAGE_KM: Final = 5.0

MIXED_CHAINAGE_SHARE: Final = 0.25
"""Beyond both of these the two figures cannot be of one line."""

SLOWEST_FACTOR: Final = 10
"""Limit over typical speed from which one of the two is not believed."""

_GAUGE_RANGE_MM: Final = range(300, 3001)

_GAUGE_DIGITS: Final = 4

GAUGE_CURE: Final = "Give it in millimetres, from 300 to 3000: 1435."


@dataclass(frozen=True, slots=True)
class Trace:
    """Points that a section passes, in order from its from_point to its to_point."""

    section: Record
    points: tuple[str, ...]
    chainage_km: float | None


def trace_sections(tables: CheckedTables) -> list[Trace]:
    """Points of each section, by the chainage of its line; the two ends where it has none."""
    lines = group_line_points(tables)
    traces = []
    for section in tables.records("sections"):
        ends = (section["from_point"], section["to_point"])
        if None in ends:
            continue
        points = lines.get(section["line_id"], [])
        names = [record["point_id"] for record in points]
        if ends[0] not in names or ends[1] not in names or ends[0] == ends[1]:
            traces.append(Trace(section, ends, None))
            continue
        start, stop = names.index(ends[0]), names.index(ends[1])
        step = 1 if stop > start else -1
        between = names[start : stop + step if stop + step >= 0 else None : step]
        chainage_km = abs(points[stop]["location_km"] - points[start]["location_km"])
        traces.append(Trace(section, tuple(between), chainage_km))
    return traces


def _check_section_ends(tables: CheckedTables) -> list[Fault]:
    """Find sections whose ends are one point, or are not points of their own line."""
    lines = group_line_points(tables)
    homes: dict[str, list[str]] = defaultdict(list)
    for line, records in lines.items():
        for record in records:
            homes[record["point_id"]].append(line)
    faults = []
    for section in tables.records("sections"):
        line = section["line_id"]
        if section["from_point"] is not None and section["from_point"] == section["to_point"]:
            cause = "The section begins and ends at the same point."
            faults.append(section.fault(cause, "Give its two ends.", "to_point"))
            continue
        for column in ("from_point", "to_point") if line in lines else ():
            point = section[column]
            if point is not None and line not in homes[point]:
                faults.append(_foreign_point(section, column, homes[point]))
    return faults


def _check_section_length(tables: CheckedTables) -> list[Fault]:
    """Find sections whose length is not the difference of their kilometre points.

    Beyond stated errors and a tolerance of 0.5 km or 1 per cent it is a warning; beyond 5 km and
    a quarter of the length it is an error, for then two chainages must be mixed.
    """
    errors_km = {
        (record["line_id"], record["point_id"]): record["location_error_km"] or 0.0
        for record in tables.records("line_points")
    }
    faults = []
    for trace in trace_sections(tables):
        length_km = trace.section["length_km"]
        if length_km is None or trace.chainage_km is None:
            continue
        gap_km = abs(length_km - trace.chainage_km)
        line = trace.section["line_id"]
        allowed_km = (
            (trace.section["length_error_km"] or 0.0)
            + errors_km[line, trace.points[0]]
            + errors_km[line, trace.points[-1]]
            + max(LENGTH_TOLERANCE_KM, LENGTH_TOLERANCE_SHARE * length_km)
        )
        if gap_km > allowed_km:
            faults.append(_length_fault(trace, gap_km, is_mixed=_is_mixed(gap_km, length_km)))
    return faults


def _check_track_gauges(tables: CheckedTables) -> list[Fault]:
    """Find track gauges outside 300 to 3,000 mm."""
    faults = []
    for table in list_tables(TableRole.INPUT):
        for attribute in load_schema(table).attributes:
            if attribute.term != "track gauge" or not attribute.has_number_items:
                continue
            for record in tables.records(table):
                for item in split_list(record[attribute.name]):
                    if not is_track_gauge(item):
                        cause = f"{item} mm is no track gauge."
                        faults.append(record.fault(cause, GAUGE_CURE, attribute.name))
    return faults


def is_track_gauge(text: str) -> bool:
    """Whether a text is a track gauge in millimetres, from 300 to 3,000."""
    is_number = text.isascii() and text.isdigit() and len(text) <= _GAUGE_DIGITS
    return is_number and int(text) in _GAUGE_RANGE_MM


def _check_speeds(tables: CheckedTables) -> list[Fault]:
    """Find typical speeds above the limit, and quality factors that make trains beat physics."""
    faults = []
    for section in tables.records("sections"):
        for category in ("passenger", "freight"):
            column = f"typical_{category}_speed_kmh"
            typical, limit = section[column], section[f"{category}_speed_limit_kmh"]
            if typical is not None and limit is not None and typical > limit:
                cause = f"The typical speed {typical:g} km/h is above the limit {limit:g} km/h."
                cure = "Correct one of the two; the running time at the limit is the least taken."
                faults.append(section.fault(cause, cure, column, severity=WARNING))
            if typical is not None and limit is not None and typical * SLOWEST_FACTOR < limit:
                cause = (
                    f"The typical speed {typical:g} km/h is below a tenth of the limit {limit:g}."
                )
                cure = "Correct one of the two, or their unit."
                faults.append(section.fault(cause, cure, column, severity=WARNING))
    for row in tables.records("section_calibrations"):
        factor = row["quality_factor"]
        if factor is not None and factor < 1:
            cause = f"A quality factor of {factor:g} makes trains faster than basic time allows."
            cure = "Give 1 or more; lower the supplement, or correct limits or masses instead."
            faults.append(row.fault(cause, cure, "quality_factor", severity=WARNING))
    return faults


def _check_routes(tables: CheckedTables) -> list[Fault]:
    """Find routes of fewer than two points, and those that no open sections join end to end."""
    routes = tables.group("route_points", "route_id", "sequence")
    faults = [
        record.fault("The route has fewer than two points.", "Give its points in route_points.")
        for record in tables.records("routes")
        if len(routes.get(record["route_id"], ())) < 2  # noqa: PLR2004
    ]
    lines = {
        line: {record["point_id"] for record in records}
        for line, records in group_line_points(tables).items()
    }
    networks = _number_networks(tables) if tables.records("sections") else None
    for records in routes.values():
        for before, after in pairwise(records):
            faults.extend(_check_route_step(before, after, networks))
            line = before["line_id"]
            ends = {before["point_id"], after["point_id"]} - {None}
            if line in lines and not ends <= lines[line]:
                cause = f"The step from {before['point_id']} cannot keep to the line {line}."
                cure = f"{' and '.join(sorted(ends - lines[line]))} is not on it; correct one."
                faults.append(before.fault(cause, cure, "line_id"))
    return faults


def _check_equipped_routes(tables: CheckedTables) -> list[Fault]:
    """Find trains whose stops no open sections join; a warning, since a study may be partial."""
    if not tables.records("sections"):
        return []
    networks = _number_networks(tables)
    faults = []
    for records in tables.group("train_stops", "train_id", "sequence").values():
        for before, after in pairwise(records):
            if None in {before["point_id"], after["point_id"]}:
                continue
            if networks.get(before["point_id"], -1) != networks.get(after["point_id"], -2):
                cause = f"No open sections join {before['point_id']} to {after['point_id']}."
                cure = "Add the sections; without them the running time is unknown."
                faults.append(after.fault(cause, cure, "point_id", severity=WARNING))
    return faults


def _foreign_point(section: Record, column: str, homes: Sequence[str]) -> Fault:
    point, line = section[column], section["line_id"]
    where = f" It is on {', '.join(homes)}; two chainages are never mixed." if homes else ""
    cause = f"{point} is not a point of the line {line}.{where}"
    cure = "Correct line_id or the point, or add the point to line_points."
    return section.fault(cause, cure, column)


def _is_mixed(gap_km: float, length_km: float) -> bool:
    return gap_km > max(MIXED_CHAINAGE_KM, MIXED_CHAINAGE_SHARE * length_km)


def _length_fault(trace: Trace, gap_km: float, *, is_mixed: bool) -> Fault:
    section = trace.section
    cause = (
        f"The length {section['length_km']:g} km differs by {gap_km:.1f} km from the "
        f"{trace.chainage_km:g} km between the kilometre points of {trace.points[0]} and "
        f"{trace.points[-1]}."
    )
    if is_mixed:
        cure = "Correct one of them; look for two chainages on one line."
        return section.fault(cause, cure, "length_km")
    cure = "Correct one of them, or state the error in length_error_km."
    return section.fault(cause, cure, "length_km", severity=WARNING)


def _check_route_step(
    before: Record, after: Record, networks: Mapping[str, int] | None
) -> Iterator[Fault]:
    ends = (before["point_id"], after["point_id"])
    if None in ends or networks is None:
        return
    if ends[0] == ends[1]:
        cause = f"The route names {ends[0]} twice in a row."
        yield after.fault(cause, "Remove one of the two rows.", "point_id")
    elif networks.get(ends[0], -1) != networks.get(ends[1], -2):
        cause = f"No open sections join {ends[0]} to {ends[1]}, so the route breaks there."
        yield after.fault(cause, "Add the section, or correct the point.", "point_id")


def _number_networks(tables: CheckedTables) -> dict[str, int]:
    """Number of the connected network that each point lies in, by union of the open sections."""
    leaders: dict[str, str] = {}

    def find_leader(point: str) -> str:
        while leaders.setdefault(point, point) != point:
            leaders[point] = leaders[leaders[point]]
            point = leaders[point]
        return point

    for trace in trace_sections(tables):
        if trace.section["is_open"] is not False:
            for before, after in pairwise(trace.points):
                leaders[find_leader(before)] = find_leader(after)
    numbers: dict[str, int] = {}
    return {point: numbers.setdefault(find_leader(point), len(numbers)) for point in tuple(leaders)}


@dataclass(frozen=True, slots=True)
class _Kind:
    """A property of the track that must go on."""

    name: str
    column: str
    severity: str


_KINDS: Final = (
    _Kind("gauge", "gauges_mm", ERROR),
    _Kind("electrification", "electrification", WARNING),
)


_Changes = Mapping[tuple[str, str], Collection[frozenset[str]]]


_Row = Mapping[str, Any]


def _check_changes(tables: CheckedTables) -> list[Fault]:
    """Find points where sections of different gauge or electrification meet undeclared."""
    changes = _collect_changes(record.values for record in tables.records("change_points"))
    meeting: dict[str, list[_Row]] = defaultdict(list)
    lines: dict[str, int] = {}
    for trace in trace_sections(tables):
        lines.setdefault(trace.section["section_id"], trace.section.row)
        for point in trace.points:
            meeting[point].append(trace.section.values)
    faults: list[Fault] = []
    for kind in _KINDS:
        breaks: list[Fault] = []
        for point, rows in meeting.items():
            pairs: set[frozenset[frozenset[str]]] = set()
            for before, after in combinations(rows, 2):
                pair = frozenset((_values(kind, before), _values(kind, after)))
                if pair in pairs or _may_follow(kind, point, before, after, changes):
                    continue
                pairs.add(pair)
                line = lines[after["section_id"]]
                breaks.append(_break_fault(kind, point, before, after, line))
        faults.extend(limit_faults(breaks))
    return faults


def _check_change_points(tables: CheckedTables) -> list[Fault]:
    """Find declared changes whose two values are equal or are not of their kind."""
    systems = load_schema("sections").attribute("electrification").allowed
    faults: list[Fault] = []
    for record in tables.records("change_points"):
        if record["from_value"] is not None and record["from_value"] == record["to_value"]:
            cause = "The change leads from a value to the same value."
            faults.append(record.fault(cause, "Give the value on each side.", "to_value"))
        for column in ("from_value", "to_value"):
            value = record[column]
            if value is None or record["kind"] is None:
                continue
            is_gauge = record["kind"] == "gauge"
            if is_gauge and not is_track_gauge(value):
                cause = f"{shorten_text(value)!r} is no track gauge."
                faults.append(record.fault(cause, GAUGE_CURE, column))
            if not is_gauge and value not in systems:
                cure = f"Use one of: {', '.join(systems)}."
                faults.append(record.fault(f"{value!r} is no electrification.", cure, column))
    return faults


def _collect_changes(rows: Any) -> _Changes:  # noqa: ANN401 - rows of a frame or of records
    changes: dict[tuple[str, str], set[frozenset[str]]] = defaultdict(set)
    for row in rows:
        if None not in {row["point_id"], row["kind"], row["from_value"], row["to_value"]}:
            pair = frozenset((row["from_value"], row["to_value"]))
            changes[row["point_id"], row["kind"]].add(pair)
    return changes


def _ends(row: _Row) -> set[str]:
    return {row["from_point"], row["to_point"]} - {None}


def _values(kind: _Kind, row: _Row) -> frozenset[str]:
    return frozenset(split_list(row[kind.column]))


def _may_follow(kind: _Kind, point: str, before: _Row, after: _Row, changes: _Changes) -> bool:
    """Whether the property goes on, is unknown on a side, or a change between the two is there."""
    first, second = _values(kind, before), _values(kind, after)
    if not first or not second or first & second:
        return True
    declared = changes.get((point, kind.name), ())
    return any(pair & first and pair & second for pair in declared)


def _break_fault(kind: _Kind, point: str, before: _Row, after: _Row, line: int | None) -> Fault:
    values = [";".join(sorted(_values(kind, row))) for row in (before, after)]
    cause = (
        f"At {point} the {kind.name} changes from {values[0]} ({before['section_id']}) to "
        f"{values[1]} ({after['section_id']}), and no change is declared."
    )
    cure = f"Declare it in change_points ({point}, {kind.name}), or correct a section."
    file = load_schema("sections").file
    return Fault(cause, cure, file, line, kind.column, severity=kind.severity)


CHECKS: Final[tuple[Check, ...]] = (
    _check_section_ends,
    _check_section_length,
    _check_track_gauges,
    _check_speeds,
    _check_routes,
    _check_equipped_routes,
    _check_change_points,
    _check_changes,
)
"""Checks of this file, in the order in which their faults are told."""
