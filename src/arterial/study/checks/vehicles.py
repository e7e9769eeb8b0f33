"""Vehicles, profiles and settings: what is assigned can do its work and lies where it should."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from arterial.errors import Fault
from arterial.study.faults import WARNING, find_near_names
from arterial.study.records import Check, CheckedTables, Record
from arterial.study.settings import Settings
from arterial.study.settingsfile import SETTINGS_FILE
from arterial.study.tables import split_list
from arterial.units import KM_TO_M

__all__ = [
    "CHECKS",
    "check_report_choices",
]

TRACTION_KINDS: Final = frozenset({"locomotive", "multiple_unit"})
DIESEL: Final = "none"

_OFFSET_COLUMNS: Final = (
    ("profile_pieces", "offset_m"),
    ("speed_restrictions", "from_offset_m"),
    ("speed_restrictions", "to_offset_m"),
    ("assets", "from_offset_m"),
    ("assets", "to_offset_m"),
)


def _check_traction(tables: CheckedTables) -> list[Fault]:
    """Find traction assigned to a vehicle that does not pull, or cannot use the contact line."""
    vehicles = tables.index("vehicle_types", "vehicle_type_id")
    faults = []
    for record in tables.records("traction_assignments"):
        vehicle = vehicles.get(record["vehicle_type_id"])
        if vehicle is None:
            continue
        if vehicle["kind"] is not None and vehicle["kind"] not in TRACTION_KINDS:
            cause = f"{vehicle['vehicle_type_id']} is a {vehicle['kind']} and hauls nothing."
            faults.append(record.fault(cause, "Assign a locomotive.", "vehicle_type_id"))
            continue
        systems = split_list(vehicle["electrification"])
        system = record["electrification"]
        if systems and system is not None and not {system, DIESEL} & set(systems):
            cause = f"{vehicle['vehicle_type_id']} runs under {', '.join(systems)}, not {system}."
            cure = "Assign another type, or correct vehicle_types."
            faults.append(record.fault(cause, cure, "vehicle_type_id"))
    return faults


def _check_formations(tables: CheckedTables) -> list[Fault]:
    """Find formations without vehicles, and locomotives inside formations."""
    vehicles = tables.index("vehicle_types", "vehicle_type_id")
    filled = set(tables.index("formation_vehicles", "formation_id"))
    faults = [
        record.fault(
            "The formation has no vehicles, so its mass is unknown.",
            "Give them in formation_vehicles.",
            severity=WARNING,
        )
        for record in tables.records("formations")
        if record["formation_id"] is not None and record["formation_id"] not in filled
    ]
    for record in tables.records("formation_vehicles"):
        vehicle = vehicles.get(record["vehicle_type_id"])
        if vehicle is not None and vehicle["kind"] == "locomotive":
            cause = f"{vehicle['vehicle_type_id']} is a locomotive; a formation is without."
            cure = "Assign locomotives in traction_assignments."
            faults.append(record.fault(cause, cure, "vehicle_type_id", severity=WARNING))
    return faults


def _check_effort_points(tables: CheckedTables) -> list[Fault]:
    """Find tractive effort that rises with speed."""
    faults = []
    for records in tables.group("effort_points", "vehicle_type_id", "speed_kmh").values():
        for before, after in pairwise(records):
            efforts = (before["effort_kn"], after["effort_kn"])
            if None not in efforts and efforts[1] > efforts[0]:
                cause = (
                    f"The effort rises from {efforts[0]:g} kN at {before['speed_kmh']:g} km/h to "
                    f"{efforts[1]:g} kN at {after['speed_kmh']:g} km/h."
                )
                cure = "Check the order of the figures."
                faults.append(after.fault(cause, cure, "effort_kn", severity=WARNING))
    return faults


def _check_offsets(tables: CheckedTables) -> list[Fault]:
    """Find pieces of profile, restrictions and assets that lie beyond the end of their section."""
    sections = tables.index("sections", "section_id")
    faults = []
    for table, column in _OFFSET_COLUMNS:
        for record in tables.records(table):
            section = sections.get(record["section_id"])
            if section is None or section["length_km"] is None or record[column] is None:
                continue
            length_m = section["length_km"] * KM_TO_M
            error_m = (section["length_error_km"] or 0.0) * KM_TO_M
            if record[column] > length_m + error_m:
                cause = (
                    f"{record[column]:g} m lies beyond the end of the section, which is "
                    f"{length_m:g} m long."
                )
                cure = "Correct the offset, which counts metres from the section's from_point."
                faults.append(record.fault(cause, cure, column))
    return faults


def check_report_choices(tables: CheckedTables, settings: Settings) -> tuple[Fault, ...]:
    """Find routes and trips that the settings name and the tables do not have."""
    return (
        *_check_choice(tables.index("routes", "route_id"), settings.report.route_ids, "route_ids"),
        *_check_choice(
            tables.index("coach_services", "service_id"),
            tuple(trip.partition("@")[0] for trip in settings.report.trip_ids),
            "trip_ids",
        ),
    )


def _check_choice(known: dict[str, Record], names: tuple[str, ...], key: str) -> Iterator[Fault]:
    for name in names:
        if name not in known:
            yield Fault(
                f"The report shall show {name!r}, which is not in the tables.",
                "Correct or remove it.",
                SETTINGS_FILE,
                column=f"report.{key}",
                near=find_near_names(name, known),
                severity=WARNING,
            )


CHECKS: Final[tuple[Check, ...]] = (
    _check_traction,
    _check_formations,
    _check_effort_points,
    _check_offsets,
)
"""Checks of this file, in the order in which their faults are told."""
