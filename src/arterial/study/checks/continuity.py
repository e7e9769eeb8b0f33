"""Gauge and electrification: they go on from section to section, or a change is declared.

`check_continuity` looks along an ordered list of sections, as a route search gives it;
`check_changes` looks at every point where sections meet.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any, Final

import polars as pl

from arterial.errors import Fault
from arterial.study.checks.sections import trace_sections
from arterial.study.faults import ERROR, WARNING, limit_faults
from arterial.study.records import CheckedTables
from arterial.study.schema import load_schema
from arterial.study.tables import split_list

__all__ = ["check_change_points", "check_changes", "check_continuity"]


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


def check_continuity(
    sections: pl.DataFrame, change_points: pl.DataFrame, section_ids: Sequence[str]
) -> tuple[Fault, ...]:
    """Check that sections follow one another end to end with gauge and electrification.

    Parameters
    ----------
    sections, change_points : polars.DataFrame
        Input tables of a study.
    section_ids : sequence of str
        Sections in the order in which they are run, ``(n_sections,)``; repeats of one section in
        a row count once.

    Returns
    -------
    tuple of Fault
        A break in the way or in the gauge is an error, one in electrification a warning.
    """
    rows = {row["section_id"]: row for row in sections.iter_rows(named=True)}
    changes = _collect_changes(change_points.iter_rows(named=True))
    file = load_schema("sections").file
    faults: list[Fault] = []
    for before_id, after_id in pairwise(section_ids):
        if before_id == after_id:
            continue
        before, after = rows.get(before_id), rows.get(after_id)
        if before is None or after is None:
            missing = before_id if before is None else after_id
            faults.append(Fault(f"There is no section {missing!r}.", "Correct the route.", file))
            continue
        shared = _ends(before) & _ends(after)
        if not shared:
            cause = f"Section {after_id} does not begin where {before_id} ends."
            faults.append(Fault(cause, "Add the section between them.", file))
            continue
        faults.extend(
            _break_fault(kind, min(shared), before, after, None)
            for kind in _KINDS
            if not any(_may_follow(kind, point, before, after, changes) for point in shared)
        )
    return tuple(faults)


def check_changes(tables: CheckedTables) -> list[Fault]:
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


def check_change_points(tables: CheckedTables) -> list[Fault]:
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
            if is_gauge and not (value.isascii() and value.isdigit()):
                cure = "Give the gauge in millimetres: 1435."
                faults.append(record.fault(f"{value!r} is no track gauge.", cure, column))
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
