"""Gauge and electrification: they go on from section to section, or a change is declared.

Every point where sections meet is looked at.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from arterial.errors import Fault
from arterial.study.checks.sections import GAUGE_CURE, is_track_gauge, trace_sections
from arterial.study.faults import ERROR, WARNING, limit_faults, shorten_text
from arterial.study.records import Check, CheckedTables
from arterial.study.schema import load_schema
from arterial.study.tables import split_list

__all__ = ["CHECKS"]


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
    _check_change_points,
    _check_changes,
)
"""Checks of this file, in the order in which their faults are told."""
