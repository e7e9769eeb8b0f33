"""What the tables of a study say together: one small function per check, listed in its file.

The main function is `check_tables`.
"""

from typing import Final

from arterial.errors import Fault
from arterial.study.checks import (
    assets,
    calendars,
    campaign,
    credible,
    disturbances,
    geography,
    ranges,
    sections,
    sources,
    tracks,
    trains,
    vehicles,
    works,
)
from arterial.study.checks.keys import (
    check_duplicate_keys,
    check_look_alikes,
    check_references,
    cite_origins,
    drop_doubled_rows,
)
from arterial.study.faults import limit_faults
from arterial.study.records import Check, CheckedTables
from arterial.study.settings import Settings

__all__ = ["CHECKS", "check_tables"]

CHECKS: Final[tuple[Check, ...]] = (
    *ranges.CHECKS,
    *geography.CHECKS,
    *sections.CHECKS,
    *calendars.CHECKS,
    *vehicles.CHECKS,
    *trains.CHECKS,
    *tracks.CHECKS,
    *assets.CHECKS,
    *disturbances.CHECKS,
    *campaign.CHECKS,
    *works.CHECKS,
    *credible.CHECKS,
    *sources.CHECKS,
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
    faults = [*check_duplicate_keys(tables), *check_look_alikes(tables)]
    read = tables
    # A row that stands twice would be found again by every check of order and number.
    tables = drop_doubled_rows(tables)
    faults += check_references(tables)
    for check in CHECKS:
        faults.extend(limit_faults(check(tables)))
    if settings is not None:
        faults.extend(vehicles.check_report_choices(tables, settings))
        faults.extend(limit_faults(assets.check_asset_dates(tables, settings)))
        faults.extend(limit_faults(tracks.check_horizon(tables, settings)))
        faults.extend(limit_faults(sources.check_source_days(tables, settings)))
    return tuple(cite_origins(read, faults))
