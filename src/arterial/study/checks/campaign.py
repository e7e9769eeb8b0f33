"""Works, gangs, materials and possessions: a campaign can be planned with what is stated.

`CHECKS` lists them.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Final

from arterial.errors import Fault
from arterial.study.faults import WARNING, find_near_names, shorten_text
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.schema import load_schema
from arterial.study.tables import split_list

__all__ = [
    "CHECKS",
]

SAME_STRETCH: Final = frozenset({"track", "turnout", "embankment"})
"""Kinds whose works a campaign does together on a kilometre of track."""


def _check_work_kinds(tables: CheckedTables) -> list[Fault]:
    """Find works that wait for each other, gain nothing, or suit no asset."""
    materials = load_schema("assets").attribute("material").allowed
    faults: list[Fault] = []
    for record in tables.records("work_kinds"):
        faults.extend(_check_remaining_age(record))
        setup_h, possession_h = record["setup_possession_h"], record["possession_h"]
        if None not in {setup_h, possession_h} and setup_h > possession_h:
            cause = (
                f"The shared part ({setup_h:g} h) is longer than the whole ({possession_h:g} h)."
            )
            faults.append(record.fault(cause, "Correct one of them.", "setup_possession_h"))
        faults.extend(
            _unknown_item(record, "materials", item, materials, "material of assets")
            for item in split_list(record["materials"])
            if item not in materials
        )
    return [*faults, *_check_stretches(tables), *_check_precedence(tables)]


def _check_work_materials(tables: CheckedTables) -> list[Fault]:
    """Find materials of which a work takes nothing."""
    cause = "The work takes none of this material."
    cure = "Give the quantity, or remove the row."
    return [
        record.fault(cause, cure, "quantity", severity=WARNING)
        for record in tables.records("work_materials")
        if record["quantity"] == 0
    ]


def _check_material_supplies(tables: CheckedTables) -> list[Fault]:
    """Find supplies of a month whose day is not its first."""
    faults = []
    for record in tables.records("material_supplies"):
        day = record["month"]
        if isinstance(day, dt.date) and day.day != 1:
            cause = f"A month is written as its first day; {day} is not one."
            faults.append(record.fault(cause, f"Write {day.replace(day=1)}.", "month"))
    return faults


def _check_labour_pools(tables: CheckedTables) -> list[Fault]:
    """Find pools that work nowhere, on unknown sections, or on the section of another pool."""
    known = tables.index("sections", "section_id")
    first_rows: dict[str | None, int] = {}
    faults: list[Fault] = []
    for record in tables.records("labour_pools"):
        faults.extend(_check_zero(record, ("gangs_count", "hours_per_gang_month")))
        items = split_list(record["section_ids"])
        places: tuple[str | None, ...] = tuple(dict.fromkeys(items)) or (None,)
        for place in places:
            if place is not None and place not in known and "sections" not in tables.unreadable:
                faults.append(_unknown_item(record, "section_ids", place, known, "section"))
                continue
            first_row = first_rows.setdefault(place, record.row)
            if first_row != record.row:
                faults.append(_second_pool(record, place, first_row))
    return faults


def _check_possession_limits(tables: CheckedTables) -> list[Fault]:
    """Find limits that say two things of one place, or name a section of another line."""
    sections = tables.index("sections", "section_id")
    first_rows: dict[tuple[object, object], int] = {}
    faults: list[Fault] = []
    for record in tables.records("possession_limits"):
        faults.extend(_check_zero(record, ("hours_per_month",)))
        section = sections.get(record["section_id"])
        line_id = record["line_id"]
        if section is not None and line_id not in {None, section["line_id"]}:
            cause = f"The section {record['section_id']} lies on {section['line_id']}."
            cure = "Correct one of them, or leave the line empty."
            faults.append(record.fault(cause, cure, "line_id"))
        # A section goes before its line, so the line says nothing more where both are given.
        place = (None if record["section_id"] else line_id, record["section_id"])
        first_row = first_rows.setdefault(place, record.row)
        if first_row != record.row:
            cause = f"Row {first_row} already limits the possessions of this place."
            cure = "Keep one of them."
            faults.append(record.fault(cause, cure, "section_id"))
    return faults


def _check_remaining_age(record: Record) -> Iterator[Fault]:
    """What a work leaves of the age must fit its kind."""
    action, remaining = record["action"], record["age_share_left"]
    if action == "renew" and remaining:
        cause = f"A renewal leaves the asset as new, yet {remaining:g} of its age stays."
        cure = "Set age_share_left to 0, or the action to refurbish."
        yield record.fault(cause, cure, "age_share_left", severity=WARNING)
    if action == "refurbish" and remaining == 1:
        cause = "The work takes away none of the wear, so it is never worth its hours."
        cure = "Lower age_share_left, or set the action to repair."
        yield record.fault(cause, cure, "age_share_left", severity=WARNING)
    if record["labour_h"] == 0 and record["possession_h"] == 0:
        cause = "The work needs neither labour nor possession, so every asset would get it at once."
        yield record.fault(cause, "Give what it needs.", "labour_h", severity=WARNING)


def _check_stretches(tables: CheckedTables) -> Iterator[Fault]:
    """A work and the one that it needs must be ones that a campaign can do together."""
    rows = tables.index("work_kinds", "work_id")
    for name, record in rows.items():
        needed = rows.get(record["needs_work_id"])
        if needed is None or record["needs_work_id"] == name:
            continue
        kinds = (record["kind"], needed["kind"])
        cure = "Leave needs_work_id empty, or put both works into one."
        if kinds[0] == kinds[1]:
            cause = f"Both works are of kind {kinds[0]}, and one asset gets one work at most."
            yield record.fault(cause, cure, "needs_work_id")
        elif not set(kinds) <= SAME_STRETCH:
            cause = (
                f"Order holds on one stretch alone, between track, turnout and embankment; "
                f"{kinds[0]} and {kinds[1]} do not share one."
            )
            yield record.fault(cause, cure, "needs_work_id")


def _check_precedence(tables: CheckedTables) -> list[Fault]:
    """Works that must wait for each other can never begin."""
    rows = tables.index("work_kinds", "work_id")
    waits = {
        name: {record["needs_work_id"]}
        for name, record in rows.items()
        # A work that waits for itself is found by check_self_reference.
        if record["needs_work_id"] in rows and record["needs_work_id"] != name
    }
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        ring = error.args[1]
        cause = f"These works wait for each other: {shorten_text(' - '.join(ring))}."
        cure = "Leave needs_work_id of one of them empty."
        return [rows[ring[0]].fault(cause, cure, "needs_work_id")]
    return []


def _check_zero(record: Record, columns: tuple[str, ...]) -> Iterator[Fault]:
    """Nothing available is allowed, but seldom meant."""
    for column in columns:
        if record[column] == 0:
            cause = f"{column} is 0, so nothing can be done there."
            cure = "Give what there is, or remove the row if it is not known."
            yield record.fault(cause, cure, column, severity=WARNING)


def _unknown_item(record: Record, column: str, item: str, known: Iterable[str], what: str) -> Fault:
    cause = f"{shorten_text(item)!r} is no {what}."
    fault = record.fault(cause, "Correct it, or leave it out.", column)
    near = find_near_names(item, known)
    return Fault(fault.cause, fault.cure, fault.file, fault.row, fault.column, near)


def _second_pool(record: Record, place: str | None, first_row: int) -> Fault:
    if place is None:
        cause = f"Row {first_row} already takes every section that no pool names."
        cure = "Name the sections of one of the two pools."
    else:
        cause = f"The pool of row {first_row} already works on {shorten_text(place)}."
        cure = "Name each section in one pool."
    return record.fault(cause, cure, "section_ids")


CHECKS: Final[tuple[Check, ...]] = (
    _check_work_kinds,
    _check_work_materials,
    _check_material_supplies,
    _check_labour_pools,
    _check_possession_limits,
)
"""Checks of this file, in the order in which their faults are told."""
