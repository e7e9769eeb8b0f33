"""Assets, their densities, inspections and failures: what is stated can be placed and meant.

`CHECKS` lists them.
"""

from collections import defaultdict
from typing import Final

from arterial.errors import Fault
from arterial.study.checks.sections import trace_sections
from arterial.study.faults import WARNING
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.settings import Settings
from arterial.units import DAYS_PER_YEAR

__all__ = [
    "CHECKS",
    "check_asset_dates",
]

_ON_SLEEPERS: Final = frozenset({"track", "turnout"})
_NO_SLEEPERS: Final = frozenset({"masonry", "earth"})
_BY_TRACK: Final = frozenset({"track", "catenary"})
_AGE_TOLERANCE_Y: Final = 1.0


def _check_assets(tables: CheckedTables) -> list[Fault]:
    """Find assets at points off their section, and marks that do not belong to their kind."""
    on_section = {
        trace.section["section_id"]: frozenset(trace.points) for trace in trace_sections(tables)
    }
    faults = []
    for record in tables.records("assets"):
        faults.extend(_check_marks(record))
        points = on_section.get(record["section_id"])
        if points is not None and record["point_id"] not in {None, *points}:
            cause = f"{record['point_id']} does not lie on the section {record['section_id']}."
            cure = "Correct the point or the section, or leave the point empty."
            faults.append(record.fault(cause, cure, "point_id"))
    return faults


def _check_overlaps(tables: CheckedTables) -> list[Fault]:
    """Find lengths of track or contact line that lie on each other more often than tracks do."""
    tracks = {
        record["section_id"]: record["tracks_count"] or 1 for record in tables.records("sections")
    }
    rows: dict[tuple[object, object], list[Record]] = defaultdict(list)
    for record in tables.records("assets"):
        bounds = (record["from_offset_m"], record["to_offset_m"])
        if record["kind"] in _BY_TRACK and None not in bounds and record["section_id"] in tracks:
            rows[record["kind"], record["section_id"]].append(record)
    faults = []
    for (kind, section_id), records in rows.items():
        open_rows: list[tuple[float, Record]] = []
        for record in sorted(records, key=lambda one: (one["from_offset_m"], one.row)):
            open_rows = [one for one in open_rows if one[0] > record["from_offset_m"]]
            if len(open_rows) >= tracks[section_id]:
                others = " and ".join(str(one.row) for _, one in open_rows)
                cause = (
                    f"This {kind} lies on that of row {others}, and section {section_id} has "
                    f"{tracks[section_id]} running tracks: it wears and fails twice."
                )
                cure = "Correct the offsets, remove one row, or state tracks_count of the section."
                faults.append(record.fault(cause, cure, "from_offset_m", severity=WARNING))
            open_rows.append((record["to_offset_m"], record))
    return faults


def _check_asset_densities(tables: CheckedTables) -> list[Fault]:
    """Find densities that say two things of one place, or that fit no section at all."""
    sections = tables.records("sections")
    first_rows: dict[tuple[object, ...], int] = {}
    faults = []
    for record in tables.records("asset_densities"):
        faults.extend(_check_marks(record))
        place = tuple(record[column] for column in ("kind", "railway_id", "line_id", "section_id"))
        first_row = first_rows.setdefault(place, record.row)
        if first_row != record.row and record["kind"] is not None:
            cause = f"Row {first_row} already gives the {record['kind']} density of this place."
            cure = "Keep one of them; a section, line or railway has one density of a kind."
            faults.append(record.fault(cause, cure, "kind"))
        if sections and not any(_fits(record, section) for section in sections):
            cause = "No section lies on this railway, line and section at once."
            cure = "Correct one of them; what is left empty holds everywhere."
            faults.append(record.fault(cause, cure, "section_id", severity=WARNING))
    return faults


def _check_inspections(tables: CheckedTables) -> list[Fault]:
    """Find inspections that found nothing, or found sleepers where there are none."""
    assets = tables.index("assets", "asset_id")
    faults = []
    for record in tables.records("inspections"):
        if record["state"] is None and record["defect_share"] is None:
            cause = "The inspection says neither state nor share of defective sleepers."
            cure = "Give at least one of them, or remove the row."
            faults.append(record.fault(cause, cure, "state", severity=WARNING))
        asset = assets.get(record["asset_id"])
        if asset is None:
            continue
        if record["defect_share"] is not None and asset["kind"] not in {None, *_ON_SLEEPERS}:
            faults.append(_sleeper_fault(record, asset["kind"]))
        day, installed = record["inspected_on"], asset["installed"]
        if day is not None and installed is not None and day < installed:
            cause = f"The asset was installed on {installed}, after this inspection."
            faults.append(record.fault(cause, "Correct one of the two days.", "inspected_on"))
    return faults


def _check_failure_records(tables: CheckedTables) -> list[Fault]:
    """Find repaired units of which it is not known until when they were watched."""
    rows: dict[tuple[object, object], list[Record]] = defaultdict(list)
    for record in tables.records("failure_records"):
        if record["event"] == "recurrent":
            rows[record["kind"], record["unit_id"]].append(record)
    faults = []
    for records in rows.values():
        ends = [record for record in records if record["high_y"] is None]
        if len(ends) > 1:
            cause = "The watching of this unit ends twice."
            cure = "Keep one row without high_y for each repaired unit."
            faults.append(ends[1].fault(cause, cure, "high_y"))
        elif not ends:
            cause = "It is not said until when the unit was watched: its last failure is taken."
            cure = "Add a row without high_y whose low_y is the end of watching."
            faults.append(records[-1].fault(cause, cure, "high_y", severity=WARNING))
    return faults


def check_asset_dates(tables: CheckedTables, settings: Settings) -> list[Fault]:
    """Find assets and inspections of days to come, and ages that their day contradicts."""
    faults = []
    for record in tables.records("assets"):
        installed, age_y = record["installed"], record["age_y"]
        if installed is None:
            continue
        if installed > settings.as_of:
            faults.append(_future_fault(record, "installed", settings))
        elif age_y is not None:
            actual_y = (settings.as_of - installed).days / DAYS_PER_YEAR
            if abs(actual_y - age_y) > _AGE_TOLERANCE_Y:
                cause = f"Installed on {installed}, it is {actual_y:.1f} years old, not {age_y:g}."
                cure = "Correct one of them; the day is read, the age is not."
                faults.append(record.fault(cause, cure, "age_y", severity=WARNING))
    faults.extend(
        _future_fault(record, "inspected_on", settings)
        for record in tables.records("inspections")
        if record["inspected_on"] is not None and record["inspected_on"] > settings.as_of
    )
    return faults


def _check_marks(record: Record) -> list[Fault]:
    """Marks of sleepers and machines on kinds of assets that have none."""
    kind = record["kind"]
    if kind is None:
        return []
    faults = []
    if record["defect_share"] is not None and kind not in _ON_SLEEPERS:
        faults.append(_sleeper_fault(record, kind))
    if record["is_powered"] is not None and kind != "turnout":
        cause = f"Only a turnout is thrown by a machine, not a {kind}."
        cure = "Leave the cell empty."
        faults.append(record.fault(cause, cure, "is_powered", severity=WARNING))
    if kind in _ON_SLEEPERS and record["material"] in _NO_SLEEPERS:
        cause = f"There are no sleepers of {record['material']}."
        cure = "Give the material of the sleepers, or other."
        faults.append(record.fault(cause, cure, "material"))
    return faults


def _sleeper_fault(record: Record, kind: str) -> Fault:
    cause = f"A {kind} has no sleepers."
    cure = "Leave the share empty, or correct the kind."
    return record.fault(cause, cure, "defect_share")


def _future_fault(record: Record, column: str, settings: Settings) -> Fault:
    cause = f"{record[column]} lies after as_of, {settings.as_of}."
    cure = "Correct the day, or as_of in study.toml."
    return record.fault(cause, cure, column, severity=WARNING)


def _fits(record: Record, section: Record) -> bool:
    return all(
        record[column] in {None, section[column]}
        for column in ("railway_id", "line_id", "section_id")
    )


CHECKS: Final[tuple[Check, ...]] = (
    _check_assets,
    _check_overlaps,
    _check_asset_densities,
    _check_inspections,
    _check_failure_records,
)
"""Checks of this file, in the order in which their faults are told."""
