"""What the tables of a study say together: one small function per check.

The main function is `check_tables`.
"""

from collections.abc import Callable
from typing import Final

from arterial.errors import Fault
from arterial.study.checks.keys import check_duplicate_keys, check_references
from arterial.study.records import CheckedTables

__all__ = ["CHECKS", "check_tables"]

CHECKS: Final[tuple[Callable[[CheckedTables], list[Fault]], ...]] = (
    check_duplicate_keys,
    check_references,
)
"""Every check, in the order in which its faults are told."""


def check_tables(tables: CheckedTables) -> tuple[Fault, ...]:
    """Run every check.

    Parameters
    ----------
    tables : CheckedTables
        All input tables as read.

    Returns
    -------
    tuple of Fault
        The faults of every check, each check limited to the first few of one kind.
    """
    return tuple(fault for check in CHECKS for fault in check(tables))
