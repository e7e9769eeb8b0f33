"""What the tables of a study say together: one small function per check.

The main function is `check_tables`.
"""

from collections.abc import Callable
from typing import Final

from arterial.errors import Fault
from arterial.study.checks.assets import (
    check_asset_dates,
    check_asset_densities,
    check_assets,
    check_failure_records,
    check_inspections,
)
from arterial.study.checks.calendars import (
    check_calendar_rules,
    check_calendars,
    check_procedures,
)
from arterial.study.checks.campaign import (
    check_labour_pools,
    check_material_supplies,
    check_possession_limits,
    check_work_kinds,
    check_work_materials,
)
from arterial.study.checks.continuity import (
    check_change_points,
    check_changes,
    check_continuity,
)
from arterial.study.checks.disturbances import (
    check_announced_durations,
    check_disturbances,
    check_host_waits,
)
from arterial.study.checks.geography import (
    check_coordinates,
    check_great_circle,
    check_line_order,
    check_zone_longitude,
    great_circle_km,
)
from arterial.study.checks.keys import check_duplicate_keys, check_references
from arterial.study.checks.ranges import (
    check_countries,
    check_estimates,
    check_order,
    check_self_reference,
)
from arterial.study.checks.sections import (
    check_routes,
    check_section_ends,
    check_section_length,
    check_track_gauges,
    check_train_ways,
)
from arterial.study.checks.trains import (
    check_coach_legs,
    check_coach_services,
    check_train_stops,
)
from arterial.study.checks.vehicles import (
    check_effort_points,
    check_formations,
    check_offsets,
    check_report_choices,
    check_traction,
)
from arterial.study.checks.works import (
    check_overhaul_operations,
    check_works_jobs,
    check_works_resources,
)
from arterial.study.faults import limit_faults
from arterial.study.records import CheckedTables
from arterial.study.settings import Settings

__all__ = ["CHECKS", "check_continuity", "check_tables", "great_circle_km"]

CHECKS: Final[tuple[Callable[[CheckedTables], list[Fault]], ...]] = (
    check_countries,
    check_order,
    check_self_reference,
    check_coordinates,
    check_zone_longitude,
    check_line_order,
    check_great_circle,
    check_section_ends,
    check_section_length,
    check_track_gauges,
    check_change_points,
    check_changes,
    check_routes,
    check_calendars,
    check_calendar_rules,
    check_procedures,
    check_traction,
    check_formations,
    check_effort_points,
    check_offsets,
    check_train_stops,
    check_train_ways,
    check_coach_services,
    check_coach_legs,
    check_assets,
    check_asset_densities,
    check_inspections,
    check_failure_records,
    check_disturbances,
    check_host_waits,
    check_announced_durations,
    check_work_kinds,
    check_work_materials,
    check_material_supplies,
    check_labour_pools,
    check_possession_limits,
    check_works_resources,
    check_overhaul_operations,
    check_works_jobs,
    check_estimates,
)
"""Every check of meaning, in the order in which its faults are told."""


def check_tables(tables: CheckedTables, settings: Settings | None = None) -> tuple[Fault, ...]:
    """Run every check.

    Parameters
    ----------
    tables : CheckedTables
        All input tables as read.
    settings : Settings or None
        Settings of the study; None when they could not be read.

    Returns
    -------
    tuple of Fault
        The faults of every check, each check limited to the first few of one kind.
    """
    faults = [*check_duplicate_keys(tables), *check_references(tables)]
    for check in CHECKS:
        faults.extend(limit_faults(check(tables)))
    if settings is not None:
        faults.extend(check_report_choices(tables, settings))
        faults.extend(limit_faults(check_asset_dates(tables, settings)))
    return tuple(faults)
